# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The ontap authors
#
# All that happens to a daemon in its life: start, devices in every way there is to ask for one,
# nonsense, frames that mean harm, a new policy, a learner that dies, a parent that goes and comes
# back, a death, and in the end a stop in peace. For tests that look at its memory meanwhile; that
# its answers are right is what the other tests are for, and here no more than the sign that
# something happened.
#
#     life_begins && lives && life_ends

happens() { # DESCRIPTION COMMAND…: check, in this shell, for a command that sets variables
    if "${@:2}"; then ok "$1"; else fail "$1"; fi
}

life_begins() { # [ARGUMENT…] of ontapd
    install -m 755 "$ONTAP_TOP/tests/lab/crowd" /usr/bin/lab_crowd
    install -m 755 "$ONTAP_BUILD/tests/lab/bombard" /usr/bin/lab_bombard
    plain_lan_up || bail_out 'no parent'
    install_ontap
    life_policy 8
    start_ontapd "$@" || bail_out 'ontapd does not start'
}

life_policy() { # DEVICES
    policy <<-END
	network lan parent=up0 default types=macvtap
	network away parent=eth9 types=macvtap
	deny user=stranger
	allow user=root network=lan devices=40 queues=4
	allow group=vmusers network=lan,away devices=$1 queues=2
	END
}

answers() { # REGEX COMMAND…
    local output
    output=$("${@:2}" 2>&1)
    check "${*:2}" grep -qE "$1" <<<"$output"
}

devices_are_asked_for() {
    answers '^ok .*queues=2' lab_ask 'name=one queues=2'
    answers '^error denied ' as stranger lab_ask 'network=lan'
    answers '^error unknown-network ' as member lab_ask 'network=none'
    answers '^error no-parent ' as member lab_ask 'network=away'
    answers '^error limit |^error denied ' as member lab_ask 'queues=9'
    answers '^[0-9]+$' as member ontap -q 2 -- printenv ONTAP_IFINDEX
    happens 'a device is held' hold kept member 'name=kept queues=2'
    happens 'another too' hold brief member 'name=brief queues=2'
    close_queue brief 0
    unhold brief
    check 'and ends' wait_for 20 eval '! ontapctl list | grep -q brief'
}

devices_are_looked_at() {
    lab_ask watch >"$LAB_OUT/watched" 2>&1 &
    WATCHER=$!
    check 'a watcher hears of it' wait_for 20 grep -q kept "$LAB_OUT/watched"
    answers kept ontapctl list
    answers kept ontapctl list --json
    answers running ontapctl status
    answers '^yes' ontapctl explain user=member network=lan
    happens 'a device is held to be released' hold freed member 'name=freed'
    answers '' as member ontapctl release freed
    unhold freed
}

nonsense_is_said() {
    local i
    for i in '' '\0' 'type' 'type=' 'name=../x' "$(printf '%02000d' 0)" 'policy size=99' 'release' \
        'list more=yes' 'queues=-1'; do
        printf '%b\n' "$i" | as member lab_attack raw >/dev/null 2>&1
    done
    check 'clients that leave before their answer' as member lab_attack gone 20
    check 'clients that never read their descriptors' as member lab_attack unread 4
    answers '^ok ' lab_ask ping
}

policy_changes() {
    life_policy 1
    answers '^ok' reload
    answers '^error (limit|denied) ' as member lab_ask 'name=more'
    answers '^error malformed ' hand_over /etc/passwd
    life_policy 8
    answers '^ok' reload
}

worker() { # the process below the learner's supervisor
    pgrep -P "$(pgrep -P "$ONTAPD")"
}

frames_come() { # from the LAN: the learner reads those too where all guests have macvtaps
    local before
    before=$(worker)
    BOMBARD_INTERFACE=lan0 check 'frames that mean harm' lab_bombard 1 20000 \
        "$ONTAP_TOP/tests/fuzz/corpus/learner-frame" 33:33:00:00:00:01 ff:ff:ff:ff:ff:ff \
        192.0.2.1 192.0.2.90 2001:db8:77::1 2001:db8:77::bad fe80::1
    answers '^ok ' lab_ask ping
    expect 'the learner is there after them' "$before" "$(worker)"
}

learner_dies() {
    local before
    before=$(worker)
    kill -KILL "$before"
    check 'a learner that died is there anew' wait_for 30 eval \
        "now=\$(worker) && [[ \$now && \$now != '$before' ]]"
}

parent_goes() {
    ip link del up0
    check 'without a parent there is no device' wait_for 30 eval \
        '[[ $(lab_ask network=lan 2>&1) == *"error no-parent "* ]]'
    unhold kept
    plain_lan_up
    check 'with a new one there is' wait_for 30 lab_ask 'network=lan'
    happens 'one is held again' hold kept member 'name=kept queues=2'
}

daemon_dies() { # [ARGUMENT…] of ontapd
    stop_ontapd KILL
    happens 'a killed daemon is started again' start_ontapd "$@"
    answers kept ontapctl list
}

lives() { # [ARGUMENT…] of ontapd
    devices_are_asked_for
    devices_are_looked_at
    nonsense_is_said
    frames_come
    policy_changes
    learner_dies
    parent_goes
    daemon_dies "$@"
    lab_crowd hold 20 >"$LAB_OUT/crowd" 2>&1 &
    crowd=$!
    check 'a crowd has its devices' wait_for 60 grep -q held "$LAB_OUT/crowd"
    kill -KILL -- "-$crowd"
    { wait "$crowd"; } 2>/dev/null
    check 'they all go' wait_for 60 device_count_is 1
}

life_ends() {
    local processes
    mapfile -t processes < <(pgrep -P "$ONTAPD")
    happens 'it stops when told' stop_ontapd TERM
    check 'its learner too' wait_for 20 eval "! kill -0 ${processes[*]}"
    kill "$WATCHER" 2>/dev/null
    unhold kept
}
