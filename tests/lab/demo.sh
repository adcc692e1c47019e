#!/bin/bash
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The ontap authors
#
# What ./demo shows, inside the lab kernel. It tells each step as it is taken.

# shellcheck source=tests/lab/world.sh
. "$ONTAP_TOP/tests/lab/world.sh"
tap_done=yes # this is no TAP

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

options="-netdev tap,id=n,helper=/usr/bin/ontap-helper -device virtio-net-pci,netdev=n,romfile="
say "user member runs: qemu-system-x86_64 … $options"
start_guest vm1 member dhcp "$options"
log=$(guest_log vm1)
wait_for 60 guest_said_or_gone vm1 'vm1 is up'
guest_said vm1 'vm1 is up' || failed 'the guest did not boot' "$log"
device=$(devices)
[[ $device ]] || failed 'the guest has no device'
say "guest vm1 is up; ontapd made $device for it:"
ip -n ontap link show dev "$device" | sed -n 's/^ *alias /demo:     /p'

wait_for 60 guest_said_or_gone vm1 'lease '
guest_said vm1 'lease ' || failed 'the guest got no lease' "$DHCP_LOG"
mac=$(guest_run vm1 cat /sys/class/net/eth0/address)
lease=$(guest_run vm1 "ip -4 -o address show dev eth0 | sed 's/.*inet //; s/[/ ].*//'")
discovers=$(grep -c "DHCPDISCOVER(lan0).* $mac" "$DHCP_LOG")
say "the guest, whose MAC is $mac and not its parent's $HOST_MAC, got $lease"
[[ $discovers == 1 ]] || failed "the server saw $discovers DHCPDISCOVERs of the guest" "$DHCP_LOG"
say 'the DHCP server saw one DHCPDISCOVER:'
grep "DHCP[A-Z]*(lan0)" "$DHCP_LOG" | sed 's/.*\(DHCP[A-Z]*(lan0)\)/demo:     \1/'

has_ipv6() {
    address6=$(guest_run vm1 "ip -6 -o address show dev eth0 scope global | sed 's/.*inet6 //; s/[/ ].*//'")
    [[ $address6 ]]
}
address6=
for _ in {1..30}; do
    has_ipv6 && break
    sleep 1
done
[[ $address6 ]] || failed 'the guest has no IPv6 address' "$log"
say "and made itself $address6; what ontapd knows of it:"
as member lab_ask list | sed -n 's/^binding .* name=[^ ]* /demo:     /p'

for router in "$ROUTER_IP" "$ROUTER_IP6"; do
    say "guest: ping $router"
    guest_run vm1 ping -c 1 -W 5 "$router" | sed -n '/bytes from/s/^/demo:     /p'
    guest_run vm1 ping -c 3 -W 5 "$router" >/dev/null || failed "no answer from $router" "$log"
done

say 'QEMU is killed with -9'
stop_guest vm1 KILL
wait_for 1 device_count_is 0 || failed "$device is still there" "$ONTAPD_LOG"
say "$device is gone"

say "ok: guest vm1 of user member got device $device;" \
    "its one DHCPDISCOVER from MAC $mac was seen by dnsmasq on the LAN;" \
    "it has $lease and $address6, and pings the router by both"
exit 0
