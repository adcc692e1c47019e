# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The ontap authors
#
# Commands of member's in network namespaces of their own, as `ontap --netns` makes them:
#
#     space_start web     # a namespace, with that host name, that lives until space_end
#     inside web ip address
#     space_end web KILL

declare -A SPACE_PID

install -D -m 755 "$ONTAP_TOP/data/udhcpc-script" /usr/share/ontap/udhcpc-script

space_start() { # NAME [OPTION…]: returns when the command runs; false when it does not
    local name=$1 AS
    shift
    identity member
    : >"$(space_log "$name")"
    "${AS[@]}" ontap -n "$name" --netns --hostname "$name" "$@" -- sh -c 'echo ready; exec sleep 10000' \
        >"$(space_log "$name")" 2>&1 &
    SPACE_PID[$name]=$!
    disown # else bash would tell of its end
    wait_for 20 eval "grep -q ready '$(space_log "$name")' || ! kill -0 ${SPACE_PID[$name]}"
    grep -q ready "$(space_log "$name")" || { note <"$(space_log "$name")" && return 1; }
}

space_log() { # NAME: the file
    printf '%s\n' "$LAB_OUT/space-$1"
}

inside() { # NAME COMMAND…: its owner, from outside
    local pid=${SPACE_PID[$1]}
    shift
    as member nsenter --preserve-credentials --user --net --mount --uts --target "$pid" -- "$@"
}

space_end() { # NAME [SIGNAL]: returns when the command is gone
    kill "-${2:-TERM}" "${SPACE_PID[$1]}" && wait_gone "${SPACE_PID[$1]}" 10
}

space_mac() { # NAME
    inside "$1" cat /sys/class/net/eth0/address
}

# Gets a lease and prints the address. The client stays in the background.
space_lease() { # NAME
    inside "$1" busybox udhcpc -n -t 10 -s /usr/share/ontap/udhcpc-script >/dev/null 2>&1
    inside "$1" ip -4 -o address show dev eth0 | sed -n 's/.* inet \([^/]*\).*/\1/p'
}

pumps() { # their process ids
    pgrep -u member -x ontap-pump
}

no_pump() {
    ! pumps
}
