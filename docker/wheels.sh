#!/usr/bin/env bash
# wheels.sh PROJECT BASE: fills PROJECT/wheels with modalembic, built from this source tree, and all
# that it and PROJECT/requirements.txt need, for the Python in the image BASE. An image can then be
# built where `docker build` reaches no package index, and with a modalembic that is not released.
set -euo pipefail
project=$(realpath "$1")
base=$2
source=$(realpath "$(dirname "$0")/..")
pip=("${PYTHON:-python3}" -m pip --disable-pip-version-check --no-input --quiet --quiet)

version=$(docker run --rm --entrypoint python3 "$base" -c \
    'import sys; print("%d.%d" % sys.version_info[:2])')
platforms=()
for glibc in 2_5 2_12 2_17 2_24 2_26 2_27 2_28 2_31 2_34; do
    platforms+=(--platform "manylinux_${glibc}_$(uname -m)")
done
platforms+=(--platform "manylinux2014_$(uname -m)")
requirements=()
if [ -e "$project/requirements.txt" ]; then
    requirements=(-r "$project/requirements.txt")
fi

mkdir -p "$project/wheels"
"${pip[@]}" wheel --no-deps --wheel-dir "$project/wheels" "$source"
"${pip[@]}" download --dest "$project/wheels" --find-links "$project/wheels" \
    --only-binary :all: --python-version "$version" --implementation cp "${platforms[@]}" \
    'modalembic[binary]' "${requirements[@]}"
