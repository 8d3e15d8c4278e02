#!/usr/bin/env bash
# Pins the newest allowed Python packages, with hashes, for every platform and Python from 3.11 on.
# The files name no index, so that they install from whatever index a machine is set up with.
set -euo pipefail
cd "$(dirname "$0")/../backend"
command -v uv >/dev/null 2>&1 || { echo "uv is needed for this: pip install uv" >&2; exit 1; }

compile() {
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
        --no-emit-index-url --no-emit-find-links ${UPGRADE:+--upgrade} "$@"
}
UPGRADE=1 compile pyproject.toml -o requirements.lock
UPGRADE=1 compile pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
UPGRADE=1 compile --group build -c requirements-dev.lock -o requirements-build.lock
UPGRADE=1 compile --group bench -c requirements-dev.lock -o requirements-bench.lock
