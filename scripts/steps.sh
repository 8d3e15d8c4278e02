# Sourced by check.sh and test.sh: runs named steps, keeps each one's output in a file, shows it when the step fails, goes
# on, and closes with a table. Steps may run in background lanes (`lane &`); `finish` answers 1 when any step failed.

STEPS_LOGS=$(mktemp -d "${TMPDIR:-/tmp}/crm-boost-steps.XXXXXX")
export NO_COLOR=1

# The lines a test runner closes with, which say how much ran, not only that nothing failed; and what it tried again.
closing_lines() {
    sed 's/\x1b\[[0-9;]*m//g' "$1" |
        grep -E '^=+ .*[0-9]+ (passed|failed|error).* =+$|^ *(Test Files|Tests) +[0-9]|^ +[0-9]+ (passed|failed|flaky|did not run)\b|^=+ no tests ran|^ +[a-z0-9-]+\.spec\.ts:[0-9:]+ › |^\[gw[0-9]+\].* RERUN ' || true
}

step() {
    local name=$1 began=$SECONDS code=0 line file
    shift
    file="$STEPS_LOGS/$(date +%s%N)-${name//[^A-Za-z0-9]/-}.log"
    "$@" >"$file" 2>&1 </dev/null || code=$?
    if [ "$code" -eq 0 ]; then
        line=$(printf '%-24s ok      %4s s' "$name" "$((SECONDS - began))")
        printf '%s\n%s' "$line" "$(closing_lines "$file" | sed 's/^/    /;$a\ ')" | sed '/^ *$/d'
    else
        line=$(printf '%-24s FAILED  %4s s' "$name" "$((SECONDS - began))")
        printf '%s\n----- %s (exit %s): %s -----\n%s\n----- end of %s -----\n' \
            "$line" "$name" "$code" "$*" "$(tail -n "${STEPS_TAIL:-300}" "$file")" "$name"
        touch "$STEPS_LOGS/failed"
    fi
    echo "$line" >>"$STEPS_LOGS/table"
}

finish() {
    if [ -e "$STEPS_LOGS/failed" ]; then
        printf '\nSummary\n'
        sed 's/^/  /' "$STEPS_LOGS/table"
        printf 'FAILED after %s s; the output of every step is in %s\n' "$SECONDS" "$STEPS_LOGS"
        return 1
    fi
    printf '\nAll %s steps passed in %s s.\n' "$(wc -l <"$STEPS_LOGS/table")" "$SECONDS"
    [ -n "${STEPS_KEEP:-}" ] || rm -rf "$STEPS_LOGS"
}
