#!/usr/bin/env bash
# What the browser journeys need and no language's package manager brings: Chromium.
# As root on a Debian-like system it is installed; otherwise this says what is missing.
set -euo pipefail

find_browser() {
    local candidate
    for candidate in "${CRM_TEST_CHROMIUM:-}" chromium chromium-browser google-chrome-stable google-chrome; do
        if [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}

if find_browser >/dev/null; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium for the browser journeys ..."
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-liberation >/dev/null
    find_browser >/dev/null && exit 0
fi
cat >&2 <<'TEXT'

The browser journeys need Chromium, and it is not installed.
Install it (Debian/Ubuntu: apt-get install chromium) or set CRM_TEST_CHROMIUM to a Chromium or Chrome binary.
TEXT
exit 1
