# Sourced by check.sh and test.sh: runs named steps one after the other, keeps each one's output in a file, shows it
# when the step fails, goes on, and closes with a table. `finish` answers 1 when any step failed.

STEPS_LOGS=$(mktemp -d "${TMPDIR:-/tmp}/crm-boost-steps.XXXXXX")
STEPS_TABLE=()
STEPS_FAILED=0

# The lines a test runner closes with: they say how much ran, not only that nothing failed.
closing_lines() {
    sed 's/\x1b\[[0-9;]*m//g' "$1" | grep -E '^(=+ )?[0-9]+ (passed|failed)|^ *(Test Files|Tests) +[0-9]|^ +[0-9]+ (passed|failed|flaky|did not run)|^=+ .*(passed|failed|error).* =+$|^no tests ran' || true
}

step() {
    local name=$1 began=$SECONDS file code=0 mark=ok
    shift
    file="$STEPS_LOGS/$(printf '%02d' ${#STEPS_TABLE[@]})-${name//[^A-Za-z0-9]/-}.log"
    printf '%-28s ' "$name"
    "$@" >"$file" 2>&1 </dev/null || code=$?
    if [ "$code" -ne 0 ]; then
        mark="FAILED ($code)"
        STEPS_FAILED=1
    fi
    printf '%s, %s s\n' "$mark" "$((SECONDS - began))"
    if [ "$code" -ne 0 ]; then
        echo "----- $name: $* -----"
        tail -n "${STEPS_TAIL:-300}" "$file"
        echo "----- end of $name (all of it: $file) -----"
    else
        closing_lines "$file"
    fi
    STEPS_TABLE+=("$(printf '%-28s %s, %s s' "$name" "$mark" "$((SECONDS - began))")")
}

finish() {
    if [ "$STEPS_FAILED" -ne 0 ]; then
        printf '\nSummary\n'
        printf '  %s\n' "${STEPS_TABLE[@]}"
        printf 'FAILED after %s s; the output of every step is in %s\n' "$SECONDS" "$STEPS_LOGS"
        return 1
    fi
    printf '\nAll %s steps passed in %s s.\n' "${#STEPS_TABLE[@]}" "$SECONDS"
    [ -n "${STEPS_KEEP:-}" ] || rm -rf "$STEPS_LOGS"
}
