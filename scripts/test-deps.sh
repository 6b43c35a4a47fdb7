#!/usr/bin/env bash
# Checks the programs that the tests need in addition to Go: Node, a Redis server, a browser, and a C compiler
# for Go's race detector. Installs missing packages if it runs as root on Debian or Ubuntu, and otherwise
# prints how to install them.
set -euo pipefail

"$(dirname "$0")/check-node.sh"

# Prints the missing Debian packages.
missing() {
  command -v redis-server >/dev/null || echo redis-server
  [ -x "${CHROMIUM:-/usr/bin/chromium}" ] || echo chromium
  command -v "${CC:-gcc}" >/dev/null || echo gcc libc6-dev
}

packages=$(missing | xargs)
if [ -n "$packages" ] && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  echo "Installing for the tests: $packages"
  # Debian starts Redis after the installation, except in runlevel 1. The tests start their own Redis.
  export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
  apt-get update -qq
  # shellcheck disable=SC2086 # several words on purpose
  apt-get install -qq -y --no-install-recommends $packages >/dev/null
  packages=$(missing | xargs)
fi

if [ -n "$packages" ]; then
  echo "The tests need: $packages. On Debian or Ubuntu: sudo apt-get install $packages" >&2
  echo "If Chromium or Chrome is not at /usr/bin/chromium, set CHROMIUM to its path." >&2
  exit 1
fi
