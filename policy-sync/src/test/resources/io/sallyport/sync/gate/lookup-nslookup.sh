#!/bin/sh
# What busybox nslookup says of a name: its addresses, a line each, or one word.
set -eu
case $2 in 4) type=-type=a ;; 6) type=-type=aaaa ;; *) type= ;; esac
said=$(busybox nslookup ${type:+"$type"} "$1" 2>&1) || :
# The first address is the server's own.
found=$(echo "$said" | sed -n '/^Name:/,$s/^Address[ 0-9]*: *//p' | sort -u)
case $said in
    *NXDOMAIN*) echo not-found ;;
    *timed*) echo later ;;
    *) echo "${found:-no-data}" ;;
esac
