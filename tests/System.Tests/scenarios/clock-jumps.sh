#!/usr/bin/env bash
# The wall clock starts in 1970 and leaps by years in both directions, with and without a broker. The guest's clock is its own.
. "$(dirname "$0")/common.sh" "$@"

# send FIRST LAST: one frame for each number.
send() {
  local n
  for n in $(seq "$1" "$2"); do cansend vcan0 "$(printf '100#%02X%02X000000000000' $((n % 256)) $((n / 256)))"; done
}

# Tells the kernel, as a client of NTP does, that its clock is right: adjtimex(2) with ADJ_STATUS and ADJ_MAXERROR.
synchronized() { perl -e '$t = pack("L x4 q4 l x4", 0x14, 0, 0, 0, 0, 0) . "\0" x 200; exit(syscall(159, $t) == 0 ? 0 : 1)'; }

# Each message with the time at which it came, by a session that the broker keeps.
watch() { mosquitto_sub -i watcher -c -q 1 -t 'tenants/+/devices/+/telemetry' -F '%U %p' >> arrivals.log 2>> subscriber.log & }

# arrives N: waits for N samples, so that none is under way when the clock leaps.
arrives() { until_true has_samples "$1"; }
has_samples() { [ "$(grep -o '"v":' arrivals.log 2> /dev/null | wc -l)" -ge "$1" ]; }

date -s '1970-01-03 00:00:00'
start_broker
subscribe
watch
until_true says mosquitto.log 'as subscriber'
configure_closely '"interface": "vcan0"'
start_agent
until_true says agent.log 'broker: connected'
until_true says agent.log 'can0: open'

send 1 10
arrives 10
date -s '2026-05-04 08:00:00'
synchronized
send 11 20
arrives 20
date -s '2045-01-01 00:00:00'
send 21 30
arrives 30
date -s '2001-09-09 01:46:40'
synchronized
send 31 40
arrives 40

# Captured at a wrong time, and published when the clock is right.
stop_broker
date -s '1999-12-31 23:59:59'
send 41 50
until_true eval '[ -n "$(find state -name "*.db")" ]'
sleep 2
date -s '2026-05-04 09:00:00'
synchronized
start_broker
until_true eval '[ "$(grep -c "broker: connected" agent.log)" -ge 2 ]'
arrives 50
send 51 60
arrives 60
until_true settled
stop_agent
until_true is_quiet received.log
