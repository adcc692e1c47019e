#!/bin/bash
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The ontap authors
#
# What ./demo shows, inside the lab kernel. It tells each step as it is taken.

# shellcheck source=tests/lab/world.sh
. "$ONTAP_TOP/tests/lab/world.sh"
tap_done=yes # this is no TAP

mac=52:54:00:12:34:56

say() {
    printf 'demo: %s\n' "$*"
}

failed() { # WHY [LOG]
    [[ $# -lt 2 ]] || tail -n 20 "$2"
    say "failed: $1"
    exit 1
}

say "Linux $(uname -r), with ipvtap"
say 'a LAN: a router with a DHCP server behind up0'
{ lan_up && dhcp_up; } || failed 'the LAN did not come up'
install_ontap

say 'the policy:'
usual_policy
sed 's/^/demo:     /' /etc/ontap/policy
start_ontapd || failed 'ontapd did not start' "$ONTAPD_LOG"
say "ontapd runs as $(stat -c %U "/proc/$ONTAPD")"

say 'user stranger asks for a device:'
as stranger ontap -- true 2>&1 | sed 's/^/demo:     /'

options="-netdev tap,id=n,helper=/usr/bin/ontap-helper \
-device virtio-net-pci,netdev=n,romfile=,mac=$mac"
say "user member runs: qemu-system-x86_64 … $options"
start_guest vm1 member dhcp "$options"
log=$(guest_log vm1)
wait_for 60 guest_said_or_gone vm1 'vm1 is up'
guest_said vm1 'vm1 is up' || failed 'the guest did not boot' "$log"
device=$(devices)
[[ $device ]] || failed 'the guest has no device'
say "guest vm1 is up; ontapd made $device for it:"
ip -n ontap link show dev "$device" | sed -n 's/^ *alias /demo:     /p'

wait_for 30 dhcp_saw "DHCPDISCOVER\(lan0\).* $mac" ||
    failed 'the DHCP server saw no DHCPDISCOVER of the guest' "$DHCP_LOG"

say 'QEMU is killed with -9'
stop_guest vm1 KILL
wait_for 1 device_count_is 0 || failed "$device is still there" "$ONTAPD_LOG"
say "$device is gone"

say "ok: guest vm1 of user member got device $device;" \
    "its DHCPDISCOVER from MAC $mac was seen by dnsmasq on the LAN"
exit 0
