#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints what clusters could leave on a machine, sorted, without numbers that change by themselves:
# the output before `skiff up` and after `skiff down` is the same.
# Usage: host_state.sh [NAME...]   (with names: leaves out what belongs to clusters of other names)
# shellcheck disable=SC2012  # names are our own
set -u
mine=$(IFS='|'; echo "$*")

section() { printf '== %s\n' "$1"; }

# Drops lines of other clusters: their links, namespaces, control groups, pins, directories.
own() {
  if [[ -z $mine ]]; then cat; else awk -v mine="(skiff[-/]($mine)|sk-($mine)-)" '!/skiff[-\/]|sk-/ || $0 ~ mine'; fi
}

# Not those that ended and wait for process 1 to notice.
processes() {
  local pid name
  for pid in $(ps -eo pid=,stat=,comm= | awk '$2 !~ /Z/ && $3 ~ /^(skiff|containerd|pause|nginx|echo-server|runc)/ {print $1}'); do
    name=$(cat "/proc/$pid/comm" 2>/dev/null) || continue
    printf '%s %s\n' "$name" "$(grep -oE '/skiff/[^/]+/' "/proc/$pid/cgroup" 2>/dev/null | head -1)"
  done
}

section processes
processes | own | sort | uniq -c
section namespaces
ls /run/netns 2>/dev/null | own | sort
section links
ip -o link | sed -E 's/^[0-9]+: ([^:@]+).*/\1/' | own | sort
section routes
{ ip route show table all; ip -6 route show table all; } | own | sort
section rules
ip rule; ip -6 rule
section mounts
awk '{print $2, $3}' /proc/self/mounts | own | sort
section control groups
find /sys/fs/cgroup -type d -path '*/skiff*' 2>/dev/null | own | sort
section bpffs
find /sys/fs/bpf -mindepth 1 2>/dev/null | own | sort
section directories
ls -d /run/skiff/* /var/lib/skiff/* /run/netns /tmp/skiff-images-* 2>/dev/null | own
section sysctl
sysctl -a 2>/dev/null | grep -E 'forward|rp_filter|bpf_' | own | sort
