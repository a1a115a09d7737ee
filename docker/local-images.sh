#!/usr/bin/env bash
# Builds, without pulling anything, the two images that the tests need:
#
#   modalembic/base:local      this machine's distribution with Python and PostgreSQL
#   modalembic/postgres:local  the same, behaving like the official postgres image
#
# Packages come from the apt sources of the machine it runs on. Does nothing where the images are
# there already. Run as root, with mmdebstrap installed and a Docker engine running.
set -euo pipefail
cd "$(dirname "$0")"

base=modalembic/base:local
postgres=modalembic/postgres:local
packages=ca-certificates,postgresql,python3,python3-venv

# Names what the images are made of: another recipe makes another image.
recipe=$(cat local-images.sh postgres/* | sha256sum | cut -c1-16)

made_of() {
    docker image inspect --format '{{ index .Config.Labels "modalembic.recipe" }}' "$1" 2>/dev/null
}

apt_sources() {
    local file
    for file in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list.d/ubuntu.sources \
        /etc/apt/sources.list; do
        if [ -s "$file" ]; then
            echo "$file"
            return
        fi
    done
    echo "no apt sources on this machine" >&2
    return 1
}

import_base() {
    local suite options=() file
    suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
    for file in /etc/apt/apt.conf.d/99*; do
        if [ -f "$file" ] && grep -q '^ *Acquire::' "$file"; then
            options+=("--aptopt=$file")
        fi
    done
    # The cluster is the entrypoint's to make, not the package's.
    # shellcheck disable=SC2016  # $1 is for the hook
    mmdebstrap --quiet --variant=minbase --include="$packages" "${options[@]}" \
        --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' \
        --dpkgopt='path-exclude=/usr/share/man/*' \
        --essential-hook='mkdir -p "$1/etc/postgresql-common"' \
        --essential-hook='echo create_main_cluster=false > "$1/etc/postgresql-common/createcluster.conf"' \
        "$suite" - "$(apt_sources)" |
        docker import --change "LABEL modalembic.recipe=$recipe" - "$base" >/dev/null
}

if [ "$(made_of $base)" != "$recipe" ]; then
    echo "building $base"
    import_base
fi
if [ "$(made_of $postgres)" != "$recipe" ]; then
    echo "building $postgres"
    DOCKER_BUILDKIT=0 docker build --quiet --build-arg "BASE=$base" \
        --label "modalembic.recipe=$recipe" --tag "$postgres" postgres >/dev/null
fi
