#!/usr/bin/env bash
# Makes the Debian package of a published binary. The same inputs give the same bytes: times are those of the last commit, or SOURCE_DATE_EPOCH.
#
#   make.sh --arch amd64|arm64 --binary FILE [--agent FILE] [--compression xz|none] --out DIRECTORY
#
#   --agent     the same program for this machine, which is asked for its help (default: the binary)
#
# Prints the package's path.
set -euo pipefail
umask 022
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
fail() { echo "make.sh: $*" >&2; exit 1; }

arch='' binary='' agent='' out='' compression=xz
while [ $# -gt 0 ]; do
  case $1 in
    --arch) arch=$2 ;;
    --binary) binary=$2 ;;
    --agent) agent=$2 ;;
    --compression) compression=$2 ;;
    --out) out=$2 ;;
    *) fail "'$1' is no option" ;;
  esac
  shift 2
done
case $arch in
  amd64) rid=linux-x64 loader=ld-linux-x86-64.so.2 ;;
  arm64) rid=linux-arm64 loader=ld-linux-aarch64.so.1 ;;
  *) fail "--arch: expected amd64 or arm64" ;;
esac
[ -f "$binary" ] || fail "--binary: $binary is missing; ./build.sh publish $rid makes it"
[ -n "$out" ] || fail "--out is missing"
[ -n "$agent" ] || agent=$binary
version=$(sed -n 's/.*<Version>\(.*\)<\/Version>.*/\1/p' "$root/Directory.Build.props")
format=$(sed -n 's/.* int Current = \([0-9]*\);.*/\1/p' "$root/src/EdgeAgent/Outbox/StoreFormat.cs")
[ -n "$version" ] && [ -n "$format" ] || fail "no version in Directory.Build.props, or no format in StoreFormat.cs"
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2> /dev/null || stat -c %Y "$root/CHANGELOG.md")}
date=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%d)

# What the binary needs is what the package depends on.
binaries=("$binary" "$(dirname "$binary")"/*.so)
[ -f "${binaries[1]}" ] || unset 'binaries[1]'
glibc=$(objdump -T "${binaries[@]}" | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -n 1)
glibc=${glibc#GLIBC_}
needed=$(objdump -p "${binaries[@]}" | awk '$1 == "NEEDED" { print $2 }' | grep -vxE "libc\.so\.6|libm\.so\.6|$loader" || true)
[ -n "$glibc" ] && [ -z "$needed" ] || fail "$binary needs $needed, for which no dependency is declared"

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
put() { install -D -m "$1" "$2" "$stage/$3"; }
share=usr/share/edge-agent
documents=usr/share/doc/edge-agent

# What lies beside the binary it finds there, which is no place among everybody's commands.
put 755 "$binary" usr/lib/edge-agent/edge-agent
find "$(dirname "$binary")" -maxdepth 1 -name '*.so' | LC_ALL=C sort | while read -r library; do put 644 "$library" "usr/lib/edge-agent/${library##*/}"; done
mkdir -p "$stage/usr/bin"
ln -s ../lib/edge-agent/edge-agent "$stage/usr/bin/edge-agent"
for script in restart-pause provisioned update repack; do put 755 "$here/system/$script" "usr/libexec/edge-agent/$script"; done
for unit in edge-agent.service edge-agent-provision.service edge-agent-update.service edge-agent-update.path; do put 644 "$here/system/$unit" "usr/lib/systemd/system/$unit"; done
put 644 "$here/system/edge-agent.sysusers" usr/lib/sysusers.d/edge-agent.conf
put 644 "$here/system/edge-agent.tmpfiles" usr/lib/tmpfiles.d/edge-agent.conf
put 644 "$here/system/edge-agent.sysctl" usr/lib/sysctl.d/10-edge-agent.conf
put 644 "$here/system/edge-agent.rules" usr/lib/udev/rules.d/60-edge-agent.rules
put 644 "$here/system/edge-agent.default" etc/default/edge-agent
for catalog in "$root"/packaging/journal/*.catalog; do
  if [ -f "$catalog" ]; then put 644 "$catalog" "usr/lib/systemd/catalog/${catalog##*/}"; fi
done
put 644 "$here/completion/edge-agent.bash" usr/share/bash-completion/completions/edge-agent
put 644 "$here/completion/_edge-agent" usr/share/zsh/vendor-completions/_edge-agent
put 644 "$here/completion/edge-agent.fish" usr/share/fish/vendor_completions.d/edge-agent.fish
# Not below /usr/share/doc, which small images leave out.
for example in "$here"/examples/*; do put 644 "$example" "$share/examples/${example##*/}"; done
put 644 "$here/coexistence.md" "$share/coexistence.md"
for folder in broker monitoring schema; do
  (cd "$root/packaging" && find "$folder" -type f -printf '%m %p\n') | while read -r mode file; do
    put "$(( 8#$mode & 8#111 ? 755 : 644 ))" "$root/packaging/$file" "$share/$file"
  done
done
# They name the place of a binary that was copied by hand.
find "$stage/$share" -name '*.service' -exec sed -i 's|/usr/local/bin/|/usr/bin/|g' {} +
"$here/sbom.sh" "$version" "$rid" "$SOURCE_DATE_EPOCH" "$stage/$share/sbom.cdx.json"
chmod 644 "$stage/$share/sbom.cdx.json"

mkdir -p "$stage/usr/share/man"
"$here/manual.sh" "$agent" "$version" "$date" "$stage/usr/share/man"
find "$stage/usr/share/man" -type f -exec gzip -9n {} +

put 644 "$here/copyright" "$documents/copyright"
# The changelog of this version in Debian's form.
awk -v version="$version" -v when="$(date -u -R -d "@$SOURCE_DATE_EPOCH")" '
  function item(  words, count, i, line) {
    if (text == "") return
    count = split(text, words, " "); line = "  *"
    for (i = 1; i <= count; i++) { if (length(line " " words[i]) > 78 && line !~ /^ *[*]?$/) { print line; line = "   " } line = line " " words[i] }
    print line; text = ""
  }
  BEGIN { print "edge-agent (" version ") stable; urgency=medium\n" }
  /^## / { item(); if ($2 != "Unreleased" && $2 != version) exit; open = 1; next }
  !open || /^$/ { if (open) item(); next }
  /^- / { item(); text = substr($0, 3); next }
  { text = text " " $0 }
  END { item(); print "\n -- EdgeAgent maintainers <maintainers@edge-agent.example>  " when }' "$root/CHANGELOG.md" | gzip -9n > "$stage/$documents/changelog.gz"
chmod 644 "$stage/$documents/changelog.gz"
if [ -s "$here/lintian-overrides" ]; then put 644 "$here/lintian-overrides" usr/share/lintian/overrides/edge-agent; fi

mkdir "$stage/DEBIAN"
for script in preinst postinst prerm postrm; do
  sed "s/@FORMAT@/$format/g" "$here/scripts/$script" > "$stage/DEBIAN/$script"
  chmod 755 "$stage/DEBIAN/$script"
done
(cd "$stage" && find etc -type f | LC_ALL=C sort | sed 's|^|/|') > "$stage/DEBIAN/conffiles"
(cd "$stage" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) > "$stage/DEBIAN/md5sums"
cat > "$stage/DEBIAN/control" <<CONTROL
Package: edge-agent
Version: $version
Architecture: $arch
Maintainer: EdgeAgent maintainers <maintainers@edge-agent.example>
Installed-Size: $(du -k -s --apparent-size "$stage" | cut -f1)
Depends: libc6 (>= $glibc), libssl3 | libssl3t64, systemd (>= 248), init-system-helpers (>= 1.54)
Recommends: ca-certificates
Suggests: can-utils, mosquitto-clients
Section: net
Priority: optional
Description: multi-tenant vehicle telematics agent
 Reads a vehicle's CAN buses through SocketCAN, decodes them with DBC files,
 stamps every value with the tenant that the vehicle belongs to, keeps it
 while the network is away, and publishes it over MQTT 5 under that tenant's
 topics.
 .
 It is made for small Linux computers in a vehicle's OBD port, such as an
 AutoPi dongle; its commands to sign, to decode and to watch a fleet run
 anywhere.
CONTROL
mkdir -p "$out"
package=$out/edge-agent_${version}_$arch.deb
dpkg-deb --root-owner-group "-Z$compression" --build "$stage" "$package" > /dev/null
echo "$package"
