#!/bin/bash
# The job of arm64-debian.sh for FirstBootOnDeviceTests: from the package and a boot file to the first record at the broker, and then what `edge-agent why`
# says of set-ups that are broken one after another. Each step says "ok: …" with the seconds since the package was there; the first that fails ends it.
set -uo pipefail
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
host=broker.test port=8883 password=correct-horse-battery
say() { echo "ok: $((SECONDS - begun)) s: $*"; }
fail() {
  echo "FAILED: $*"
  edge-agent doctor
  journalctl --no-pager -u edge-agent -u edge-agent-provision | tail -n 40
  tail -n 20 /tmp/mosquitto.log
  exit 1
}
# until_true SECONDS COMMAND…
until_true() {
  local end=$((SECONDS + $1))
  shift
  until "$@" > /dev/null 2>&1; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.5
  done
}
# why_names LINK WORDS: until the first broken link is this one, for this reason; then as people see it.
why_names() {
  why_is() { edge-agent why --json > /tmp/why; grep -q "\"link\":\"$1\"" /tmp/why && grep -q "$2" /tmp/why; }
  until_true 180 why_is "$1" "$2" || { cat /tmp/why; fail "why does not name $1 ($2)"; }
  say "why names: $1"
  edge-agent why
}
flows() { edge-agent why --json | grep -q '"status":"flows"'; }
mend() { until_true 180 flows || fail "it does not flow again"; }

# broker CERTIFICATE PASSWORD RULES
broker() {
  [ -z "${mosquitto:-}" ] || { kill "$mosquitto"; wait "$mosquitto" 2> /dev/null; }
  rm -f /tmp/users
  mosquitto_passwd -b -c /tmp/users dongle-1 "$2"
  mosquitto_passwd -b /tmp/users cloud cloud
  printf 'user dongle-1\n%s\nuser cloud\ntopic readwrite #\n' "$3" > /tmp/rules
  cat > /tmp/mosquitto.conf << EOF
user root
persistence true
persistence_location /tmp/
password_file /tmp/users
acl_file /tmp/rules
listener $port
certfile /job/$1.pem
keyfile /job/$1.key
listener 1883 127.0.0.1
EOF
  mosquitto -c /tmp/mosquitto.conf >> /tmp/mosquitto.log 2>&1 &
  mosquitto=$!
  until_true 60 mosquitto_pub -u cloud -P cloud -h 127.0.0.1 -t up -m 1 || fail "mosquitto does not start"
}
publish() { mosquitto_pub -u cloud -P cloud -h 127.0.0.1 -q 1 -r -t "$1" "${@:2}"; }
all='topic readwrite #'

until_true 60 test -e /sys/class/net/can1 || fail "no CAN controllers"
echo "127.0.0.1 $host" >> /etc/hosts
cd /tmp
broker valid "$password" "$all"
systemctl start systemd-networkd
begun=$SECONDS

dpkg -i /job/edge-agent.deb > /tmp/dpkg.log 2>&1 || { cat /tmp/dpkg.log; fail "dpkg -i"; }
say "installed $(dpkg-query -W -f '${Version} ${Architecture}' edge-agent)"
edge-agent key new --out platform.key > platform.public
edge-agent key new --out acme.key > acme.public
mkdir -p /boot/firmware
cat > /boot/firmware/edge-agent-provision.json << EOF
{"device":"dongle-1","platformKeys":[$(cat platform.public)],
 "broker":{"url":"mqtts://$host:$port","userName":"dongle-1","password":"$password","authority":"$(awk '{ printf "%s\\n", $0 }' /job/authority.pem)"},
 "can":[{"interface":"can0","bitRate":500000},{"interface":"can1","bitRate":500000}]}
EOF
systemctl start edge-agent-provision || fail "the boot file was not taken: $(cat /boot/firmware/edge-agent-provision.result.json)"
networkctl reload
systemctl start edge-agent || fail "the service does not start"
until_true 120 bash -c 'ip -details link show can0 | grep -q "bitrate 500000" && ip link show can1 | grep -q ",UP"' || fail "can0 and can1 are not up"
say "provisioned from the boot partition, running, buses up"
while :; do cansend can1 100#A00F010000000000; sleep 0.2; done &

why_names assignment 'belongs to nobody'

mosquitto_sub -u cloud -P cloud -h 127.0.0.1 -q 1 -t 'tenants/acme/devices/dongle-1/telemetry' -F '%t %x' > received &
digest=$(edge-agent artifact split /job/vehicle.dbc --out artifacts)
for file in artifacts/*; do publish "tenants/acme/artifacts/$(basename "$file")" -f "$file"; done
printf '{"sources":[{"interface":"can0","dbc":["sha256:%s"]}],"access":{"users":{"root":"technician"}},"trialSeconds":5}' "${digest#sha256:}" > acme.json
edge-agent config sign --key acme.key --tenant acme --version 1 acme.json | publish tenants/acme/config -s
edge-agent assignment sign --key platform.key --device dongle-1 --tenant acme --tenant-key acme.public --epoch 1 | publish devices/dongle-1/assignment -s
until_true 180 test -s received || fail "nothing arrived"
say "the first record is at the broker"
edge-agent payload decode - < received | head -n 1
mend
edge-agent doctor --connect || fail "doctor is not green"
say "doctor has no complaint"

ip link set can0 down
why_names interface 'is down'
ip link set can0 up
mend
# Another bit rate cannot be had here: on QEMU's bus every controller hears every frame. The scenario why.sh has its error frames, and BitRateSearchTests a controller.

sed -i "/ $host\$/d" /etc/hosts
kill "$mosquitto"; wait "$mosquitto" 2> /dev/null; mosquitto=
why_names name 'cannot be resolved'
echo "192.0.2.1 $host" >> /etc/hosts
why_names route 'no route to 192.0.2.1'
sed -i "/ $host\$/d" /etc/hosts
echo "127.0.0.1 $host" >> /etc/hosts
why_names tcp 'refused'
broker expired "$password" "$all"
why_names tls 'expired on '
broker valid wrong "$all"
why_names credentials 'NotAuthorized'
broker valid "$password" 'topic readwrite devices/#'
why_names access 'refuses'
broker valid "$password" "$all"
mend

dd if=/dev/zero of=/var/lib/edge-agent/filler bs=64k > /dev/null 2>&1
why_names store 'is full'
rm /var/lib/edge-agent/filler
mend

# What is refused changes nothing: data flows by the configuration before, and why says so beside it.
sed 's/"can0"/"can77"/' acme.json > wrong.json
edge-agent config sign --key acme.key --tenant acme --version 2 wrong.json | publish tenants/acme/config -s
beside() { edge-agent why | tr '\n' ' ' | grep -q 'Beside that, configuration: .*can77 does not exist'; }
until_true 180 beside || { edge-agent why; fail "why does not tell of the wrong configuration"; }
say "why names: configuration"
edge-agent why

edge-agent support-bundle -o /tmp/bundle.tar.gz 2> /dev/null || fail "support-bundle"
zcat /tmp/bundle.tar.gz | grep -aq "$password" && fail "the password is in the bundle"
say "support bundle: $(stat -c %s /tmp/bundle.tar.gz) bytes"
echo "first boot on device: all is well"
