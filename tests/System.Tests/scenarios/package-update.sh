#!/usr/bin/env bash
# Updates of the installed package, brought about by edge-agent update apply with the real dpkg in a throw-away copy of this machine's files
# (package-overlay.sh); what the service manager says is played.
#
#   package-update.sh PACKAGE
#
# Exit: 0 if all was as it has to be; 77 if it cannot be tried here.
# shellcheck source=tests/System.Tests/scenarios/package-overlay.sh
. "$(dirname "$0")/package-overlay.sh"

root=${work:?}/root
state=$root/var/lib/edge-agent/update own=$root/var/lib/edge-agent-update
this=$(dpkg-deb -f "$package" Version)
cp "$package" "$root/tmp/this.deb"

# The service manager: each restart is another invocation, and 99.1.0 is never ready.
mkdir -p "$root/usr/local/bin"
cat > "$root/usr/local/bin/systemctl" << 'SCRIPT'
#!/bin/sh
case $1 in
  restart) echo . >> /tmp/starts ;;
  show)
    version=$(dpkg-query -W -f '${Version}' edge-agent)
    if [ "$version" = 99.1.0 ]; then active=activating; else active=active; fi
    printf 'ActiveState=%s\nInvocationID=%s\nStatusText=tenant=acme broker=connected frames=1\n' $active "$(wc -l < /tmp/starts)"
    ;;
esac
SCRIPT
chmod 755 "$root/usr/local/bin/systemctl"
echo . > "$root/tmp/starts"
export DPKG_FORCE=unsafe-io PATH=/usr/local/bin:$PATH

in_root dpkg --purge edge-agent > /dev/null 2>&1 || true
dpkg_ -i /tmp/this.deb || { cat "$work/log"; fail "installing"; }
expect is_version "installed $this"
has_mode /var/lib/edge-agent-update "root:root 755"
in_root edge-agent key new --out /tmp/platform.key > "$root/tmp/platform.public"
in_root edge-agent key new --out /tmp/other.key > /dev/null
printf '{"device":"dongle-1","platformKeys":[%s],"broker":{"url":"mqtt://127.0.0.1"}}' "$(cat "$root/tmp/platform.public")" > "$root/etc/edge-agent/provision.json"
echo 1 > "$root/var/lib/edge-agent/format"
echo '# mine' >> "$root/etc/default/edge-agent"
variant 98.0.0 1
variant 99.0.0 1
variant 99.1.0 1
# shellcheck disable=SC2016 # for the shell that runs it: whoever installs, and dpkg itself, are killed in the middle, once
variant 99.2.0 1 'if [ ! -e /tmp/cut ]; then touch /tmp/cut; kill -KILL "$(cat /tmp/apply)" $PPID; fi'

# stage VERSION [KEY]: what the agent leaves when a release has been commanded and fetched.
stage() {
  in_root edge-agent update sign --key "/tmp/${2:-platform}.key" --package "/tmp/$1.deb" --health-seconds 10 > "$work/manifest"
  mkdir -p "$state"
  cp --remove-destination "$root/tmp/$1.deb" "$state/package.deb"
  printf '{"tenant":"acme","whileMoving":true,"manifest":"%s"}' "$(cat "$work/manifest")" > "$state/request.json"
  in_root chown -R edge-agent: /var/lib/edge-agent
  chmod -R go= "$state"
}

# apply: one run of edge-agent-update.service; its process is known to those who end it.
apply() { in_root sh -c 'echo $$ > /tmp/apply; exec /usr/libexec/edge-agent/update' > "$work/log" 2>&1; }

# ended STATUS VERSION: how it ended, and that the machine is a whole.
ended() {
  [ "$(jq -r .status "$own/result.json")" = "$1" ] || { cat "$work/log" "$own/result.json"; fail "it ended otherwise than $1"; }
  expect is_version "installed $2"
  [ "$(in_root stat -c '%U %a' /var/lib/edge-agent-update/result.json)" = 'root 644' ] || fail "the agent cannot read the result"
  [ "$(ls "$own")" = result.json ] || { ls -l "$own"; fail "something is left in $own"; }
  [ ! -e "$state/request.json" ] || fail "the request is still there"
  [ -z "$(in_root dpkg --audit)" ] || fail "dpkg --audit: $(in_root dpkg --audit)"
  if in_root dpkg --verify edge-agent | grep -v ' c /etc/default/edge-agent'; then fail "files are not as packaged"; fi
  grep -qx '# mine' "$root/etc/default/edge-agent" || fail "what the administrator has changed is gone"
  [ "$(in_root edge-agent --version)" = "$this" ] || fail "the program does not run"
  echo "$1, $2: $(jq -r '.reason // "-"' "$own/result.json")"
}

# updated STATUS VERSION: one run, and how it ended.
updated() {
  apply || { cat "$work/log"; fail "update apply"; }
  ended "$@"
}

apply || { cat "$work/log"; fail "nothing to do is no failure"; }
stage 99.0.0
updated done 99.0.0

stage 99.1.0
updated rolled-back 99.0.0
[ "$(wc -l < "$root/tmp/starts")" = 4 ] || fail "it was started $(wc -l < "$root/tmp/starts") times, and not once for each package"

stage 98.0.0
updated refused 99.0.0
stage 99.2.0 other
updated refused 99.0.0
stage 99.2.0
printf x | dd of="$state/package.deb" bs=1 seek=5000 conv=notrunc status=none
updated refused 99.0.0
stage 99.2.0
truncate -s -1 "$state/package.deb"
updated refused 99.0.0

# What only root may read is not read for the agent.
stage 99.2.0
ln -sf /etc/shadow "$state/package.deb"
updated refused 99.0.0
if grep -q root: "$work/log" "$own/result.json"; then fail "what the agent may not read was shown"; fi
rm "$state/package.deb" 2> /dev/null || true

# The power goes while dpkg installs.
stage 99.2.0
if apply; then fail "it was not cut off"; fi
[ "$(in_root dpkg-query -W -f '${db:Status-Status}' edge-agent)" = half-configured ] || fail "dpkg was not cut off in the middle"
[ -x "$own/updater" ] || fail "the program that began it is not kept"
apply || { cat "$work/log"; fail "what was cut off does not go on"; }
grep -q 'goes on after an interruption' "$work/log" || fail "it does not say that it goes on"
ended done 99.2.0

# A store that the new version could not read.
echo 2 > "$root/var/lib/edge-agent/format"
variant 99.3.0 1
stage 99.3.0
updated refused 99.2.0
echo 1 > "$root/var/lib/edge-agent/format"

dpkg_ --purge edge-agent || { cat "$work/log"; fail "purging"; }
[ ! -e "$own" ] || fail "$own is still there after a purge"
echo "purged with it"
