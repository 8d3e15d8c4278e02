#!/usr/bin/env bash
# What `make run` does once everything is installed: schema, demo data on the first start, server in the foreground.
set -euo pipefail
cd "$(dirname "$0")/.."
export CRM_OBSERVABILITY__LOG_FORMAT=${CRM_OBSERVABILITY__LOG_FORMAT:-console}

if ! .venv/bin/python - "$PORT" 2>/dev/null <<'PYTHON'
import socket, sys

with socket.socket() as probe:
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    probe.bind(("127.0.0.1", int(sys.argv[1])))
PYTHON
then
    echo "Port $PORT cannot be used, perhaps something else listens there. Choose another: make run PORT=8001" >&2
    exit 1
fi

# Both bring the schema up to date themselves.
.venv/bin/crm-boost seed --if-empty

printf '\n  CRM Boost   http://localhost:%s   (Ctrl-C stops it)\n' "$PORT"
if [ -f "$DATA_DIR/demo-credentials.txt" ]; then
    printf '  Sign in     with an account from %s\n\n' "$DATA_DIR/demo-credentials.txt"
else
    printf '  Sign in     with your account\n\n'
fi
exec .venv/bin/crm-boost serve
