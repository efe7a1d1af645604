# fish completion of edge-agent: the program itself says what may follow; file names beside it.
function __edge_agent_suggest
    set -l line (commandline -cp | string collect)
    edge-agent "[suggest:"(string length -- $line)"]" $line 2> /dev/null | string match -rv '^[-/][?h]$'
end
complete -c edge-agent -a '(__edge_agent_suggest)'
