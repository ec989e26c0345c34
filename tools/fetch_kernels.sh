#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The distribution's own kernels for `make test-kernels`: its release's and its backports', unpacked (not installed) under
# build/kernels/{release,backports}. The apt lists of backports stay in there too: the machine's own sources are not touched.
set -euo pipefail
cd "$(dirname "$0")/.."
kernels=$PWD/build/kernels
package=linux-image-cloud-amd64  # the flavour without drivers for hardware: a third of the size

apt_backports() {
  command apt-get -q -o Dir::Etc::sourcelist="$kernels/lists/backports.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::lists="$kernels/lists/state" -o Dir::Cache="$kernels/lists/cache" "$@"
}

depends_on() { sed -n 's/^Depends: \(linux-image-[^ ,]*\).*/\1/p' | head -n 1; }

unpack() {  # NAME COMMAND...: COMMAND downloads the package into the current folder
  local target=$kernels/$1 scratch
  shift
  [[ -n $(compgen -G "$target/boot/vmlinuz-*") ]] && return
  scratch=$(mktemp -d)
  (cd "$scratch" && "$@" >/dev/null && mkdir -p "$target" && dpkg -x ./*.deb "$target")
  rm -rf "$scratch"
  rm -rf "${target:?}/usr/share"
}

release() {
  local name
  name=$(apt-cache show "$package" | depends_on)
  apt-get -q download "$name"
}

backports() {
  local name
  mkdir -p "$kernels"/lists/{state,cache/archives}/partial
  # shellcheck disable=SC1091
  echo "deb http://deb.debian.org/debian $(. /etc/os-release && echo "$VERSION_CODENAME")-backports main" \
    >"$kernels/lists/backports.list"
  apt_backports update >&2
  name=$(apt-cache -o Dir::Etc::sourcelist="$kernels/lists/backports.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::lists="$kernels/lists/state" -o Dir::Cache="$kernels/lists/cache" show "$package" | depends_on)
  apt_backports download "$name"
}

unpack release release
unpack backports backports || echo "the backports kernel is not to be had here: it will be skipped" >&2
