#!/usr/bin/env bash
# A drive on vcan0; the broker is stopped in the middle of it and started again.
. "$(dirname "$0")/common.sh" "$@"

start_broker
subscribe
configure vcan0
start_agent
until_true says agent.log 'ready'
until_true says agent.log 'broker: connected'

canplayer vcan0=can0 -I "$log" > canplayer.log 2>&1 &
player=$!
until_true lines_in received.log 6
stop_broker
until_true says agent.log 'cannot be reached'
until_true eval '[ -n "$(find state -name "*.db")" ]'
sleep 6 # more than a moment: what is captured now has to wait on the disk
start_broker
until_true gone "$player"
until_true eval '[ "$(grep -c "broker: connected" agent.log)" -ge 2 ]'
until_true is_quiet received.log
stop_agent
until_true is_quiet received.log
