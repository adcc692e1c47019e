# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The ontap authors
#
# How many devices somebody holds: a queue in use has a lock on its node (docs/ARCHITECTURE.md).
devices_in_use() {
    [ -d /run/ontap/dev ] || return 0
    find /run/ontap/dev -type c -printf '%D %i %f\n' | while read -r device inode name; do
        lock=$(printf '%02x:%02x:%d' $((device >> 8 & 0xfff)) \
            $((device & 0xff | device >> 12 & 0xfff00)) "$inode")
        ! grep -q " $lock " /proc/locks || echo "${name%.*}"
    done | sort -u | sed -n '$='
}
