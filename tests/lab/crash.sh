# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The ontap authors
#
# A daemon that is killed, or lied to by the kernel, at one step of a request, of the end of a device
# or of a reload, and what must hold afterwards, whatever the step:
#
#   - links, nodes, locks and the daemon's list are about the same devices;
#   - the device exists if and only if its client got it;
#   - the user may have as many more devices as the policy says, and not one more;
#   - when the client ends, all of it goes.
#
# `member` may have CRASH_LIMIT devices; BYSTANDERS others exist meanwhile.

# shellcheck source=tests/lab/strike.sh
. "$ONTAP_TOP/tests/lab/strike.sh"

CRASH_LIMIT=3
BYSTANDERS=1
STRUCK='before anything'
CRASH_FAILED=() CRASH_MISSED=()

# A LAN with a daemon and a guest that pings all the time.
pinging_guest() {
    world_up
    policy <<-END
	network lan parent=up0 default
	allow user=stranger
	allow group=vmusers network=lan devices=$CRASH_LIMIT addresses=64
	END
    start_ontapd || bail_out 'ontapd does not start'
    start_guest vm1 stranger dhcp \
        '-netdev tap,id=n,helper=/usr/bin/ontap-helper -device virtio-net-pci,netdev=n,romfile='
    has_lease vm1 || bail_out 'the guest has no lease'
    check 'a guest reaches the router' reaches vm1 "$ROUTER_IP"
    check 'and goes on pinging' ping_start vm1 "$ROUTER_IP"
}

held_nodes() { # the nodes whose lock the kernel lists
    local device inode name
    while read -r device inode name; do
        ! grep -q "OFDLCK .* $device:$inode " /proc/locks || printf '%s\n' "${name##*/}"
    done < <(stat -c '%Hd %Ld %i %n' /run/ontap/dev/* 2>/dev/null |
        awk '{ printf "%02x:%02x %s %s\n", $1, $2, $3, $4 }')
}

sound() {
    local links known
    links=$(devices | sed 's/^ontap//' | sort)
    known=$(lab_ask list | sed -n 's/^device ifname=ontap\([0-9]*\) .*/\1/p' | sort)
    [[ $(held_nodes | sort) == "$(find /run/ontap/dev -mindepth 1 -printf '%f\n' | sort)" ]] &&
        [[ $(held_nodes | sed 's/\..*//' | sort -u) == "$links" ]] && [[ $known == "$links" ]]
}

may_have() { # NUMBER more devices, and no more
    (($(as member lab_ask '' '' '' '' | grep -c '^ok') == $1))
}

must() { # WHAT COMMAND…: soon
    wait_for 15 "${@:2}" && return
    CRASH_FAILED+=("$STRUCK: not so: $1")
    note "$STRUCK: not so: $1"
}

ask_for_one() {
    hold struck member name=struck
}

before_end_one() {
    ask_for_one
}

end_one() {
    unhold struck
}

after_ask_for_one() {
    local got=0
    ! grep -q '^fds 1$' "$(held struck)" || got=1
    must "$got of one device is there" device_count_is $((BYSTANDERS + got))
    must 'devices and holders agree' sound
    must 'the limit is right' may_have $((CRASH_LIMIT - got))
    unhold struck
    after_end_one
}

after_end_one() {
    must 'the device has gone' device_count_is "$BYSTANDERS"
    must 'devices and holders agree in the end' sound
}

exchange_policy() {
    reload
}

after_exchange_policy() {
    must 'devices and holders agree' sound
    must 'no device has come or gone' device_count_is "$BYSTANDERS"
    must 'the limit is right' may_have "$CRASH_LIMIT"
    must 'the policy can be exchanged' eval '[[ $(reload) == ok* ]]'
}

claimant() { # another bystander, `evil`
    forge_start evil || return
    BYSTANDERS=2
    CLAIM=192.0.2.20
    check 'addresses are learned' wait_for 20 claimed
}

before_claim() {
    CLAIM=${CLAIM%.*}.$((${CLAIM##*.} + 1))
}

claim() { # the address that CLAIM names
    forge evil arp "$CLAIM"
}

claimed() { # a guest that is not answered asks again
    claim
    bound_by evil "$CLAIM" arp
}

after_claim() {
    must 'what is said again is learned' claimed
    must 'and the guest has kept its address' in_room "$(lease vm1)"
}

killed_at() { # NAME:NUMBER COMMAND: the daemon dies there, and another is started
    STRUCK="killed at $1 of $2"
    strike "$ONTAPD" "$1" signal=KILL
    "$2" >/dev/null
    wait_for 5 eval "! kill -0 $ONTAPD" || CRASH_MISSED+=("$1")
    strike_end
    kill -KILL "$ONTAPD" 2>/dev/null
    wait_gone "$ONTAPD" 10
    start_ontapd || bail_out "$STRUCK: the next ontapd does not start"
}

error_of() { # NAME: one that this call can meet
    case $1 in
    openat | accept4) echo EMFILE ;;
    mknodat | inotify_add_watch) echo ENOSPC ;;
    fcntl) echo ENOLCK ;;
    sendmsg) echo ETOOMANYREFS ;;
    recvfrom) echo ECONNRESET ;;
    *) echo ENOMEM ;;
    esac
}

worker() { # the pid of the process that learns: the child of the one that ontapd started
    pgrep -P "$(pgrep -P "$ONTAPD" -f ontap-learnd)" -f ontap-learnd
}

learner_killed_at() { # NAME:NUMBER COMMAND: it dies there, and its parent starts another
    local victim
    STRUCK="the learner killed at $1 of $2"
    victim=$(worker)
    strike "$victim" "$1" signal=KILL
    "$2" >/dev/null
    wait_for 5 eval "! kill -0 $victim" || CRASH_MISSED+=("$1")
    strike_end
    kill -KILL "$victim" 2>/dev/null
    must 'another takes its place' eval "[[ \$(worker) && \$(worker) != $victim ]]"
    must 'the daemon lives on' kill -0 "$ONTAPD"
}

failing_at() { # NAME:NUMBER COMMAND: the daemon lives on
    STRUCK="$1 of $2 fails"
    strike "$ONTAPD" "$1" "error=$(error_of "${1%:*}")"
    "$2" >/dev/null
    sleep 0.2
    strike_end
    kill -0 "$ONTAPD" && return
    CRASH_FAILED+=("$STRUCK: the daemon has died")
    start_ontapd || bail_out "$STRUCK: the next ontapd does not start"
}

before() { # COMMAND
    ! declare -F "before_$1" >/dev/null || "before_$1"
}

daemon() {
    echo "$ONTAPD"
}

# How many events come in one message is not the same each time, so what counts is what was seen
# three times out of three.
steps_of() { # ARRAY COMMAND [WHO]: NAME:NUMBER of each system call that the daemon makes for it
    local -n into=$1
    local round=() seen=()
    for _ in 1 2 3; do
        before "$2"
        record round "$("${3-daemon}")" "$2"
        "after_$2"
        seen+=("${round[@]}")
    done
    mapfile -t into < <(printf '%s\n' "${seen[@]}" | awk '++count[$0] == 3')
    note "$2: ${into[*]}"
}

# One point for all the steps, and it says how many were met: a few are not each time.
each_step() { # killed_at|failing_at|learner_killed_at COMMAND NAME:NUMBER…
    local how=$1 what=$2 call met
    shift 2
    for call; do
        before "$what"
        "$how" "$call" "$what"
        "after_$what"
    done
    met=$(($# - ${#CRASH_MISSED[@]}))
    if ((${#CRASH_FAILED[@]} > 0)); then
        fail "$how each step of $what" "${CRASH_FAILED[@]}"
    elif ((met == 0 || ${#CRASH_MISSED[@]} > 1 + $# / 5)); then
        fail "$how each step of $what" "not met: ${CRASH_MISSED[*]}"
    else
        ok "$how each step of $what: $met of $#"
    fi
    CRASH_FAILED=() CRASH_MISSED=()
}
