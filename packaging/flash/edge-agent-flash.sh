#!/usr/bin/env bash
# Makes cards for devices: puts package, boot file and network settings into an image of a Raspberry-Pi-class system, and writes images to cards.
set -euo pipefail
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin

usage() {
  cat << 'END'
usage: edge-agent-flash.sh prepare --image IN.img --package X.deb [--provision FILE|DIR] [--network FILE…] --out OUT.img
         A copy of an image (boot partition with FAT, root with ext4; MBR or GPT) with the package installed, and with OUT.img.manifest: what was
         put in, with SHA-256. FILE, or the one in DIR, is a boot file of: edge-agent provision create. Network settings are *.network, *.link and
         *.netdev of systemd-networkd or *.nmconnection of NetworkManager. Needs root; nothing of the image is executed, so that any machine
         with Debian does, whatever the image is made for.

       edge-agent-flash.sh write --image OUT.img --device /dev/sdX [--provision FILE|DIR] [--yes]
         Writes an image to a whole disk that nobody uses, and reads it back. With --provision this card gets its boot file: prepare one image and
         write it to a hundred cards. --yes does not ask.

exit: 0 done, 1 failed, 2 wrong usage, 5 refused
END
}
fail() { echo "edge-agent-flash: $*" >&2; exit 1; }
misused() { echo "edge-agent-flash: $*; try: edge-agent-flash.sh --help" >&2; exit 2; }
refuse() { echo "edge-agent-flash: $*" >&2; exit 5; }
say() { echo "edge-agent-flash: $*"; }
need() {
  local program
  for program in "$@"; do command -v "$program" > /dev/null || fail "$program is missing; as root: apt-get install -y mtools dosfstools e2fsprogs fdisk dpkg systemd init-system-helpers"; done
}

boot_name=edge-agent-provision.json
work='' unfinished=''
cleanup() {
  [ -z "$work" ] || { umount "$work/root" 2> /dev/null || true; rm -rf "$work"; }
  [ -z "$unfinished" ] || rm -f "$unfinished" "$unfinished.manifest"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# boot_file FILE|DIR: the boot file that is meant.
boot_file() {
  if [ -f "$1/$boot_name" ]; then echo "$1/$boot_name"; elif [ -f "$1" ]; then echo "$1"; else refuse "$1: no boot file, nor a directory with $boot_name"; fi
}

# partition_of FILE KIND: where the first partition of a kind begins and how long it is, in bytes.
partition_of() {
  local kinds
  case $2 in
    boot) kinds='b|c|e|6|ef|C12A7328-F81F-11D2-BA4B-00A0C93EC93B|EBD0A0A2-B9E5-4433-87C0-68B6B72699C7' ;;
    root) kinds='83|0FC63DAF-8483-4772-8E79-3D69D8477DE4|B921B045-1DF0-41C3-AF44-4C6F280D3FAE' ;;
  esac
  sfdisk --dump "$1" 2> /dev/null | sed -nE "s/.*start= *([0-9]+), size= *([0-9]+), type=($kinds)(,.*)?$/\1 \2/p" | awk 'NR == 1 { print $1 * 512, $2 * 512 }' | grep . ||
    refuse "$1: no $2 partition ($([ "$2" = boot ] && echo FAT || echo Linux)) in it"
}

# put_boot_file DISK FILE: into the boot partition, and compares what is there then.
put_boot_file() {
  local offset
  offset=$(partition_of "$1" boot) && offset=${offset% *}
  mcopy -o -i "$1@@$offset" "$2" "::$boot_name" || fail "$1: its boot partition does not take the boot file"
  [ "$(mtype -i "$1@@$offset" "::$boot_name" | sha256sum)" = "$(sha256sum < "$2")" ] || fail "$1: the boot file is not as it was written"
}

# check FILE KIND PROGRAM…: a file system in an image.
check() {
  local loop where status=0
  where=$(partition_of "$1" "$2")
  loop=$(losetup --find --show --read-only --offset "${where% *}" --sizelimit "${where#* }" "$1")
  "${@:3}" "$loop" > "$work/check" 2>&1 || status=$?
  losetup --detach "$loop"
  [ $status = 0 ] || { cat "$work/check" >&2; fail "$1: the file system of its $2 partition is damaged"; }
}

# record PATH <CONTENT: a line of the manifest.
record() { sha256sum | sed "s|-\$|$1|" >> "$unfinished.manifest"; }

install_package() { # install_package ROOT PACKAGE
  local root=$1 package=$2 ours theirs
  ours=$(dpkg-deb -f "$package" Architecture)
  theirs=$(awk '/^Package: dpkg$/ { inside = 1 } inside && /^Architecture:/ { print $2; exit } /^$/ { inside = 0 }' "$root/var/lib/dpkg/status" 2> /dev/null || true)
  [ -n "$theirs" ] || refuse "no Debian system in the image: its root has no /var/lib/dpkg/status with dpkg in it"
  [ "$ours" = "$theirs" ] || refuse "$package is for $ours, and the image for $theirs"
  # The package's scripts run here, with DPKG_ROOT, and not in the image.
  dpkg --root="$root" --force-script-chrootless --force-architecture --force-confold --install "$package" > "$work/dpkg" 2>&1 || { cat "$work/dpkg" >&2; fail "$package cannot be installed in the image"; }
  [ "$(dpkg-query --root="$root" -W -f '${db:Status-Status} ${Version}' edge-agent)" = "installed $(dpkg-deb -f "$package" Version)" ] || fail "the package is not installed in the image: $(cat "$work/dpkg")"
  (cd "$root" && md5sum --quiet --check "var/lib/dpkg/info/edge-agent.md5sums") || fail "files of the package are not as packaged"
  (cd "$root" && xargs -d '\n' sha256sum < <(sed -E 's/^[0-9a-f]+  //' var/lib/dpkg/info/edge-agent.md5sums)) | sed 's|  |  /|' >> "$unfinished.manifest"
}

put_network() { # put_network ROOT FILE
  local name=${2##*/} directory mode
  case $name in
    *.network | *.link | *.netdev) directory=etc/systemd/network mode=644 ;;
    *.nmconnection) directory=etc/NetworkManager/system-connections mode=600 ;;
  esac
  install -D -m "$mode" "$2" "$1/$directory/$name"
  record "/$directory/$name" < "$2"
  if [[ $name == *.network ]]; then systemctl --root="$1" --quiet enable systemd-networkd.service 2> /dev/null || fail "the image has no systemd-networkd for $name"; fi
}

prepare() {
  local image='' package='' provision='' out='' network=() file where
  while [ $# -gt 0 ]; do
    [ $# -gt 1 ] || misused "$1: a value is missing"
    case $1 in
      --image) image=$2 && shift 2 ;;
      --package) package=$2 && shift 2 ;;
      --provision) provision=$(boot_file "$2") && shift 2 ;;
      --out) out=$2 && shift 2 ;;
      --network) shift && while [ $# -gt 0 ] && [[ $1 != --* ]]; do network+=("$1") && shift; done ;;
      *) misused "'$1' is no option of prepare" ;;
    esac
  done
  [ -n "$image" ] && [ -n "$package" ] && [ -n "$out" ] || misused "prepare needs --image, --package and --out"
  for file in "$image" "$package" "${network[@]}"; do [ -f "$file" ] || refuse "$file: no such file"; done
  for file in "${network[@]}"; do [[ $file =~ \.(network|link|netdev|nmconnection)$ ]] || refuse "$file: expected *.network, *.link, *.netdev or *.nmconnection"; done
  [ ! -e "$out" ] || refuse "$out: exists already"
  [ "$(id -u)" = 0 ] || fail "needs root, to mount the image"
  need sfdisk mcopy mtype fsck.vfat e2fsck losetup dpkg systemd-sysusers deb-systemd-helper

  where=$(partition_of "$image" root)
  partition_of "$image" boot > /dev/null
  work=$(mktemp -d) unfinished=$out.unfinished
  cp --sparse=always "$image" "$unfinished"
  : > "$unfinished.manifest"
  mkdir "$work/root"
  mount -o "loop,offset=${where% *},sizelimit=${where#* }" "$unfinished" "$work/root" || fail "$image: its root partition cannot be mounted"
  install_package "$work/root" "$package"
  for file in "${network[@]}"; do put_network "$work/root" "$file"; done
  umount "$work/root"
  if [ -n "$provision" ]; then
    put_boot_file "$unfinished" "$provision"
    record "boot:$boot_name" < "$provision"
  fi
  check "$unfinished" root e2fsck -f -n
  check "$unfinished" boot fsck.vfat -n
  sync "$unfinished"
  record "${out##*/}" < "$unfinished"
  mv "$unfinished.manifest" "$out.manifest"
  mv "$unfinished" "$out"
  say "$out: $(dpkg-deb -f "$package" Package Version Architecture | awk '{ printf "%s ", $2 }')installed, $(wc -l < "$out.manifest") files in $out.manifest"
}

# unused DEVICE SIZE: ends it unless this is a whole disk that is large enough and that nobody uses.
unused() {
  local device=$1 kind used
  [ -b "$device" ] || refuse "$device: no block device"
  kind=$(lsblk -dnro TYPE "$device")
  [ "$kind" = disk ] || [ "$kind" = loop ] || refuse "$device: a $kind, not a whole disk"
  used=$(lsblk -nro NAME,TYPE,MOUNTPOINTS "$device" | awk -v disk="$(lsblk -dnro NAME "$device")" '
    NF > 2 { print $1 " is mounted or swapped to: " $3; exit }
    $1 != disk && $2 != "part" { print "it is part of " $1 " (" $2 ")"; exit }')
  [ -z "$used" ] || refuse "$device: in use: $used"
  # Also by what this namespace cannot see.
  if [ "$kind" = disk ]; then blockdev --rereadpt "$device" 2> /dev/null || refuse "$device: in use: the kernel does not let go of its partitions"; fi
  [ "$(blockdev --getro "$device")" = 0 ] || refuse "$device: write-protected"
  [ "$(blockdev --getsize64 "$device")" -ge "$2" ] || refuse "$device: has $(blockdev --getsize64 "$device") bytes, and the image $2"
}

write() {
  local image='' device='' provision='' yes='' size wanted found answer progress=none
  while [ $# -gt 0 ]; do
    [ "$1" = --yes ] || [ $# -gt 1 ] || misused "$1: a value is missing"
    case $1 in
      --image) image=$2 && shift 2 ;;
      --device) device=$2 && shift 2 ;;
      --provision) provision=$(boot_file "$2") && shift 2 ;;
      --yes) yes=yes && shift ;;
      *) misused "'$1' is no option of write" ;;
    esac
  done
  [ -n "$image" ] && [ -n "$device" ] || misused "write needs --image and --device"
  [ -f "$image" ] || refuse "$image: no such file"
  need lsblk blockdev
  [ -z "$provision" ] || need mcopy mtype sfdisk
  size=$(stat -c %s "$image")
  [ $((size % 512)) = 0 ] && [ "$size" -gt 0 ] || refuse "$image: not an image of a disk: $size bytes"
  unused "$device" "$size"
  wanted=$(sha256sum < "$image")
  if [ -f "$image.manifest" ] && ! grep -qF "${wanted%% *}  ${image##*/}" "$image.manifest"; then refuse "$image: not as $image.manifest has it"; fi
  if [ -z "$yes" ]; then
    [ -t 0 ] || misused "nobody to ask here: --yes writes without"
    lsblk -do NAME,SIZE,VENDOR,MODEL,SERIAL "$device"
    read -r -p "Everything on $device will be lost. To go on, type its name: " answer
    [ "$answer" = "$device" ] || refuse "nothing was written"
    unused "$device" "$size"
  fi
  if [ -t 2 ]; then progress=progress; fi
  dd if="$image" of="$device" bs=4M oflag=direct conv=fsync,nocreat status=$progress || fail "$device: cannot be written"
  say "written; reading it back"
  blockdev --flushbufs "$device"
  # From the disk itself, past the kernel's cache.
  found=$(dd if="$device" bs=4M iflag=direct,count_bytes count="$size" status=$progress | sha256sum)
  [ "$found" = "$wanted" ] || fail "$device: what it holds is not what was written; the card is bad"
  if [ -n "$provision" ]; then
    put_boot_file "$device" "$provision"
    blockdev --flushbufs "$device"
  fi
  say "$device: $size bytes written and read back, sha256 ${wanted%% *}"
}

case ${1:-} in
  prepare | write) "$@" ;;
  --help | -h | help) usage ;;
  *) usage >&2; exit 2 ;;
esac
