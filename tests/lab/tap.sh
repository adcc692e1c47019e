# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The ontap authors
#
# What a lab test says: TAP, one line a point. A test ends with `done_testing`; one that ends
# before has failed, whatever its exit status.

tap_count=0 tap_failed=0 tap_done=''

ok() { # DESCRIPTION
    printf 'ok %d - %s\n' $((++tap_count)) "$*"
}

fail() { # DESCRIPTION [LINE…]: a failed point, and what is known about it
    printf 'not ok %d - %s\n' $((++tap_count)) "$1"
    tap_failed=$((tap_failed + 1))
    shift
    [[ $# == 0 ]] || printf '%s\n' "$@" | note
    return 1
}

skip() { # DESCRIPTION REASON
    printf 'ok %d - %s # SKIP %s\n' $((++tap_count)) "$1" "$2"
}

note() { # comment lines, from the arguments or from standard input
    if [[ $# -gt 0 ]]; then
        printf '# %s\n' "$@"
    else
        sed 's/^/# /'
    fi
}

check() { # DESCRIPTION COMMAND…: the command must succeed
    local description=$1 output
    shift
    if output=$("$@" 2>&1); then
        ok "$description"
    else
        fail "$description" "status $? from: $*" "$output"
    fi
}

check_not() { # DESCRIPTION COMMAND…: the command must fail
    local description=$1 output
    shift
    if output=$("$@" 2>&1); then
        fail "$description" "succeeded: $*" "$output"
    else
        ok "$description"
    fi
}

expect() { # DESCRIPTION EXPECTED ACTUAL: the two strings must be the same
    if [[ $2 == "$3" ]]; then
        ok "$1"
    else
        fail "$1" "$(differ "$2" "$3")"
    fi
}

differ() { # EXPECTED ACTUAL: said in a few lines, however long the two are
    if [[ $1$2 == *$'\n'* ]]; then
        diff -U 1 --label expected --label got <(echo "$1") <(echo "$2")
    else
        printf '%s\n' "expected: $1" "     got: $2"
    fi
}

expect_match() { # DESCRIPTION REGEX ACTUAL: the string must match the extended regex
    if [[ $3 =~ $2 ]]; then
        ok "$1"
    else
        fail "$1" "expected: $2" "     got: $3"
    fi
}

skip_all() { # REASON: nothing of this test can run here
    printf '1..0 # SKIP %s\n' "$*"
    tap_done=yes
    exit 77
}

bail_out() { # REASON: without this nothing else makes sense
    printf 'Bail out! %s\n' "$*"
    tap_done=yes
    exit 1
}

done_testing() {
    tap_done=yes
    printf '1..%d\n' "$tap_count"
    exit $((tap_failed > 0))
}

tap_exit() {
    local status=$?
    if [[ ! $tap_done ]]; then
        printf 'Bail out! the test ended early, with status %d\n' "$status"
        exit 1
    fi
}
trap tap_exit EXIT
