#!/usr/bin/env bash
# A small disk while the broker is away: it fills up, is full to the last byte and at a start, and cannot be written at all for a while.
. "$(dirname "$0")/common.sh" "$@"

alive() { kill -0 "$agent_process"; }
readies() { [ "$(grep -c 'ready' agent.log)" -ge "$1" ]; }
drive() { canplayer vcan0=can0 -I "$1" > canplayer.log 2>&1; }

start_broker
subscribe
until_true says mosquitto.log 'as subscriber'
stop_broker

truncate -s 48M "$TMPDIR/disk"
mke2fs -q -t ext4 -m 0 "$TMPDIR/disk"
mkdir state
mount -o loop "$TMPDIR/disk" state
# What the agent leaves free for others, 32 MiB, is reached after 40 KiB.
head -c "$(($(df --output=avail state | tail -n 1) - 32768 - 40))K" /dev/zero > state/others
configure_closely '"interface": "vcan0"' 127.0.0.1 '"memoryBytes": 65536'
start_agent
until_true says agent.log 'ready'
split -n l/4 "$log" part.
drive part.aa
until_true says agent.log 'given up to make room (disk-full)'
alive

# The others take the rest too: what is new takes the place of what is old.
cat /dev/zero > state/others-again 2> /dev/null || true
drive part.ab
alive

# Not a byte is left for a start. The agent starts all the same, as it must: only it can empty the disk.
kill -KILL "$agent_process"
wait "$agent_process" || true
start_agent
until_true readies 2
drive part.ac
alive
start_broker
until_true says agent.log 'broker: connected'
until_true is_quiet received.log
rm state/others-again
until_true is_quiet received.log
alive

# The kernel makes the file system read-only under the agent, as it does with one of which it thinks that it is broken.
echo u > /proc/sysrq-trigger
until_true grep -q "$dir/state ext4 ro" /proc/mounts
drive part.ad
until_true is_quiet received.log
alive
mount -o remount,rw state
until_true settled
stop_agent
until_true is_quiet received.log
