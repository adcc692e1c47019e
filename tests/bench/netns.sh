#!/bin/bash
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The ontap authors
#
# What the pump of `ontap --netns` costs: TCP between a namespace that it feeds from a macvtap and
# the other end of the parent, beside the same from a namespace with a macvlan of that parent, where
# no process carries frames. It runs as root in the running kernel:
#
#     tests/lab/run --native --timeout 300 tests/bench/netns.sh [ROUNDS]
#
# The ratios are what to compare. `flow` beside this file is both ends of the connections.

# shellcheck source=tests/lab/world.sh
. "$ONTAP_TOP/tests/lab/world.sh"
tap_done=yes # this is no TAP
rounds=${1:-3}

failed() { # WHY
    printf 'netns: %s\n' "$1"
    tail -n 20 "$ONTAPD_LOG"
    exit 1
}

ip netns add router && ip netns add plain &&
    ip link add up0 type veth peer name lan0 netns router &&
    ip link set up0 up || failed 'the LAN did not come up'
ip -n router address add 198.51.100.1/24 dev lan0
ip -n router link set lan0 up
ip link add link up0 name eth0 netns plain type macvlan mode bridge || failed 'no macvlan'
ip -n plain address add 198.51.100.2/24 dev eth0
ip -n plain link set eth0 up

install_ontap
install -m 755 "$ONTAP_TOP/tests/bench/flow" /usr/bin/bench_flow
policy <<-END
	network lan parent=up0 default types=macvtap
	allow user=root
END
start_ontapd || failed 'ontapd does not start'
ip netns exec router bench_flow serve 5000 >"$LAB_OUT/serve" 2>&1 &
ontap -n pumped --netns -- sleep 10000 &
pumped=$!
wait_for 10 nsenter --net --target $pumped ip link show eth0 || failed 'no card'
nsenter --net --target $pumped ip address add 198.51.100.3/24 dev eth0
wait_for 10 grep -q ready "$LAB_OUT/serve" || failed 'nobody serves'

printf '%-8s %12s %12s %6s\n' '' pump plain ratio
for what in send receive turns; do
    for ((i = 0; i < rounds; i++)); do
        plain=$(ip netns exec plain bench_flow $what 198.51.100.1 5000 3) || failed 'no plain TCP'
        pump=$(nsenter --net --target $pumped bench_flow $what 198.51.100.1 5000 3) ||
            failed 'no TCP through the pump'
        awk -v what=$what -v pump="$pump" -v plain="$plain" \
            'BEGIN { printf "%-8s %12d %12d %6.2f\n", what, pump, plain, pump / plain }'
    done
done
kill $pumped
