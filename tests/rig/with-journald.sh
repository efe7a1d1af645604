#!/bin/bash
# Runs a command where a real systemd-journald listens at /run/systemd/journal, with a journal of its own in memory, in a mount namespace. Needs root and
# the Debian package systemd; without them it says what is missing and exits with 77.
#
#   with-journald.sh COMMAND…          the command's stderr is that of the caller
#   with-journald.sh --service COMMAND…  it is the journal's, as that of a service (JOURNAL_STREAM); only inside another with-journald.sh
set -uo pipefail
if [ "${1:-}" = --service ]; then
  shift
  exec systemd-cat -t edge-agent bash -c 'JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2) exec "$@"' bash "$@"
fi
daemon=/lib/systemd/systemd-journald
[ -x "$daemon" ] || { echo "no $daemon here (Debian package systemd)" >&2; exit 77; }
if [ "${EDGE_JOURNALD:-}" != inside ]; then
  unshare --mount true 2> /dev/null || { echo "no mount namespace can be made here (root can)" >&2; exit 77; }
  EDGE_JOURNALD=inside exec unshare --mount "$0" "$@"
fi
mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /var/log && mkdir -p /run/systemd/journal /run/log || { echo "nothing can be mounted here" >&2; exit 77; }
"$daemon" > /run/journald.log 2>&1 &
journald=$!
trap 'kill $journald; wait $journald' EXIT
for _ in $(seq 200); do
  [ -S /run/systemd/journal/socket ] && [ -S /run/systemd/journal/stdout ] && break
  kill -0 $journald 2> /dev/null || { cat /run/journald.log >&2; exit 77; }
  sleep 0.05
done
"$@"
