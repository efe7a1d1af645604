#!/usr/bin/env bash
# A drive on vcan0; the broker is stopped in the middle of it and started again.
. "$(dirname "$0")/common.sh" "$@"

start_broker
subscribe
configure vcan0
start_agent
until_true 20 says agent.log 'ready'
until_true 20 says agent.log 'broker: connected'

canplayer vcan0=can0 -I "$log" > canplayer.log 2>&1 &
player=$!
until_true 60 lines_in received.log 6
stop_broker
until_true 30 says agent.log 'cannot be reached'
until_true 30 eval '[ -n "$(find state -name "*.db")" ]'
sleep 6 # more than a moment: what is captured now has to wait on the disk
start_broker
until_true 60 gone "$player"
until_true 60 eval '[ "$(grep -c "broker: connected" agent.log)" -ge 2 ]'
until_true 60 is_quiet received.log
stop_agent
until_true 30 is_quiet received.log
