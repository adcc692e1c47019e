# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The ontap authors
#
# How many devices somebody holds: a queue in use has a lock on its node (docs/ARCHITECTURE.md). Those
# in the host's own namespace have none; they are there for as long as libvirt's guest is.
devices_on_host() {
    grep -ls '^v=1 .*place=host' /sys/class/net/*/ifalias | sed 's|.*/\([^/]*\)/ifalias|\1|'
}
devices_in_rooms() {
    [ -d /run/ontap/dev ] || return 0
    find /run/ontap/dev -type c -printf '%D %i %f\n' | while read -r device inode name; do
        lock=$(printf '%02x:%02x:%d' $((device >> 8 & 0xfff)) \
            $((device & 0xff | device >> 12 & 0xfff00)) "$inode")
        ! grep -q " $lock " /proc/locks || echo "${name%.*}"
    done
}
devices_in_use() {
    { devices_on_host; devices_in_rooms; } | sort -u | sed -n '$='
}
