#!/usr/bin/env bash
# A drive while the network between the vehicle and the broker is bad in one way after the other.
. "$(dirname "$0")/common.sh" "$@"

ip netns add cloud
ip link add vehicle type veth peer name antenna netns cloud
ip address add 10.9.0.1/24 dev vehicle
ip link set vehicle up
ip -n cloud address add 10.9.0.2/24 dev antenna
ip -n cloud link set antenna up
ip -n cloud link set lo up
cloud=(ip netns exec cloud)

# network SECONDS [NETEM…]: for so long, in both directions; without more it is good.
network() {
  local seconds=$1
  shift
  tc qdisc del dev vehicle root 2> /dev/null || true
  "${cloud[@]}" tc qdisc del dev antenna root 2> /dev/null || true
  if [ $# -gt 0 ]; then
    tc qdisc add dev vehicle root netem "$@"
    "${cloud[@]}" tc qdisc add dev antenna root netem "$@"
  fi
  echo "network: ${*:-good} for $seconds s"
  sleep "$seconds"
}

attempts() { awk '/^Tcp: [0-9]/ { print $6 }' /proc/net/snmp; }

start_broker
subscribe
until_true says mosquitto.log 'as subscriber'
configure_closely "\"log\": \"$log\"" 10.9.0.2
before=$(attempts)
start_agent
until_true says agent.log 'broker: connected'
network 2
network 5 loss 30%
network 5 delay 400ms
network 5 delay 100ms reorder 50% 50%
network 5 rate 20kbit
network 5 loss 100%
network 2
# No route, as when a modem is reset.
ip link set vehicle down
sleep 5
ip link set vehicle up
network 1
until_true says agent.log 'the log has ended'
until_true settled
stop_agent
until_true is_quiet received.log
# Those of the agent alone: everything else connects where the broker is.
echo $(($(attempts) - before)) > attempts.txt
