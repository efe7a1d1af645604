#!/usr/bin/env bash
# A drive on vcan0 without a broker; the agent is killed after the first half of it and started again before the second; at last there is a broker.
. "$(dirname "$0")/common.sh" "$@"

half=$(($(wc -l < "$log") / 2))
head -n "$half" "$log" > first.log
tail -n +$((half + 1)) "$log" > second.log
start_broker
subscribe
until_true says mosquitto.log 'as subscriber'
stop_broker
configure vcan0
start_agent
until_true says agent.log 'ready'
canplayer vcan0=can0 -I first.log > canplayer.log 2>&1 &
player=$!
until_true eval '[ -n "$(find state -name "*.db" 2> /dev/null)" ]'
sleep 4
until_true gone "$player"
kill -KILL "$agent_process"
wait "$agent_process" || true
start_agent
until_true eval '[ "$(grep -c "ready" agent.log)" -ge 2 ]'
canplayer vcan0=can0 -I second.log >> canplayer.log 2>&1
start_broker
until_true says agent.log 'broker: connected'
until_true is_quiet received.log
stop_agent
until_true is_quiet received.log
