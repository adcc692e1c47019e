# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The ontap authors
#
# Wi-Fi without hardware, for tests that run with `run --debian`. `wifi_up` takes the place of
# `world_up` in world.sh, which a test sources before:
#
#     the host (where the test runs)    │ netns router
#                                       │
#       wlan0 ─ ─ ─ WPA2, the air ─ ─ ─ ┼─ ap1, channel 1 ┐
#       wpa_supplicant                  │                 ├ lan0 (a bridge)   dnsmasq
#       an address by DHCP              │─ ap2, channel 6 ┘ 192.0.2.1
#
# The radios are mac80211_hwsim's: what is between them is simulated, what is above them is the
# kernel's own 802.11 stack, hostapd and wpa_supplicant. So an access point drops every frame of a
# sender that is not associated, and sends none to such a receiver, as a real one does. Both access
# points are of one network. The device hwsim0 shows every frame in the air.

SSID=ontap PASSPHRASE='correct horse battery staple'
# shellcheck disable=SC2034 # the tests'
BSSID_1='' BSSID_2='' # set by wifi_up

# A device goes into another netns only together with its radio.
move_radio() { # DEVICE NEW-NAME
    local radio
    radio=$(cat "/sys/class/net/$1/phy80211/name")
    iw phy "$radio" set netns name router && ip -n router link set "$1" name "$2"
}

access_point() { # DEVICE CHANNEL: its settings
    cat >"/run/$1.conf" <<-END
	interface=$1
	bridge=lan0
	driver=nl80211
	ssid=$SSID
	hw_mode=g
	channel=$2
	wpa=2
	wpa_key_mgmt=WPA-PSK
	rsn_pairwise=CCMP
	wpa_passphrase=$PASSPHRASE
	END
}

air_up() {
    modprobe mac80211_hwsim radios=3 || return 1
    ip netns add router
    move_radio wlan1 ap1 && move_radio wlan2 ap2 || return 1
    ip link set hwsim0 up
    ip -n router link set lo up
    ip -n router link add lan0 type bridge forward_delay 0
    ip -n router address add "$ROUTER_IP/24" dev lan0
    ip -n router link set lan0 up
    access_point ap1 1
    access_point ap2 6
    # shellcheck disable=SC2034
    BSSID_1=$(in_router cat /sys/class/net/ap1/address) \
        BSSID_2=$(in_router cat /sys/class/net/ap2/address)
    in_router hostapd -t -f "$LAB_OUT/hostapd.log" /run/ap1.conf /run/ap2.conf &
    wait_for 20 eval '[[ $(grep -c "AP-ENABLED" "$LAB_OUT/hostapd.log") == 2 ]]'
}

# Associates wlan0 with the first access point.
station_up() {
    cat >/run/station.conf <<-END
	ctrl_interface=/run/wpa_supplicant
	network={
	    ssid="$SSID"
	    psk="$PASSPHRASE"
	    bssid=$BSSID_1
	}
	END
    wpa_supplicant -B -t -D nl80211 -i wlan0 -c /run/station.conf -f "$LAB_OUT/supplicant.log" &&
        wait_for 20 associated "bssid=$BSSID_1" &&
        install -m 755 "${lab:?}/guest/udhcpc" /run/udhcpc &&
        busybox udhcpc -nqf -t 5 -T 5 -i wlan0 -s /run/udhcpc >"$LAB_OUT/station.lease" 2>&1
}

associated() { # WORD: the station is, with its keys agreed, and its status has that line
    local status
    status=$(wpa_cli -i wlan0 status)
    [[ $'\n'$status$'\n' == *$'\n'"$1"$'\n'* && $status == *wpa_state=COMPLETED* ]]
}

# As a station does that moves about: looks around, and goes over to another access point of the
# same network.
roam_to() { # BSSID
    wpa_cli -i wlan0 set_network 0 bssid any
    wait_for 20 sees_bss "$1" && wpa_cli -i wlan0 roam "$1" && wait_for 20 associated "bssid=$1"
}

sees_bss() { # BSSID
    wpa_cli -i wlan0 scan
    sleep 1
    wpa_cli -i wlan0 scan_results | grep -q "^$1"
}

# As NetworkManager does that gives the station another MAC for each network.
change_station_mac() { # MAC: returns when it is associated anew
    ip link set wlan0 down && ip link set wlan0 address "$1" && ip link set wlan0 up &&
        wait_for 30 associated "address=$1"
}

wifi_up() {
    local tool
    for tool in hostapd wpa_supplicant wpa_cli iw; do
        command -v "$tool" >/dev/null || skip_all "no $tool here: run scripts/install-deps check"
    done
    modprobe -n mac80211_hwsim || skip_all 'this kernel has no mac80211_hwsim'
    air_up || bail_out "the access points did not come up: $(tail -n 3 "$LAB_OUT/hostapd.log")"
    dhcp_up || bail_out 'dnsmasq did not start'
    station_up || bail_out "wlan0 is not associated: $(tail -n 3 "$LAB_OUT/supplicant.log")"
    install_ontap
}
