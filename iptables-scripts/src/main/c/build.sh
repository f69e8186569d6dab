#!/bin/sh
# Builds the CNI plugin: one static program that needs nothing on the host.
#   sh iptables-scripts/src/main/c/build.sh [OUTPUT [COMPILER FLAG…]]
set -eu

here=$(dirname "$(readlink -f "$0")")
output=${1:-$here/../../../target/sallyport-cni}
[ $# -eq 0 ] || shift
mkdir -p "$(dirname "$output")"
[ $# -gt 0 ] || set -- -static-pie -s -Os -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection -Wl,-z,relro,-z,now
"${CC:-cc}" -std=gnu11 -fPIE -Wall -Wextra -Wconversion -Werror "$@" -o "$output.new" "$here/sallyport-cni.c"
mv "$output.new" "$output"
