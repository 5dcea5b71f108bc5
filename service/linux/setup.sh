#!/usr/bin/env bash
# Installs PacketBuddy from this folder and leaves it counting. Run it again to upgrade or to repair; nothing is lost.
#
#   bash service/linux/setup.sh [--yes]
#
# Writes only into the home (PACKETBUDDY_HOME, else ~/.packetbuddy) and one link into ~/.local/bin.
# A version becomes current in one step (rename of a link) and only when it is whole, so any interruption leaves
# either the old or the new one. This folder is not needed afterwards.
set -eu

say() { printf '%s\n' "$*"; }

fail() {
  printf 'setup: %s\n' "$1" >&2
  shift
  for line in "$@"; do printf '       %s\n' "$line" >&2; done
  exit 1
}

usage() {
  say "usage: bash service/linux/setup.sh [--yes]"
  say "  --yes  ask nothing (this version has no questions yet)"
}

arguments() {
  for argument in "$@"; do
    case $argument in
      --yes | -y) ;;
      --help | -h) usage; exit 0 ;;
      *) usage >&2; exit 2 ;;
    esac
  done
}

# Sets $python to the first one that is new enough.
find_python() {
  for candidate in python3 python3.14 python3.13 python3.12 python3.11 python; do
    python=$(command -v "$candidate") || continue
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then return 0; fi
  done
  fail "Python 3.11+ not found" "Debian, Ubuntu: apt install python3 python3-venv; elsewhere: https://www.python.org/downloads/"
}

check_python() {
  "$python" -c 'import venv, ensurepip' 2>/dev/null && return 0
  name=$("$python" -c 'import sys; print("python3.%d-venv" % sys.version_info[1])')
  fail "this Python ($python) cannot make virtual environments" \
    "install the package python3-venv (or $name), for example: apt install python3-venv"
}

places() {
  repository=$(CDPATH='' cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
  [ -f "$repository/pyproject.toml" ] || fail "$repository is not a PacketBuddy folder"
  [ -n "${PACKETBUDDY_HOME:-}${HOME:-}" ] || fail "neither HOME nor PACKETBUDDY_HOME is set"
  home=${PACKETBUDDY_HOME:-$HOME/.packetbuddy}
  case $home in
    '~') home=$HOME ;;
    '~/'*) home=$HOME/${home#'~/'} ;;
    /*) ;;
    *) home=$PWD/$home ;;
  esac
  versions=$home/versions
  log=$home/setup.log
}

make_home() {
  umask 077
  mkdir -p -- "$versions" "$home/bin" || fail "cannot make $home" "set PACKETBUDDY_HOME to a folder you may write to"
  : >"$log" || fail "cannot write into $home"
  command -v flock >/dev/null || return 0
  exec 9>"$home/setup.lock"
  flock -n 9 || fail "another setup is at work in $home"
}

# The version and eight digits that stand for the code itself: the same code is installed once, whatever its folder.
version_name() {
  "$python" -I - "$repository" <<'PYTHON'
import hashlib, pathlib, re, sys

root = pathlib.Path(sys.argv[1])
package = root / "src" / "packetbuddy"
digest = hashlib.sha256()
for path in [root / "pyproject.toml", *sorted(package.rglob("*"))]:
    if path.is_file() and "__pycache__" not in path.parts:
        digest.update(b"%s\0%d\0" % (path.relative_to(root).as_posix().encode(), path.stat().st_size))
        digest.update(path.read_bytes())
version = re.search(r'__version__ = "([^"]+)"', (package / "__init__.py").read_text(encoding="utf-8"))
print(f"{version[1]}-{digest.hexdigest()[:8]}")
PYTHON
}

whole() { [ -f "$1/complete" ] && "$1/bin/python" -I -m packetbuddy --version >/dev/null 2>&1; }

# Sets $name to the version's folder: one that is whole, or a free name. What runs is never written over.
choose_name() {
  base=$(version_name)
  name=$base
  repair=1
  while [ -e "$versions/$name" ] && ! whole "$versions/$name"; do
    if [ ! -f "$versions/$name/complete" ]; then
      rm -rf -- "${versions:?}/$name"  # an interrupted setup; never was current
    else
      repair=$((repair + 1))
      name=$base.$repair
    fi
  done
}

explain_pip() {
  if grep -qiE 'resolution|unreachable|connection|timed out|temporary failure|no matching distribution' "$log"; then
    fail "could not download what PacketBuddy needs; is there a network connection?" \
      "$(grep -iE '^ *error' "$log" | tail -n 1)" "all of it: $log"
  fi
  fail "the installation failed:" "$(tail -n 3 "$log")" "all of it: $log"
}

install() {
  target=$versions/$name
  if whole "$target"; then
    say "Already installed: $name"
    return 0
  fi
  say "Installing $name (a minute at most) ..."
  "$python" -I -m venv -- "$target" >>"$log" 2>&1 || fail "cannot make $target:" "$(tail -n 3 "$log")"
  PIP_RETRIES=${PIP_RETRIES:-2} "$target/bin/python" -I -m pip install --compile --no-input --disable-pip-version-check \
    --no-warn-script-location -- "$repository" >>"$log" 2>&1 || explain_pip
  "$target/bin/python" -I -m packetbuddy --version >>"$log" 2>&1 || fail "it does not run:" "$(tail -n 3 "$log")"
  : >"$target/complete"
}

# One shell word that means exactly this text.
quoted() { printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"; }

write_launcher() {
  cat >"$home/bin/pb.new" <<LAUNCHER
#!/bin/sh
# The stable way into PacketBuddy: the version that is current now. Service files and links point here.
home=$(quoted "$home")
: "\${PACKETBUDDY_HOME:=\$home}"
export PACKETBUDDY_HOME
# The folder itself, not the link: a process keeps its own version when another one becomes current.
version=\$(CDPATH='' cd -P -- "\$home/versions/current" && pwd) || exit 127
exec "\$version/bin/python" -I -m packetbuddy "\$@"
LAUNCHER
  chmod 700 "$home/bin/pb.new"
  mv -f -- "$home/bin/pb.new" "$home/bin/pb"
}

# Sets $changed when another version was current before.
make_current() {
  changed=''
  before=$(readlink "$versions/current" || true)
  [ "$before" = "$name" ] || changed=1
  point_to "$name"
}

point_to() {
  ln -sfn -- "$1" "$versions/current.new"
  mv -fT -- "$versions/current.new" "$versions/current"
}

# Keeps the version of before, so that one can go back.
remove_old() {
  for old in "$versions"/*/; do
    old=${old%/}
    case ${old##*/} in
      current | "$name" | "${before:-$name}") ;;
      *) [ ! -f "$old/complete" ] || rm -rf -- "$old" ;;
    esac
  done
}

# The settings file with every default written down and commented, where there is none.
make_config() {
  "$versions/current/bin/python" -I - "$home/config.toml" <<'PYTHON'
import pathlib, sys
from packetbuddy.settings.sample import default_text

try:
    with pathlib.Path(sys.argv[1]).open("x", encoding="utf-8") as file:
        file.write(default_text())
except FileExistsError:
    pass
PYTHON
}

start_service() {
  if [ -n "$changed" ]; then verb=restart; else verb=start; fi
  PACKETBUDDY_HOME=$home "$home/bin/pb" service "$verb" && return 0
  [ -n "$changed" ] && [ -n "$before" ] && whole "$versions/$before" \
    || fail "PacketBuddy is installed, but does not count yet (see above)" "more: $home/bin/pb service logs"
  point_to "$before"
  PACKETBUDDY_HOME=$home "$home/bin/pb" service restart || true
  fail "$name does not count (see above); back to $before" "more: $home/bin/pb service logs"
}

# Puts pb on PATH, without touching a pb that is not ours.
link_command() {
  command="$home/bin/pb"
  [ -n "${HOME:-}" ] || return 0
  link=$HOME/.local/bin/pb
  if [ -e "$link" ] || [ -L "$link" ]; then
    case $(readlink "$link" || true) in
      "$home/bin/pb" | */.packetbuddy/bin/pb) ;;
      *) say "Left alone: $link is not PacketBuddy's. Run $command instead."; return 0 ;;
    esac
  fi
  mkdir -p -m 755 -- "$HOME/.local" "$HOME/.local/bin"
  ln -sfn -- "$home/bin/pb" "$link"
  case :${PATH:-}: in
    *:"$HOME/.local/bin":*) command=pb ;;
    *)
      say "To have pb everywhere, add this line to ~/.profile and log in again:"
      # shellcheck disable=SC2016 # the line is for the profile, which expands it
      say '  export PATH="$HOME/.local/bin:$PATH"'
      ;;
  esac
}

main() {
  arguments "$@"
  find_python
  check_python
  places
  make_home
  choose_name
  install
  write_launcher
  make_current
  make_config
  start_service
  remove_old
  link_command
  say "Home:     $home"
  say "Look:     $command today"
  say "          $("$command" dashboard --print 2>/dev/null || echo "$command dashboard")"
  say "Status:   $command service status"
}

main "$@"
