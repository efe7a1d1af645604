#!/usr/bin/env bash
# Runs a command where SocketCAN is real, on a machine whose kernel has none: a user-mode Linux kernel boots on this machine's
# own files, brings up vcan0 (classic), vcan1 (CAN FD) and vcan2 (classic, for J1939, which the kernel has too), and runs the command
# as root in the caller's directory with the caller's environment. Its output is streamed and its exit code returned. The kernel has
# veth and netem for networks that are bad, loop for disks, and slcan, which makes a CAN controller of a terminal.
#
#   with-vcan.sh [--timeout SECONDS] COMMAND [ARGUMENT…]
#
# Inside, the network is the guest's own (loopback), /run and TMPDIR are in memory, there is one processor, and a system call
# costs about ten times as much. Everything else is this machine's, so results need no copying.
# Exit: the command's; 124 after the timeout; 125 if the guest could not start.
set -euo pipefail

limit=300
if [ "${1:-}" = --timeout ]; then limit=$2; shift 2; fi
[ $# -gt 0 ] || { echo "usage: with-vcan.sh [--timeout SECONDS] COMMAND [ARGUMENT…]" >&2; exit 125; }

kernel=$(command -v linux.uml || command -v linux) || { echo "with-vcan: no user-mode Linux kernel; as root: apt-get install -y user-mode-linux iproute2 kmod" >&2; exit 125; }
modules=$(find /usr/lib/uml/modules -mindepth 1 -maxdepth 1 -type d 2>/dev/null | sort | tail -n 1)
[ -n "$modules" ] || { echo "with-vcan: no modules below /usr/lib/uml/modules" >&2; exit 125; }

dir=$(mktemp -d /var/tmp/with-vcan.XXXXXX)
guest= reader=
finish() {
  # The kernel runs in a process group of its own, with a host process for each guest process.
  if [ -n "$guest" ]; then kill -KILL -- "-$guest" 2>/dev/null || true; fi
  if [ -n "$reader" ]; then kill "$reader" 2>/dev/null || true; fi
  rm -rf "$dir"
}
trap finish EXIT
trap 'exit 130' INT TERM

{
  export -p | sed '/ TMPDIR=/d'
  printf 'cd %q\n' "$PWD"
  printf '%q ' "$@"
  echo
} > "$dir/command"

cat > "$dir/init" <<EOF
#!/bin/bash
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs -o mode=755 tmpfs /run
mount -t devtmpfs dev /dev
mkdir -p /dev/shm /dev/pts && mount -t tmpfs -o mode=1777 shm /dev/shm && mount -t devpts devpts /dev/pts
ln -sf /proc/self/fd /dev/fd
mkdir -m 1777 /run/tmp
export TMPDIR=/run/tmp
for module in drivers/net/can/dev/can-dev net/can/can net/can/can-raw net/can/j1939/can-j1939 drivers/net/can/vcan drivers/net/can/slcan/slcan drivers/net/veth net/sched/sch_netem drivers/block/loop; do
  [ ! -e "$modules/kernel/\$module.ko" ] || insmod "$modules/kernel/\$module.ko"
done
ip link set lo up
ip link add vcan0 type vcan && ip link set vcan0 mtu 16 up
ip link add vcan1 type vcan && ip link set vcan1 mtu 72 up
ip link add vcan2 type vcan && ip link set vcan2 mtu 16 up
touch "$dir/up"
bash "$dir/command" < /dev/null > "$dir/output" 2>&1
echo \$? > "$dir/code"
sync
poweroff -f
EOF
chmod +x "$dir/init"

: > "$dir/output"
tail -n +1 -s 0.2 -f "$dir/output" 2>/dev/null & reader=$!
set -m
"$kernel" mem=1G root=/dev/root rootfstype=hostfs rootflags=/ rw quiet init="$dir/init" con=null con0=null ssl=null umid="$(basename "$dir")" \
  < /dev/null > "$dir/kernel.log" 2>&1 & guest=$!
disown "$guest" # or its end is told on stderr
set +m

await() { # await FILE SECONDS: until the file is there, the guest has ended or the time is up
  local until=$((SECONDS + $2))
  while [ ! -e "$1" ] && [ $SECONDS -lt $until ] && kill -0 "$guest" 2>/dev/null; do sleep 0.1; done
}
await "$dir/up" 180
[ -e "$dir/up" ] || { echo "with-vcan: the guest did not start:" >&2; tail -n 20 "$dir/kernel.log" >&2; exit 125; }
await "$dir/code" "$limit"
sleep 0.5 # the reader's last lines
[ -s "$dir/code" ] || { echo "with-vcan: stopped after $limit s" >&2; exit 124; }
exit "$(cat "$dir/code")"
