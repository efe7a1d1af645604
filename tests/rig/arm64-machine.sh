#!/usr/bin/env bash
# An emulated arm64 machine (QEMU, without KVM) with a disk whose power can be cut: a Debian 12 kernel, busybox, glibc, OpenSSL and perl,
# all in memory. It is up in seconds, and what it says goes to stdout.
#
#   arm64-machine.sh make
#       makes kernel and system once, below ${EDGE_MACHINE_CACHE:-$HOME/.cache/edge-agent-machine}. Downloads Debian packages of arm64,
#       about 60 MB; needs no root.
#   arm64-machine.sh boot --disk IMAGE --job DIR [--memory SIZE] [--can]
#       becomes the machine. DIR is its /job; it runs /job/main there and powers off when that ends. IMAGE is an ext4 disk at /data,
#       made (256 MiB) if it is missing. stdin and stdout are the machine's console; the host's loopback is 10.0.2.2 to it.
#       --can: it has two SJA1000 controllers, can0 and can1, on one bus. They are
#       down. can-utils, iproute2 (that is the command), the kernel's ISO-TP, vcan and slcan are there. QEMU's bus carries frames whatever the bit rates, and knows no errors.
#
# Since the script becomes the machine, SIGKILL to it is the power cut: what the guest had not written to its disk is gone. The disk is
# opened with O_DIRECT, so nothing of it waits in this machine's memory.
# Exit: 0 if the machine powered off by itself; 125 if something is missing.
set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin
cache=${EDGE_MACHINE_CACHE:-$HOME/.cache/edge-agent-machine}

lack() { echo "arm64-machine: $*" >&2; exit 125; }
demand() {
  local program
  for program in "$@"; do command -v "$program" > /dev/null || lack "$program is missing; as root: apt-get install -y qemu-system-arm e2fsprogs cpio kmod"; done
}

make_machine() {
  # The name tells by which version of this function it was made.
  local ready work kernel version module
  ready=$cache/ready-$(declare -f make_machine | sha256sum | head -c 16)
  [ ! -e "$ready" ] || return 0
  demand qemu-system-aarch64 mke2fs cpio modprobe dpkg-deb
  dpkg --print-foreign-architectures | grep -qx arm64 || lack "packages of arm64 are unknown; as root: dpkg --add-architecture arm64 && apt-get update"
  kernel=$(apt-cache depends linux-image-arm64:arm64 | awk '/Depends: linux-image/ { print $2; exit }')
  [ -n "$kernel" ] || lack "no arm64 kernel is known; as root: apt-get update"
  mkdir -p "$cache"
  work=$(mktemp -d "$cache/making.XXXXXX")
  # shellcheck disable=SC2064 # the directory of now
  trap "rm -rf '$work'" EXIT
  mkdir -p "$work"/{packages,kernel,system/{bin,data,dev,modules,proc,sys,tmp,etc}}
  (cd "$work/packages" && apt-get download -qq "$kernel" busybox-static:arm64 libc6:arm64 libcrypt1:arm64 libssl3:arm64 perl-base:arm64 \
    can-utils:arm64 iproute2:arm64 libbpf1:arm64 libelf1:arm64 libmnl0:arm64 libbsd0:arm64 libmd0:arm64 libcap2:arm64 zlib1g:arm64 2> /dev/null) || lack "the packages cannot be downloaded"
  dpkg-deb -x "$work"/packages/linux-image-*.deb "$work/kernel"
  for package in busybox-static libc6 libcrypt1 libssl3 perl-base can-utils iproute2 libbpf1 libelf1 libmnl0 libbsd0 libmd0 libcap2 zlib1g; do
    dpkg-deb --fsys-tarfile "$work"/packages/"$package"_*.deb | tar -x --keep-directory-symlink -C "$work/system"
  done
  # busybox has an ip of its own, which knows no CAN
  mv "$work/system/bin/ip" "$work/system/bin/iproute2"
  rm -rf "$work"/system/usr/share "$work"/system/usr/lib/aarch64-linux-gnu/gconv

  version=$(ls "$work/kernel/lib/modules")
  depmod -b "$work/kernel" "$version"
  add_modules() { # add_modules LIST MODULE…
    local list=$work/system/modules/$1 file
    shift
    for module in "$@"; do
      modprobe -d "$work/kernel" -S "$version" --show-depends "$module" | awk '$1 == "insmod" { print $2 }' | while read -r file; do
        [ -e "$work/system/modules/${file##*/}" ] || { cp "$file" "$work/system/modules/"; echo "${file##*/}" >> "$list"; }
      done
    done
  }
  add_modules order virtio_pci virtio_blk virtio_net ext4 crc32c_generic
  add_modules can can_raw can_isotp vcan slcan kvaser_pci
  cat > "$work/system/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin:/usr/bin HOME=/tmp
mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs dev /dev
while read -r module; do insmod "/modules/$module"; done < /modules/order
if grep -q 'with=can' /proc/cmdline; then while read -r module; do insmod "/modules/$module"; done < /modules/can; fi
ip link set lo up
ip link set eth0 up; ip address add 10.0.2.15/24 dev eth0; ip route add default via 10.0.2.2
tries=0; until [ -b /dev/vda ] || [ $tries = 100 ]; do tries=$((tries + 1)); usleep 50000; done
mount -t ext4 -o noatime /dev/vda /data || echo "machine: no disk"
cd /job
./main
echo "machine: off"
umount /data; poweroff -f
INIT
  chmod +x "$work/system/init"
  (cd "$work/system" && find . | cpio -o -H newc --quiet | gzip -1) > "$work/archive"
  # What follows it begins at a multiple of four bytes, or the kernel takes it for no archive.
  truncate -s %4 "$work/archive"
  # Two may be at it at once: each is whole when it gets its name.
  mv "$work/kernel/boot/vmlinuz-$version" "$cache/kernel"
  mv "$work/archive" "$cache/system"
  rm -f "$cache"/ready-*
  touch "$ready"
}

boot() {
  local disk='' job='' memory=512M line='' can=() system stage
  while [ $# -gt 0 ]; do
    case $1 in
      --can)
        line=with=can
        # Time is counted in instructions: a timeout of a protocol does not pass because this machine is busy.
        can=(-icount shift=2,sleep=off -object can-bus,id=bus -device kvaser_pci,canbus=bus -device kvaser_pci,canbus=bus)
        shift
        continue
        ;;
      --disk) disk=$2 ;;
      --job) job=$2 ;;
      --memory) memory=$2 ;;
      *) lack "'$1' is no option of boot" ;;
    esac
    shift 2
  done
  [ -n "$disk" ] && [ -d "$job" ] || lack "boot: --disk IMAGE and --job DIR are missing"
  make_machine >&2
  [ -e "$disk" ] || { truncate -s 256M "$disk"; mke2fs -q -t ext4 "$disk"; }
  # The kernel unpacks several archives, one behind the other, as one: the system, then the job.
  system=$job.system
  stage=$(mktemp -d "$job.stage.XXXXXX")
  cp -al "$job" "$stage/job"
  cp "$cache/system" "$system"
  (cd "$stage" && find job | cpio -o -H newc --quiet) >> "$system"
  rm -rf "$stage"
  exec qemu-system-aarch64 -machine virt -cpu cortex-a72 -smp 1 -m "$memory" -accel tcg -display none -monitor none -serial stdio -no-reboot \
    -kernel "$cache/kernel" -initrd "$system" -append "console=ttyAMA0 quiet panic=-1 $line" "${can[@]}" \
    -drive "file=$disk,format=raw,if=none,id=disk,cache=none" -device virtio-blk-pci,drive=disk \
    -netdev user,id=net -device virtio-net-pci,netdev=net,romfile=
}

case ${1:-} in
  make) make_machine ;;
  boot) shift; boot "$@" ;;
  *) lack "usage: arm64-machine.sh make | boot --disk IMAGE --job DIR [--memory SIZE] [--can]" ;;
esac
