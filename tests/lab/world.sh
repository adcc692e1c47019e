# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The ontap authors
#
# The world that a lab test lives in. A test sources this file and calls `world_up`:
#
#     the host (where the test runs)            │ netns router
#                                               │
#       up0 ─────────────── veth ───────────────┼─ lan0   dnsmasq: DHCP, DHCPv6,
#       192.0.2.2, 2001:db8:77::2               │         router advertisements
#       02:00:5e:00:00:02                       │ 192.0.2.1, 2001:db8:77::1, fe80::1
#                                               │ 02:00:5e:00:00:01
#
# up0 is the parent of every device. A network card receives only frames for its own address; a
# veth receives all, so the router's side drops unicast frames for any other address on their way
# (`nic_accepts MAC` adds one, as a card's unicast filter would).
#
# Users: `member` is in the group `vmusers`, which the usual policy allows; `stranger` is not.
#
# All that runs here ends with the kernel or the namespace, so nothing has to be torn down. Logs
# and captures lie in $LAB_OUT, which `run --keep` keeps.

set -u
lab=$ONTAP_TOP/tests/lab
# shellcheck source=tests/lab/tap.sh
. "$lab/tap.sh"
# shellcheck source=tests/lab/guest.sh
. "$lab/guest.sh"
# shellcheck source=tests/lab/clients.sh
. "$lab/clients.sh"
# shellcheck source=tests/lab/learn.sh
. "$lab/learn.sh"

HOST_MAC=02:00:5e:00:00:02
HOST_IP=192.0.2.2
HOST_IP6=2001:db8:77::2
ROUTER_MAC=02:00:5e:00:00:01
ROUTER_IP=192.0.2.1
ROUTER_IP6=2001:db8:77::1
DHCP_LOG=$LAB_OUT/dnsmasq.log
ONTAPD_LOG=$LAB_OUT/ontapd.log
ONTAP_SOCKET_PATH=/run/ontap/ontapd.sock
export HOST_MAC HOST_IP HOST_IP6 ROUTER_MAC ROUTER_IP ROUTER_IP6

# In a slow kernel a second lasts $LAB_PATIENCE seconds.
wait_for() { # SECONDS COMMAND…: until the command succeeds; its output is not shown
    local until=$((SECONDS + $1 * LAB_PATIENCE + 1))
    shift
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < until)) || return 1
        sleep 0.1
    done
}

in_router() { # COMMAND…
    ip netns exec router "$@"
}

identity() { # USER: sets the array AS, words that run a command as that user and nothing more
    local home
    home=$(getent passwd "$1" | cut -d: -f6)
    AS=(setpriv --reuid "$1" --regid "$1" --init-groups --inh-caps=-all --
        env -i "HOME=$home" "USER=$1" "LOGNAME=$1" PATH=/usr/bin:/bin LC_ALL=C.UTF-8)
}

as() { # USER COMMAND…
    local -a AS
    identity "$1"
    shift
    "${AS[@]}" "$@"
}

nic_accepts() { # MAC: up0 is to receive unicast frames for this address too
    in_router tc filter add dev lan0 egress prio 1 protocol all flower dst_mac "$1" action pass
}

nic_forgets() { # up0 receives no unicast frame at all, until nic_accepts
    in_router tc filter del dev lan0 egress prio 1 &&
        nic_accepts 01:00:00:00:00:00/01:00:00:00:00:00
}

lan_up() {
    ip netns add router &&
        ip link add up0 address "$HOST_MAC" type veth \
            peer name lan0 address "$ROUTER_MAC" netns router || return 1

    ip -n router link set lo up
    ip -n router address add fe80::1/64 dev lan0 nodad
    ip -n router address add "$ROUTER_IP/24" dev lan0
    ip -n router address add "$ROUTER_IP6/64" dev lan0 nodad
    ip -n router link set lan0 up
    ip address add "$HOST_IP/24" dev up0
    ip address add "$HOST_IP6/64" dev up0 nodad
    ip link set up0 up
    ip route add default via "$ROUTER_IP"

    in_router tc qdisc add dev lan0 clsact &&
        nic_accepts "$HOST_MAC" &&
        nic_accepts 01:00:00:00:00:00/01:00:00:00:00:00 &&
        in_router tc filter add dev lan0 egress prio 9 protocol all matchall action drop
}

# For a test in the running kernel, which may lack what lan_up needs: nobody is on this LAN.
plain_lan_up() {
    ip link add up0 type veth peer name lan0 && ip link set up0 up && ip link set lan0 up
}

dhcp_up() { # [FIRST,LAST]: the IPv4 addresses to give out; it is ready when it returns
    in_router dnsmasq --conf-file=/dev/null --user=root --pid-file=/run/dnsmasq.pid \
        --interface=lan0 --bind-interfaces --port=0 --no-ping --dhcp-authoritative \
        --dhcp-range="${1:-192.0.2.100,192.0.2.199},10m" \
        --enable-ra --dhcp-range=2001:db8:77::100,2001:db8:77::1ff,slaac,64,10m \
        --dhcp-leasefile=/run/dnsmasq.leases --log-dhcp --log-facility="$DHCP_LOG"
}

dhcp_saw() { # REGEX: the server logged such a line
    grep -qE "$1" "$DHCP_LOG"
}

# Starts tcpdump on `lan0` (in the router) or any other device (on the host). It sees, with link
# addresses, what the filter lets through, one line a frame, in the file `captured NAME`.
capture() { # NAME DEVICE [FILTER…]
    local name=$1 device=$2 where=()
    shift 2
    [[ $device != lan0 ]] || where=(ip netns exec router)
    "${where[@]}" tcpdump -Z root -lnnei "$device" "$@" \
        >"$(captured "$name")" 2>"$LAB_OUT/$name.err" &
    wait_for 10 grep -q 'listening on' "$LAB_OUT/$name.err" ||
        bail_out "tcpdump on $device: $(<"$LAB_OUT/$name.err")"
}

captured() { # NAME: the file
    printf '%s\n' "$LAB_OUT/$1.frames"
}

saw() { # NAME REGEX: the capture has such a line
    grep -qE "$2" "$(captured "$1")"
}

# What was built, where a user finds it and where AppArmor lets libvirt run it.
install_ontap() {
    local folder
    for folder in daemon helper policy learner ctl; do
        [[ -d $ONTAP_BUILD/$folder ]] || continue
        find "$ONTAP_BUILD/$folder" -maxdepth 1 -type f -executable -name 'ontap*' \
            -exec install -m 755 -t /usr/bin {} +
    done
    install -m 755 -t /usr/bin "$ONTAP_TOP/qemu-wrapper/runvm"
    install -m 755 "$lab/ask" /usr/bin/lab_ask
    install -m 755 "$lab/attack" /usr/bin/lab_attack
    install -m 755 "$lab/fuse" /usr/bin/lab_fuse
    install -m 755 "$lab/outlaw" /usr/bin/lab_outlaw
    install -m 755 "$lab/forge" /usr/bin/lab_forge
    hash -r
}

policy() { # the policy, from standard input
    install -d -m 755 /etc/ontap
    cat >/etc/ontap/policy
    chmod 644 /etc/ontap/policy
}

usual_policy() {
    policy <<-END
	network lan parent=up0 default
	allow group=vmusers network=lan
	END
}

reload() { # the running daemon is given the policy as it is now; prints its answer
    ontap-policy numeric >/run/lab/numeric 2>/run/lab/warnings && hand_over /run/lab/numeric
}

hand_over() { # FILE: a numeric policy
    { printf 'policy size=%d\n' "$(stat -c %s "$1")" && cat "$1"; } | lab_attack raw
}

start_ontapd() { # [ARGUMENT…]: returns when it answers
    [[ -e /etc/ontap/policy ]] || usual_policy
    ontapd --learner /usr/bin/ontap-learnd "$@" >>"$ONTAPD_LOG" 2>&1 &
    ONTAPD=$!
    disown # else bash would tell of its end
    if ! wait_for 10 daemon_ready_or_gone || ! lab_ask ping >/dev/null; then
        note "ontapd $* does not answer:"
        note <"$ONTAPD_LOG"
        return 1
    fi
}

daemon_ready_or_gone() {
    [[ -S $ONTAP_SOCKET_PATH ]] && lab_ask ping || ! kill -0 "$ONTAPD"
}

stop_ontapd() { # [SIGNAL]: returns when it is gone
    kill "-${1:-TERM}" "$ONTAPD" && wait_gone "$ONTAPD" 10
}

wait_gone() { # PID SECONDS: a child of this shell
    wait_for "$2" eval "! kill -0 $1" && wait "$1" 2>/dev/null
    return 0
}

devices() { # the names of the devices in the tap room, one a line
    ip -n ontap -o link show 2>/dev/null | sed -nE 's/^[0-9]+: (ontap[^:@]*).*/\1/p'
}

# CAP_NET_ADMIN and CAP_MKNOD; up to Linux 5.18 elements of maps need CAP_BPF too.
ontapd_capabilities() { # as in /proc/PID/status
    local first
    first=$(printf '%s\n' 5.19 "$(uname -r)" | sort -V | head -n 1)
    [[ $first == 5.19 ]] && echo 0000000008001000 || echo 0000008008001000
}

device_count_is() { # NUMBER
    [[ $(devices | wc -l) == "$1" ]]
}

world_up() {
    lan_up || bail_out "the LAN did not come up"
    dhcp_up || bail_out "dnsmasq did not start"
    install_ontap
}
