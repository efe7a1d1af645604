#!/usr/bin/env bash
# Error frames come over an interface, as from a controller that nobody answers; then it falls silent.
. "$(dirname "$0")/common.sh" "$@"

start_broker
subscribe
configure_closely '"interface": "vcan0", "silentAfterSeconds": 1'
start_agent
until_true says agent.log 'can0: open'
cansend vcan0 20000020#0000000000000000
cansend vcan0 20000204#0020000000008000
until_true says received.log '/events/can/can0/state .*"state":"error-passive","previous":"error-active"'
until_true says received.log '/events/can/can0/silent '
until_true says received.log '/health .*"errors":{"controller":1,"no-acknowledge":1}'
stop_agent
