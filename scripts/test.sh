#!/usr/bin/env bash
# Everything that proves CRM Boost, in one go. Each step runs even when one before it failed.
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/steps.sh
. scripts/static_checks.sh

# Races are run with real concurrent writers on a machine that may be busy: a test that fails is tried again and counted
# as a rerun in the closing line. A real fault fails every time.
again="--reruns 2 --reruns-delay 1"

backend_on() {
    CRM_TEST_DATABASE=$1 in_folder backend "$BIN/pytest" -v -n "${TEST_WORKERS:-2}" --dist worksteal $again -m "$2"
}

unit_web() {
    step "unit (web)" in_folder frontend npm run --silent test
}

products() {
    step "generated files" bash scripts/check_generated.sh
    step "web app build" make --no-print-directory web
    step "wheel" in_folder backend "$BIN/pytest" -v $again -m wheel
}

# Side by side what leaves a core idle and measures nothing.
static_checks_python &
static_checks_web &
step "browser" make --no-print-directory browser
wait
unit_web &
products &
wait
# One after the other from here: the tests of races and time limits want the machine for themselves.
step "backend on SQLite" backend_on sqlite "not wheel"
# Tests that use no database, or SQLite in any case, have just run.
step "backend on PostgreSQL" backend_on postgresql "not wheel and not pure and not sqlite"
step "browser journeys" bash scripts/e2e.sh
finish
