#!/usr/bin/env bash
# bare-machine.sh COMMAND...: runs COMMAND in a copy of this tree on a bare machine: a chroot with git,
# make and python3 with venv, and nothing else. `scripts/bare-machine.sh make demo test`, say, with
# tests as on a user's machine, where a skip is no failure. Needs root and mmdebstrap.
#
# How to reach packages (apt's and pip's configuration, certificates) is taken from this machine. The
# chroot is kept under BARE_MACHINE (default: bare-machine in the temporary directory) for the next
# run; the copy of the tree is fresh each time, unless KEEP=1.
set -euo pipefail
tree=$(realpath "$(dirname "$0")/..")
root=${BARE_MACHINE:-${TMPDIR:-/tmp}/bare-machine}
packages=ca-certificates,git,make,python3,python3-venv

apt_sources() {
    local file
    for file in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list.d/ubuntu.sources \
        /etc/apt/sources.list; do
        if [ -s "$file" ]; then
            echo "$file"
            return
        fi
    done
}

make_root() {
    local options=() file
    for file in /etc/apt/apt.conf.d/99*; do
        if grep -q '^ *Acquire::' "$file"; then
            options+=("--aptopt=$file")
        fi
    done
    mmdebstrap --quiet --variant=minbase --include="$packages" "${options[@]}" \
        "$(. /etc/os-release && echo "$VERSION_CODENAME")" "$root.part" "$(apt_sources)"
    mv "$root.part" "$root"
}

# pip's files, certificates and name resolution.
take_network_settings() {
    local file
    for file in /etc/resolv.conf /etc/hosts /etc/pip.conf /etc/ssl/certs/ca-certificates.crt \
        "$HOME/.config/pip/pip.conf"; do
        if [ -e "$file" ]; then
            install -D -m 644 "$file" "$root/${file#/}"
        fi
    done
}

# An index in files keeps the packages beside its pages, so the directory above comes along.
local_indexes() {
    {
        python3 -m pip config list 2>/dev/null | grep -oE 'file:///[^ '"'"']+' |
            sed -E 's,^file://(.*)/[^/]*/?$,\1,' || true
        # shellcheck disable=SC2086  # a list
        printf '%s\n' ${PIP_FIND_LINKS:-}
    } | sort -u | while read -r path; do
        if [ -d "$path" ]; then
            echo "$path"
        fi
    done
}

copy_tree() {
    rm -rf "$root/root/modalembic"
    mkdir -p "$root/root/modalembic"
    git -C "$tree" ls-files --cached --others --exclude-standard -z |
        while IFS= read -r -d '' file; do
            if [ -e "$tree/$file" ]; then
                printf '%s\0' "$file"
            fi
        done |
        tar -C "$tree" --null --files-from=- --create |
        tar -C "$root/root/modalembic" --extract --no-same-owner
}

enter() {
    local path kept=(HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin "TERM=${TERM:-dumb}" LANG=C.UTF-8)
    while IFS= read -r -d '' path; do
        kept+=("$path")
    done < <(env --null | grep -zE '^(PIP_|SSL_CERT|REQUESTS_CA|https?_proxy|no_proxy|UV_)' || true)
    export root
    local_indexes=$(local_indexes)
    export local_indexes
    # shellcheck disable=SC2016  # expanded inside
    unshare --mount --pid --fork --kill-child bash -euc '
        mount --make-rprivate /
        mount -t proc proc "$root/proc"
        mount --rbind /dev "$root/dev"
        mount -t tmpfs tmpfs "$root/dev/shm"
        mount -t tmpfs tmpfs "$root/tmp"
        for directory in $local_indexes; do
            mkdir -p "$root$directory"
            mount --bind -o ro "$directory" "$root$directory"
        done
        exec chroot "$root" env --ignore-environment "$@"
    ' bare "${kept[@]}" sh -c 'cd /root/modalembic && exec "$@"' bare "$@"
}

[ -d "$root" ] || make_root
take_network_settings
[ -n "${KEEP:-}" ] || copy_tree
enter "$@"
