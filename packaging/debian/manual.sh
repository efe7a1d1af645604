#!/usr/bin/env bash
# Writes the manual pages from what the program says of itself (--help) and from the README's tables of the configuration.
#
#   manual.sh AGENT VERSION DATE DIRECTORY
set -euo pipefail
agent=$1 version=$2 date=$3 out=$4
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
declare -A said=()

# roff's own characters, in what stands between its requests.
escaped() { sed -e 's/\\/\\e/g' -e 's/-/\\-/g' -e "s/^\([.']\)/\\\\\&\1/"; }

# section NAME <HELP: the lines below NAME:, without their indentation of two.
section() { awk -v name="$1:" '$0 == name { inside = 1; next } inside && /^[^ ]/ { exit } inside { sub(/^  /, ""); print }' | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'; }

header() { printf '.\\" Written by packaging/debian/manual.sh\n.TH %s %s "%s" "edge-agent %s" "%s"\n' "${1^^}" "$2" "$date" "$version" "$3"; }

# ask WORD…: puts what the program says of itself in help.
ask() {
  [ -n "${said[$*/]-}" ] || said[$*/]=$("$agent" "$@" --help)
  help=${said[$*/]}
}

# describe LEVEL WORD…: one command, and below it its own.
describe() {
  local level=$1 help command
  shift
  ask "$@"
  awk -v level="$level" -v words="$*" -f "$here/manual.awk" <<< "$help"
  [ $# -gt 0 ] || return 0
  for command in $(section Commands <<< "$help" | awk '/^[^ ]/ { print $1 }'); do describe section "$@" "$command"; done
}

page() { # page WORD…
  local name=edge-agent${1:+-$1} summary help
  ask "$@"
  summary=$(section Description <<< "$help" | awk '/^$/ { exit } { printf "%s%s", separator, $0; separator = " " }' | sed -e 's/\. .*//' -e 's/[.:]$//')
  {
    header "$name" 1 "User Commands"
    printf '.SH NAME\n%s \\- %s\n' "$(escaped <<< "$name")" "$(escaped <<< "${summary,}")"
    describe page "$@"
    if [ $# -gt 0 ]; then
      printf '.SH EXIT STATUS\n%s\n' "$codes"
    else
      printf '.SH FILES\n'
      printf '.TP\n.I %s\n%s\n' \
        /etc/edge-agent/provision.json 'The identity of a device that belongs to a platform; see \fBedge\-agent.conf\fP(5).' \
        /boot/firmware/edge-agent-provision.json 'The same with secrets, from which a device takes it; see \fBedge\-agent\-provision\fP(1). Or in /boot.' \
        /etc/edge-agent/agent.json 'All that a device without a platform needs to know.' \
        /etc/default/edge-agent 'How the service is run.' \
        /var/lib/edge-agent 'What waits to be delivered, keys, ledgers and what is known of the tenancy.' \
        /run/edge-agent/agent.sock 'The local API.' \
        /usr/share/edge-agent/ 'Examples of configuration, rules for brokers, schemas, and what the program is made of (sbom.cdx.json).'
    fi
    printf '.SH SEE ALSO\n'
    if [ $# -gt 0 ]; then printf '.BR edge\\-agent (1),\n'; fi
    printf '.BR edge\\-agent.conf (5),\n.BR systemd.service (5),\n.BR journalctl (1)\n'
  } > "$out/man1/$name.1"
}

# exit_status HELP: what its codes mean.
exit_status() {
  section Description <<< "$1" | awk '/^Exit codes:/ { inside = 1 } inside && /^$/ { exit } inside' | tr '\n' ' ' | sed -e 's/^Exit codes: //' -e 's/\. *$//' -e 's/, \([0-9]\)/\n\1/g' |
    while read -r code meaning; do printf '.TP\n.B %s\n%s.\n' "$code" "$(escaped <<< "${meaning^}")"; done
}

# table HEADING N <README: the Nth table below a heading as tagged paragraphs.
table() {
  awk -v heading="## $1" -v wanted="$2" '
    $0 == heading { inside = 1; next } inside && /^## / { exit }
    !inside { next }
    /^\|/ { if (!in_table) { number++; row = 0 } in_table = 1; row++; if (number == wanted && row > 2) print; next }
    { in_table = 0 }' | escaped | awk '{
      # Links become their text, and code is set in bold.
      while (match($0, /\[[^]]*\]\([^)]*\)/)) { link = substr($0, RSTART, RLENGTH); text = link; sub(/^\[/, "", text); sub(/\].*/, "", text); $0 = substr($0, 1, RSTART - 1) text substr($0, RSTART + RLENGTH) }
      split($0, cells, / *\| */)
      for (i = 2; i <= 5; i++) while (match(cells[i], /`[^`]*`/)) cells[i] = substr(cells[i], 1, RSTART - 1) "\\fB" substr(cells[i], RSTART + 1, RLENGTH - 2) "\\fP" substr(cells[i], RSTART + RLENGTH)
      printf ".TP\n%s\n%s.\n", cells[2], cells[3]
      if (cells[4] != "") printf "Default: %s.\n", cells[4]
      if (cells[5] != "") printf "Range: %s.\n", cells[5]
    }'
}

configuration() {
  {
    header edge-agent.conf 5 "File Formats"
    cat <<'ROFF'
.SH NAME
edge\-agent.conf \- configuration and provisioning of the vehicle telematics agent
.SH SYNOPSIS
.I /etc/edge\-agent/provision.json
.br
.I /etc/edge\-agent/agent.json
.SH DESCRIPTION
All are strict JSON: no unknown or repeated member, at most 256 KiB and 16 levels. A wrong file stops the start with every mistake in it and its place
(exit code 5). Members are named as paths:
.B outbox.maxBytes
is the member
.B maxBytes
of the member
.BR outbox .
.PP
.I provision.json
gives a device its identity; everything else comes over the broker, signed. It has
.BR device ,
.B platformKeys
(1 to 16 public keys of P\-256 as JWK, which sign the device's assignment),
.BR broker ,
.B drainSeconds
and
.B outbox
with
.BR memoryBytes ,
.B maxBytes
and
.BR reserveBytes ,
as under THE DEVICE.
.PP
.I agent.json
sets up a device without a platform: it has everything under THE DEVICE and under THE TENANT, with paths, relative to it, in place of digests.
.PP
Files with passwords and keys are to be readable by the group
.BR edge\-agent ,
which new files in
.I /etc/edge\-agent
get.
.SH THE DEVICE
ROFF
    table Configuration 2 < "$root/README.md"
    printf '.SH THE BOOT FILE\n.I edge\-agent\-provision.json\non the boot partition has what\n.I provision.json\nhas, and:\n'
    table 'On a dongle' 1 < "$root/README.md"
    printf '.PP\n.BR edge\\-agent\\-provision (1)\nmakes such files, and takes one at boot.\n'
    printf '.SH THE TENANT\nWhat a tenant configures for its devices, signed by\n.BR edge\\-agent\\-config (1).\nEverything is optional.\n'
    table Configuration 1 < "$root/README.md"
    printf '.PP\nThe roles R are \\fBviewer\\fP, \\fBtechnician\\fP, \\fBinstaller\\fP and \\fBadmin\\fP, each of which may do what the one before may, and more.\n'
    printf '.SH EXAMPLE\n.EX\n'
    escaped < "$root/packaging/debian/examples/provision.json"
    printf '.EE\n.SH SEE ALSO\n.BR edge\\-agent (1),\n.BR edge\\-agent\\-run (1),\n.BR edge\\-agent\\-config (1)\n'
  } > "$out/man5/edge-agent.conf.5"
  printf '.so man5/edge-agent.conf.5\n' > "$out/man5/edge-agent-provision.5"
}

mkdir -p "$out/man1" "$out/man5"
ask
codes=$(exit_status "$help")
commands=$(section Commands <<< "$help" | awk '/^[^ ]/ { print $1 }')
page
for command in $commands; do page "$command"; done
configuration
