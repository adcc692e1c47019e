#compdef ontapctl
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The ontap authors
#
# zsh completion for ontapctl(1). Names of networks and devices come from the daemon, quietly and
# within a second.

_ontapctl_ask() { # networks|names
    local -a found
    found=(${(f)"$(timeout 1 ontapctl complete $1 2>/dev/null)"})
    compadd -a found
}

_ontapctl_key() { # KEY…: `KEY=`, or the values of the one that was begun
    if compset -P 'network='; then
        _ontapctl_ask networks
    elif compset -P 'name='; then
        _ontapctl_ask names
    elif compset -P '(user|owner)='; then
        _users
    elif compset -P 'type='; then
        compadd ipvtap macvtap ipvlan macvlan
    else
        compadd -S '' -- ${^@}=
    fi
}

_ontapctl() {
    local curcontext=$curcontext state line
    local -a commands
    commands=(
        'list:show networks, their parents, and devices'
        'watch:show the same, and then what happens'
        'status:show how the daemon is'
        'release:delete a device of one'\''s own'
        'create:make a device in the network namespace of the host'
        'revoke:take away devices that the policy no longer permits'
        'reload:read the policy and put it into force'
        'explain:say who may what, and which line decides it'
        'doctor:check what usually goes wrong'
    )
    _arguments -C \
        '--json[for programs]' \
        '--socket=[of the daemon]:socket:_files' \
        '--policy=[for reload, explain and doctor]:policy:_files' \
        '--help[what a command does]' \
        '--version[the version]' \
        '1:command:->command' \
        '*::argument:->argument'

    case $state in
    command) _describe command commands ;;
    argument)
        case $line[1] in
        release) _ontapctl_key network owner name; _ontapctl_ask names ;;
        create) _ontapctl_key network queues ;;
        revoke) _ontapctl_key network owner name ;;
        explain) _ontapctl_key user network type ;;
        esac
        ;;
    esac
}

_ontapctl "$@"
