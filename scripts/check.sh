#!/usr/bin/env bash
# The quick part of the tests: format, lint, types, layers and, unless --no-tests, the tests that need no database and no
# page on a screen.
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/steps.sh
. scripts/static_checks.sh
tests=${1:-}

python_lane() {
    static_checks_python
    [ "$tests" = "--no-tests" ] || step "unit (python)" in_folder backend "$BIN/pytest" -v -m "pure and not slow"
}

web_lane() {
    static_checks_web
    [ "$tests" = "--no-tests" ] || step "unit (web)" in_folder frontend npm run --silent test:unit
}

python_lane &
web_lane &
wait
finish
