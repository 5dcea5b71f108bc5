#!/bin/sh
# What launchd starts; macOS shows it by this file's name among the login items. Written by `pb service install`.
# It ends well, and so is not started again, where PacketBuddy was deleted.
home=/home/anna/.packetbuddy
set -- /home/anna/.packetbuddy/bin/pb "$@"
[ -d "$home" ] && [ -x "$1" ] || exit 0
export PACKETBUDDY_HOME="$home" PACKETBUDDY_KEPT_BY=launchd
umask 077
# A program that cannot even begin rotates nothing.
log=$home/stderr.log
if [ -f "$log" ] && [ "$(wc -c <"$log")" -gt 2000000 ]; then
  cp -f "$log" "$log.1" && : >"$log"
fi
exec "$@" </dev/null >>"$home/stdout.log" 2>>"$log"
