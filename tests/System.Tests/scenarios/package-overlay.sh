# Sourced by package-*.sh: a throw-away copy of this machine's files, in which dpkg may do what it likes: an overlay whose upper half is in memory, in a
# mount namespace of its own. Needs root. There is no service manager in it, so that nothing is started. The first argument is the package.
# Exit: 77 if it cannot be tried here.
set -euo pipefail
package=$(readlink -f "$1")

if [ "${2:-}" != --in-namespace ]; then
  [ "$(id -u)" = 0 ] || { echo "needs root"; exit 77; }
  for needed in systemd init-system-helpers; do
    dpkg-query -W -f '${db:Status-Status}' $needed 2> /dev/null | grep -qx installed || { echo "$needed is not installed here"; exit 77; }
  done
  exec unshare --mount --propagation private "$0" "$package" --in-namespace
fi

work=$(mktemp -d)
trap 'umount -R "$work" 2> /dev/null || true; rmdir "$work"' EXIT
mount -t tmpfs -o size=1g tmpfs "$work"
mkdir "$work"/{upper,work,root,packages}
mount -t overlay -o "lowerdir=/,upperdir=$work/upper,workdir=$work/work" overlay "$work/root" || { echo "no overlay file system here"; exit 77; }
mount -t proc proc "$work/root/proc"
mount --rbind /dev "$work/root/dev"
mount -t tmpfs tmpfs "$work/root/run"
mount -t tmpfs tmpfs "$work/root/tmp"

# No manual is looked up in there.
rm -f "$work/root/var/lib/man-db/auto-update"

fail() { echo "FAILED: $*" >&2; exit 1; }
in_root() { chroot "$work/root" "$@"; }
# dpkg writes no cache of its own here that matters, and asks nobody.
dpkg_() { in_root env DEBIAN_FRONTEND=noninteractive DPKG_FORCE=unsafe-io,confdef,confold,downgrade dpkg "$@" > "$work/log" 2>&1; }
expect() { "$@" || fail "not so: $*"; }
is_version() { [ "$(in_root dpkg-query -W -f '${db:Status-Status} ${Version}' edge-agent)" = "$1" ]; }
has_mode() { [ "$(in_root stat -c '%U:%G %a' "$1")" = "$2" ] || fail "$1 is $(in_root stat -c '%U:%G %a' "$1") and not $2"; }

# variant VERSION FORMAT [LINE]: the same package as another version, which knows the store up to a format; LINE ends its postinst.
variant() {
  [ -d "$work/packages/this" ] || dpkg-deb -R "$package" "$work/packages/this"
  # What is changed is written anew, so that the rest may be the same files.
  cp -al "$work/packages/this" "$work/packages/$1"
  sed -i "s/^Version: .*/Version: $1/" "$work/packages/$1/DEBIAN/control"
  sed -i "s/^reads=.*/reads=$2/" "$work/packages/$1/DEBIAN/preinst"
  if [ -n "${3:-}" ]; then sed -i "\$a $3" "$work/packages/$1/DEBIAN/postinst"; fi
  dpkg-deb --root-owner-group -Zgzip -z1 -b "$work/packages/$1" "$work/root/tmp/$1.deb" > /dev/null
  rm -rf "${work:?}/packages/$1"
}
