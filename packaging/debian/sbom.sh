#!/usr/bin/env bash
# Writes what the program is made of as CycloneDX 1.5: every package of its lock file with version and hash (NuGet's content hash, SHA-512), and
# the runtime's own, of which the parts come that are linked in; its licence from the package itself, and which of them only build it.
#
#   sbom.sh VERSION RID SECONDS FILE      SECONDS since 1970: when
set -euo pipefail
version=$1 rid=$2 seconds=$3 out=$4
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
packages=${NUGET_PACKAGES:-$HOME/.nuget/packages}
lock=$root/src/EdgeAgent/packages.lock.json

# NAME VERSION HASH a line: of the framework, and of the runtime where they differ.
listed() {
  jq -r --arg rid "net10.0/$rid" '
    (.dependencies["net10.0"] // {}) + (.dependencies[$rid] // {}) | to_entries[] | select(.value.type != "Project")
    | [.key, .value.resolved, .value.contentHash] | @tsv' "$lock"
  local runtime name
  runtime=$(jq -r '.dependencies["net10.0"]["Microsoft.DotNet.ILCompiler"].resolved' "$lock")
  for name in Microsoft.NETCore.App.Runtime.NativeAOT.$rid Microsoft.AspNetCore.App.Runtime.$rid; do
    local archive=$packages/${name,,}/$runtime/${name,,}.$runtime.nupkg.sha512
    [ -f "$archive" ] || { echo "sbom: $archive is missing: it comes with ./build.sh publish $rid" >&2; exit 1; }
    printf '%s\t%s\t%s\n' "$name" "$runtime" "$(cat "$archive")"
  done
}

licence() { # licence NAME VERSION
  local nuspec=$packages/${1,,}/$2/${1,,}.nuspec found=
  if [ -f "$nuspec" ]; then found=$(sed -n 's/.*<license type="expression">\([^<]*\)<.*/\1/p' "$nuspec" | head -n 1); fi
  # Packages that name a file or an address instead.
  if [ -z "$found" ]; then
    case $1 in
      Google.Protobuf) found=BSD-3-Clause ;;
      MQTTnet | LiteDB | ZstdSharp.Port) found=MIT ;;
    esac
  fi
  echo "$found"
}

listed | sort | while IFS=$'\t' read -r name resolved hash; do
  case $name in
    "runtime.$rid".* | runtime.native.*) scope=required ;;
    # Those of other systems are locked with them.
    runtime.*) scope=excluded ;;
    # They run while it is built.
    Grpc.Tools | Microsoft.CodeAnalysis.* | Microsoft.NET.ILLink.Tasks) scope=excluded ;;
    *) scope=required ;;
  esac
  jq -n --arg name "$name" --arg version "$resolved" --arg scope "$scope" --arg licence "$(licence "$name" "$resolved")" \
    --arg hash "$(base64 -d <<< "$hash" | od -An -v -tx1 | tr -d ' \n')" '
    { type: "library", "bom-ref": "pkg:nuget/\($name)@\($version)", name: $name, version: $version, scope: $scope,
      hashes: [{ alg: "SHA-512", content: $hash }],
      licenses: (if $licence == "" then [] elif ($licence | test(" ")) then [{ expression: $licence }] else [{ license: { id: $licence } }] end),
      purl: "pkg:nuget/\($name)@\($version)" }'
done | jq -s --arg version "$version" --arg rid "$rid" --arg time "$(date -u -d "@$seconds" +%Y-%m-%dT%H:%M:%SZ)" --arg lock "$(sha256sum < "$lock" | head -c 32)" '
  { "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json", bomFormat: "CycloneDX", specVersion: "1.5", version: 1,
    serialNumber: ("urn:uuid:" + $lock[0:8] + "-" + $lock[8:12] + "-8" + $lock[13:16] + "-8" + $lock[17:20] + "-" + $lock[20:32]),
    metadata: { timestamp: $time, component: { type: "application", "bom-ref": "edge-agent", name: "edge-agent", version: $version,
      licenses: [{ license: { id: "MIT" } }], properties: [{ name: "rid", value: $rid }] } },
    components: .,
    dependencies: [{ ref: "edge-agent", dependsOn: [.[] | select(.scope == "required") | ."bom-ref"] }] }' > "$out"
