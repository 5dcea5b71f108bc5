#!/bin/sh
# Ends a monitor that was halted, or that hangs: its supervisor starts another one.
#
#   watcher.sh HOME MONITOR SUPERVISOR
#
# The last two are process numbers; it leaves with either. Every 50 seconds it asks the kernel how often the monitor went
# to sleep of itself, which its loop does every two minutes at least, so no file has to be written for it.
set -u

# Sets $sign to what shows that process $1 lives; T: it is halted; nothing where that cannot be told.
look() {
  sign=''
  if [ -r "/proc/$1/status" ]; then
    while read -r key value _; do
      case $key in
        State:) [ "$value" != T ] || { sign=T; break; } ;;
        voluntary_ctxt_switches:) sign=$value; break ;;
      esac
    done <"/proc/$1/status"
  else
    case $(ps -o stat= -p "$1") in T*) sign=T ;; esac
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
    kill -0 "$supervisor" 2>/dev/null && kill -0 "$monitor" 2>/dev/null || exit 0
    look "$monitor"
    judge
  done
  stamp=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  [ ! -d "$home" ] || echo "$stamp info supervisor: the monitor hangs; it is ended and started again" >>"$home/stderr.log"
  kill -s KILL "$monitor"
}

main "$@"
