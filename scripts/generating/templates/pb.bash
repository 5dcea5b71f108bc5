# shellcheck shell=bash
# Completes PacketBuddy's `pb` in bash. Made by scripts/generate.py out of the commands themselves.

# The options of a command.
_pb_options() {
  case $1 in
@OPTIONS@
  esac
}

# What may stand behind COMMAND:OPTION, or in the place COMMAND:1, COMMAND:2 … of an argument.
_pb_kind() {
  case $1 in
@KINDS@
    *:-*) kind=(switch) ;;
    *) kind=(free) ;;
  esac
}

# What may stand behind the key of a setting.
_pb_setting() {
  case $1 in
@SETTINGS@
    *) kind=(free) ;;
  esac
}

# `config get KEY`, `config set KEY VALUE`, `plan set KEY VALUE KEY VALUE …`
_pb_settings() {
  if [[ $verb != get && $verb != set ]]; then
    kind=(free)
  elif ((place % 2)); then
    _pb_setting "$subject:$previous"
  elif [[ $subject == plan ]]; then
    kind=(words @PLAN@)
  else
    kind=(words @CONFIG@)
  fi
}

# Reads the line up to the word that is completed, and sets `kind` to what may stand there.
_pb_read() {
  local word option='' subject='' verb='' place=0 previous=''
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ $word == '=' ]]; then
      continue
    elif [[ -n $option ]]; then
      option=''
    elif [[ $word == -* ]]; then
      _pb_kind "$subject:$word"
      [[ ${kind[0]} == switch ]] || option=$word
    elif [[ -z $subject ]]; then
      subject=$word
    else
      ((place++)) || verb=$word
    fi
    previous=$word
  done
  ((place++))
  if [[ -n $option ]]; then
    _pb_kind "$subject:$option"
  elif [[ $current == -* ]]; then
    local options=()
    _pb_options "$subject"
    kind=(words "${options[@]}")
  elif [[ -z $subject ]]; then
    kind=(words @COMMANDS@)
  else
    _pb_kind "$subject:$place"
  fi
  [[ ${kind[0]} != settings ]] || _pb_settings
}

# The words of a kind, one a line.
_pb_words() {
  case $1 in
    words) printf '%s\n' "${@:2}" ;;
    free) ;;
    *) command "${COMP_WORDS[0]/#\~/$HOME}" completion --values "$1" 2>/dev/null ;;
  esac
}

_pb() {
  local current=${COMP_WORDS[COMP_CWORD]} kind=() word
  [[ $current != '=' ]] || current=''
  COMPREPLY=()
  _pb_read
  if [[ ${kind[0]} == files ]]; then
    while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$current")
    compopt -o filenames 2>/dev/null
    return
  fi
  current=${current//\\/}
  while IFS= read -r word; do
    [[ $word != "$current"* ]] || COMPREPLY+=("$(printf '%q' "$word")")
  done < <(_pb_words "${kind[@]}")
}

complete -F _pb pb
