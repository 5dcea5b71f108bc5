#!/bin/sh
# The stable way into PacketBuddy: the version that is current now. Service files and links point here.
home=@HOME@
: "${PACKETBUDDY_HOME:=$home}"
export PACKETBUDDY_HOME
unset PACKETBUDDY_ON_TRIAL
folder() { CDPATH='' cd -P -- "$1" 2>/dev/null && pwd; }
is_its_home() { [ "$(folder "$PACKETBUDDY_HOME")" = "$(folder "$home")" ]; }
# Nobody would start it again: this stays, and starts the version before where the one on trial ends untold.
stay() {
  child='' told=''
  trap 'told=1; kill -s TERM "$child"' TERM
  trap 'told=1; kill -s INT "$child"' INT
  trap 'kill -s HUP "$child"' HUP
  "$version/bin/python" -I -m packetbuddy "$@" <&0 &
  child=$!
  while :; do
    wait "$child"
    code=$?
    # shellcheck disable=SC2015 # a signal cuts wait short while the child still lives
    [ "$code" -gt 128 ] && kill -0 "$child" 2>/dev/null || break
  done
  case $told:$code in
    1:* | :0 | :3) exit "$code" ;;
  esac
  trap - TERM INT HUP
  exec "$0" "$@"
}
# The folder itself, not the link: a process keeps its own version when another one becomes current.
version=$(folder "$home/versions/current")
# A version on trial: the current one, which has proved itself, decides which of the two is started.
if [ "${1-}" = serve ] && [ -L "$home/versions/trial" ] && [ -n "$version" ] && is_its_home; then
  chosen=$("$version/bin/python" -I -m packetbuddy.updates.choosing </dev/null 2>>"$home/stderr.log")
  chosen=$(folder "$home/versions/${chosen:-current}")
  if [ -x "$chosen/bin/python" ] && [ "$chosen" != "$version" ]; then
    export PACKETBUDDY_ON_TRIAL=1
    version=$chosen
    [ -n "${PACKETBUDDY_KEPT_BY-}${NOTIFY_SOCKET-}" ] || stay "$@"
  fi
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
