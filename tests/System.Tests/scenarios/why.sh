#!/usr/bin/env bash
# What `edge-agent why` says of a bus on which there are only broken frames, of an interface that is down, of a silent bus, and of one that is well.
. "$(dirname "$0")/common.sh" "$@"

why() { "$agent" why --json --config agent.json --socket "$dir/agent.sock" > why.now || true; }
why_is() { why; grep -q "$1" why.now; }

cat > agent.json << EOF
{
  "device": "dongle-1",
  "tenant": { "id": "acme", "epoch": 1 },
  "broker": { "url": "mqtt://127.0.0.1:1883" },
  "access": { "users": { "root": "viewer" } },
  "sources": [{ "bus": "can0", "interface": "vcan0", "dbc": ["$dbc"], "silentAfterSeconds": 1 }],
  "outbox": { "directory": "state" }
}
EOF
start_broker
"$agent" run --config agent.json --socket "$dir/agent.sock" > agent.log 2>&1 &
until_true says agent.log 'can0: open'

# Violations of the protocol (stuffing), as a controller with another bit rate sees them.
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do cansend vcan0 20000088#0000040000000000; done
until_true why_is 'the bit rate is wrong'
cat why.now >> why.log

ip link set vcan0 down
until_true why_is 'is down'
cat why.now >> why.log

# Frames come: first none for a while, then all the time.
ip link set vcan0 up
canplayer vcan0=can0 -l i -I "$log" > /dev/null 2>&1 &
player=$!
until_true why_is '"status":"flows"'
cp why.now flows.now
kill "$player" 2> /dev/null || true
until_true why_is '"link":"vehicle"'
cat why.now flows.now >> why.log
