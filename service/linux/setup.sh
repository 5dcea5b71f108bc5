#!/usr/bin/env bash
# Installs PacketBuddy from this folder and leaves it counting. Run it again to upgrade or to repair; nothing is lost.
#
#   bash service/linux/setup.sh [--yes]
#
# Writes only into the home (PACKETBUDDY_HOME, else ~/.packetbuddy), one link into ~/.local/bin and the service's
# registration. This finds a Python that is new enough; service/setup.py does the rest.
set -eu

for candidate in python3 python3.14 python3.13 python3.12 python3.11 python; do
  python=$(command -v "$candidate") || continue
  if "$python" -I -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    folder=$(CDPATH='' cd -P -- "$(dirname -- "$0")/.." && pwd)
    exec "$python" -I -B "$folder/setup.py" "$@"
  fi
done
echo "setup: Python 3.11+ not found" >&2
echo "       Debian, Ubuntu: apt install python3 python3-venv; elsewhere: https://www.python.org/downloads/" >&2
exit 1
