#!/usr/bin/env bash
# Makes sure of what the tests run besides Go and Node: a Redis server, a browser, and the C compiler that Go's race
# detector needs. Installs what is missing where it may (root on Debian or Ubuntu), and says how to otherwise.
set -euo pipefail

"$(dirname "$0")/check-node.sh"

# Prints the Debian packages of what is not there.
missing() {
  command -v redis-server >/dev/null || echo redis-server
  [ -x "${CHROMIUM:-/usr/bin/chromium}" ] || echo chromium
  command -v "${CC:-gcc}" >/dev/null || echo gcc libc6-dev
}

packages=$(missing | xargs)
if [ -n "$packages" ] && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  echo "Installing for the tests: $packages"
  # Debian starts Redis after installing it, but not in runlevel 1; the tests start their own.
  export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
  apt-get update -qq
  # shellcheck disable=SC2086 # several words on purpose
  apt-get install -qq -y --no-install-recommends $packages >/dev/null
  packages=$(missing | xargs)
fi

if [ -n "$packages" ]; then
  echo "The tests need: $packages. On Debian or Ubuntu: sudo apt-get install $packages" >&2
  echo "A Chromium or Chrome elsewhere than /usr/bin/chromium: set CHROMIUM to its path." >&2
  exit 1
fi
