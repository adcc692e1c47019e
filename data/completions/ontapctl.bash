# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The ontap authors
#
# bash completion for ontapctl(1). Names of networks and devices come from the daemon, quietly and
# within a second.

_ontapctl_ask() { # networks|names
    timeout 1 ontapctl complete "$1" 2>/dev/null
}

_ontapctl_words() { # COMMAND: what may follow it
    case $1 in
    '') printf '%s\n' list watch status release create revoke reload explain doctor --version ;;
    release | revoke)
        printf '%s\n' network= owner= name=
        [[ $1 == revoke ]] || _ontapctl_ask names
        ;;
    create) printf '%s\n' network= queues= ;;
    reload | doctor) printf '%s\n' --policy ;;
    explain) printf '%s\n' --policy user= network= type= ;;
    esac
    printf '%s\n' --json --socket --help
}

# bash takes `=` for a word of its own, so a value is looked at together with its key.
_ontapctl() {
    local line=${COMP_LINE:0:COMP_POINT} word command='' candidate
    local -a words
    read -ra words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=('')
    word=${words[-1]}
    for candidate in "${words[@]:1:${#words[@]}-2}"; do
        case $candidate in
        list | watch | status | release | create | revoke | reload | explain | doctor)
            command=$candidate
            break
            ;;
        esac
    done

    local value=${word#*=}
    case $word in
    network=*) mapfile -t COMPREPLY < <(compgen -W "$(_ontapctl_ask networks)" -- "$value") ;;
    name=*) mapfile -t COMPREPLY < <(compgen -W "$(_ontapctl_ask names)" -- "$value") ;;
    user=* | owner=*) mapfile -t COMPREPLY < <(compgen -u -- "$value") ;;
    type=*) mapfile -t COMPREPLY < <(compgen -W 'ipvtap macvtap ipvlan macvlan' -- "$value") ;;
    --policy=* | --socket=*) mapfile -t COMPREPLY < <(compgen -f -- "$value") ;;
    *)
        case ${words[-2]} in
        --policy | --socket) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
        *) mapfile -t COMPREPLY < <(compgen -W "$(_ontapctl_words "$command")" -- "$word") ;;
        esac
        ;;
    esac
    [[ ${#COMPREPLY[@]} != 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace
}

complete -F _ontapctl ontapctl
