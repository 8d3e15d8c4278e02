#!/usr/bin/env bash
# Builds the web app and puts it where the server looks for it, in a checkout as in the wheel.
set -euo pipefail
cd "$(dirname "$0")/.."

echo "Building the web app ..."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
(cd frontend && npm run --silent build) >"$log" 2>&1 || { cat "$log" >&2; exit 1; }

target=backend/src/crm_boost/web_app
rm -rf "$target.new"
cp -R frontend/dist "$target.new"
rm -rf "$target"
mv "$target.new" "$target"
