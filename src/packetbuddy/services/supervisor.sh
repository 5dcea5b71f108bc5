#!/bin/sh
# Keeps one monitor running where no service manager does it.
#
#   supervisor.sh HOME COMMAND [ARGUMENT...]
#
# Standard input is HOME/supervisor.pid, flock'ed and filled by whoever starts this: the lock lives exactly as long as
# this process, which is why every child gets another standard input. It sleeps in wait(2); it never polls.
# TERM and INT end the monitor and this, HUP is passed on. A crash is answered with a restart after 1, 2, 4 ... 60 s.
# watcher.sh looks at the monitor meanwhile: one that was halted, or that hangs, is killed and so started anew.
# 75 is no crash: another version waits to be started, and is at once.
# Exit codes of the monitor that end it: 0 done, 3 another monitor owns the ledger, 78 home or settings unusable.
set -u
umask 077
# Without sleep the pauses would be none, and a program that fails would be started without end.
PATH=${PATH:-}:/usr/local/bin:/usr/bin:/bin

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
    wait "$child" 2>/dev/null  # the shell's own word about a signal says less than ours
    code=$?
    # shellcheck disable=SC2015 # breaking where either is false is what is meant
    [ "$code" -gt 128 ] && kill -0 "$child" 2>/dev/null || break
  done
  child=
}

# A HUP ends the pause, also one that came after the words that announce it and before there was anything to end. What was
# only just forked still has our traps and may lose any signal but KILL.
pause() {
  cut=KILL
  # shellcheck disable=SC2217 # it must not inherit the lock that standard input holds
  sleep "$1" </dev/null &
  child=$!
  [ -z "$hurried$stopping" ] || pass_on KILL
  await
  cut=
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
  /bin/sh "${0%/*}/watcher.sh" "$home" "$child" "$$" </dev/null &
  watcher=$!
  await
  # Not awaited: told before it listens, it leaves at its next look.
  kill "$watcher" 2>/dev/null
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
  home=$1 child='' stopping='' hurried='' cut='' delay=1
  shift
  export PACKETBUDDY_KEPT_BY=background
  trap 'stopping=1; pass_on "${cut:-TERM}"' TERM INT
  trap 'hurried=1; pass_on "${cut:-HUP}"' HUP
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
