# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The ontap authors
#
# Real libvirt in the lab (`run --libvirt`), confined by AppArmor as on a Debian host. A test sources
# this after world.sh and calls `libvirt_up`. Then an ordinary user has a libvirtd of his own:
#
#     session_helper member /usr/bin/ontap-helper
#     domain web "<interface type='bridge'>…</interface>"
#     session member create "$(domain_file web)"
#     adopt_guest web
#     guest_says web 60 'lease 192.0.2'
#
# What the package libvirt-daemon-system would have installed lies in $ONTAP_LIBVIRT. There is
# neither D-Bus nor systemd here, and libvirt does without.

log_label='' # inside the source element of a guest's log

libvirt_up() {
    local group
    [[ -d ${ONTAP_LIBVIRT-} ]] || bail_out 'run this with --libvirt'
    # Whoever unpacked it, here it is root's.
    cp -r --preserve=mode "$ONTAP_LIBVIRT"/etc/. /etc/ &&
        cp -r --preserve=mode "$ONTAP_LIBVIRT"/var/. /var/ || return 1
    getent group kvm >/dev/null || printf 'kvm:x:64054:\n' >>/etc/group
    group=$(getent group kvm | cut -d: -f3)
    printf '%s\n' libvirt-qemu:x:64055:libvirt-qemu libvirt:x:64056: >>/etc/group
    printf 'libvirt-qemu:x:64055:%d::/var/lib/libvirt:/usr/sbin/nologin\n' "$group" >>/etc/passwd
    chown -R libvirt-qemu:libvirt-qemu /var/lib/libvirt/qemu
    mkdir -p /etc/apparmor.d/local/abstractions
    touch /etc/apparmor.d/local/{usr.sbin.libvirtd,usr.lib.libvirt.virt-aa-helper,abstractions/libvirt-qemu}
    mount -t securityfs securityfs /sys/kernel/security &&
        apparmor_parser --replace --skip-cache /etc/apparmor.d/usr.sbin.libvirtd \
            /etc/apparmor.d/usr.lib.libvirt.virt-aa-helper
}

# The system's libvirtd and what it needs, and our hook. (With systemd a socket would start them.)
libvirtd_up() {
    log_label="<seclabel model='dac' relabel='no'/>" # it lies on the real machine
    install -D -m 755 "$ONTAP_TOP/qemu-wrapper/libvirt-hook" /etc/libvirt/hooks/qemu.d/ontap
    install -m 755 "$ONTAP_BUILD/qemu-wrapper/ontap-libvirt-hook" /usr/sbin/
    virtlogd -d && start_libvirtd
}

start_libvirtd() {
    libvirtd -d && wait_for 60 virsh uri
}

session() { # USER ARGUMENT…: virsh, with that user's own libvirtd, which it starts
    as "$1" virsh --quiet --connect qemu:///session "${@:2}" 2>&1
}

session_helper() { # USER PATH: his bridge_helper
    local log=$LAB_OUT/libvirtd-$1.log folder=/home/$1/.config/libvirt
    touch "$log"
    chmod 666 "$log"
    as "$1" mkdir -p "$folder"
    as "$1" tee "$folder/qemu.conf" <<<"bridge_helper = \"$2\"" >/dev/null
    as "$1" tee "$folder/libvirtd.conf" <<<"log_outputs = \"2:file:$log\"" >/dev/null
}

domain_file() { # NAME
    printf '%s\n' "/run/lab/$1.xml"
}

# Describes a guest of the usual image. Its serial line goes to its log, so guest_says works for it.
domain() { # NAME INTERFACES [METADATA]
    touch "$(guest_log "$1")"
    chmod 666 "$(guest_log "$1")"
    cat >"$(domain_file "$1")" <<-END
	<domain type='qemu'>
	  <name>$1</name>
	  ${3-}
	  <memory unit='MiB'>128</memory>
	  <vcpu>2</vcpu>
	  <os>
	    <type arch='x86_64' machine='q35'>hvm</type>
	    <kernel>$ONTAP_GUEST/vmlinuz</kernel>
	    <initrd>$ONTAP_GUEST/initrd</initrd>
	    <cmdline>$(guest_arguments "$1")</cmdline>
	  </os>
	  <features><acpi/></features>
	  <cpu mode='maximum'/>
	  <devices>
	    <controller type='usb' model='none'/>
	    <controller type='pci' index='0' model='pcie-root'/>
	    <controller type='pci' index='1' model='pcie-root-port'/>
	    <controller type='pci' index='2' model='pcie-root-port'/>
	    <memballoon model='none'/>
	    <serial type='file'><source path='$(guest_log "$1")' append='on'>$log_label</source></serial>
	    $2
	  </devices>
	</domain>
	END
}

guest_arguments() { # NAME: its kernel's
    printf 'console=ttyS0 quiet panic=-1 ontap.name=%s ontap.scenario=dhcp\n' "$1"
}

# Finds the QEMU that libvirt started, for guest_says and its like.
# shellcheck disable=SC2034 # guest.sh's
adopt_guest() { # NAME
    GUEST_PID[$1]=$(pgrep -f "^[^ ]*qemu-system-[^ ]* -name guest=$1,")
}

# A libvirtd that has started anew knows its guests before it has them in hand.
libvirt_has() { # VIRSH… NAME
    "${@:1:$#-1}" qemu-monitor-command "${@: -1}" --hmp info status
}

guest_address() { # NAME: the one it was leased
    sed -nE 's/.*guest: lease ([0-9.]+) .*/\1/p' "$(guest_log "$1")" | tail -n 1
}

router_reaches() { # NAME: the guest answers a ping
    in_router ping -q -c 1 -W 2 "$(guest_address "$1")"
}
