# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The ontap authors
#
# Real guests: QEMU, as an ordinary user, boots the image of guest/build.
#
#     start_guest vm1 member dhcp \
#         '-netdev tap,id=n,helper=/usr/bin/ontap-helper -device virtio-net-pci,netdev=n,romfile='
#     guest_says vm1 30 'lease 192.0.2'
#     guest_run vm1 ping -c 1 192.0.2.1
#     stop_guest vm1 KILL
#
# A guest's serial line goes to $LAB_OUT/guest-NAME.log, where it says `guest: …`; what is sent to
# it comes from a FIFO that this shell keeps open.

declare -A GUEST_PID GUEST_LINE

# USER runs QEMU with the options in OPTIONS, which are shell words: with GUEST_WRAPPER='ontap -q 2
# --' they may be `-netdev tap,id=n,fds=$ONTAP_FDS`. GUEST_SETTINGS holds what the scenario reads
# off the kernel's command line, as `ontap.KEY=VALUE …`. GUEST_INITRD=initrd-clients is the image with
# the DHCP clients that people use, if it could be made. GUEST_QEMU is what to run as QEMU, in words:
# `runvm -n vm1 --`, which puts QEMU's name there itself.
start_guest() { # NAME USER SCENARIO OPTIONS
    local name=$1 user=$2 scenario=$3 options=$4 command line AS
    [[ $ONTAP_GUEST ]] || bail_out "there is no guest image (tests/lab/guest/build says why)"
    # shellcheck disable=SC2086 # words
    command=$(printf '%q ' ${GUEST_QEMU-qemu-system-x86_64} -M q35 -cpu max -accel tcg,tb-size=64 -m 128 \
        -nodefaults -no-user-config -no-reboot -display none -monitor none -serial stdio \
        -kernel "$ONTAP_GUEST/vmlinuz" -initrd "$ONTAP_GUEST/${GUEST_INITRD-initrd}" -append \
        "console=ttyS0 quiet panic=-1 ontap.name=$name ontap.scenario=$scenario ${GUEST_SETTINGS-}")
    line=/run/lab/line-$name
    [[ -p $line ]] || mkfifo "$line"
    exec {GUEST_LINE[$name]}<>"$line"
    identity "$user"
    (
        # shellcheck disable=SC2086 # the wrapper is words
        exec "${AS[@]}" ${GUEST_WRAPPER-} sh -c "exec $command $options" \
            <&"${GUEST_LINE[$name]}" >>"$(guest_log "$name")" 2>&1
    ) &
    GUEST_PID[$name]=$!
    disown # else bash would tell of its end
}

guest_log() { # NAME: the file
    printf '%s\n' "$LAB_OUT/guest-$1.log"
}

guest_runs() { # NAME
    kill -0 "${GUEST_PID[$1]}" 2>/dev/null
}

# True when the guest said a line that matches; false when the time is up or QEMU is gone.
guest_says() { # NAME SECONDS REGEX
    wait_for "$2" guest_said_or_gone "$1" "$3"
    guest_said "$1" "$3" && return
    note "guest $1 did not say '$3'; its last lines:"
    tail -n 15 "$(guest_log "$1")" | note
    return 1
}

guest_said() { # NAME REGEX
    grep -qE "guest: .*$2" "$(guest_log "$1")"
}

guest_said_or_gone() { # NAME REGEX
    guest_said "$@" || ! guest_runs "$1"
}

# Runs a line in the guest's shell: its output, its status. For at most 60 seconds.
guest_run() { # NAME WORDS…
    local name=$1 log start answer
    shift
    log=$(guest_log "$name")
    start=$(($(wc -l <"$log") + 1))
    printf '%s\n' "$*" >&"${GUEST_LINE[$name]}"
    wait_for 60 eval "tail -n +$start '$log' | grep -q '^guest: done' || ! guest_runs $name"
    answer=$(tail -n "+$start" "$log")
    sed '/^guest: done/,$d' <<<"$answer"
    return "$(sed -n 's/^guest: done //p' <<<"$answer" | grep -m1 . || echo 124)"
}

stop_guest() { # NAME [SIGNAL]: returns when QEMU is gone
    kill "-${2:-TERM}" "${GUEST_PID[$1]}" && wait_gone "${GUEST_PID[$1]}" 10
}
