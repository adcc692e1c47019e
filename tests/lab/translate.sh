# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The ontap authors
#
# What the tests of translation and guard share: guests that ping, and one that means harm.
#
#     boot vm1 [WORD…]               # words for its network card; none: QEMU's default MAC
#     has_lease vm1 && ip=$(lease vm1)
#     reaches vm1 192.0.2.1 && reached "$ip"
#     ping_start vm1 192.0.2.1; …; expect 'not one is lost' '' "$(ping_stop vm1)"
#     traffic vm1 drop-vlan          # a value of the device's `traffic` line in list
#     outlaw_start evil; outlaw evil vlan

BOOT_TIME=120 # seconds that a guest gets to boot on a loaded machine
# shellcheck disable=SC2034
QEMU_MAC=52:54:00:12:34:56

declare -A OUTLAW_LINE OUTLAW_PID

# DISCOVERs lie ten seconds apart, so that a slow machine alone makes no second one.
boot() { # NAME [WORD…]: a guest of member's that asks for a lease; returns at once
    local name=$1 words
    shift
    words=$(printf ',%s' "$@")
    GUEST_SETTINGS='ontap.pause=10' start_guest "$name" member dhcp \
        "-netdev 'tap,id=n,helper=/usr/bin/ontap-helper ${BOOT_HELPER-} --name=$name' \
        -device virtio-net-pci,netdev=n,romfile=${*:+$words}"
}

has_lease() { # NAME [SECONDS]: from its boot on
    guest_says "$1" "${2:-$BOOT_TIME}" 'lease '
}

lease() { # NAME: the address of its last lease
    sed -n 's/.*guest: lease \([^ ]*\) .*/\1/p' "$(guest_log "$1")" | tail -n 1
}

eui64() { # MAC: the address that a guest with it makes of the router's prefix (RFC 4291, A)
    local -a byte
    IFS=: read -ra byte <<<"$1"
    printf '2001:db8:77:0:%x:%x:%x:%x\n' $(((0x${byte[0]} ^ 2) << 8 | 0x${byte[1]})) \
        $((0x${byte[2]} << 8 | 0xff)) $((0xfe00 | 0x${byte[3]})) \
        $((0x${byte[4]} << 8 | 0x${byte[5]}))
}

has_address() { # NAME ADDRESS: set and past duplicate detection
    guest_run "$1" ip address show dev eth0 | grep -v tentative | grep -qF " $2/"
}

# Pings until one of at most five is answered: the neighbour's address may have to be found first.
reaches() { # NAME ADDRESS…: from within the guest, all of them
    guest_run "$1" "reach() { for i in 1 2 3 4 5; do ping -c 1 -W 2 \$1 && return; done; false; };" \
        "for to in ${*:2}; do reach \$to || exit; done"
}

reached() { # ADDRESS: from the router
    for _ in 1 2 3 4 5; do
        in_router ping -c 1 -W 2 "$1" && return
    done
    return 1
}

ping_start() { # NAME ADDRESS: five a second, in the background of the guest
    guest_run "$1" "ping -i 0.2 $2 >/tmp/ping 2>&1 &"
    wait_for 20 ping_goes_on "$1"
}

answers() { # NAME: the numbers of the pings that were answered, as they came
    guest_run "$1" cat /tmp/ping | sed -n 's/.* seq=\([0-9]*\) .*/\1/p'
}

ping_goes_on() { # NAME: one more is answered than there were
    local before
    before=$(answers "$1" | wc -l)
    sleep 1
    (($(answers "$1" | wc -l) > before))
}

# Ends the ping and prints those that were not answered, or not once and in order. The last may
# still be under way, so what counts is that nothing is missing in between.
ping_stop() { # NAME
    guest_run "$1" killall ping >/dev/null
    answers "$1" | awk '$1 != NR - 1 + gap { print "at", NR - 1 + gap, "came", $1; gap = $1 - NR + 1 }
        END { if (NR < 5) print "only", NR, "answers" }'
}

traffic() { # NAME KEY: 0 when it is not told
    lab_ask list | sed -n "s/^traffic .*\bname=$1\( .*\)\? $2=\([^ ]*\).*/\2/p" | grep . || echo 0
}

# Its device is on the network that the options of `ontap` name.
outlaw_start() { # NAME [OPTION…]: returns when it has its device
    local name=$1 line=/run/lab/outlaw-$1 AS
    shift
    mkfifo "$line"
    exec {OUTLAW_LINE[$name]}<>"$line"
    identity member
    "${AS[@]}" ontap -n "$name" "$@" -- lab_outlaw <&"${OUTLAW_LINE[$name]}" \
        >"$(outlaw_log "$name")" 2>&1 &
    OUTLAW_PID[$name]=$!
    disown # else bash would tell of its end
    wait_for 20 grep -q '^ready' "$(outlaw_log "$name")" && return
    note "outlaw $name:" "$(<"$(outlaw_log "$name")")"
    return 1
}

outlaw_log() { # NAME: the file
    printf '%s\n' "$LAB_OUT/outlaw-$1.log"
}

outlaw_begin() { # NAME ORDER…: does not wait
    printf '%s\n' "${*:2}" >&"${OUTLAW_LINE[$1]}"
}

outlaw_done() { # NAME NUMBER: it has done that many orders
    (($(grep -c '^done' "$(outlaw_log "$1")") >= $2))
}

outlaw() { # NAME ORDER…: returns when its frames are sent
    local before
    before=$(grep -c '^done' "$(outlaw_log "$1")")
    outlaw_begin "$@"
    wait_for 60 outlaw_done "$1" $((before + 1))
}

outlaw_stop() { # NAME
    kill -KILL "${OUTLAW_PID[$1]}" && wait_gone "${OUTLAW_PID[$1]}" 10
    exec {OUTLAW_LINE[$1]}>&-
}
