# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The ontap authors
#
# What guest/build and debian/build share: makes a folder with a distribution's own kernel,
# `vmlinuz`, and a small root file system for it, `initrd`. The kernel's package is downloaded and
# unpacked, not installed; in the root file system is busybox and what the builder adds. No part
# of it needs root.
#
# The folder is kept under $XDG_CACHE_HOME (or ~/.cache) and named by the versions of the kernel
# and busybox and by a hash of the builder's files, so it is made again when one of them changes,
# and asking again costs next to nothing.
#
# With $ONTAP_LAB_RELEASE, as in `bullseye`, it is the kernel of that release of Debian, from where this
# machine has its own packages.
#
# A builder sets
#     metapackages    packages that lead to its kernel; the first that exists wins
#     modules         what its init needs; they lie in /modules, and /modules/order lists them in
#                     the order in which they must be inserted
#     sources         its own files, of which the folder is made
# defines
#     fill_initrd INITRD            puts its own files into the root file system
#     fill_image WORK RELEASE INTO  adds to the folder; the kernel's package lies in WORK/root
# and calls `image_folder KIND`, which prints the folder.

: "${metapackages=}" "${modules=}" "${sources=}"
PATH=$PATH:/usr/sbin:/sbin
cache=${XDG_CACHE_HOME:-${HOME:?}/.cache}/ontap
release_wanted=${ONTAP_LAB_RELEASE-}
apt_lists=/var/lib/apt/lists
apt_options=()

die() {
    printf '%s: %s\n' "${0##*/lab/}" "$*" >&2
    exit 1
}

# Its lists are fetched when there are none, or this machine has newer ones of its own.
use_release() { # NAME
    local folder=$cache/apt-$1 site
    site=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' |
        sed -n 's/^Debian //p' | sort -u | head -n 1)
    [[ $site ]] || die "no packages of Debian here, of which $1 would be another release"
    apt_lists=$folder/lists
    apt_options=(-o "Dir::Etc::sourcelist=$folder/sources.list" -o Dir::Etc::sourceparts=/dev/null
        -o "Dir::State::lists=$apt_lists" -o "Dir::Cache=$folder" -o APT::Sandbox::User=root)
    [[ ! $folder/sources.list -nt /var/lib/apt/lists ]] || return 0
    mkdir -p "$apt_lists/partial" "$folder/archives/partial"
    printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' \
        "$site" "$1" >"$folder/sources.list"
    apt-get -qq "${apt_options[@]}" update >&2 || {
        rm "$folder/sources.list"
        die "the packages of $1 cannot be listed"
    }
}

depends() { # PACKAGE: the kernel packages it depends on, metapackages resolved
    apt-cache "${apt_options[@]}" depends --no-recommends --no-suggests "$1" 2>/dev/null |
        sed -nE 's/^ *Depends: (linux-(image|modules)-.*)/\1/p'
}

kernel_packages() {
    local meta image
    for meta in "${metapackages[@]}"; do
        image=$(depends "$meta" | grep -m1 '^linux-image-[0-9]') || continue
        printf '%s\n' "$image"
        depends "$image" | grep '^linux-modules-[0-9]' || true
        depends "$meta" | grep '^linux-modules-extra-[0-9]' || true
        return
    done
    die "apt knows none of: ${metapackages[*]} (apt-get update?)"
}

candidate() { # PACKAGE: the version that would be downloaded
    apt-cache "${apt_options[@]}" policy "$1" | sed -n 's/^ *Candidate: //p'
}

# Names the last image made for the same busybox, the same sources and the package lists that apt
# has now: then nothing can have changed, and apt need not be asked.
remembered() {
    local lists
    lists=$(stat -c %Y "$apt_lists" 2>/dev/null || true)
    {
        printf '%s\n' "$lists"
        stat -Lc '%s %Y' "$(command -v busybox)"
        cat "${sources[@]}"
    } | sha256sum | cut -c 1-16
}

unpack() { # FOLDER PACKAGE…: into FOLDER/root
    local into=$1 package
    shift
    mkdir -p "$into"
    (
        cd "$into" || exit
        apt-get -qq -o APT::Sandbox::User=root "${apt_options[@]}" download "$@" >&2
        for package in *.deb; do
            dpkg-deb -x "$package" root
            rm "$package"
        done
    )
}

# The modules in the order in which they must be inserted, each once.
copy_modules() { # UNPACKED-ROOT RELEASE INITRD
    local root=$1 release=$2 initrd=$3 path
    mkdir -p "$initrd/modules"
    modprobe -d "$root" -S "$release" -a --show-depends "${modules[@]}" |
        sed -n 's/^insmod \([^ ]*\).*/\1/p' | awk '!seen[$0]++' |
        while read -r path; do
            case $path in
            *.xz) xz -dc "$path" >"$initrd/modules/$(basename "$path" .xz)" ;;
            *.zst) zstd -qdc "$path" >"$initrd/modules/$(basename "$path" .zst)" ;;
            *) cp "$path" "$initrd/modules/" ;;
            esac
            path=${path##*/}
            printf '%s\n' "${path%%.ko*}.ko" >>"$initrd/modules/order"
        done
}

pack() { # FOLDER: as a part of an initrd
    (cd "$1" && find . | busybox cpio -o -H newc 2>/dev/null | gzip -1)
}

make_image() { # FOLDER PACKAGE…
    local into=$1 work release
    shift
    work=$(mktemp -d)
    # shellcheck disable=SC2064 # now, not later
    trap "rm -rf '$work'" EXIT
    unpack "$work" "$@"
    if [[ ! -d $work/root/lib/modules ]]; then # a package of a merged /usr
        ln -s usr/lib "$work/root/lib"
    fi
    release=$(basename "$work"/root/boot/vmlinuz-*)
    release=${release#vmlinuz-}
    depmod -b "$work/root" "$release"

    mkdir -p "$work"/initrd/{bin,dev,proc,sys,run,tmp,etc}
    ln -s bin "$work/initrd/sbin"
    cp "$(command -v busybox)" "$work/initrd/bin/busybox"
    fill_initrd "$work/initrd"
    copy_modules "$work/root" "$release" "$work/initrd"

    mkdir -p "$into.new"
    pack "$work/initrd" >"$into.new/initrd"
    install -m 644 "$work/root/boot/vmlinuz-$release" "$into.new/vmlinuz"
    fill_image "$work" "$release" "$into.new"
    chmod 644 "$into.new"/initrd*
    chmod 755 "$into.new"
    mv -T "$into.new" "$into"
}

image_folder() { # KIND
    local kind=$1${release_wanted:+-$release_wanted} tool lock memory packages version hash image
    for tool in busybox depmod modprobe apt-get dpkg-deb sha256sum; do
        command -v "$tool" >/dev/null || die "no $tool: run scripts/install-deps lab"
    done
    sources+=("${BASH_SOURCE[0]}")

    mkdir -p "$cache"
    exec {lock}>"$cache/lock-$kind" # several tests may ask at once
    flock "$lock"
    [[ ! $release_wanted ]] || use_release "$release_wanted"
    memory=$cache/$kind-$(remembered)
    if [[ -s $memory/initrd ]]; then
        realpath "$memory"
        return
    fi
    mapfile -t packages < <(kernel_packages)
    ((${#packages[@]} > 0)) || exit 1
    version=$(candidate "${packages[0]}")
    hash=$(cat "${sources[@]}" "$(command -v busybox)" | sha256sum | cut -c 1-12)
    image=$cache/image-$kind-$version-$hash
    if [[ ! -s $image/initrd ]]; then
        rm -rf "$image" "$image.new"
        make_image "$image" "${packages[@]}"
    fi
    ln -sfnT "$image" "$memory"
    realpath "$image"
}
