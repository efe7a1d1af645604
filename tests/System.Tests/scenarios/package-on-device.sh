#!/bin/bash
# The job of arm64-debian.sh for PackageOnDeviceTests: installs the package with dpkg on a running system and looks at what becomes of it. Each step
# that is as it should be says "ok: …"; the first that is not ends it.
set -uo pipefail
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
say() { echo "ok: $*"; }
fail() {
  echo "FAILED: $*"
  systemctl status --no-pager -l edge-agent.service
  journalctl --no-pager -u edge-agent.service | tail -n 60
  exit 1
}
property() { systemctl show edge-agent.service -p "$1" --value; }
# until_true SECONDS COMMAND…
until_true() {
  local end=$((SECONDS + $1))
  shift
  until "$@" > /dev/null 2>&1; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.5
  done
}
is_active() { [ "$(property ActiveState)" = active ]; }
status_has() { [[ " $(property StatusText) " == *" $1"* ]]; }

# The device: a bus with frames on it, and a broker.
until_true 60 test -e /sys/class/net/can1 || fail "no CAN controllers"
mkdir -p /etc/edge-agent
printf 'listener 1883 127.0.0.1\nallow_anonymous true\n' > /tmp/mosquitto.conf
mosquitto -d -c /tmp/mosquitto.conf > /tmp/mosquitto.log 2>&1
until_true 60 mosquitto_pub -h 127.0.0.1 -t up -m 1 || { cat /tmp/mosquitto.log; fail "mosquitto does not start"; }

dpkg -i /job/edge-agent.deb > /tmp/dpkg.log 2>&1 || { cat /tmp/dpkg.log; fail "dpkg -i"; }
say "installed $(dpkg-query -W -f '${Version} ${Architecture}' edge-agent)"
systemctl is-enabled -q edge-agent.service || fail "it is not enabled"
[ "$(property ActiveState)" = inactive ] && [ "$(property ConditionResult)" = no ] || fail "without provisioning it is $(property ActiveState)"
say "enabled, and it waits for its provisioning"
[ "$(cat /proc/sys/net/core/rmem_max)" = 4194304 ] || fail "rmem_max is $(cat /proc/sys/net/core/rmem_max)"
udevadm control --reload && udevadm trigger --action=add /sys/class/net/can0 && udevadm settle
[ "$(cat /sys/class/net/can0/tx_queue_len)" = 128 ] || fail "the queue of can0 is $(cat /sys/class/net/can0/tx_queue_len)"
say "rmem_max 4194304, queue of can0 128"

# A boot file: nobody types anything on the device.
journalctl --no-pager -o cat -u edge-agent-provision.service | grep -q 'this device is not provisioned' || fail "no word of it in the journal"
key=$(edge-agent key new --out /tmp/platform.key)
echo '{"device":"dongle-1","platformKeys":['"$key"'],"broker":{"url":"mqtt://127.0.0.1","password":"secret"},"can":[{"interface":"can0","bitRate":250000,"restartMs":50}]}' > /boot/edge-agent-provision.json
systemctl start edge-agent-provision.service || { journalctl --no-pager -u edge-agent-provision.service; fail "the boot file was not taken"; }
grep -q '"status": "provisioned"' /boot/edge-agent-provision.result.json && [ ! -e /boot/edge-agent-provision.json ] || fail "$(ls /boot; cat /boot/edge-agent-provision.result.json)"
until_true 120 status_has broker=connected || fail "not connected after provisioning: $(property StatusText)"
until_true 120 bash -c 'ip -details link show can0 | grep -q "bitrate 250000" && ip -details link show can0 | grep -q "restart-ms 50" && ip link show can0 | grep -q ",UP"' || { ip -details link show can0; fail "can0 is not as the boot file says"; }
say "provisioned from the boot partition: $(property StatusText), can0 $(ip -details link show can0 | grep -o 'bitrate 250000')"
systemctl stop edge-agent.service
rm -rf /etc/edge-agent/* /etc/systemd/network/70-edge-agent-* /var/lib/edge-agent/*
ip link set can0 down

# The bus as the example has it, by systemd-networkd.
cp /usr/share/edge-agent/examples/80-can.network /etc/systemd/network/80-can0.network
sed 's/can0/can1/' /usr/share/edge-agent/examples/80-can.network > /etc/systemd/network/80-can1.network
systemctl restart systemd-networkd
until_true 120 bash -c 'ip -details link show can0 | grep -q "bitrate 500000" && ip link show can0 | grep -q ",UP"' || { ip -details link show can0; fail "systemd-networkd does not bring up can0"; }
ip -details link show can0 | grep -q 'restart-ms 100' || fail "no restart-ms"
say "systemd-networkd: $(ip -details link show can0 | grep -o 'bitrate 500000'), restart-ms 100"

cp /job/agent.json /job/vehicle.dbc /etc/edge-agent/
echo secret > /etc/edge-agent/broker.password
chgrp edge-agent /etc/edge-agent/*; chmod 640 /etc/edge-agent/*
echo 'EDGE_AGENT_RUN="--config /etc/edge-agent/agent.json"' > /etc/default/edge-agent
mkdir -p /etc/systemd/system/edge-agent.service.d
# A shorter time to wait for what is expected to happen.
printf '[Service]\nWatchdogSec=20s\n' > /etc/systemd/system/edge-agent.service.d/test.conf
systemctl daemon-reload
mosquitto_sub -h 127.0.0.1 -q 1 -t 'tenants/#' -F '%t %x' > /tmp/received &
systemctl start edge-agent.service || fail "it does not start"
is_active || fail "it is $(property ActiveState)"
say "READY after $(( ($(property ActiveEnterTimestampMonotonic) - $(property ExecMainStartTimestampMonotonic)) / 1000 )) ms, as $(ps -o user= -p "$(property MainPID)")"
main=$(property MainPID)
[ "$(awk '/^CapEff/ { print $2 }' /proc/$main/status)" = 0000000000000000 ] || fail "it has capabilities: $(grep Cap /proc/$main/status)"
[ "$(awk '/^Seccomp:/ { print $2 }' /proc/$main/status)" = 2 ] || fail "no system-call filter"
say "no capability, system calls filtered"
until_true 60 status_has can0=open || fail "the bus is not open: $(property StatusText)"

for i in $(seq 20); do cansend can1 100#A00F010000000000; sleep 0.1; done
until_true 120 grep -q '^tenants/acme/devices/dongle-1/telemetry' /tmp/received || fail "nothing arrived: $(property StatusText)"
edge-agent payload decode - < /tmp/received | grep -q Speed || fail "what arrived is no telemetry"
say "telemetry arrived: $(grep -c telemetry /tmp/received) messages; $(property StatusText)"
edge-agent status > /tmp/status 2>&1 || { cat /tmp/status; fail "edge-agent status"; }
say "local users are served, and may ask as much as they are permitted"

first=$(property WatchdogTimestampMonotonic)
until_true 30 bash -c "[ \$(systemctl show edge-agent.service -p WatchdogTimestampMonotonic --value) -gt $first ]" || fail "no heartbeat"
say "heartbeats arrive (WatchdogSec=$(property WatchdogUSec))"

# It hangs: nothing comes any more, and systemd starts it anew.
kill -STOP "$main"
until_true 120 bash -c '[ "$(systemctl show edge-agent.service -p NRestarts --value)" = 1 ]' || fail "a hanging agent was not ended"
journalctl --no-pager -u edge-agent.service | grep -q 'Watchdog timeout' || fail "no word of the watchdog"
until_true 120 is_active || fail "it did not come back: $(property ActiveState)"
[ "$(property MainPID)" != "$main" ] || fail "the same process"
say "an agent that hangs was ended by the watchdog and runs again"

# It dies again and again: the pauses grow.
for i in 1 2; do
  kill -KILL "$(property MainPID)"
  until_true 60 bash -c '! systemctl is-active -q edge-agent.service'
  until_true 180 is_active || fail "it did not come back after kill $i"
done
journalctl --no-pager -u edge-agent.service | grep -q 'failed again and again; starting in 5 s' || fail "no pause after the second failure"
journalctl --no-pager -u edge-agent.service | grep -q 'failed again and again; starting in 10 s' || fail "no longer pause after the third"
say "starts that follow failures wait longer each time"

# A store of a later version.
systemctl stop edge-agent.service || fail "it does not stop"
[ "$(property Result)" = success ] || fail "it stopped with $(property Result)"
say "stopped in order: $(journalctl --no-pager -o cat -u edge-agent.service | grep -o 'stopped: .*' | tail -n 1)"
echo 2 > /var/lib/edge-agent/format
systemctl start edge-agent.service && fail "it starts over a newer store"
[ "$(property ExecMainStatus)" = 5 ] && [ "$(property ActiveState)" = failed ] || fail "exit $(property ExecMainStatus), $(property ActiveState)"
journalctl --no-pager -o cat -u edge-agent.service | grep -q 'written by a newer version of edge-agent (store format 2' || fail "no word of the newer store"
dpkg -i /job/edge-agent.deb > /tmp/dpkg.log 2>&1 && fail "a downgrade was not refused"
say "a newer store: exit code 5, not started again; $(grep -m 1 newer /tmp/dpkg.log)"
echo 1 > /var/lib/edge-agent/format

dpkg -i /job/edge-agent.deb > /tmp/dpkg.log 2>&1 || { cat /tmp/dpkg.log; fail "installing over itself"; }
until_true 120 is_active || fail "an upgrade did not start it"
say "an upgrade starts it again"
dpkg --remove edge-agent > /tmp/dpkg.log 2>&1 || { cat /tmp/dpkg.log; fail "removing"; }
pgrep -x edge-agent > /dev/null && fail "it runs after its removal"
[ -e /var/lib/edge-agent/format ] && [ -e /etc/edge-agent/agent.json ] || fail "removal did not keep the data"
dpkg --purge edge-agent > /tmp/dpkg.log 2>&1 || { cat /tmp/dpkg.log; fail "purging"; }
[ ! -e /var/lib/edge-agent ] && [ ! -e /etc/edge-agent ] || fail "purging left something"
say "removed with its data kept, purged with it"
echo "package on device: all is well"
