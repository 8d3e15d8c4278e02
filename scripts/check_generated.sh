#!/usr/bin/env bash
# Whether frontend/openapi.json and the TypeScript types say what the server's code says.
set -euo pipefail
cd "$(dirname "$0")/.."
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT

.venv/bin/python scripts/generate_openapi.py "$fresh/openapi.json"
(cd frontend && npx --no-install openapi-typescript "$fresh/openapi.json" -o "$fresh/schema.gen.ts" >/dev/null)
status=0
diff -u frontend/openapi.json "$fresh/openapi.json" || status=1
diff -u frontend/src/api/schema.gen.ts "$fresh/schema.gen.ts" || status=1
[ "$status" -eq 0 ] || echo "Generated files are out of date: run \`make generate\` and commit the result."
exit "$status"
