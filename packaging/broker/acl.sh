#!/bin/sh
# Writes a broker's access rules from a table of devices.
set -eu

usage() {
  cat << 'END'
usage: acl.sh mosquitto|emqx DEVICES.csv > FILE

DEVICES.csv has one line a device: DEVICE,TENANT,PREVIOUS-TENANT. The last two may be empty. Lines with # are comments.
Users are called DEVICE, tenant.TENANT and platform: a device's id holds no dot, so none can pass for another kind.
END
}

[ $# = 2 ] || { usage >&2; exit 2; }
case $1 in
  mosquitto | emqx) ;;
  *) usage >&2; exit 2 ;;
esac

exec awk -F, -v format="$1" -v file="$2" '
  function fail(what) { printf "acl.sh: %s:%d: %s\n", file, FNR, what > "/dev/stderr"; failed = 1; exit 1 }
  function is_id(text) { return length(text) <= 64 && text ~ /^[A-Za-z0-9][A-Za-z0-9_-]*$/ }

  # rule(ACTION, TOPIC…): one line of mosquitto, or one more topic of the term that EMQX gets at the end of the user.
  function user(name) {
    finish()
    current = name
    if (format == "mosquitto") printf "\nuser %s\n", name
    else printf "\n"
  }
  function rule(action, topic) {
    if (format == "mosquitto") printf "topic %s %s\n", action, topic
    else if (action == "read") reads = reads (reads == "" ? "" : ",\n    ") "\"" topic "\""
    else writes = writes (writes == "" ? "" : ",\n    ") "\"" topic "\""
  }
  function finish() {
    if (format == "emqx" && reads != "") printf "{allow, {username, \"%s\"}, subscribe, [\n    %s]}.\n", current, reads
    if (format == "emqx" && writes != "") printf "{allow, {username, \"%s\"}, publish, [\n    %s]}.\n", current, writes
    reads = writes = ""
  }

  # What a device says of itself under one tenant.
  function own(tenant, device,    base) {
    base = "tenants/" tenant "/devices/" device "/"
    rule("write", base "telemetry")
    rule("write", base "events/#")
    rule("write", base "responses/+")
    rule("write", base "health")
    rule("write", base "raw")
    rule("write", base "state")
    rule("write", base "ledger")
  }

  { sub(/\r$/, ""); gsub(/[ \t]/, "") }
  /^#/ || /^$/ { next }
  NF > 3 { fail("expected DEVICE,TENANT,PREVIOUS-TENANT, found " NF " fields") }
  !is_id($1) { fail("\"" $1 "\" is no device id: 1 to 64 characters of A-Z, a-z, 0-9, - and _, the first a letter or digit") }
  $1 == "platform" { fail("a device cannot be called platform: that is the name of a user") }
  $2 != "" && !is_id($2) { fail("\"" $2 "\" is no tenant id") }
  $3 != "" && !is_id($3) { fail("\"" $3 "\" is no tenant id") }
  $3 != "" && $3 == $2 { fail("the previous tenant is the same as the current one; leave it out") }
  $1 in seen { fail("device " $1 " is already in line " seen[$1]) }
  {
    seen[$1] = FNR
    device[++devices] = $1; tenant[devices] = $2; previous[devices] = $3
    for (i = 2; i <= 3; i++) if ($i != "" && !($i in known)) { known[$i] = 1; name[++tenants] = $i }
  }

  END {
    if (failed) exit 1
    comment = format == "mosquitto" ? "#" : "%%"
    printf "%s Made by acl.sh from the table of devices: change that and make this anew. What is not allowed here is denied.\n", comment

    user("platform")
    rule("write", "platform/keys/+")
    rule("write", "devices/+/assignment")
    rule("read", "devices/+/assignment")
    rule("read", "devices/+/status")

    for (t = 1; t <= tenants; t++) {
      user("tenant." name[t])
      rule("read", "tenants/" name[t] "/#")
      for (d = 1; d <= devices; d++) if (tenant[d] == name[t]) rule("read", "devices/" device[d] "/status")
      rule("write", "tenants/" name[t] "/keys/+")
      rule("write", "tenants/" name[t] "/config")
      rule("write", "tenants/" name[t] "/artifacts/+")
      rule("write", "tenants/" name[t] "/devices/+/config")
      rule("write", "tenants/" name[t] "/devices/+/commands/+")
    }

    for (d = 1; d <= devices; d++) {
      user(device[d])
      rule("write", "devices/" device[d] "/status")
      rule("read", "devices/" device[d] "/assignment")
      rule("read", "platform/keys/+")
      if (tenant[d] != "") {
        base = "tenants/" tenant[d] "/"
        rule("read", base "keys/+")
        rule("read", base "config")
        rule("read", base "artifacts/+")
        rule("read", base "devices/" device[d] "/config")
        rule("read", base "devices/" device[d] "/commands/+")
        own(tenant[d], device[d])
      }
      if (previous[d] != "") own(previous[d], device[d])
    }
    finish()
    if (format == "emqx") printf "\n{deny, all}.\n"
  }
' "$2"
