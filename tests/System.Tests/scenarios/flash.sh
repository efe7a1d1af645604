#!/bin/bash
# A small image of a Debian-like system for arm64 is made, prepared, and written to another loop device, in a machine whose kernel has loop and ext4.
#
#   flash.sh PACKAGE        each step that is as it has to be says "ok: …"; the first that is not ends it. 77: it cannot be tried on this machine.
set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin
package=$(readlink -f "$1")
flash=$(cd "$(dirname "$0")/../../.." && pwd)/packaging/flash/edge-agent-flash.sh
directory=$(mktemp -d)
small='' card=''
finish() {
  umount "$directory/mnt" 2> /dev/null || true
  [ -z "$small" ] || losetup -d "$small"
  [ -z "$card" ] || losetup -d "$card"
  rm -rf "$directory"
}
trap finish EXIT
cd "$directory"
truncate -s 16M small
[ "$(id -u)" = 0 ] && grep -qw ext4 /proc/filesystems && small=$(losetup -f --show small) && [ "$(blockdev --getsize64 "$small")" = 16777216 ] || { echo "no loop devices or ext4 here"; exit 77; }
say() { echo "ok: $*"; }
fail() { echo "FAILED: $*"; exit 1; }
# refused WORDS COMMAND…: it ends with 5, saying so.
refused() {
  local words=$1 status=0
  shift
  "$@" > refusal 2>&1 || status=$?
  [ $status = 5 ] && grep -qF -- "$words" refusal || { cat refusal; fail "exit $status instead of a refusal with '$words': $*"; }
  say "refused: $(head -n 1 refusal)"
}

# The image: partitions, a boot partition, and of a system what dpkg looks at. The package is made one of arm64, which this machine cannot execute.
dpkg-deb -R "$package" arm64
sed -i 's/^Architecture: .*/Architecture: arm64/' arm64/DEBIAN/control
# Nothing of the image is run.
printf 'not for this machine\n' > arm64/usr/lib/edge-agent/edge-agent
(cd arm64 && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum > DEBIAN/md5sums)
dpkg-deb --root-owner-group -Znone -b arm64 edge-agent_arm64.deb > /dev/null
mkdir -p system/{etc/systemd/system,boot/firmware,var/lib/dpkg/{info,updates,triggers},var/lib/edge-agent,usr/lib/systemd/system,bin,tmp}
printf 'root:x:0:0:root:/root:/bin/sh\n' > system/etc/passwd
printf 'root:x:0:\n' > system/etc/group
printf '[Install]\nWantedBy=multi-user.target\n' > system/usr/lib/systemd/system/systemd-networkd.service
for name in dpkg libc6 libssl3 systemd init-system-helpers; do
  printf 'Package: %s\nStatus: install ok installed\nMaintainer: nobody <nobody@example.com>\nArchitecture: arm64\nVersion: 999\nDescription: %s\n\n' $name $name
done > system/var/lib/dpkg/status
touch system/var/lib/dpkg/available
truncate -s 32M in.img
printf 'label: dos\nstart=2048,size=16384,type=c\nstart=18432,type=83\n' | sfdisk -q in.img
mkfs.vfat -F 16 -s 1 -C boot.img 8192 > /dev/null
dd if=boot.img of=in.img bs=512 seek=2048 conv=notrunc status=none
mkfs.ext4 -q -d system -E offset=$((18432 * 512)) in.img 22M
mkdir card
echo '{"device":"dongle-1"}' > card/edge-agent-provision.json
printf '[Match]\nName=wwan0\n[Network]\nDHCP=yes\n' > 10-modem.network
printf '[connection]\nid=depot\n' > depot.nmconnection

refused "is for $(dpkg-deb -f "$package" Architecture), and the image for arm64" "$flash" prepare --image in.img --package "$package" --out out.img
[ ! -e out.img ] && [ ! -e out.img.unfinished ] || fail "something is left of what was refused"
refused 'edge-agent_arm64.deb: no root partition (Linux) in it' "$flash" prepare --image edge-agent_arm64.deb --package edge-agent_arm64.deb --out out.img
"$flash" prepare --image in.img --package edge-agent_arm64.deb --provision card --network 10-modem.network depot.nmconnection --out out.img || fail "prepare"
refused 'out.img: exists already' "$flash" prepare --image in.img --package edge-agent_arm64.deb --out out.img

# What a device finds in it.
mkdir mnt
mount -o loop,ro,offset=$((18432 * 512)) out.img mnt
[ "$(dpkg-query --root="$PWD/mnt" -W -f '${Status} ${Architecture}' edge-agent)" = "install ok installed arm64" ] || fail "package status"
grep -q '^edge-agent:x:' mnt/etc/passwd || fail "no user"
owner=$(awk -F: '$1 == "edge-agent" { print $3 }' mnt/etc/group)
[ "$(stat -c '%u:%g %a' mnt/etc/edge-agent)" = "0:$owner 2750" ] || fail "/etc/edge-agent is $(stat -c '%u:%g %a' mnt/etc/edge-agent)"
for unit in edge-agent edge-agent-provision systemd-networkd; do [ -L mnt/etc/systemd/system/multi-user.target.wants/$unit.service ] || fail "$unit is not enabled"; done
cmp mnt/etc/systemd/network/10-modem.network 10-modem.network
[ "$(stat -c '%u %a' mnt/etc/NetworkManager/system-connections/depot.nmconnection)" = "0 600" ] || fail "the connection's rights"
umount mnt
mcopy -i out.img@@$((2048 * 512)) ::edge-agent-provision.json found.json
cmp found.json card/edge-agent-provision.json
for file in /usr/lib/edge-agent/edge-agent /etc/systemd/network/10-modem.network boot:edge-agent-provision.json out.img; do grep -q "  $file\$" out.img.manifest || fail "$file is not in the manifest"; done
say "package, settings and boot file are in the image"

# The card is another loop device.
truncate -s 40M card.img
card=$(losetup -f --show card.img)
refused 'no block device' "$flash" write --image out.img --device "$PWD/card.img" --yes
refused 'and the image' "$flash" write --image out.img --device "$small" --yes
"$flash" write --image out.img --device "$card" < /dev/null > refusal 2>&1 && fail "written without being asked"
mkfs.ext4 -q "$card"
mount "$card" mnt
refused 'is mounted' "$flash" write --image out.img --device "$card" --yes
umount mnt
cp out.img other.img
sed 's/out.img/other.img/' out.img.manifest > other.img.manifest
printf x | dd of=other.img conv=notrunc bs=1 seek=5000000 status=none
refused 'not as other.img.manifest has it' "$flash" write --image other.img --device "$card" --yes
echo '{"device":"dongle-2"}' > second.json
"$flash" write --image out.img --device "$card" --provision second.json --yes || fail "write"
mcopy -o -i card.img@@$((2048 * 512)) ::edge-agent-provision.json found.json
cmp found.json second.json
cmp -i $((18432 * 512)) -n $((22 * 1024 * 1024)) out.img card.img || fail "the card is not the image"
say "written, read back, with a boot file of its own"

# A bad card: what is read is not what was written.
mkdir bad
printf '#!/bin/bash\n/bin/dd "$@" || exit\ncase $* in *of=%s*) printf x | /bin/dd of=%s bs=1 seek=5000000 conv=notrunc status=none ;; esac\n' "$card" "$card" > bad/dd
chmod +x bad/dd
PATH=$PWD/bad:$PATH "$flash" write --image out.img --device "$card" --yes > refusal 2>&1 && fail "a bad card was taken"
grep -q 'the card is bad' refusal || { cat refusal; fail "no word of the bad card"; }
say "$(tail -n 1 refusal)"

echo "flash: all is well"
