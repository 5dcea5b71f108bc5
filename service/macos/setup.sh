#!/bin/sh
# Installs PacketBuddy from this folder and leaves it counting. Run it again to upgrade or to repair; nothing is lost.
#
#   ./service/macos/setup.sh [--yes]
#
# Writes only into the home (PACKETBUDDY_HOME, else ~/.packetbuddy), one link into ~/.local/bin and the service's
# registration. This finds a Python that is new enough; service/setup.py does the rest. It runs in sh, bash 3.2 and zsh.
set -eu

# Apple's /usr/bin/python3 is a door to an installer of several gigabytes as long as nobody went through it.
is_door() {
  [ "$1" = /usr/bin/python3 ] && ! xcode-select -p >/dev/null 2>&1
}

PATH=$PATH:/opt/homebrew/bin:/usr/local/bin
for candidate in python3 python3.14 python3.13 python3.12 python3.11 python; do
  python=$(command -v "$candidate") || continue
  if is_door "$python"; then continue; fi
  if "$python" -I -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    folder=$(CDPATH='' cd -P -- "$(dirname -- "$0")/.." && pwd)
    exec "$python" -I -B "$folder/setup.py" "$@"
  fi
done
echo "setup: Python 3.11+ not found" >&2
echo "       brew install python, or https://www.python.org/downloads/macos/" >&2
exit 1
