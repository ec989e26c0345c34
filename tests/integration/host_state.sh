#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints what clusters could leave on a machine, sorted, without numbers that change by themselves:
# the output before `skiff up` and after `skiff down` is the same.
# Usage: host_state.sh [NAME...]   (with names: leaves out what belongs to clusters of other names)
# shellcheck disable=SC2012  # names are our own
set -u

# What devices have of a cluster's name: as short_id() of cli/local/layout.cpp.
short_id() {
  local name=$1 hash=2166136261 at
  if ((${#name} <= 6)); then echo "$name"; return; fi
  for ((at = 0; at < ${#name}; ++at)); do hash=$((((hash ^ $(printf '%d' "'${name:at:1}")) * 16777619) & 0xffffffff)); done
  printf '%s%04x\n' "${name:0:2}" $((hash & 0xffff))
}

names=$(IFS='|'; echo "$*")
ids=$(for name in "$@"; do short_id "$name"; done | paste -sd '|')
# Directories and control groups; namespaces, also of the hosts that tests have beside the nodes; bridges; veths.
mine="skiff/($names)([/ ]|\$)|skiff-($names)-(node-[0-9]+|router|near|narrow|far)([^a-z0-9-]|\$)"
mine+="|skiff-($ids)(_[0-9]+)?([^a-z0-9_-]|\$)|sk-($ids)-r?[0-9]+([^0-9]|\$)"

section() { printf '== %s\n' "$1"; }

# Drops lines of other clusters: their links, namespaces, control groups, pins, directories.
own() {
  if [[ -z $names ]]; then cat; else awk -v mine="$mine" '!/skiff[-\/]|sk-/ || $0 ~ mine'; fi
}

# Everything in a control group of skiff, of its programs, or started for one of its directories (a container's shim, a log reader),
# wherever it has been put. Not what has ended and waits for process 1 to notice. Forks nothing: there may be many processes.
processes() {
  local pid name state text words group
  local ours='^(skiff|containerd|pause|nginx|echo-server|runc)' in_group='/skiff/[^/]+/' for_us='/(run|var/lib)/skiff/[^/ ]+'
  for pid in /proc/[0-9]*; do
    name='' text=''
    { read -r name <"$pid/comm"; read -r -d '' text <"$pid/cgroup"; } 2>/dev/null
    { read -r state <"$pid/stat" && mapfile -d '' -t words <"$pid/cmdline"; } 2>/dev/null || continue
    [[ ${state##*) } == Z* ]] && continue
    group=
    if [[ $text =~ $in_group ]]; then group=${BASH_REMATCH[0]};
    elif [[ ! $name =~ $ours ]]; then
      [[ ${words[*]} =~ $for_us ]] || continue
      group=${BASH_REMATCH[0]}
    fi
    printf '%s %s\n' "$name" "$group"
  done
}

# Rules without counters and dates.
firewall() {
  local family
  for family in iptables ip6tables; do
    command -v "$family-save" >/dev/null && "$family-save" 2>/dev/null
    command -v "$family-legacy-save" >/dev/null && [[ -s /proc/net/${family/tables/_tables}_names ]] && "$family-legacy-save" 2>/dev/null
  done
  command -v nft >/dev/null && nft list ruleset 2>/dev/null
}

section processes
processes | own | sort | uniq -c
section namespaces
ls /run/netns 2>/dev/null | own | sort
section links
ip -o link 2>/dev/null | sed -E 's/^[0-9]+: ([^:@]+).*/\1/' | own | sort
section addresses
ip -o address 2>/dev/null | awk '{print $2, $4}' | own | sort
section queueing
{ tc qdisc show; tc filter show dev lo ingress; } 2>/dev/null | sed -E 's/ (refcnt|limit) .*//' | own | sort
section routes
{ ip route show table all; ip -6 route show table all; } | own | sort
section rules
ip rule; ip -6 rule
section firewall
firewall | sed -E '/^#/d; s/\[[0-9]+:[0-9]+\]//; s/counter packets [0-9]+ bytes [0-9]+//' | own
section mounts
awk '{print $2, $3}' /proc/self/mounts | own | sort
section control groups
find /sys/fs/cgroup -type d -path '*/skiff*' 2>/dev/null | own | sort
section bpffs
find /sys/fs/bpf -mindepth 1 2>/dev/null | own | sort
section directories
{ ls -d /run/skiff/* /var/lib/skiff/* /run/netns /tmp/skiff-images-*; find /etc/cni /opt/cni; } 2>/dev/null | own
section sysctl
sysctl -a -r 'forward|rp_filter|accept_ra|accept_local|disable_ipv6|addr_gen_mode|route_localnet|bpf' 2>/dev/null | own | sort
