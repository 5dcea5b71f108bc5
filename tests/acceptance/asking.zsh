# Every match that is handed to zsh's own command for them goes into the file $OFFERED; with -O, -A or -D it is only asked.
PS1='ready> '
fpath=($SCRIPTS $fpath)
autoload -Uz compinit
compinit -u -D
LISTMAX=9999
compadd() {
  if [[ "$*" != *-[OAD]\ * ]]; then
    local -a hits
    builtin compadd -O hits "$@"
    print -rl -- $hits >>$OFFERED
  fi
  builtin compadd "$@"
}
