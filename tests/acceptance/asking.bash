# What our function found, as readline then has it, goes into the file $OFFERED.
PS1='ready> '
source "$SCRIPTS/pb.bash"
_asked() {
  _pb
  printf '%s\n' "${COMPREPLY[@]}" >>"$OFFERED"
}
complete -F _asked pb
bind 'set bell-style none'
