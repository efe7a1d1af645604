#!/usr/bin/env bash
# Tenancy from nothing, on one machine: a broker with TLS, access rules and certificates; two tenants, two devices, each started from its
# provisioning file alone. They are assigned, configured, commanded, refused, handed over under load and purged, and at the end each tenant's
# records are checked against the devices' own ledgers.
#
#   demo/tenancy.sh AGENT DIRECTORY
#
# AGENT is the edge-agent binary; DIRECTORY is made and keeps everything that was written. With a CAN interface vcan0 the drive is played on
# it; without one the devices replay it from a log that their tenants publish as an artifact. The broker listens on PORT and the one after it,
# or else on the first two free ones from 8883 on.
set -euo pipefail
export LC_ALL=C

[ $# = 2 ] || { sed -n '2,11s/^# \{0,1\}//p' "$0"; exit 2; }
agent=$(realpath "$1")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
broker_files=$here/../packaging/broker
mkdir -p "$2"
cd "$2"
is_taken() { (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null; }
port=${PORT:-8883}
if [ -z "${PORT:-}" ]; then
  while is_taken "$port" || is_taken $((port + 1)); do port=$((port + 2)); done
fi
people_port=$((port + 1))
jobs_of_ours=()
checks=0 failures=0

finish() {
  local job
  for job in "${jobs_of_ours[@]}"; do kill -TERM "$job" 2> /dev/null || true; done
  wait 2> /dev/null || true
}
trap finish EXIT

say() { printf '\n== %s\n' "$*"; }

# check TEXT COMMAND…: waits up to ten minutes for what is promised.
check() {
  local text=$1 began=$SECONDS
  shift
  checks=$((checks + 1))
  until "$@" > /dev/null 2>&1; do
    if [ $((SECONDS - began)) -ge 600 ]; then
      failures=$((failures + 1))
      printf '  FAILED  %s\n          not true in ten minutes: %s\n' "$text" "$*"
      return
    fi
    sleep 0.2
  done
  local took=$((SECONDS - began))
  printf '  ok      %s%s\n' "$text" "$([ $took -le 1 ] || echo " ($took s)")"
}

never() { ! "$@"; }
has() { grep -qE -- "$2" "$1"; }
count() { grep -cE -- "$2" "$1" 2> /dev/null || true; }
more_than() { [ "$(count "$1" "$2")" -gt "$3" ]; }
is_quiet() { local before; before=$(stat -c %s "$1"); sleep 3; [ "$before" = "$(stat -c %s "$1")" ]; }
credentials() { echo --cafile tls/authority.pem --cert "tls/$1.pem" --key "tls/$1.key" -h localhost -p "$people_port"; }
# publish WHO TOPIC [-r]: what stands on stdin
publish() { mosquitto_pub $(credentials "$1") -V mqttv5 -q 1 -t "$2" "${@:3}" -s; }
# retained WHO TOPIC: the message that the broker keeps
retained() { mosquitto_sub $(credentials "$1") -V mqttv5 -q 1 -t "$2" -C 1 -W 3 2> /dev/null; }
state_says() { retained "$1" "$2" | grep -qE -- "$3"; }

start_device() {
  "$agent" run --provision "$1.json" --state "$1.state" >> "$1.log" 2>&1 &
  eval "$(tr - _ <<< "$1")=$!"
  jobs_of_ours+=($!)
}
process_of() { eval "echo \$$(tr - _ <<< "$1")"; }
stop_device() { kill -TERM "$(process_of "$1")"; wait "$(process_of "$1")" || true; }
kill_device() { kill -KILL "$(process_of "$1")"; wait "$(process_of "$1")" 2> /dev/null || true; }

say "the platform: certificates, a broker with access rules, keys"
"$broker_files/certificates.sh" tls server localhost > /dev/null
"$broker_files/certificates.sh" tls client platform tenant.acme tenant.bravo dongle-1 dongle-2 > /dev/null
rules() { # rules DEVICE,TENANT,PREVIOUS…: what the platform's back end does when it assigns a device
  printf '%s\n' "$@" > devices.csv
  "$broker_files/acl.sh" mosquitto devices.csv > acl.new
  chmod 600 acl.new
  mv acl.new acl
  if [ -n "${broker:-}" ]; then kill -HUP "$broker"; fi
}
rules dongle-1,acme, dongle-2,bravo,
tls="cafile $PWD/tls/authority.pem
certfile $PWD/tls/server.pem
keyfile $PWD/tls/server.key
require_certificate true
use_identity_as_username true"
mkdir -p broker
cat > mosquitto.conf << END
per_listener_settings false
allow_anonymous false
acl_file $PWD/acl
user $(id -un)
persistence true
persistence_location $PWD/broker/
max_queued_messages 0
log_dest file $PWD/broker.log
log_type all
# devices: a client's id is its name
listener $port 127.0.0.1
$tls
use_username_as_clientid true
# the platform and the tenants, whose programs are many
listener $people_port 127.0.0.1
$tls
END
PATH=$PATH:/usr/sbin
start_broker() {
  local began=$SECONDS port_of_it
  for port_of_it in $port $people_port; do
    if is_taken "$port_of_it"; then echo "port $port_of_it is taken: PORT=N names another, and takes the one after it, too" >&2; exit 1; fi
  done
  mosquitto -c mosquitto.conf > broker.out 2>&1 &
  broker=$!
  jobs_of_ours+=("$broker")
  until is_taken "$people_port"; do
    if ! kill -0 "$broker" 2> /dev/null || [ $((SECONDS - began)) -ge 60 ]; then
      echo "mosquitto does not serve port $port and $people_port; it says:" >&2
      { cat broker.out; tail -n 5 broker.log; } >&2 2> /dev/null
      exit 1
    fi
    sleep 0.1
  done
}
stop_broker() { kill -TERM "$broker"; wait "$broker" || true; broker=; }
start_broker

for name in platform acme acme-next bravo technician; do "$agent" key new --out "$name.key" > "$name.public"; done
check "private keys are for their owner alone" test "$(stat -c %a acme.key)" = 600
for device in dongle-1 dongle-2; do
  cat > $device.json << END
{ "device": "$device", "platformKeys": [$(cat platform.public)],
  "broker": { "url": "mqtts://localhost:$port", "authorityFile": "tls/authority.pem",
              "certificateFile": "tls/$device.pem", "privateKeyFile": "tls/$device.key" } }
END
  "$agent" config validate $device.json 2> /dev/null
  start_device $device
done
check "a device starts from its provisioning file alone and waits" has dongle-1.log 'waits for an assignment'
check "it is online and captures nothing" state_says platform devices/dongle-1/status '"online":true'

say "1. tenant spaces: each tenant sees its own branch"
# listen TENANT: everything that the broker lets it see, in hex, so that every encoding can be checked later. mosquitto_sub may end when its
# broker does; what arrives meanwhile waits in its session.
listen() {
  (
    trap 'kill "$subscriber"; exit' TERM
    while :; do
      mosquitto_sub $(credentials "tenant.$1") -V mqttv5 -i "$1-archive" -c -x 86400 -q 1 -t '#' -F '%t %x' >> "$1.received" 2>> "$1.errors" &
      subscriber=$!
      wait "$subscriber" || sleep 1
    done
  ) &
  jobs_of_ours+=($!)
}
listen acme
listen bravo

say "2. devices assigned"
assign() { # assign DEVICE EPOCH OPTION…
  "$agent" assignment sign --key platform.key --device "$1" --epoch "$2" "${@:3}" | publish platform "devices/$1/assignment" -r
}
assign dongle-1 1 --tenant acme --tenant-key acme.public
assign dongle-2 1 --tenant bravo --tenant-key bravo.public
check "dongle-1 is acme's" state_says tenant.acme tenants/acme/devices/dongle-1/state '"epoch":1'
check "dongle-2 is bravo's" state_says tenant.bravo tenants/bravo/devices/dongle-2/state '"epoch":1'

say "3. configuration per tenant: files by their digest, then what to capture"
artifact() { # artifact TENANT FILE: publishes it in chunks of at most 16 KiB, as a broker with a small limit needs, and prints its name
  local name part
  name=$("$agent" artifact split "$2" --chunk-bytes 16384 --out "artifacts.$1")
  for part in "artifacts.$1"/*; do publish "tenant.$1" "tenants/$1/artifacts/$(basename "$part")" -r < "$part"; done
  echo "sha256:$name"
}
for tenant in acme bravo; do
  dbc=$(artifact $tenant "$here/vehicle.dbc")
  if [ -e /sys/class/net/vcan0 ]; then source='"interface":"vcan0"'; else source="\"log\":\"$(artifact $tenant "$here/drive.log")\""; fi
  declare "source_$tenant=\"bus\":\"can0\",$source,\"dbc\":[\"$dbc\"]"
done
configure() { # configure TENANT VERSION JSON [DEVICE]
  printf '%s' "$3" > "$1-$2.json"
  local topic=tenants/$1/config
  [ $# = 3 ] || topic=tenants/$1/devices/$4/config
  "$agent" config sign --key "$1.key" --tenant "$1" ${4:+--device "$4"} --version "$2" "$1-$2.json" | publish "tenant.$1" "$topic" -r
}
access="\"access\":{\"signers\":[{\"key\":$(cat technician.public),\"role\":\"technician\"}]}"
configure acme 1 "{\"sources\":[{$source_acme}],\"trialSeconds\":5,\"healthEverySeconds\":10,$access}"
configure bravo 1 "{\"sources\":[{$source_bravo}],\"trialSeconds\":5,\"publishing\":{\"encoding\":\"columnar\"}}"
drive() { # drive LOG: on vcan0, over and over, until the next one
  [ -e /sys/class/net/vcan0 ] || return 0
  if [ -n "${player:-}" ]; then kill -TERM "$player"; wait "$player" || true; fi
  canplayer -l i vcan0=can0 -I "$1" > /dev/null 2>&1 &
  player=$!
  jobs_of_ours+=("$player")
}
# At a fifth of its speed at first: the machine has enough to do.
awk 'match($1, /[0-9.]+/) { time = substr($1, RSTART, RLENGTH); if (!began) began = time; $1 = sprintf("(%.6f)", began + 5 * (time - began)); print }' "$here/drive.log" > slow.log
drive slow.log
check "acme's configuration is on trial, then applied" state_says tenant.acme tenants/acme/devices/dongle-1/state '"status":"applied","tenantVersion":1'
check "bravo's, too" state_says tenant.bravo tenants/bravo/devices/dongle-2/state '"status":"applied","tenantVersion":1'
check "telemetry of dongle-1 arrives at acme" has acme.received '^tenants/acme/devices/dongle-1/telemetry '
check "telemetry of dongle-2 arrives at bravo, in columns" has bravo.received '^tenants/bravo/devices/dongle-2/telemetry '
configure acme 2 "{\"log\":{\"level\":\"debug\"},\"outbox\":{\"sealAfterSeconds\":0.5}}" dongle-1
check "an overlay for one device is laid over it" state_says tenant.acme tenants/acme/devices/dongle-1/state '"status":"applied","tenantVersion":1,"deviceVersion":2'

say "refused: what is not signed by the right one, is old, or is wrong"
"$agent" config sign --key bravo.key --tenant acme --version 9 acme-1.json | publish tenant.acme tenants/acme/config -r
check "a configuration that another tenant signed" has dongle-1.log 'tenants/acme/config: refused \(unknown-key\)'
"$agent" assignment sign --key acme.key --device dongle-1 --tenant acme --tenant-key acme.public --epoch 99 | publish platform devices/dongle-1/assignment
check "an assignment that a tenant signed" has dongle-1.log 'devices/dongle-1/assignment: refused \(unknown-key\)'
configure acme 3 "{\"sources\":[{${source_acme},\"signals\":[\"Engine/Warp\"]}],\"trialSeconds\":5,$access}"
check "a configuration with a signal that does not exist, with its place" state_says tenant.acme tenants/acme/devices/dongle-1/state '"status":"refused".*"pointer":"/sources/0/signals/0"'
configure acme 4 "{\"sources\":[{$source_acme},{\"interface\":\"can77\",\"dbc\":[\"$dbc\"]}],\"trialSeconds\":5,$access}"
check "one whose interface does not exist is tried and rolled back" state_says tenant.acme tenants/acme/devices/dongle-1/state '"status":"rolled-back".*"pointer":"/sources/1"'
before=$(count acme.received telemetry)
if [ -e /sys/class/net/vcan0 ]; then check "and dongle-1 goes on capturing as before" more_than acme.received telemetry "$before"; fi
configure acme 5 "{\"sources\":[{$source_acme}],\"trialSeconds\":5,\"healthEverySeconds\":10,$access}"
check "a right one is applied again" state_says tenant.acme tenants/acme/devices/dongle-1/state '"status":"applied","tenantVersion":5'
before=$(count dongle-1.log 'tenants/acme/config: known')
"$agent" config sign --key acme.key --tenant acme --version 1 acme-1.json | publish tenant.acme tenants/acme/config
check "one with an old version is passed over" more_than dongle-1.log 'tenants/acme/config: known' "$before"
check "and changes nothing" state_says tenant.acme tenants/acme/devices/dongle-1/state '"status":"applied","tenantVersion":5'

say "4. access control: commands by role, once, in time"
sign_command() { # sign_command KEY ID OPERATION OPTION…
  "$agent" command sign --key "$1.key" --tenant acme --device dongle-1 --id "$2" --operation "$3" "${@:4}"
}
order() { publish tenant.acme "tenants/acme/devices/dongle-1/commands/$1"; }
command_of() { sign_command "$@" | order "$2"; }
# answer ID: the results of a command, out of what the tenant received
answer() { sed -n "s|^tenants/acme/devices/dongle-1/responses/$1 ||p" acme.received | perl -ne 'chomp; print pack("H*", $_), "\n"'; }
says() { answer "$1" | grep -q "$2"; }
command_of acme c1 ping
check "the tenant may ping" says c1 '"status":"done"'
command_of technician c2 status
check "its technician may ask for the status" says c2 '"status":"done"'
command_of technician c3 dtc.clear --argument bus=can0
check "and may not clear trouble codes" says c3 '"status":"refused"'
command_of bravo c4 ping
check "another tenant's key may nothing" has dongle-1.log 'audit: unknown refused to unknown \(none\), command c4: unknown-key'
sign_command acme c5 ping --expires 1 > c5
command_of acme c1 ping
sleep 3
order c5 < c5
check "a command whose time is over is not executed" says c5 '"status":"expired"'
check "the same id again is not executed again" test "$(answer c1 | grep -c status)" = 1
check "each of them is in the audit" has dongle-1.log 'audit: dtc.clear refused to key:.* \(technician\)'

say "5. monitoring"
"$agent" fleet --broker "mqtts://localhost:$people_port" --tenant acme --authority-file tls/authority.pem --certificate-file tls/tenant.acme.pem --private-key-file tls/tenant.acme.key --once --seconds 12 | tee fleet.txt | sed 's/^/  | /'
check "acme sees dongle-1 and not bravo's dongle-2" bash -c 'grep -q dongle-1 fleet.txt && ! grep -q dongle-2 fleet.txt'

say "keys are rotated: the old one introduces the new one and is revoked"
"$agent" key rotate --key acme.key --tenant acme --version 1 --keep acme-next.public --revoke acme.public | publish tenant.acme tenants/acme/keys/1 -r
check "the device takes the new key" has dongle-1.log 'keys of tenant acme: version 1'
mv acme.key acme-old.key && cp acme-next.key acme.key
command_of acme-old c6 ping
check "the old key may nothing any more" has dongle-1.log 'audit: unknown refused to unknown \(none\), command c6: unknown-key'
command_of acme c7 ping
check "the new one may" says c7 '"status":"done"'

say "handed over under load: dongle-1 goes from acme to bravo, what it holds for acme is delivered"
drive "$here/drive.log"
stop_broker
sleep 4 # the vehicle drives on; what it says waits on the device
kill_device dongle-1 # and somebody pulls the plug
start_device dongle-1
sleep 2
rules dongle-1,bravo,acme dongle-2,bravo,
start_broker
assign dongle-1 2 --tenant bravo --tenant-key bravo.public --handover deliver
check "dongle-1 is bravo's" state_says tenant.bravo tenants/bravo/devices/dongle-1/state '"epoch":2'
check "its telemetry arrives at bravo" has bravo.received '^tenants/bravo/devices/dongle-1/telemetry '
check "all of acme's is delivered or accounted for" has dongle-1.log 'acme: handed over: all of its records'

say "purged: dongle-2 leaves bravo, which wants nothing more from it"
kill -STOP "$broker"
sleep 4
kill -CONT "$broker"
assign dongle-2 2 --none --handover purge
check "dongle-2 is nobody's" has dongle-2.log 'is assigned to nobody'
check "nothing of bravo is left on it but the ledger" bash -c '[ -z "$(find dongle-2.state/tenants/bravo -name "*.db*" -o -name "key*" | head -n 1)" ]'

say "every record is accounted for"
sleep 3
stop_device dongle-1
stop_device dongle-2
sleep 2
cat << 'END'
  "unconfirmed (power-cut)": numbers are kept on the disk in blocks of 65,536. After a kill nobody knows how many of the block were used, so
  the device goes on behind it. Most of those numbers no record ever had; what some had was in memory alone.
END
for tenant in acme bravo; do
  echo "  $tenant:"
  if "$agent" ledger verify --received "$tenant.received" > "$tenant.verified"; then :; else failures=$((failures + 1)); fi
  sed 's/^/  | /' "$tenant.verified"
  check "$tenant: 0 gaps, 0 strangers" grep -q ' 0 gaps, .* 0 strangers' "$tenant.verified"
  check "$tenant saw nothing of anybody else" bash -c "! grep -vE '^(tenants/$tenant/|devices/)' $tenant.received | grep -q ."
done

printf '\n%d of %d as promised\n' $((checks - failures)) "$checks"
[ "$failures" = 0 ]
