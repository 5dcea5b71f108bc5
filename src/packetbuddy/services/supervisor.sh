#!/bin/sh
# Keeps one monitor running where no service manager does it.
#
#   supervisor.sh HOME COMMAND [ARGUMENT...]
#
# Standard input is HOME/supervisor.pid, flock'ed and filled by whoever starts this: the lock lives exactly as long as
# this process, which is why every child gets another standard input. It sleeps in wait(2); it never polls.
# TERM and INT end the monitor and this, HUP is passed on. A crash is answered with a restart after 1, 2, 4 ... 60 s.
# A fork of this looks at the monitor every 50 s: one that was halted, or that hangs, is killed and so started anew.
# 75 is no crash: another version waits to be started, and is at once.
# Exit codes of the monitor that end it: 0 done, 3 another monitor owns the ledger, 78 home or settings unusable.
set -u
umask 077

say() {
  [ ! -d "$home" ] || printf '%s info supervisor: %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*" >>"$home/stderr.log"
}

# One that was halted has to be woken to hear it.
pass_on() {
  [ -z "$child" ] || { kill -s "$1" "$child" && kill -s CONT "$child"; } 2>/dev/null
}

# Waits for $child and sets $code. A trapped signal cuts wait short (a code above 128) while the child still lives.
await() {
  # The signal came between the fork and the assignment of $child.
  [ -z "$stopping" ] || pass_on TERM
  while :; do
    wait "$child"
    code=$?
    # shellcheck disable=SC2015 # breaking where either is false is what is meant
    [ "$code" -gt 128 ] && kill -0 "$child" 2>/dev/null || break
  done
  child=
}

# A HUP ends the pause, also one that came after the words that announce it and before there was anything to end.
pause() {
  # shellcheck disable=SC2217 # it must not inherit the lock that standard input holds
  sleep "$1" </dev/null &
  child=$!
  [ -z "$hurried" ] || pass_on TERM
  await
}

# Sets $sign to what shows that process $1 lives: how often it went to sleep of itself. T: it is halted.
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

# Halted at two looks, or without a sign of life at four: its loop turns every two minutes at least.
watch() {
  nap='' before='' strikes=0
  trap '[ -z "$nap" ] || kill "$nap" 2>/dev/null; exit 0' TERM
  while kill -0 "$$" && kill -0 "$1"; do
    sleep 50 &
    nap=$!
    wait "$nap"
    look "$1"
    case $sign in
      T) strikes=$((strikes + 2)) ;;
      '' | "$before") [ -z "$sign" ] || strikes=$((strikes + 1)) ;;
      *) strikes=0 ;;
    esac
    before=$sign
    [ "$strikes" -lt 3 ] || break
  done 2>/dev/null
  [ "$strikes" -ge 3 ] || exit 0
  say "the monitor hangs; it is ended and started again"
  kill -s KILL "$1"
}

# While a program fails again and again nobody else keeps the log short.
shorten() {
  [ -f "$1" ] && [ "$(wc -c <"$1")" -gt 2000000 ] || return 0
  cp -f "$1" "$1.1" && : >"$1"
}

run_once() {
  shorten "$home/stderr.log"
  shorten "$home/stdout.log"
  began=$(date +%s)
  "$@" </dev/null >>"$home/stdout.log" 2>>"$home/stderr.log" &
  child=$!
  watch "$child" </dev/null &
  watcher=$!
  await
  kill "$watcher" 2>/dev/null
  wait "$watcher"
  ran=$(($(date +%s) - began))
}

# True when this exit code means that starting again would not help.
final() {
  case $1 in
    0) say "the monitor ended; nothing left to do" ;;
    3) say "another monitor owns this ledger; leaving it to that one" ;;
    78) say "the home or its settings cannot be used (see above); not trying again" ;;
    126 | 127) say "the program is gone or cannot be run; not trying again" ;;
    *) return 1 ;;
  esac
}

main() {
  home=$1 child='' stopping='' hurried='' delay=1
  shift
  trap 'stopping=1; pass_on TERM' TERM INT
  trap 'hurried=1; pass_on HUP' HUP
  while [ -z "$stopping" ] && [ -d "$home" ]; do
    run_once "$@"
    hurried=
    { [ -z "$stopping" ] && [ -d "$home" ]; } || break
    final "$code" && break
    if [ "$code" -eq 75 ] && [ "$ran" -ge 2 ]; then
      say "the monitor makes way for another version"
      continue
    fi
    [ "$ran" -lt 60 ] || delay=1
    say "the monitor ended with code $code after $ran s; starting it again in $delay s"
    pause "$delay"
    delay=$((delay * 2))
    [ "$delay" -le 60 ] || delay=60
  done
  exit 0
}

main "$@"
