#!/bin/sh
# What glibc's getaddrinfo says of a name: its addresses, a line each, or not-found.
set -eu
case $2 in any) database=ahosts ;; *) database=ahostsv$2 ;; esac
# ahostsv6 makes up mapped addresses where there are only IPv4 ones.
getent "$database" "$1" | sed -n 's/ *STREAM.*//p' | grep -v '^::ffff:' || echo not-found
