#!/usr/bin/env bash
# The browser journeys: real Chromium against the real server, which the journeys' own set-up starts.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -z "${CHROMIUM_PATH:-}" ]; then
    for candidate in chromium chromium-browser google-chrome-stable google-chrome; do
        if command -v "$candidate" >/dev/null 2>&1; then
            CHROMIUM_PATH=$(command -v "$candidate")
            break
        fi
    done
fi
export CHROMIUM_PATH=${CHROMIUM_PATH:-}
cd frontend
npm run --silent e2e
