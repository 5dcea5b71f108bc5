#!/bin/sh
# The stable way into PacketBuddy: the version that is current now. Service files and links point here.
home=@HOME@
: "${PACKETBUDDY_HOME:=$home}"
export PACKETBUDDY_HOME
# The folder itself, not the link: a process keeps its own version when another one becomes current.
version=$(CDPATH='' cd -P -- "$home/versions/current" 2>/dev/null && pwd)
# A version on trial: the current one, which has proved itself, decides which of the two is started.
if [ "${1-}" = serve ] && [ "$PACKETBUDDY_HOME" = "$home" ] && [ -L "$home/versions/trial" ] && [ -n "$version" ]; then
  chosen=$("$version/bin/python" -I -m packetbuddy.updates.choosing </dev/null 2>>"$home/stderr.log")
  chosen=$(CDPATH='' cd -P -- "$home/versions/${chosen:-current}" 2>/dev/null && pwd)
  if [ -x "$chosen/bin/python" ]; then version=$chosen; fi
fi
if [ -n "$version" ] && [ -x "$version/bin/python" ]; then
  exec "$version/bin/python" -I -m packetbuddy "$@"
fi
if [ -n "$version" ]; then
  echo "pb: the Python that PacketBuddy was installed with is gone (was the system upgraded?)." >&2
else
  echo "pb: no version of PacketBuddy is in $home/versions." >&2
fi
echo "    In a folder with PacketBuddy run: @SETUP@ (nothing that was counted is lost)" >&2
exit 127
