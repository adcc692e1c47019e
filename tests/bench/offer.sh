#!/bin/bash
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The ontap authors
#
# How long an OFFER takes from the LAN into a guest when nobody has its address yet, so that it has
# to be learned, bound and replayed; beside what the kernel alone needs to forward such a frame. It
# runs in the lab:
#
#     tests/lab/run tests/bench/offer.sh [ROUNDS]
#
# The ratios are what to compare; the times are those of this machine's User Mode Linux. `offer`
# beside this file is the guest and its DHCP server.

# shellcheck source=tests/lab/world.sh
. "$ONTAP_TOP/tests/lab/world.sh"
tap_done=yes # this is no TAP

failed() { # WHY
    printf 'offer: %s\n' "$1"
    tail -n 20 "$ONTAPD_LOG"
    exit 1
}

rounds=${1:-150}
# No dhcp_up: the benchmark's own server is to be the only one.
lan_up || failed 'the LAN did not come up'
install_ontap
install -m 755 "$ONTAP_TOP/tests/bench/offer" /usr/bin/bench_offer
usual_policy
start_ontapd || failed 'ontapd does not start'

in_router bench_offer server lan0 "$HOST_MAC" &
as member ontap -- sh -c "bench_offer guest $rounds && lab_ask list >&9" 9>"$LAB_OUT/list" ||
    failed 'the guest did not get its frames'

# Else something other than a replay was measured.
[[ $(<"$LAB_OUT/list") =~ ' replays='([0-9]+) ]] && ((BASH_REMATCH[1] >= rounds)) ||
    failed "ontap did not replay $rounds frames: $(<"$LAB_OUT/list")"
