#!/usr/bin/env bash
# Installs, upgrades, downgrades, removes and purges the package with dpkg in a throw-away copy of this machine's files (package-overlay.sh).
#
#   package-lifecycle.sh PACKAGE
#
# Exit: 0 if all was as it has to be; 77 if it cannot be tried here.
# shellcheck source=tests/System.Tests/scenarios/package-overlay.sh
. "$(dirname "$0")/package-overlay.sh"

kept() {
  [ "$(in_root cat /etc/edge-agent/provision.json)" = '{"mine":1}' ] && [ "$(in_root cat /var/lib/edge-agent/tenants/acme/record)" = data ] &&
    in_root grep -qx 'EDGE_AGENT_RUN="--config /etc/edge-agent/agent.json"' /etc/default/edge-agent
}

cp "$package" "$work/root/tmp/this.deb"
this=$(dpkg-deb -f "$package" Version)
variant 0.0.1 1
variant 99.0.0 1
variant 99.1.0 2

in_root dpkg --purge edge-agent > /dev/null 2>&1 || true
dpkg_ -i /tmp/this.deb || { cat "$work/log"; fail "installing"; }
expect is_version "installed $this"
expect in_root getent passwd edge-agent > /dev/null
has_mode /etc/edge-agent "root:edge-agent 2750"
has_mode /var/lib/edge-agent "edge-agent:edge-agent 700"
has_mode /usr/lib/edge-agent/edge-agent "root:root 755"
for unit in edge-agent edge-agent-provision; do expect [ -L "$work/root/etc/systemd/system/multi-user.target.wants/$unit.service" ]; done
in_root dpkg --verify edge-agent | grep . && fail "files are not as packaged"
[ "$(in_root edge-agent --version)" = "$this" ] || fail "the program does not run"
echo "installed $this"

# From the boot partition, with what the unit may do: what is secret is the agent's to read, and nobody else's.
key=$(in_root edge-agent key new --out /tmp/platform.key)
echo '{"device":"dongle-1","platformKeys":['"$key"'],"broker":{"url":"mqtts://b","userName":"dongle-1","password":"secret"},"can":[{"interface":"can0","bitRate":250000}]}' > "$work/root/boot/edge-agent-provision.json"
in_root setpriv --bounding-set -all,+dac_override,+fowner sh -c 'umask 077; edge-agent provision import' || fail "the boot file was not taken"
[ ! -e "$work/root/boot/edge-agent-provision.json" ] && grep -q '"status": "provisioned"' "$work/root/boot/edge-agent-provision.result.json" || fail "the boot file is still there, or nothing in its place"
has_mode /etc/edge-agent/provisioned-a.password "root:edge-agent 640"
has_mode /etc/systemd/network/70-edge-agent-can0.network "root:root 644"
[ "$(in_root setpriv --reuid edge-agent --regid edge-agent --clear-groups cat /etc/edge-agent/provisioned-a.password)" = secret ] || fail "the agent cannot read its password"
in_root setpriv --reuid nobody --regid nogroup --clear-groups cat /etc/edge-agent/provisioned-a.password 2> /dev/null && fail "everybody can read the password"
echo "provisioned from the boot partition"

in_root sh -c 'echo "{\"mine\":1}" > /etc/edge-agent/provision.json; chgrp edge-agent /etc/edge-agent/provision.json; chmod 640 /etc/edge-agent/provision.json
  mkdir -p /var/lib/edge-agent/tenants/acme; echo data > /var/lib/edge-agent/tenants/acme/record; echo 1 > /var/lib/edge-agent/format; chown -R edge-agent: /var/lib/edge-agent
  echo "EDGE_AGENT_RUN=\"--config /etc/edge-agent/agent.json\"" > /etc/default/edge-agent'
in_root systemctl disable edge-agent.service > /dev/null 2>&1
dpkg_ -i /tmp/99.0.0.deb || { cat "$work/log"; fail "upgrading"; }
expect is_version "installed 99.0.0"
expect kept
[ ! -e "$work/root/etc/systemd/system/multi-user.target.wants/edge-agent.service" ] || fail "an upgrade enabled what the administrator had disabled"
echo "upgraded to 99.0.0: data and configuration are kept, and so is what the administrator has decided"

dpkg_ -i /tmp/0.0.1.deb || { cat "$work/log"; fail "downgrading within a format"; }
expect is_version "installed 0.0.1"
expect kept
echo "downgraded to 0.0.1, which reads the same store"

dpkg_ -i /tmp/99.1.0.deb || { cat "$work/log"; fail "upgrading to a newer format"; }
echo 2 > "$work/root/var/lib/edge-agent/format"
dpkg_ -i /tmp/this.deb && fail "a downgrade over a newer store was not refused"
grep -q 'was written by a newer version (store format 2; this one reads up to 1)' "$work/log" || { cat "$work/log"; fail "the refusal says nothing"; }
expect is_version "installed 99.1.0"
expect kept
echo "a downgrade over a newer store is refused: $(grep -m 1 'newer version' "$work/log")"

dpkg_ --remove edge-agent || { cat "$work/log"; fail "removing"; }
expect is_version "config-files 99.1.0"
expect kept
[ ! -e "$work/root/usr/bin/edge-agent" ] || fail "the program is still there"
echo "removed: data and configuration are kept"
dpkg_ -i /tmp/this.deb && fail "an older version was installed over what a newer one has left"
echo "an older version is refused then, too"

dpkg_ --purge edge-agent || { cat "$work/log"; fail "purging"; }
for gone in /etc/edge-agent /var/lib/edge-agent /etc/default/edge-agent /usr/share/edge-agent /usr/libexec/edge-agent /etc/systemd/system/edge-agent.service /etc/systemd/network/70-edge-agent-can0.network; do
  [ ! -e "$work/root$gone" ] && [ ! -L "$work/root$gone" ] || fail "$gone is still there after a purge"
done
expect in_root getent passwd edge-agent > /dev/null
echo "purged: nothing is left but the user"
dpkg_ -i /tmp/this.deb || { cat "$work/log"; fail "installing again"; }
expect [ -L "$work/root/etc/systemd/system/multi-user.target.wants/edge-agent.service" ]
echo "installed again"
