# Sourced by check.sh and test.sh after steps.sh: what is read from the sources without running them, in two lanes, one
# for each language, so that two cores are used.

BIN=$PWD/.venv/bin
PYTHON_SOURCES=(backend scripts)
[ -d bench ] && PYTHON_SOURCES+=(bench)

in_folder() {
    (cd "$1" && shift && "$@")
}

static_checks_python() {
    step "format (python)" "$BIN/ruff" format --check --quiet --diff "${PYTHON_SOURCES[@]}"
    step "lint (python)" "$BIN/ruff" check --quiet "${PYTHON_SOURCES[@]}"
    step "house rules" "$BIN/python" -m scripts.lint_rules
    step "layers" in_folder backend "$BIN/lint-imports" --no-logo
    step "types (python)" in_folder backend "$BIN/mypy" --no-error-summary
}

static_checks_web() {
    step "format and lint (web)" in_folder frontend npm run --silent lint
    step "types (web)" in_folder frontend npm run --silent typecheck
}
