# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The ontap authors
#
# Clients that hold on to a device:
#
#     hold a member 'name=vm1 queues=2'
#     close_queue a 0
#     unhold a
#
# `lab_ask LINE` asks once, `lab_attack` and `lab_fuse` mean harm; they are the programs ask, attack
# and fuse beside this file, where every user can run them.

declare -A HOLDER_PID HOLDER_LINE

hold() { # NAME USER REQUEST: returns when the answer is there; false when it is none
    local name=$1 user=$2 line=/run/lab/holder-$1 AS
    [[ -p $line ]] || mkfifo "$line"
    rm -f "$(held "$name")" # an earlier holder's of this name
    exec {HOLDER_LINE[$name]}<>"$line"
    identity "$user"
    "${AS[@]}" lab_ask --hold "$3" <&"${HOLDER_LINE[$name]}" >"$(held "$name")" 2>&1 &
    HOLDER_PID[$name]=$!
    wait_for 20 holder_answered_or_gone "$name"
    grep -q '^fds ' "$(held "$name")"
}

holder_answered_or_gone() { # NAME
    grep -q '^fds ' "$(held "$1")" || ! kill -0 "${HOLDER_PID[$1]}"
}

held() { # NAME: the file with the reply
    printf '%s\n' "$LAB_OUT/holder-$1"
}

close_queue() { # NAME NUMBER
    printf 'close %d\n' "$2" >&"${HOLDER_LINE[$1]}"
}

unhold() { # NAME…: kills the holders; returns when they are gone
    local name
    for name; do
        kill -KILL "${HOLDER_PID[$name]}" 2>/dev/null
        wait "${HOLDER_PID[$name]}" 2>/dev/null
        forget "$name"
    done
}

forget() { # NAME: of a holder that has ended
    exec {HOLDER_LINE[$1]}>&-
    unset "HOLDER_PID[$1]" "HOLDER_LINE[$1]"
}
