# One command's help as a part of a manual page: a page's own, or a section of the page of the command above it.
#
#   awk -v level=page|section -v words='WORD…' -f manual.awk

# roff's own characters, in what stands between its requests.
function escaped(line) {
  gsub(/\\/, "\\e", line)
  gsub(/-/, "\\-", line)
  return line ~ /^[.']/ ? "\\&" line : line
}

# Two columns become tagged paragraphs.
function list(name,  i, line) {
  for (i = 1; i <= lines[name]; i++) {
    line = escaped(text[name, i])
    if (line == "") continue
    if (line !~ /^[^ ]/) { sub(/^ +/, "", line); print line }
    else if (match(line, /  +/)) printf ".TP\n.B %s\n%s\n", substr(line, 1, RSTART - 1), substr(line, RSTART + RLENGTH)
    else printf ".TP\n.B %s\n", line
  }
}

# Paragraphs; what is indented is shown as it is.
function prose(name,  i, line, shown) {
  for (i = 1; i <= lines[name]; i++) {
    line = escaped(text[name, i])
    if (line ~ /^  /) { if (!shown) print ".PP\n.EX"; shown = 1; print line }
    else if (line == "") { if (!shown) print ".PP" }
    else { if (shown) print ".EE\n.PP"; shown = 0; print line }
  }
  if (shown) print ".EE"
}

# What the program can do, each with a page of its own.
function pages(name,  i, line) {
  print ".SH COMMANDS"
  for (i = 1; i <= lines[name]; i++) {
    line = text[name, i]
    if (line == "") continue
    if (line !~ /^[^ ]/) sub(/^ +/, "", line)
    else {
      sub(/ +<[^>]*>/, "", line)
      if (!match(line, /  +/)) continue
      print ".TP"
      print ".BR edge\\-agent\\-" escaped(substr(line, 1, RSTART - 1)) " (1)"
      line = substr(line, RSTART + RLENGTH)
    }
    gsub(/-/, "\\-", line)
    print line
  }
}

function heading(name) { if (level == "page") print ".SH " toupper(name); else printf ".PP\n%s:\n", name }

/^[A-Z][a-z]+:$/ { name = substr($0, 1, length($0) - 1); next }
{ sub(/^  /, ""); text[name, ++lines[name]] = $0 }

END {
  for (name in lines) while (lines[name] > 0 && text[name, lines[name]] == "") lines[name]--
  if (level == "page") print ".SH SYNOPSIS"; else printf ".SH \"%s\"\n", toupper(escaped(words))
  print ".nf"
  for (i = 1; i <= lines["Usage"]; i++) print (i == 1 ? ".B " : "") escaped(text["Usage", i])
  print ".fi"
  print level == "page" ? ".SH DESCRIPTION" : ".PP"
  prose("Description")
  if (lines["Arguments"]) { heading("Arguments"); list("Arguments") }
  if (lines["Options"]) { heading("Options"); list("Options") }
  if (words == "") pages("Commands")
}
