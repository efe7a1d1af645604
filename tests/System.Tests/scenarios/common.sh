# For scenarios that run inside tests/rig/with-vcan.sh. Each gets: a directory of its own, the agent's binary, a DBC file, a log.
set -euo pipefail
dir=$1 agent=$2 dbc=$3 log=$4
cd "$dir"

finish() {
  local processes
  processes=$(jobs -p)
  [ -z "$processes" ] || kill -KILL $processes 2> /dev/null || true
}
trap finish EXIT

# until_true COMMAND…: waits for a condition, and says which one did not come true. A busy machine takes its time.
until_true() {
  local deadline=$((SECONDS + 600))
  until "$@"; do
    [ $SECONDS -lt $deadline ] || { echo "scenario: not true in time: $*" >&2; exit 1; }
    sleep 0.1
  done
}

lines_in() { [ -e "$1" ] && [ "$(wc -l < "$1")" -ge "$2" ]; }
says() { grep -q "$2" "$1" 2> /dev/null; }
answers() { "${cloud[@]}" bash -c '(exec 3<> /dev/tcp/127.0.0.1/1883) 2> /dev/null'; }
gone() { ! kill -0 "$1" 2> /dev/null; }
is_quiet() { local before; before=$(stat -c %s "$1"); sleep 2; [ "$before" = "$(stat -c %s "$1")" ]; }

# True once there is a ledger that came after all records, knows of them and says that nothing waits. The agent reports it every ten
# seconds; one that is sent again after a reconnect may be older than the records.
settled() {
  awk '
    /^[^ ]*\/ledger / {
      ledger = NR; waits = /"outcome":"buffered"/; next_number = 0
      if (match($0, /"stream":"telemetry","next":[0-9]+/)) next_number = substr($0, RSTART + 28, RLENGTH - 28) + 0
      next
    }
    /^[^ ]*\/(state|status) / { next }
    /^[^ ]*\/telemetry / {
      if (match($0, /"sequence":[0-9]+/)) end = substr($0, RSTART + 11, RLENGTH - 11) + gsub(/"v":/, "")
      if (end > most) most = end
    }
    { record = NR }
    END { exit !(ledger > record && !waits && next_number >= most) }' received.log
}

# How to run something where the broker is.
cloud=()

mkdir -p broker
cat > mosquitto.conf << EOF
listener 1883 0.0.0.0
allow_anonymous true
user root
persistence true
persistence_location $dir/broker/
max_queued_messages 0
max_inflight_messages 0
EOF

start_broker() {
  "${cloud[@]}" mosquitto -c mosquitto.conf >> mosquitto.log 2>&1 &
  broker=$!
  until_true answers
}

stop_broker() {
  kill -TERM "$broker"
  wait "$broker" || true
}

# A session that the broker keeps, so that what arrives while the subscriber finds its way back waits for it.
subscribe() { "${cloud[@]}" mosquitto_sub -i subscriber -c -q 1 -t 'tenants/#' -t 'devices/#' -F '%t %p' >> received.log 2>> subscriber.log & subscriber=$!; }

configure() { # configure INTERFACE
  cat > agent.json << EOF
{
  "device": "dongle-1",
  "tenant": { "id": "acme", "epoch": 1 },
  "broker": { "url": "mqtt://127.0.0.1:1883" },
  "sources": [{ "bus": "can0", "interface": "$1", "dbc": ["$dbc"] }],
  "outbox": { "directory": "state" }
}
EOF
}

# An agent that is to be watched closely: it seals and stores soon.
configure_closely() { # configure_closely SOURCE [BROKER [OUTBOX]]: members of the source, the broker's address, members of the outbox
  cat > agent.json << EOF
{
  "device": "dongle-1",
  "tenant": { "id": "acme", "epoch": 1 },
  "broker": { "url": "mqtt://${2:-127.0.0.1}:1883" },
  "sources": [{ "bus": "can0", $1, "dbc": ["$dbc"] }],
  "outbox": { "directory": "state", "sealAfterSeconds": 0.2, "flushAfterSeconds": 1${3:+, $3} }
}
EOF
}

start_agent() {
  "$agent" run --config agent.json >> agent.log 2>&1 &
  agent_process=$!
}

stop_agent() {
  grep -E 'VmRSS|VmHWM' "/proc/$agent_process/status" > memory.txt
  kill -TERM "$agent_process"
  wait "$agent_process"
}
