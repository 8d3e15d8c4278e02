#!/usr/bin/env bash
# Known weaknesses of what CRM Boost is made of, and whether it may be used. Advisories come over the network; the licences
# are looked at without it. Ends with 1 when something is found, with 2 when the advisories could not be had.
set -uo pipefail
cd "$(dirname "$0")/.."
status=0
unreachable=()

.venv/bin/python -m scripts.licences || status=1

if [ ! -x .stamps/audit/bin/pip-audit ]; then
    python3 -m venv .stamps/audit && .stamps/audit/bin/pip install --quiet pip-audit || rm -rf .stamps/audit
fi
if [ -x .stamps/audit/bin/pip-audit ]; then
    said=$(.stamps/audit/bin/pip-audit --disable-pip --require-hashes -r backend/requirements.lock 2>&1)
    code=$?
    grep -v "could not be audited" <<<"$said" | tail -n 40
    # It ends with 1 for a weakness and for what it could not ask, and with 0 where it was told of no package at all.
    if grep -qE "^Found [0-9]+ known" <<<"$said"; then
        status=1
    elif [ "$code" -ne 0 ] || grep -q "could not be audited" <<<"$said"; then
        unreachable+=("Python packages")
    fi
else
    unreachable+=("Python packages (pip-audit could not be installed)")
fi

said=$(cd frontend && npm audit --omit=dev --json 2>/dev/null)
if node -e 'const r = JSON.parse(require("fs").readFileSync(0, "utf8")); if (!r.metadata) process.exit(2);
    const v = r.metadata.vulnerabilities; console.log("npm:", JSON.stringify(v)); process.exit(v.high + v.critical ? 1 : 0)' \
    <<<"$said" 2>/dev/null; then
    :
elif [ "$?" -eq 1 ] && grep -q '"metadata"' <<<"$said"; then
    status=1
else
    unreachable+=("packages of the web app")
fi

if [ "${#unreachable[@]}" -gt 0 ]; then
    printf 'The advisories could not be had (no network?) for: %s. The rest of the audit stands.\n' "$(IFS=,; echo "${unreachable[*]}")" >&2
    [ "$status" -ne 0 ] || status=2
fi
exit "$status"
