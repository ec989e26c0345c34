#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what building, testing and running skiff need, from the distribution's packages alone. Quick when all is there.
# Usage: deps.sh [--print | --kernels]   (--print: only list the packages; --kernels: what `make test-kernels` needs as well)
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
  # compilers and build
  ccache clang-19 clang-format-19 clang-tidy-19 cmake git libclang-rt-19-dev lld-19 make ninja-build pkg-config python3
  # eBPF and netlink
  bpftool libbpf-dev libnl-3-dev libnl-genl-3-dev libnl-route-3-dev
  # RPC
  libabsl-dev libgrpc++-dev libprotobuf-dev protobuf-compiler protobuf-compiler-grpc
  # libraries
  libboost-container1.81-dev libboost-json1.81-dev libboost1.81-dev libcli11-dev libfmt-dev libldns-dev libnghttp2-dev
  libpcap-dev librocksdb-dev libspdlog-dev libssl-dev libyaml-cpp-dev prometheus-cpp-dev zlib1g-dev
  # tests and benchmarks
  bind9-dnsutils curl iptables jq libbenchmark-dev libgmock-dev libgtest-dev libusrsctp2 netcat-openbsd nftables openssl procps
  python3-kubernetes shellcheck tshark
  # running a cluster (busybox and nginx are only downloaded by deploy/images: nothing of them runs here)
  ca-certificates containerd iproute2 runc
)
if [[ ${1:-} == --kernels ]]; then packages+=(binutils busybox qemu-system-x86); fi
kubectl_peer=build/peers/kubectl-1.20  # an old kubectl for the compatibility tests, beside whatever the machine has

if [[ ${1:-} == --print ]]; then printf '%s\n' "${packages[@]}" | sort; exit 0; fi

installed() { [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

root() { if ((EUID == 0)); then "$@"; else sudo -- "$@"; fi; }

updated=
update_once() {
  [[ -n $updated ]] || root apt-get -q update
  updated=yes
}

missing=()
for package in "${packages[@]}"; do installed "$package" || missing+=("$package"); done
command -v kubectl >/dev/null || missing+=(kubernetes-client)

mkdir -p build
if ((${#missing[@]})); then
  echo "installing: ${missing[*]}"
  update_once
  root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "${missing[@]}"
fi

if [[ ! -x $kubectl_peer ]]; then
  update_once
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  if (cd "$scratch" && apt-get -q download kubernetes-client && dpkg -x kubernetes-client_*.deb .); then
    mkdir -p "$(dirname "$kubectl_peer")"
    install -m 0755 "$scratch/usr/bin/kubectl" "$kubectl_peer"
  else
    echo "kubernetes-client is not to be had here: tests with kubectl 1.20 will be skipped" >&2
  fi
fi
