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

# Sets `words` to those up to the one that is completed: bash breaks them at colons too, which belong to names.
_pb_split() {
  local rest=$COMP_LINE gap last number
  words=()
  for ((number = 0; number <= COMP_CWORD; number++)); do
    gap=${rest%%[![:space:]]*}
    rest=${rest#"$gap"}
    rest=${rest#"${COMP_WORDS[number]}"}
    last=$((${#words[@]} - 1))
    if ((last > 0)) && [[ -z $gap && (${COMP_WORDS[number]} == :* || ${words[last]} == *:) ]]; then
      words[last]+=${COMP_WORDS[number]}
    else
      words+=("${COMP_WORDS[number]}")
    fi
  done
}

# Reads the line up to the word that is completed, and sets `kind` to what may stand there.
_pb_read() {
  local word option='' subject='' verb='' place=0 previous=''
  for word in "${words[@]:1:${#words[@]}-2}"; do
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
    *) command "${words[0]/#\~/$HOME}" completion --values "$1" 2>/dev/null ;;
  esac
}

# A word as it may stand behind a quote, or without one.
# shellcheck disable=SC2001 # an expansion cannot put in what it found, before bash 5.2
_pb_quoted() {
  case $1 in
    \") sed 's/[\\"$`]/\\&/g' <<<"$2" ;;
    \') sed "s/'/'\\\\''/g" <<<"$2" ;;
    *) printf '%q' "$2" ;;
  esac
}

_pb() {
  local words=() kind=() word quote='' colon='' current
  COMPREPLY=()
  _pb_split
  current=${words[${#words[@]} - 1]}
  [[ $current != '=' ]] || current=''
  _pb_read
  case $current in
    [\"\']*) quote=${current:0:1} current=${current:1} ;;
    *:*) [[ $COMP_WORDBREAKS != *:* ]] || colon=${current%"${current##*:}"} ;; # what is before it stays as it is
  esac
  if [[ ${kind[0]} == files ]]; then
    while IFS= read -r word; do COMPREPLY+=("${word#"$colon"}"); done < <(compgen -f -- "$current")
    compopt -o filenames 2>/dev/null
    return
  fi
  current=${current//\\/} colon=${colon//\\/}
  while IFS= read -r word; do
    [[ $word != "$current"* ]] || COMPREPLY+=("$(_pb_quoted "$quote" "${word#"$colon"}")")
  done < <(_pb_words "${kind[@]}")
}

complete -F _pb pb
