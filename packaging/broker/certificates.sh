#!/bin/sh
# A private authority, and certificates signed by it, to try things with.
set -eu

usage() {
  cat << 'END'
usage: certificates.sh DIRECTORY server HOST [HOST…]     server.pem and server.key, for these names or addresses
       certificates.sh DIRECTORY client NAME [NAME…]     NAME.pem and NAME.key each: a device's id, tenant.TENANT or platform

The first call makes the authority too: authority.pem, which everybody gets, and authority.key, which nobody gets. It lasts ten years,
certificates a year; DAYS=n says otherwise. An existing certificate is renewed with a new key.
END
}

[ $# -ge 3 ] || { usage >&2; exit 2; }
directory=$1 kind=$2
shift 2
umask 077
mkdir -p "$directory"
cd "$directory"

key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1"; }

# sign FILE SUBJECT EXTENSIONS
sign() {
  key "$1.key"
  printf '%b' "$3" > "$1.ext"
  openssl req -new -key "$1.key" -subj "$2" -out "$1.csr"
  openssl x509 -req -in "$1.csr" -CA authority.pem -CAkey authority.key -set_serial "0x$(openssl rand -hex 16)" -days "${DAYS:-365}" -extfile "$1.ext" -out "$1.pem" 2> /dev/null
  rm "$1.csr" "$1.ext"
  chmod 644 "$1.pem"
  echo "$directory/$1.pem"
}

if [ ! -e authority.key ]; then
  key authority.key
  openssl req -x509 -new -key authority.key -subj "/CN=EdgeAgent trial authority" -days 3650 -out authority.pem \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
  chmod 644 authority.pem
  echo "$directory/authority.pem"
fi

case $kind in
  server)
    names=
    for host in "$@"; do
      case $host in
        *:* | *[0-9].[0-9]*) names="${names:+$names,}IP:$host" ;;
        *) names="${names:+$names,}DNS:$host" ;;
      esac
    done
    sign server "/CN=$1" "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=serverAuth\nsubjectAltName=$names\n"
    ;;
  client)
    for name in "$@"; do sign "$name" "/CN=$name" "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=clientAuth\n"; done
    ;;
  *)
    usage >&2
    exit 2
    ;;
esac
