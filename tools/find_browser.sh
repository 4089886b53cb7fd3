#!/bin/sh
# Finds a Chromium for the browser tests; installs Debian's where there is none and the system allows it.
for name in chromium chromium-browser google-chrome chrome; do
  command -v "$name" >/dev/null 2>&1 && exit 0
done
[ -n "$BROWSER_PATH" ] && [ -x "$BROWSER_PATH" ] && exit 0
command -v apt-get >/dev/null 2>&1 || { echo "No Chromium found: install one, or name it in BROWSER_PATH." >&2; exit 1; }
run=""
[ "$(id -u)" = 0 ] || run="sudo -n"
echo "Installing Debian's chromium for the browser tests." >&2
$run apt-get update -q >/dev/null && $run apt-get install -y -q --no-install-recommends chromium fonts-liberation >/dev/null
