#!/usr/bin/env bash
# Makes .venv and installs the pinned requirements.   install_python.sh runtime|dev|bench
# Needs Python >= 3.11 with pip; uv is used when it is there, because it is quicker, and never required.
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:?runtime, dev or bench}

fail() { printf '\n%s\n' "$*" >&2; exit 1; }

find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3.11 python3.12 python3.13 python3 python; do
        if command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    fail "Python 3.11 or newer is needed and was not found. Install it, or name it: make run PYTHON=/path/to/python3"
}

make_venv() {
    local python=$1
    [ -x .venv/bin/python ] && .venv/bin/python -m pip --version >/dev/null 2>&1 && return
    rm -rf .venv
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        # Debian ships ensurepip apart from Python.
        local package
        package="$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
        [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 ||
            fail "This Python cannot make virtual environments. Install the package $package and try again."
        echo "Installing $package ..."
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$package" >/dev/null ||
            fail "The package $package could not be installed."
    fi
    "$python" -m venv .venv
}

install() {
    if command -v uv >/dev/null 2>&1; then
        uv pip install --quiet --python .venv/bin/python --require-hashes -r "$1" && return
        echo "uv could not install $1; trying pip ..."
    fi
    .venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check --require-hashes -r "$1"
}

python=$(find_python)
echo "Python packages ($what) with $("$python" --version) ..."
make_venv "$python"
case $what in
    runtime) install backend/requirements.lock && install backend/requirements-build.lock ;;
    dev) install backend/requirements-dev.lock ;;
    bench) install backend/requirements-bench.lock ;;
    *) fail "unknown set of packages: $what" ;;
esac
.venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --no-build-isolation -e backend
