#!/usr/bin/env bash
# The browser journeys: real Chromium against the real server on an empty database of its own.
# The journeys get E2E_BASE_URL and the first admin's E2E_ADMIN_EMAIL and E2E_ADMIN_PASSWORD, and with E2E_SERVER what starts
# a server of their own. With GUIDE_PICTURES the desk is the demo's, to be looked at.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ -z "${CRM_TEST_CHROMIUM:-}" ]; then
    for candidate in chromium chromium-browser google-chrome-stable google-chrome; do
        if command -v "$candidate" >/dev/null 2>&1; then
            CRM_TEST_CHROMIUM=$(command -v "$candidate")
            break
        fi
    done
fi
export CRM_TEST_CHROMIUM

work=$(mktemp -d "${TMPDIR:-/tmp}/crm-boost-e2e.XXXXXX")
server=
tidy() {
    local status=$?
    [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; } || true
    if [ "$status" -ne 0 ] && [ -s "$work/server.log" ]; then
        echo "----- the server's last lines -----"
        tail -n 40 "$work/server.log"
    fi
    rm -rf "$work"
    exit "$status"
}
trap tidy EXIT

PORT=$(.venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
DATA_DIR=$work/data
E2E_BASE_URL=http://127.0.0.1:$PORT
E2E_ADMIN_EMAIL=admin@example.com
E2E_ADMIN_PASSWORD=$(.venv/bin/python -c 'import secrets; print(secrets.token_urlsafe(12))')
E2E_SERVER=$PWD/.venv/bin/crm-boost
export PORT DATA_DIR E2E_BASE_URL E2E_ADMIN_EMAIL E2E_ADMIN_PASSWORD E2E_SERVER
# A journey registers a webhook that leads to itself.
export CRM_WEBHOOKS__ALLOW_LOOPBACK=true
unset CRM_DATABASE__URL CRM_DATA_DIR CRM_PORT

if [ -n "${GUIDE_PICTURES:-}" ]; then
    .venv/bin/crm-boost seed >/dev/null
    E2E_ADMIN_PASSWORD=$(sed -n 's/^Password of all of them: //p' "$DATA_DIR/demo-credentials.txt")
else
    .venv/bin/crm-boost create-admin --email "$E2E_ADMIN_EMAIL" --name "Admin" <<<"$E2E_ADMIN_PASSWORD"
fi
.venv/bin/crm-boost serve >"$work/server.log" 2>&1 </dev/null &
server=$!
for _ in $(seq 150); do
    kill -0 "$server" 2>/dev/null || { echo "the server did not start"; exit 1; }
    .venv/bin/python -c "import urllib.request; urllib.request.urlopen('$E2E_BASE_URL/api/ready', timeout=2)" 2>/dev/null && break
    sleep 0.2
done

cd frontend
CI=1 npm run --silent e2e -- "$@"
