#!/bin/sh
# Runs as root in fresh namespaces and prepares them for the command: which resolv.conf it sees, and that no socket or
# kernel setting of the host is left through which another process could fetch for it what its network may not.
# $1 a file to make when the namespaces exist    $2 a pipe: wait for a line, the network is ready then
# $3 the text of resolv.conf    $4 the installation's directory, to be hidden    $5 "net" or "dns-only"
# $6 a file of the host's sockets, a path a line    then the command
set -eu
up=$1 go=$2 resolv=$3 data=$4 mode=$5 sockets=$6
shift 6

: >"$up"
read -r _ <"$go"

while IFS= read -r socket; do
    if [ -S "$socket" ]; then
        mount --bind /dev/null "$socket"
    fi
done <"$sockets"

real=$(readlink -f /etc/resolv.conf || echo /etc/resolv.conf)
# Sockets of the host's resolvers, message bus and container engines live here; any of them would be a way out.
mount -t tmpfs -o mode=755,size=64m tmpfs /run
mkdir -m 1777 /run/lock
if [ -d "$data" ]; then
    mount -t tmpfs -o mode=700,size=1m tmpfs "$data"
fi
printf '%s' "$resolv" >/run/resolv.conf
case $real in
    /run/*) mkdir -p "${real%/*}" && { [ "$real" = /run/resolv.conf ] || cp /run/resolv.conf "$real"; } ;;
    *) mount --bind /run/resolv.conf "$real" ;;
esac
if [ "$mode" = net ]; then
    # Root may write these without any capability, and the kernel would act on it outside the sandbox.
    for shared in /proc/sys /proc/sysrq-trigger /proc/bus /proc/fs /proc/irq; do
        if [ -e "$shared" ]; then
            mount --bind "$shared" "$shared"
            mount -o remount,bind,ro "$shared"
        fi
    done
    mount -t sysfs -o ro,nosuid,nodev,noexec sysfs /sys
    # The same, mounted elsewhere: for a chroot, say. Inner ones go with the outer.
    cat /proc/self/mounts >/run/mounts
    while read -r _ where type _; do
        case $type:$where in
            *:/proc | *:/proc/* | *:/sys | *:/sys/*) ;;
            proc:* | sysfs:* | cgroup:* | cgroup2:* | debugfs:* | tracefs:* | securityfs:* | configfs:* | bpf:* | binfmt_misc:*)
                where=$(printf '%b' "$where")
                if [ -e "$where" ]; then
                    umount --lazy "$where"
                fi
                ;;
        esac
    done </run/mounts
    rm /run/mounts
fi
rm -rf /run/mount
# Where the command starts may have been covered just now: the old directory must not stay open behind it.
cd "$(pwd -P)" 2>/dev/null || cd /

"$@"
exit $?
