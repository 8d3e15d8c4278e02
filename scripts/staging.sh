#!/usr/bin/env bash
# A second desk beside the real one: a scrubbed copy of its data on another port, with a banner (docs/operating.md).
# The copy is made once; remove the folder (on PostgreSQL: name another empty database) for a new one.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${STAGING_DIR:-data-staging}
port=${STAGING_PORT:-8001}
export CRM_OBSERVABILITY__LOG_FORMAT=${CRM_OBSERVABILITY__LOG_FORMAT:-console}

if [ -n "${CRM_DATABASE__URL:-}" ] && [ -z "${CRM_STAGE_DATABASE_URL:-}" ]; then
    echo "The data are in PostgreSQL: name an empty database for the copy in CRM_STAGE_DATABASE_URL." >&2
    exit 1
fi
if [ -e "$folder/made" ]; then
    echo "The copy of $(cat "$folder/made") is used again. Its sign-in details are in $folder/sign-in.txt."
else
    mkdir -p "$folder"
    (umask 077 && .venv/bin/crm-boost stage "$folder" > "$folder/sign-in.txt") || { cat "$folder/sign-in.txt" >&2; exit 1; }
    date -u "+%F %R UTC" > "$folder/made"
    cat "$folder/sign-in.txt"
fi

# Browsers keep one sign-in for a host name whatever the port: another name than that of the real desk keeps them apart.
printf '\n  Staging     http://127.0.0.1:%s   (Ctrl-C stops it)\n\n' "$port"
if [ -n "${CRM_STAGE_DATABASE_URL:-}" ]; then export CRM_DATABASE__URL=$CRM_STAGE_DATABASE_URL; fi
unset CRM_SECRET_KEY
exec env CRM_STAGING=true CRM_DATA_DIR="$folder" CRM_PORT="$port" .venv/bin/crm-boost serve
