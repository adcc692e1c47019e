# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The ontap authors
#
# Something goes wrong at one system call of a process, with strace(1):
#
#     record calls "$ONTAPD" ask_for_one         # the array gets NAME:NUMBER of each call
#     strike "$ONTAPD" sendto:3 signal=KILL      # …is killed as it is about to make that call
#     strike "$ONTAPD" mknodat:1 error=ENOSPC    # …is told that it failed
#     …; strike_end
#
# NUMBER counts the calls of that NAME since strace attached. Calls that only wait, look at the
# clock or write the log are left out: between two of them nothing changes in the kernel.

# A call that fails is exchanged for one that does nothing, and that a seccomp filter lets through.
STRIKE_NOTHING=getpid
STRIKE_IDLE='poll|ppoll|clock_gettime|restart_syscall|read|write|futex|rt_sigprocmask|close'

strike_attach() { # PID FILE OPTION…: returns when strace sees it
    strace -f -o "$2" -p "$1" "${@:3}" 2>"$2.err" &
    STRACE=$!
    wait_for 20 traced "$1" || bail_out "strace: $(<"$2.err")"
}

traced() { # PID: every thread of it
    ! grep -q '^TracerPid:[[:space:]]*0$' /proc/"$1"/task/*/status
}

strike_end() { # returns when the process is on its own, or gone
    kill -INT "$STRACE" 2>/dev/null
    wait "$STRACE" 2>/dev/null
    return 0
}

record() { # ARRAY PID COMMAND…: runs the command, and notes what the process does for it
    local trace=$LAB_OUT/record
    strike_attach "$2" "$trace"
    "${@:3}" >/dev/null
    sleep 1 # what it does a moment later belongs to it
    strike_end
    mapfile -t "$1" < <(awk -v idle="^($STRIKE_IDLE)$" '
        match($2, /^[a-z0-9_]+\(/) {
            name = substr($2, 1, RLENGTH - 1)
            call = name ":" ++count[$1, name]
            if (name !~ idle && !seen[call]++)
                print call
        }' "$trace")
}

strike() { # PID NAME:NUMBER ACTION
    local action=$3
    [[ $action != error=* ]] || action+=:syscall=$STRIKE_NOTHING
    strike_attach "$1" "$LAB_OUT/strike" -e "trace=${2%:*}" -e "inject=${2%:*}:$action:when=${2#*:}"
}
