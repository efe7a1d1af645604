# bash completion of edge-agent: the program itself says what may follow; where it says nothing, file names.
_edge_agent() {
  local current=${COMP_WORDS[COMP_CWORD]} line=${COMP_LINE:0:COMP_POINT} words
  line="edge-agent${line#"${COMP_WORDS[0]}"}"
  words=$("${COMP_WORDS[0]}" "[suggest:${#line}]" "$line" 2> /dev/null | grep -vx '[-/][?h]') || return 0
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -o default -F _edge_agent edge-agent
