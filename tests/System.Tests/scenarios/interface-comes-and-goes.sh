#!/usr/bin/env bash
# The agent starts before its interface exists; the interface then goes down and up, and away and back, as on a driver's reset.
. "$(dirname "$0")/common.sh" "$@"

# send FIRST LAST: one frame of message Wheels for each number, as its first signal.
send() {
  local n
  for n in $(seq "$1" "$2"); do cansend vcan7 "$(printf '1B0#%02X%02X000000000000' $((n % 256)) $((n / 256)))"; done
}
opened() { [ "$(grep -c 'can0: open' agent.log)" -ge "$1" ]; }

start_broker
subscribe
configure vcan7
start_agent
until_true says agent.log 'vcan7 does not exist'
until_true says agent.log 'ready'

ip link add vcan7 type vcan
until_true says agent.log 'vcan7 is down'
ip link set vcan7 up
until_true opened 1
send 1 20

ip link set vcan7 down
until_true eval '[ "$(grep -c "vcan7 is down" agent.log)" -ge 2 ]'
ip link set vcan7 up
until_true opened 2
send 21 40

ip link del vcan7
until_true eval '[ "$(grep -c "vcan7 does not exist" agent.log)" -ge 2 ]'
ip link add vcan7 type vcan
ip link set vcan7 up
until_true opened 3
send 41 60

until_true is_quiet received.log
stop_agent
until_true is_quiet received.log
