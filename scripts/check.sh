#!/usr/bin/env bash
# The quick part of the tests: format, lint, types, layers and, unless --no-tests, the tests that need no database.
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/steps.sh
. scripts/static_checks.sh

static_checks
if [ "${1:-}" != "--no-tests" ]; then
    step "unit (python)" in_folder backend "$BIN/pytest" -v -m pure
    step "unit (web)" in_folder frontend npm run --silent test
fi
finish
