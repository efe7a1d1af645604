#!/usr/bin/env bash
# An emulated arm64 machine (QEMU, without KVM) that runs Debian 12 with systemd, udev, journald and mosquitto, and has two CAN controllers,
# can0 and can1, on one bus. Every boot begins with the same disk; what is written is gone with it. arm64-machine.sh beside it boots in
# a tenth of the time and has none of that.
#
#   arm64-debian.sh make
#       makes kernel and disk once, below ${EDGE_MACHINE_CACHE:-$HOME/.cache/edge-agent-machine}/debian. Downloads about 100 MB; needs root.
#   arm64-debian.sh boot --job DIR [--memory SIZE]
#       becomes the machine. DIR is its /job; when the system is up it runs /job/main there as root, and powers off when that ends.
#       stdin and stdout are the machine's console.
#
# Exit: 0 if the machine powered off by itself; 125 if something is missing.
set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin
cache=${EDGE_MACHINE_CACHE:-$HOME/.cache/edge-agent-machine}/debian

lack() { echo "arm64-debian: $*" >&2; exit 125; }
demand() {
  local program
  for program in "$@"; do
    command -v "$program" > /dev/null || lack "$program is missing; as root: apt-get install -y debootstrap qemu-user-static qemu-system-arm e2fsprogs cpio kmod"
  done
}

make_machine() {
  # The name tells by which version of this function it was made.
  local ready work mirror kernel version module
  ready=$cache/ready-$(declare -f make_machine | sha256sum | head -c 16)
  [ ! -e "$ready" ] || return 0
  demand debootstrap qemu-aarch64-static qemu-system-aarch64 mke2fs cpio modprobe dpkg-deb
  [ "$(id -u)" = 0 ] || lack "making the machine needs root"
  dpkg --print-foreign-architectures | grep -qx arm64 || lack "packages of arm64 are unknown; as root: dpkg --add-architecture arm64 && apt-get update"
  # Programs of arm64 are run while the packages are set up.
  [ -e /proc/sys/fs/binfmt_misc/register ] || mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
  [ -e /proc/sys/fs/binfmt_misc/qemu-aarch64 ] || cat /usr/lib/binfmt.d/qemu-aarch64.conf > /proc/sys/fs/binfmt_misc/register
  kernel=$(apt-cache depends linux-image-arm64:arm64 | awk '/Depends: linux-image/ { print $2; exit }')
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security | head -n 1)
  [ -n "$kernel" ] && [ -n "$mirror" ] || lack "no arm64 kernel is known; as root: apt-get update"
  mkdir -p "$cache"
  work=$(mktemp -d "$cache/making.XXXXXX")
  # shellcheck disable=SC2064 # the directory of now
  trap "rm -rf '$work'" EXIT
  debootstrap --arch=arm64 --variant=minbase \
    --include=systemd,systemd-sysv,udev,dbus,kmod,iproute2,can-utils,mosquitto,mosquitto-clients,ca-certificates,procps,libssl3,busybox-static \
    bookworm "$work/root" "$mirror"
  rm -rf "$work"/root/var/cache/apt/archives/*.deb "$work"/root/var/lib/apt/lists/*
  # Unpacked and not installed: to install it would build an initramfs under emulation.
  (cd "$work" && apt-get download -qq "$kernel" && dpkg-deb --fsys-tarfile linux-image-*.deb | tar -x --keep-directory-symlink -C root)
  version=$(ls "$work/root/lib/modules")
  depmod -b "$work/root" "$version"
  mkdir "$work/root/job"
  rm -f "$work"/root/etc/systemd/system/multi-user.target.wants/mosquitto.service
  echo dongle > "$work/root/etc/hostname"
  cat > "$work/root/etc/systemd/system/job.service" <<'UNIT'
[Unit]
Description=The job of this machine
After=multi-user.target
[Service]
Type=oneshot
ExecStartPre=/bin/mount -o ro /dev/vdb /job
WorkingDirectory=/job
ExecStart=/job/main
ExecStopPost=/bin/systemctl poweroff -ff
StandardInput=tty-force
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyAMA0
[Install]
WantedBy=default.target
UNIT
  mkdir -p "$work/root/etc/systemd/system/default.target.wants"
  ln -s ../job.service "$work/root/etc/systemd/system/default.target.wants/job.service"
  for unit in serial-getty@ttyAMA0.service systemd-networkd-wait-online.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer; do
    ln -sf /dev/null "$work/root/etc/systemd/system/$unit"
  done

  # What it takes to mount the disk.
  mkdir -p "$work"/first/{bin,proc,sys,dev,newroot,modules}
  cp "$work/root/bin/busybox" "$work/first/bin/"
  for module in virtio_pci virtio_blk ext4 crc32c_generic; do
    modprobe -d "$work/root" -S "$version" --show-depends "$module" | awk '$1 == "insmod" { print $2 }' | while read -r file; do
      [ -e "$work/first/modules/${file##*/}" ] || { cp "$file" "$work/first/modules/"; echo "${file##*/}" >> "$work/first/modules/order"; }
    done
  done
  cat > "$work/first/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs dev /dev
while read -r module; do insmod "/modules/$module"; done < /modules/order
tries=0; until [ -b /dev/vda ] || [ $tries = 100 ]; do tries=$((tries + 1)); usleep 50000; done
mount -t ext4 -o noatime /dev/vda /newroot || { echo "machine: no disk"; poweroff -f; }
umount /proc /sys; mount --move /dev /newroot/dev
exec switch_root /newroot /sbin/init
INIT
  chmod +x "$work/first/init"
  (cd "$work/first" && find . | cpio -o -H newc --quiet | gzip -1) > "$work/initrd"
  mke2fs -q -t ext4 -d "$work/root" "$work/disk" 2G
  # Two may be at it at once: each is whole when it gets its name.
  mv "$work/root/boot/vmlinuz-$version" "$cache/kernel"
  mv "$work/initrd" "$cache/initrd"
  mv "$work/disk" "$cache/disk"
  rm -f "$cache"/ready-*
  touch "$ready"
}

boot() {
  local job='' memory=768M
  while [ $# -gt 0 ]; do
    case $1 in
      --job) job=$2 ;;
      --memory) memory=$2 ;;
      *) lack "'$1' is no option of boot" ;;
    esac
    shift 2
  done
  [ -d "$job" ] || lack "boot: --job DIR is missing"
  make_machine >&2
  rm -f "$job.disk"
  mke2fs -q -t ext4 -d "$job" "$job.disk" 256M
  exec qemu-system-aarch64 -machine virt -cpu cortex-a72 -smp 2 -m "$memory" -accel tcg,thread=multi -display none -monitor none -serial stdio -no-reboot -nic none \
    -kernel "$cache/kernel" -initrd "$cache/initrd" -append "console=ttyAMA0 quiet panic=-1 root=/dev/vda rw systemd.show_status=0 systemd.log_level=warning" \
    -drive "file=$cache/disk,format=raw,if=none,id=disk,snapshot=on,cache=unsafe" -device virtio-blk-pci,drive=disk \
    -drive "file=$job.disk,format=raw,if=none,id=job,cache=unsafe" -device virtio-blk-pci,drive=job \
    -object can-bus,id=bus -device kvaser_pci,canbus=bus -device kvaser_pci,canbus=bus \
    -object rng-random,filename=/dev/urandom,id=rng -device virtio-rng-pci,rng=rng
}

case ${1:-} in
  make) make_machine ;;
  boot) shift; boot "$@" ;;
  *) lack "usage: arm64-debian.sh make | boot --job DIR [--memory SIZE]" ;;
esac
