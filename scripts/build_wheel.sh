#!/usr/bin/env bash
# Builds the wheel into dist/ with what is installed, without a download. The web app must have been built.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p dist
rm -f dist/crm_boost-*.whl
(cd backend && ../.venv/bin/python -m hatchling build -t wheel -d ../dist >/dev/null)
ls dist/crm_boost-*.whl
