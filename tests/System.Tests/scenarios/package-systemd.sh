#!/usr/bin/env bash
# The package under the real systemd, in a container over a throw-away copy of this machine's files (package-overlay.sh): a device that a platform has
# assigned is told by its tenant to update itself, and fetches, installs and watches the release; then one that never becomes ready.
#
#   package-systemd.sh PACKAGE
#
# Exit: 0 if all was as it has to be; 77 if it cannot be tried here.
# shellcheck source=tests/System.Tests/scenarios/package-overlay.sh
. "$(dirname "$0")/package-overlay.sh"
for needed in systemd-nspawn mosquitto mosquitto_pub; do
  PATH=$PATH:/usr/sbin command -v $needed > /dev/null || { echo "$needed is missing: apt-get install -y systemd-container mosquitto mosquitto-clients"; exit 77; }
done

root=${work:?}/root
variant 99.0.0 1
variant 99.1.0 1 "sed -i 's|^ExecStart=.*|ExecStart=/bin/false|' /usr/lib/systemd/system/edge-agent.service; systemctl daemon-reload"
mkdir "$root/job"
# Where services are not to be started when packages are installed: here they are.
rm -f "$root/usr/sbin/policy-rc.d"
mv "$root"/tmp/*.deb "$root/job/"
cp "$package" "$root/job/this.deb"
# The container makes these itself.
umount -R "$root/proc" "$root/dev" "$root/run" "$root/tmp"

cat > "$root/job/main" << 'SCRIPT'
#!/bin/bash
set -uo pipefail
fail() {
  echo "FAILED: $*"
  journalctl --no-pager -o cat -u edge-agent -u edge-agent-update | tail -n 40
  exit 1
}
say() { echo "ok: $*"; }
# until_true SECONDS COMMAND…
until_true() {
  local end=$((SECONDS + $1))
  shift
  until "$@" > /dev/null 2>&1; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.5
  done
}
publish() { mosquitto_pub -h 127.0.0.1 -q 1 "$@"; }
received() { grep -aq "$1" /job/received; }

cd /job
printf 'listener 1883 127.0.0.1\nallow_anonymous true\n' > mosquitto.conf
PATH=$PATH:/usr/sbin mosquitto -d -c mosquitto.conf > mosquitto.log 2>&1
until_true 600 publish -t up -m 1 || fail "mosquitto does not start: $(cat mosquitto.log)"
touch received
mosquitto_sub -h 127.0.0.1 -q 1 -t 'tenants/#' -F '%t %p' >> received &

dpkg -i this.deb > dpkg.log 2>&1 || fail "dpkg -i: $(cat dpkg.log)"
edge-agent key new --out platform.key > platform.public
edge-agent key new --out acme.key > acme.public
printf '{"device":"dongle-1","platformKeys":[%s],"broker":{"url":"mqtt://127.0.0.1"},"drainSeconds":1}' "$(cat platform.public)" > /etc/edge-agent/provision.json
chgrp edge-agent /etc/edge-agent/provision.json
chmod 640 /etc/edge-agent/provision.json
systemctl start edge-agent.service || fail "it does not start"
edge-agent assignment sign --key platform.key --device dongle-1 --tenant acme --tenant-key acme.public --epoch 1 | publish -r -s -t devices/dongle-1/assignment
until_true 600 received '^tenants/acme/devices/dongle-1/state ' || fail "it is not assigned"
systemctl -q is-active edge-agent-update.path || fail "edge-agent-update.path is $(systemctl is-active edge-agent-update.path)"
say "assigned, and edge-agent-update.path waits"

# update VERSION SECONDS: the release as the platform signs it, its package and the command as the tenant publishes them.
update() {
  edge-agent update sign --key platform.key --package "$1.deb" --health-seconds "$2" > manifest || fail "update sign"
  rm -rf artifacts
  edge-agent artifact split "$1.deb" --out artifacts > /dev/null || fail "artifact split"
  for file in artifacts/*; do publish -r -f "$file" -t "tenants/acme/artifacts/${file##*/}"; done
  edge-agent command sign --key acme.key --tenant acme --device dongle-1 --id "u-${1//./-}" --operation agent.update --argument whileMoving=true --argument manifest="$(cat manifest)" |
    publish -s -t "tenants/acme/devices/dongle-1/commands/u-${1//./-}"
}
# ended STATUS VERSION: what the tenant is told, and what dpkg has.
ended() {
  until_true 900 received "events/agent/update .*\"status\":\"$1\"" || fail "the tenant is not told that it is $1: $(grep -aE 'responses|agent/update' received)"
  [ "$(dpkg-query -W -f '${db:Status-Status} ${Version}' edge-agent)" = "installed $2" ] || fail "dpkg has $(dpkg-query -W -f '${db:Status-Status} ${Version}' edge-agent)"
  [ -z "$(dpkg --audit)$(dpkg --verify edge-agent)" ] || fail "dpkg --audit, --verify: $(dpkg --audit; dpkg --verify edge-agent)"
  until_true 600 systemctl -q is-active edge-agent.service || fail "the agent is $(systemctl is-active edge-agent.service)"
  until_true 600 bash -c '[ "$(systemctl is-active edge-agent-update.service)" = inactive ]' || fail "edge-agent-update.service is $(systemctl is-active edge-agent-update.service)"
  [ "$(ls /var/lib/edge-agent-update)" = result.json ] || fail "left behind: $(ls /var/lib/edge-agent-update)"
  say "$2 is installed: events/agent/update {…,$(grep -aoE 'events/agent/update .*"status":"'"$1"'".*' received | head -n 1 | grep -o '"status".*')"
}

update 99.0.0 60
ended done 99.0.0
before=$(systemctl show edge-agent.service -p InvocationID --value)
update 99.1.0 20
ended rolled-back 99.0.0
[ "$(systemctl show edge-agent.service -p InvocationID --value)" != "$before" ] || fail "the agent was not started anew"
# To the end: journalctl fails if nobody listens to it any more.
in_journal() { journalctl --no-pager -o cat -u edge-agent.service | grep 'update to 99.1.0: rolled-back'; }
until_true 300 in_journal || fail "no word of it in the journal"
say "journal: $(in_journal)"
echo "all is well"
SCRIPT
chmod 755 "$root/job/main"
rm -rf "$root"/etc/systemd/system/*.wants
cat > "$root/etc/systemd/system/job.service" << 'UNIT'
[Service]
Type=exec
ExecStart=/job/main
ExecStopPost=/bin/systemctl --no-block exit
StandardOutput=append:/job/log
StandardError=append:/job/log
UNIT
cat > "$root/etc/systemd/system/job.target" << 'UNIT'
[Unit]
Requires=basic.target
Wants=job.service
After=basic.target
AllowIsolate=yes
UNIT
timeout --kill-after 10 1500 systemd-nspawn --quiet --register=no --keep-unit --private-network --link-journal=no --console=read-only --directory "$root" --boot -- --unit=job.target --show-status=no > "$work/console" 2>&1 || true
cat "$root/job/log" 2> /dev/null || { cat "$work/console"; echo "systemd does not start in a container here"; exit 77; }
tail -n 1 "$root/job/log" | grep -qx 'all is well' || fail "see above"
