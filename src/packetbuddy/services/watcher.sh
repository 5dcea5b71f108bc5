#!/bin/sh
# Ends a monitor that was halted, or that hangs: its supervisor starts another one.
#
#   watcher.sh HOME MONITOR SUPERVISOR
#
# The last two are process numbers; it leaves when either is gone. Every 50 seconds it asks the kernel how often the monitor went
# to sleep of itself, which its loop does every two minutes at least, so no file has to be written for it.
set -u

# Sets $sign to what shows that the monitor lives (T: it is halted; nothing where that cannot be told) and $parent.
look() {
  sign='' parent=''
  if [ -r "/proc/$monitor/status" ]; then
    while read -r key value _; do
      case $key in
        PPid:) parent=$value ;;
        State:) [ "$value" != T ] || sign=T ;;
        voluntary_ctxt_switches:) sign=${sign:-$value} ;;
      esac
    done <"/proc/$monitor/status"
  else
    parent=$(($(ps -o ppid= -p "$monitor")))
    case $(ps -o stat= -p "$monitor") in T*) sign=T ;; esac
  fi 2>/dev/null
}

# Sets $strikes: three are enough, which is halted at two looks or without a sign of life at four.
judge() {
  case $sign in
    T) strikes=$((strikes + 2)) ;;
    '') ;;
    "$before") strikes=$((strikes + 1)) ;;
    *) strikes=0 ;;
  esac
  before=$sign
}

nap() {
  sleep 50 &
  napping=$!
  wait "$napping"
}

main() {
  home=$1 monitor=$2 supervisor=$3 napping='' before='' strikes=0
  trap '[ -z "$napping" ] || kill "$napping" 2>/dev/null; exit 0' TERM
  while [ "$strikes" -lt 3 ]; do
    nap
    look
    [ "$parent" = "$supervisor" ] || exit 0 # it has ended; the number may be another's by now
    judge
  done
  stamp=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  [ ! -d "$home" ] || echo "$stamp info supervisor: the monitor hangs; it is ended and started again" >>"$home/stderr.log"
  kill -s KILL "$monitor"
}

main "$@"
