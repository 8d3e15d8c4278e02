#!/usr/bin/env bash
# The browser journeys: real Chromium against real servers, each on an empty database of its own.
# One journey waits for its page half of the time, so E2E_WORKERS (two) files are walked at once, each worker at its own
# server. The journeys get E2E_BASE_URL (the addresses, one for each worker), the first admin's E2E_ADMIN_EMAIL and
# E2E_ADMIN_PASSWORD, and with E2E_SERVER what starts a server of their own. With GUIDE_PICTURES there is one server, and its
# desk is the demo's, to be looked at.
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
servers=()
tidy() {
    local status=$? server log
    for server in "${servers[@]}"; do
        kill "$server" 2>/dev/null && wait "$server" 2>/dev/null || true
    done
    if [ "$status" -ne 0 ]; then
        for log in "$work"/server-*.log; do
            [ -s "$log" ] || continue
            echo "----- the last lines of ${log##*/} -----"
            tail -n 40 "$log"
        done
    fi
    rm -rf "$work"
    exit "$status"
}
trap tidy EXIT

workers=${E2E_WORKERS:-2}
[ -z "${GUIDE_PICTURES:-}" ] || workers=1
E2E_ADMIN_EMAIL=admin@example.com
E2E_ADMIN_PASSWORD=$(.venv/bin/python -c 'import secrets; print(secrets.token_urlsafe(12))')
E2E_SERVER=$PWD/.venv/bin/crm-boost
# A journey registers a webhook that leads to itself.
export CRM_WEBHOOKS__ALLOW_LOOPBACK=true
unset CRM_DATABASE__URL CRM_DATA_DIR CRM_PORT

ports() {
    .venv/bin/python - "$1" <<'PYTHON'
import socket, sys
doors = [socket.socket() for _ in range(int(sys.argv[1]))]
for door in doors:
    door.bind(("127.0.0.1", 0))
    print(door.getsockname()[1])
PYTHON
}

E2E_BASE_URL=
number=0
for PORT in $(ports "$workers"); do
    number=$((number + 1))
    export PORT DATA_DIR=$work/data-$number
    if [ -n "${GUIDE_PICTURES:-}" ]; then
        .venv/bin/crm-boost seed >/dev/null
        E2E_ADMIN_PASSWORD=$(sed -n 's/^Password of all of them: //p' "$DATA_DIR/demo-credentials.txt")
    else
        .venv/bin/crm-boost create-admin --email "$E2E_ADMIN_EMAIL" --name "Admin" <<<"$E2E_ADMIN_PASSWORD"
    fi
    .venv/bin/crm-boost serve >"$work/server-$number.log" 2>&1 </dev/null &
    servers+=($!)
    E2E_BASE_URL+="${E2E_BASE_URL:+ }http://127.0.0.1:$PORT"
done
export E2E_BASE_URL E2E_ADMIN_EMAIL E2E_ADMIN_PASSWORD E2E_SERVER

addresses=($E2E_BASE_URL)
for index in "${!servers[@]}"; do
    for _ in $(seq 150); do
        kill -0 "${servers[$index]}" 2>/dev/null || { echo "a server did not start"; exit 1; }
        .venv/bin/python -c "import urllib.request; urllib.request.urlopen('${addresses[$index]}/api/ready', timeout=2)" 2>/dev/null && break
        sleep 0.2
    done
done

cd frontend
CI=1 npm run --silent e2e -- "$@"
