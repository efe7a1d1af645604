#!/usr/bin/env bash
# The one way to do things here: see usage below.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
  cat <<'EOF'
./build.sh demo [--keep] [--speed X] [--broker mqtt://HOST:PORT]
                                    the main job: vehicle in, tenant topics out, on this machine
./build.sh demo tenancy [--keep]    two tenants and two devices from nothing: assigned, configured, commanded, handed over, purged;
                                    --keep: with everything that was written
./build.sh test                     every test; installs what that needs, or says what is missing
./build.sh chaos [--seeds N | --seed S]
                                    more of the simulation of power cuts, bad disks and brokers
./build.sh faults [--kills N]       real faults for longer: SIGKILL at N moments, a broker that stands still for a minute; and the five steps of tenancy
                                    on real SocketCAN
./build.sh device-test [--cuts N] [--machines N]
                                    the dongle's binary on an emulated arm64 machine whose power is cut N times; there ISO-TP and CAN controllers
                                    against the kernel's own and can-utils; and its package on one that runs Debian and systemd
./build.sh fuzz [TARGET] [--inputs N] [--seed S]
                                    a million mutated inputs for each parser, or for one (candump, dbc …)
./build.sh bench [--jit] [load] [decode] [reader] [wire] [flash] [drain] [--seconds N] [--days N] [--rate N] [--share 0..1]
                                    two buses at full load, what decoding and reading cost beside C, and what delivery costs;
                                    figures also in artifacts/bench;
                                    as a native binary, which is what ships, or with --jit on the .NET runtime, which is built sooner
./build.sh publish [linux-x64|linux-arm64]
                                    one native binary, artifacts/RID/edge-agent; beside it what serial ports need
./build.sh package [amd64|arm64]    the Debian package of it, artifacts/edge-agent_VERSION_ARCH.deb
EOF
}

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
configuration=Release

say() { printf '\n== %s\n' "$*"; }
fail() { printf 'build.sh: %s\n' "$*" >&2; exit 1; }
misused() { printf 'build.sh: %s; try: ./build.sh help\n' "$*" >&2; exit 2; }

# quietly COMMAND…: shows what the command printed only if it fails.
quietly() {
  local log
  log=$(mktemp)
  if ! "$@" > "$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}

# need PACKAGE…: installs Debian packages that are missing, when root; otherwise names the command and returns 1.
need() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2> /dev/null | grep -qx installed || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  local commands="apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
  if [[ "${missing[*]}" == *:arm64* ]]; then commands="dpkg --add-architecture arm64 && $commands"; fi
  if [ "$(id -u)" != 0 ]; then
    printf 'build.sh: Debian packages are missing; as root: %s\n' "$commands" >&2
    return 1
  fi
  say "installing ${missing[*]}"
  DEBIAN_FRONTEND=noninteractive quietly bash -c "$commands"
}

host_rid() {
  case $(uname -m) in
    x86_64) echo linux-x64 ;;
    aarch64) echo linux-arm64 ;;
    *) fail "no build for $(uname -m)" ;;
  esac
}

publish() {
  local rid=${1:-$(host_rid)} out=artifacts/${1:-$(host_rid)} options=()
  case $rid in
    linux-x64 | linux-arm64) ;;
    *) misused "'$rid' is no target; expected linux-x64 or linux-arm64" ;;
  esac
  if [ "$rid" = "$(host_rid)" ]; then
    need clang zlib1g-dev || return 1
  else
    [ "$rid" = linux-arm64 ] || fail "cross-compiling is set up from linux-x64 to linux-arm64 only"
    need clang lld gcc-aarch64-linux-gnu libc6-dev-arm64-cross zlib1g-dev:arm64 || return 1
    options=(-p:CppCompilerAndLinker=clang -p:SysRoot= -p:LinkerFlavor=lld -p:ObjCopyName=aarch64-linux-gnu-objcopy)
  fi
  say "publishing $out/edge-agent"
  local log
  log=$(mktemp)
  rm -rf "$out"
  if ! dotnet publish src/EdgeAgent -c $configuration -r "$rid" -o "$out" "${options[@]}" > "$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    return 1
  fi
  # LiteDB warns of its POCO mapper, which we do not use. A warning of anything else is a defect.
  if grep -E 'warning IL[0-9]+' "$log" | grep -v "Assembly 'LiteDB' produced"; then
    rm -f "$log"
    fail "trim or AOT warnings, see above"
  fi
  rm -f "$log"
  rm -f "$out"/*.pdb
  ls -lh "$out/edge-agent" | awk '{print $9 ": " $5 "B"}'
}

package() {
  local arch=${1:-$(dpkg --print-architecture)} rid agent made
  case $arch in
    amd64) rid=linux-x64 ;;
    arm64) rid=linux-arm64 ;;
    *) misused "'$arch' is no architecture; expected amd64 or arm64" ;;
  esac
  need jq binutils || return 1
  publish "$rid"
  # The manual pages are what the program says of itself.
  if [ "$rid" = "$(host_rid)" ]; then agent=artifacts/$rid/edge-agent; else agent=$(agent_to_run); fi
  say "packaging for $arch"
  made=$(packaging/debian/make.sh --arch "$arch" --binary "artifacts/$rid/edge-agent" --agent "$agent" --out artifacts)
  sha256sum "$made"
  if command -v lintian > /dev/null; then lintian --allow-root "$made" || fail "lintian, see above"; fi
}

build() {
  say "building"
  quietly dotnet build EdgeAgent.sln -c $configuration
}

demo_tenancy() {
  local keep=
  if [ "${1:-}" = --keep ]; then
    keep=yes
    shift
  fi
  [ $# = 0 ] || misused "demo tenancy: unknown argument '$1'; expected --keep"
  need mosquitto mosquitto-clients openssl || return 1
  local agent directory
  agent=$(agent_to_run)
  directory=$(mktemp -d)
  say "demo/tenancy.sh in $directory"
  demo/tenancy.sh "$agent" "$directory" || fail "what it wrote is in $directory"
  if [ -n "$keep" ]; then
    echo "what it wrote is in $directory"
  else
    rm -rf "$directory"
  fi
}

# The native binary if there is one that is up to date, else the same program on the .NET runtime: that is built in seconds.
agent_to_run() {
  local agent=artifacts/$(host_rid)/edge-agent
  if [ ! -x "$agent" ] || [ -n "$(find src -name '*.cs*' -newer "$agent" -not -path '*/obj/*' -print -quit)" ]; then
    quietly dotnet build src/EdgeAgent -c $configuration
    agent=src/EdgeAgent/bin/$configuration/net10.0/edge-agent
  fi
  echo "$agent"
}

demo() {
  if [ "${1:-}" = tenancy ]; then
    shift
    demo_tenancy "$@"
    return
  fi
  say "building"
  quietly dotnet build demo -c $configuration
  local agent
  agent=$(agent_to_run)
  exec dotnet demo/bin/$configuration/net10.0/EdgeAgent.Demo.dll --agent "$agent" "$@"
}

passed=0 failed=0 skipped=0

# run_tests PROJECT LABEL [PREFIX… --] [FILTER…]: the result is in artifacts/tests/LABEL.xml.
run_tests() {
  local project=$1 result=$PWD/artifacts/tests/$2.xml prefix=()
  shift 2
  if [[ " $* " == *" -- "* ]]; then
    while [ "$1" != -- ]; do prefix+=("$1"); shift; done
    shift
  fi
  rm -f "$result"
  "${prefix[@]}" dotnet exec "tests/$project/bin/$configuration/net10.0/$project.dll" -noLogo -noColor -reporter quiet -result-xml "$result" "$@" || true
}

# count PROJECT LABEL: tells what came of it.
count() {
  local result=artifacts/tests/$2.xml counts
  counts=$(grep -o '<assembly [^>]*>' "$result" 2> /dev/null | head -n 1 || true)
  if [ -z "$counts" ]; then
    echo "build.sh: $1 ended without a result" >&2
    failed=$((failed + 1))
    return 0
  fi
  attribute() { sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<< "$counts"; }
  passed=$((passed + $(attribute passed)))
  failed=$((failed + $(attribute failed) + $(attribute errors)))
  skipped=$((skipped + $(attribute skipped)))
  printf '%d passed, %d failed, %d skipped in %s s (%s)\n' "$(attribute passed)" "$(attribute failed)" "$(attribute skipped)" \
    "$(sed -n 's/.* time="\([0-9.]*\)".*/\1/p' <<< "$counts")" "$2"
  # Whoever skips says why; the quiet reporter does not pass it on.
  grep -o '<reason><!\[CDATA\[[^]]*' "$result" | sed 's/.*CDATA\[/  skipped: /' | sort | uniq -c || true
}

# both PROJECT LABEL …: runs them, and tells what came of it.
both() {
  say "$1: $2"
  run_tests "$@"
  count "$1" "$2"
}

test_all() {
  local began=$SECONDS project rig=()
  build
  if publish; then export EDGE_AGENT_BINARY=$PWD/artifacts/$(host_rid)/edge-agent; fi
  need mosquitto mosquitto-clients can-utils iproute2 kmod openssl zstd protobuf-compiler prometheus lintian jq binutils man-db mtools dosfstools fdisk e2fsprogs systemd-container zsh fish || true
  if [ ! -e /sys/class/net/vcan0 ] && need user-mode-linux; then rig=(tests/rig/with-vcan.sh --timeout 1200); fi
  if [ "$(host_rid)" = linux-x64 ] && publish linux-arm64; then
    export EDGE_AGENT_ARM64_BINARY=$PWD/artifacts/linux-arm64/edge-agent
  fi

  mkdir -p artifacts/tests
  # First and by itself: conversations on a bus have deadlines, and the guest has one processor, where a system call is ten times as dear.
  for project in Can Obd EdgeAgent; do both $project.Tests ${project,,}-vcan "${rig[@]}" -- -trait needs=vcan; done
  say "beside the others: Simulation.Tests"
  run_tests Simulation.Tests simulation exec nice -n 19 -- &
  local simulation=$!
  # shellcheck disable=SC2064
  trap "kill $simulation 2> /dev/null || true" EXIT
  for project in Can Obd EdgeAgent; do both $project.Tests ${project,,} -trait- needs=vcan; done
  both System.Tests system -maxThreads 2 -trait- takes=minutes -trait- needs=arm64-machine
  wait "$simulation" || true
  say "Simulation.Tests"
  count Simulation.Tests simulation

  printf '\nin %d s\n%d passed, %d failed, %d skipped\n' $((SECONDS - began)) "$passed" "$failed" "$skipped"
  [ "$failed" = 0 ]
}

chaos() {
  case ${1:---seeds} in
    --seeds) export EDGE_SIMULATION_SEEDS=${2:-20000} ;;
    --seed) export EDGE_SIMULATION_SEED=${2:-} ;;
    *) misused "chaos: unknown option '$1'; expected --seeds N or --seed S" ;;
  esac
  [[ ${EDGE_SIMULATION_SEED-${EDGE_SIMULATION_SEEDS}} =~ ^[1-9][0-9]{0,8}$ ]] || misused "chaos: '${2:-}' is no number from 1 on"
  local color=()
  [ -t 1 ] || color=(-noColor)
  quietly dotnet build tests/Simulation.Tests -c $configuration
  dotnet exec tests/Simulation.Tests/bin/$configuration/net10.0/Simulation.Tests.dll -noLogo "${color[@]}" -showLiveOutput
}

fuzz() {
  local inputs=1000000 seed=1 target= color=()
  while [ $# -gt 0 ]; do
    case $1 in
      --inputs) inputs=$(number fuzz "$1" "${2:-}"); shift 2 ;;
      --seed) seed=$(number fuzz "$1" "${2:-}"); shift 2 ;;
      -*) misused "fuzz: unknown option '$1'; expected --inputs N or --seed S" ;;
      *) target=$1; shift ;;
    esac
  done
  if [ -n "$target" ] && ! grep -qrE --include='*.cs' "string Name => \"$target\";" tests/*/Fuzz; then
    misused "fuzz: '$target' is no target; expected one of: $(grep -rhoE --include='*Fuzz.cs' 'string Name => "[^"]+"' tests/*/Fuzz | cut -d'"' -f2 | sort | paste -sd' ')"
  fi
  [ -t 1 ] || color=(-noColor)
  local tests
  for tests in Can.Tests Obd.Tests; do
    [ -z "$target" ] || grep -qrE --include='*.cs' "string Name => \"$target\";" "tests/$tests/Fuzz" || continue
    quietly dotnet build "tests/$tests" -c $configuration
    EDGE_FUZZ_INPUTS=$inputs EDGE_FUZZ_SEED=$seed EDGE_FUZZ_TARGET=$target \
      dotnet exec "tests/$tests/bin/$configuration/net10.0/$tests.dll" -noLogo "${color[@]}" -showLiveOutput -method '*.No_input_does_more_than_be_read_or_be_refused'
  done
}

# number WORD OPTION VALUE: the value, if it is a number from 1 on.
number() {
  [[ ${3:-} =~ ^[1-9][0-9]{0,8}$ ]] || misused "$1: $2 '${3:-}' is no number from 1 on"
  echo "$3"
}

# run_some FILTER…: some of the system tests, which tell how they come on.
run_some() {
  local color=()
  [ -t 1 ] || color=(-noColor)
  dotnet exec tests/System.Tests/bin/$configuration/net10.0/System.Tests.dll -noLogo "${color[@]}" -showLiveOutput "$@"
}

faults() {
  local kills=200
  while [ $# -gt 0 ]; do
    case $1 in
      --kills) kills=$(number faults "$1" "${2:-}"); shift 2 ;;
      *) misused "faults: unknown option '$1'; expected --kills N" ;;
    esac
  done
  need mosquitto mosquitto-clients can-utils iproute2 kmod openssl user-mode-linux || true
  publish
  quietly dotnet build tests/System.Tests -c $configuration
  EDGE_KILLS=$kills EDGE_AGENT_BINARY=$PWD/artifacts/$(host_rid)/edge-agent run_some -method '*.Faults.KillTests.*' -method '*.Faults.BrokerFaultTests.*' -method '*.TenancyTests.The_same_on_real_SocketCAN'
}

device_test() {
  local cuts=5 machines=1
  while [ $# -gt 0 ]; do
    case $1 in
      --cuts) cuts=$(number device-test "$1" "${2:-}"); shift 2 ;;
      --machines) machines=$(number device-test "$1" "${2:-}"); shift 2 ;;
      *) misused "device-test: unknown option '$1'; expected --cuts N or --machines N" ;;
    esac
  done
  publish linux-arm64
  [ "$(host_rid)" = linux-arm64 ] || publish
  need qemu-system-arm qemu-user-static debootstrap e2fsprogs cpio kmod mosquitto mosquitto-clients jq binutils
  say "publishing artifacts/linux-arm64-interop/can-interop"
  quietly dotnet publish tests/CanInterop -c $configuration -r linux-arm64 -o artifacts/linux-arm64-interop \
    -p:CppCompilerAndLinker=clang -p:SysRoot= -p:LinkerFlavor=lld -p:ObjCopyName=aarch64-linux-gnu-objcopy
  quietly dotnet build tests/System.Tests -c $configuration
  tests/rig/arm64-machine.sh make
  quietly tests/rig/arm64-debian.sh make
  EDGE_CAN_INTEROP_ARM64=$PWD/artifacts/linux-arm64-interop/can-interop EDGE_CUTS=$cuts EDGE_MACHINES=$machines EDGE_AGENT_BINARY=$PWD/artifacts/$(host_rid)/edge-agent \
    EDGE_AGENT_ARM64_BINARY=$PWD/artifacts/linux-arm64/edge-agent run_some -trait needs=arm64-machine
}

bench() {
  need mosquitto || true
  if [ "${1:-}" = --jit ]; then
    shift
    quietly dotnet build tests/Benchmarks -c $configuration
    dotnet exec tests/Benchmarks/bin/$configuration/net10.0/Benchmarks.dll "$@"
    return
  fi
  need clang zlib1g-dev || return 1
  quietly dotnet publish tests/Benchmarks -c $configuration -r "$(host_rid)" -o artifacts/benchmarks
  artifacts/benchmarks/Benchmarks "$@"
}

case ${1:-} in
  -h | --help | help) usage; exit 0 ;;
  demo | test | chaos | faults | device-test | fuzz | bench | publish | package) ;;
  '') usage >&2; exit 2 ;;
  *) misused "'$1' is no command" ;;
esac
command -v dotnet > /dev/null || fail "the .NET 10 SDK is missing: https://dotnet.microsoft.com/download"

case ${1:-} in
  chaos) shift; chaos "$@" ;;
  demo) shift; demo "$@" ;;
  faults) shift; faults "$@" ;;
  fuzz) shift; fuzz "$@" ;;
  device-test) shift; device_test "$@" ;;
  bench) shift; bench "$@" ;;
  test) [ $# = 1 ] || misused "test takes no arguments"; test_all ;;
  publish) shift; publish "$@" ;;
  package) shift; package "$@" ;;
esac
