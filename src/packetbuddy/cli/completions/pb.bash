# shellcheck shell=bash
# Completes PacketBuddy's `pb` in bash. Made by scripts/generate.py out of the commands themselves.

# The options of a command.
_pb_options() {
  case $1 in
    '' | today | summary | interfaces) options=(--help --json --device --interface) ;;
    month) options=(--help --json --cycle --device --interface) ;;
    range) options=(--help --json --from --to --device --interface) ;;
    usage) options=(--help --json --by --from --to --top --device --interface) ;;
    live) options=(--help --json --once --plain --device --interface) ;;
    top) options=(--help --json --once --plain) ;;
    plan) options=(--help --json --plan --check --test-alert --device --interface) ;;
    reconcile) options=(--help --json --isp --from --to --list --remove --device --interface) ;;
    why) options=(--help --json --accept --reject --device --interface) ;;
    correct) options=(--help --json --sent --received --reason --undo --device --interface) ;;
    export) options=(--help --json --format --output --from --to --year --redact --dialect --llm --device --interface) ;;
    import) options=(--help --json --apply --interface --zone --list --undo) ;;
    backup | restore | sync | doctor | config | serve) options=(--help --json) ;;
    devices) options=(--help --json --yes) ;;
    dashboard) options=(--help --json --print) ;;
    service) options=(--help --json -n -f --pause --purge --yes) ;;
    update) options=(--help --json --check-only --force --rollback) ;;
    watchdog) options=(--help --json --once) ;;
    completion) options=(--help --json --values) ;;
  esac
}

# What may stand behind COMMAND:OPTION, or in the place COMMAND:1, COMMAND:2 … of an argument.
_pb_kind() {
  case $1 in
    *:--interface) kind=(interfaces) ;;
    *:--device | devices:2) kind=(devices) ;;
    *:--plan) kind=(plans) ;;
    *:--zone) kind=(zones) ;;
    range:--from | range:--to | usage:--from | usage:--to | reconcile:--from | reconcile:--to | why:1 | correct:1 | export:--from | export:--to) kind=(words today yesterday) ;;
    usage:--by) kind=(words 5min hour day week month year cycle) ;;
    plan:1) kind=(words set) ;;
    plan:[2-9] | config:[2-9]) kind=(settings) ;;
    export:--format) kind=(words csv json html markdown toon) ;;
    export:--output | import:1 | backup:1 | restore:1) kind=(files) ;;
    export:--dialect) kind=(words official) ;;
    devices:1) kind=(words list rename retire forget) ;;
    sync:1) kind=(words now status sql) ;;
    config:1) kind=(words show get set check path) ;;
    service:1) kind=(words install uninstall start stop restart status logs) ;;
    completion:--values) kind=(words devices interfaces plans zones) ;;
    completion:1) kind=(words bash zsh fish powershell) ;;
    usage:--top | reconcile:--isp | reconcile:--remove | why:--accept | why:--reject | correct:--sent | correct:--received | correct:--reason | export:--year | import:--undo | service:-n) kind=(free) ;;
    *:-*) kind=(switch) ;;
    *) kind=(free) ;;
  esac
}

# What may stand behind the key of a setting.
_pb_setting() {
  case $1 in
    config:api.host) kind=(words 127.0.0.1 localhost) ;;
    config:api.cors_enabled | config:monitoring.battery_saver | config:plan.rollover | config:auto_update.enabled | config:auto_update.check_on_startup | config:auto_update.auto_apply | config:auto_update.auto_restart | plan:rollover) kind=(words true false) ;;
    config:monitoring.interface | config:plan.interfaces | plan:interfaces) kind=(interfaces) ;;
    config:monitoring.max_rate) kind=(words auto) ;;
    config:sync.enabled) kind=(words auto true false) ;;
    config:cost.unit) kind=(words GB GiB) ;;
    config:plan.cycle | plan:cycle) kind=(words monthly weekly daily prepaid) ;;
    config:plan.devices | plan:devices) kind=(devices) ;;
    config:alerts.notify) kind=(words desktop) ;;
    config:display.units) kind=(words decimal binary windows) ;;
    config:display.speed) kind=(words bytes bits) ;;
    config:display.timezone) kind=(zones) ;;
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
    kind=(words name cap cycle starts interfaces devices off_peak off_peak_counts rollover tiers overage_rate already_used alerts)
  else
    kind=(words api.host api.port api.allowed_hosts api.cors_enabled api.idle_timeout monitoring.poll_interval monitoring.batch_write_interval monitoring.battery_saver monitoring.interface monitoring.max_rate sync.enabled sync.interval sync.idle_interval sync.url cost.rate_per_gb cost.currency cost.unit plan.name plan.cap plan.cycle plan.starts plan.interfaces plan.devices plan.off_peak plan.off_peak_counts plan.rollover plan.tiers plan.overage_rate plan.already_used plan.alerts alerts.notify alerts.command display.units display.speed display.timezone storage.detail_days storage.backups auto_update.enabled auto_update.check_on_startup auto_update.auto_apply auto_update.auto_restart auto_update.check_interval_hours auto_update.source auto_update.signer)
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
    kind=(words today summary month range usage live top plan reconcile interfaces why correct export import backup restore devices sync dashboard doctor config serve service update watchdog completion --help --version)
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
