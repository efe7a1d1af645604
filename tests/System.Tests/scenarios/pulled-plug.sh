#!/usr/bin/env bash
# A drive on vcan0 without a broker; the agent is killed in the middle of it and started again; at last there is a broker.
. "$(dirname "$0")/common.sh" "$@"

start_broker
subscribe
until_true 20 says mosquitto.log 'as subscriber'
stop_broker
configure vcan0
start_agent
until_true 20 says agent.log 'ready'
canplayer vcan0=can0 -I "$log" > canplayer.log 2>&1 &
player=$!
until_true 30 eval '[ -n "$(find state -name "*.db" 2> /dev/null)" ]'
sleep 4
kill -KILL "$agent_process"
wait "$agent_process" || true
start_agent
until_true 20 eval '[ "$(grep -c "ready" agent.log)" -ge 2 ]'
until_true 60 gone "$player"
start_broker
until_true 90 says agent.log 'broker: connected'
until_true 60 is_quiet received.log
stop_agent
until_true 30 is_quiet received.log
