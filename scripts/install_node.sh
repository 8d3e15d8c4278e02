#!/usr/bin/env bash
# Installs the pinned Node packages of frontend/.
set -euo pipefail
cd "$(dirname "$0")/../frontend"

command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 || {
    printf '\nNode.js 20.19 or newer with npm is needed and was not found.\n' >&2
    exit 1
}
echo "Node packages with node $(node --version), npm $(npm --version) ..."
# The browser of the journeys is the system's own; no package needs to download one.
PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --loglevel=error
