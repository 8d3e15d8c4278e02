#!/usr/bin/env bash
# What `make run` does once everything is installed: schema, demo data on the first start, server in the foreground.
set -euo pipefail
cd "$(dirname "$0")/.."
export CRM_OBSERVABILITY__LOG_FORMAT=${CRM_OBSERVABILITY__LOG_FORMAT:-console}

.venv/bin/crm-boost migrate
.venv/bin/crm-boost seed --if-empty

printf '\n  CRM Boost   http://localhost:%s   (Ctrl-C stops it)\n' "$PORT"
if [ -f "$DATA_DIR/demo-credentials.txt" ]; then
    printf '  Sign in     with an account from %s\n\n' "$DATA_DIR/demo-credentials.txt"
else
    printf '  Sign in     with your account\n\n'
fi
exec .venv/bin/crm-boost serve
