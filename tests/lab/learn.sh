# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The ontap authors
#
# Guests whose addresses are learned, and what the daemon says about them:
#
#     learn_policy static=off           # the usual policy, with more words for the network
#     boot vm1 dhcp ontap.pause=10      # a guest of member's; its device has its name
#     has_lease vm1 && ip=$(lease vm1)
#     valid vm1 "$ip"                   # seconds
#     refusals vm1 host                 # how many
#     watch_start; watched 'unbound .*name=vm1 .*reason=released'

# What mac= the network has. With `parent` every guest must have the host's MAC, with `translate` it
# has QEMU's own, which is the same for all of them too.
GUEST_MAC_POLICY=${GUEST_MAC_POLICY-parent}
case $GUEST_MAC_POLICY in
parent) GUEST_MAC=02:00:5e:00:00:02 ;;
translate) GUEST_MAC=52:54:00:12:34:56 ;;
esac
BOOT_TIME=120 # seconds that a guest gets to boot on a loaded machine
WATCH_LOG=$LAB_OUT/watch.log

learn_policy() { # [WORD…]: more words for the network; ALLOW has more for the rule
    policy <<-END
	network lan parent=up0 default mac=$GUEST_MAC_POLICY $*
	allow group=vmusers network=lan devices=16 ${ALLOW-}
	END
}

declare -A FORGE_LINE FORGE_PID
declare -i guests_booted=0

# The interface identifiers of a guest's IPv6 addresses come from a secret, so that guests with one
# MAC do not have one address.
#
# BOOT_HELPER has more options of the helper.
boot() { # NAME SCENARIO [SETTING…]: returns at once
    local name=$1 scenario=$2
    shift 2
    guests_booted+=1
    GUEST_SETTINGS="ontap.secret=2001:db8::$guests_booted $*" \
        start_guest "$name" member "$scenario" \
        "-netdev 'tap,id=n,helper=/usr/bin/ontap-helper --name=$name ${BOOT_HELPER-}' \
        -device virtio-net-pci,netdev=n,romfile=,mac=$GUEST_MAC"
}

is_up() { # NAME
    guest_says "$1" "$BOOT_TIME" "$1 is up"
}

has_lease() { # NAME [SECONDS]: from its boot on
    guest_says "$1" "${2:-$BOOT_TIME}" 'lease '
}

lease() { # NAME: the address of its last lease
    sed -n 's/.*guest: lease \([^ ]*\) .*/\1/p' "$(guest_log "$1")" | tail -n 1
}

# What `list` says of a device, one line each.
bindings() { # NAME
    lab_ask list | grep -E "^binding .*\bname=$1 "
}

binding() { # NAME ADDRESS
    bindings "$1" | grep -F " address=$2 "
}

bound_by() { # NAME ADDRESS SOURCE
    binding "$1" "$2" | grep -q " source=$3 "
}

unbound() { # NAME ADDRESS: neither the daemon nor the kernel has it
    ! binding "$1" "$2" && ! in_room "$2"
}

valid() { # NAME ADDRESS: seconds, 0 when it is not bound
    binding "$1" "$2" | sed -n 's/.* valid=//p' | grep . || echo 0
}

in_room() { # ADDRESS: the kernel has it on a device
    ip -n ontap -o address show | grep -qE " $1/(32|128) "
}

refusals() { # NAME REASON: their number
    lab_ask list | sed -n "s/^refusals .*\bname=$1 reason=$2 count=//p" | grep . || echo 0
}

refused() { # NAME REASON [MORE-THAN]: there were some
    (($(refusals "$1" "$2") > ${3:-0}))
}

counter() { # NAME WHAT: of the learner's
    lab_ask list | sed -n "s/^counters .*\bname=$1 .*\b$2=\([0-9]*\).*/\1/p" | grep . || echo 0
}

counted() { # NAME WHAT [MORE-THAN]
    (($(counter "$1" "$2") > ${3:-0}))
}

watch_start() { # returns when it listens
    : >"$WATCH_LOG"
    lab_ask watch >>"$WATCH_LOG" 2>&1 &
    wait_for 10 grep -q '^ok' "$WATCH_LOG"
}

watched() { # REGEX: such a line came
    grep -qE "$1" "$WATCH_LOG"
}

serve_by_unicast() { # FIRST-ADDRESS SECONDS: ends dnsmasq, and tests/lab/dhcpd takes over
    kill "$(</run/dnsmasq.pid)"
    in_router "$ONTAP_TOP/tests/lab/dhcpd" lan0 "$ROUTER_IP" "$@" >"$LAB_OUT/dhcpd.log" 2>&1 &
    wait_for 10 grep -q ready "$LAB_OUT/dhcpd.log"
}

# A guest that means harm, and no QEMU: tests/lab/forge on a device of that name.
forge_start() { # NAME [OPTION…]: options of ontap; returns when it has its device
    local name=$1 line=/run/lab/forge-$1 AS
    shift
    [[ -p $line ]] || mkfifo "$line"
    exec {FORGE_LINE[$name]}<>"$line"
    identity member
    "${AS[@]}" ontap -n "$name" "$@" -- lab_forge <&"${FORGE_LINE[$name]}" \
        >>"$LAB_OUT/forge-$name.log" 2>&1 &
    FORGE_PID[$name]=$!
    disown # else bash would tell of its end
    wait_for 20 eval "lab_ask list | grep -q '^device .*name=$name '"
}

forge() { # NAME WORDS…: one order; returns when its frames are sent
    local name=$1 log=$LAB_OUT/forge-$1.log before
    shift
    before=$(grep -c '^done' "$log")
    printf '%s\n' "$*" >&"${FORGE_LINE[$name]}"
    wait_for 120 eval "((\$(grep -c ^done '$log') > $before)) || ! kill -0 ${FORGE_PID[$name]}"
    kill -0 "${FORGE_PID[$name]}" || { note <"$log" && return 1; }
}

forge_stop() { # NAME
    kill -KILL "${FORGE_PID[$1]}" && wait_gone "${FORGE_PID[$1]}" 10
    exec {FORGE_LINE[$1]}>&-
}

# Pings until one of at most five is answered: the neighbour's address may have to be found first.
reaches() { # NAME ADDRESS: from within the guest
    guest_run "$1" "for i in 1 2 3 4 5; do ping -c 1 -W 2 $2 && exit 0; done; exit 1"
}

reached() { # ADDRESS: from the router
    for _ in 1 2 3 4 5; do
        in_router ping -c 1 -W 2 "$1" && return
    done
    return 1
}
