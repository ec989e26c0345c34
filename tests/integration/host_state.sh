#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints what a cluster could leave on a machine, sorted, without numbers that change by themselves:
# the output before `skiff up` and after `skiff down` is the same.
# shellcheck disable=SC2009,SC2012  # names are our own
set -u
section() { printf '== %s\n' "$1"; }

section processes
ps -eo comm= | grep -E '^(skiff|containerd|pause|nginx|echo-server|runc)' | sort | uniq -c
section namespaces
ls /run/netns 2>/dev/null | sort
section links
ip -o link | sed -E 's/^[0-9]+: ([^:@]+).*/\1/' | sort
section routes
ip route show table all | sort
ip -6 route show table all | sort
section rules
ip rule; ip -6 rule
section mounts
awk '{print $2, $3}' /proc/self/mounts | sort
section control groups
find /sys/fs/cgroup -type d -path '*skiff*' 2>/dev/null | sort
section bpffs
find /sys/fs/bpf -mindepth 1 2>/dev/null | sort
section programs
if command -v bpftool >/dev/null; then bpftool -j prog show 2>/dev/null | jq -r '.[].name // "unnamed"' | sort | uniq -c; fi
section directories
ls -d /run/skiff /var/lib/skiff /run/netns /tmp/skiff-images-* 2>/dev/null
section sysctl
sysctl -a 2>/dev/null | grep -E 'forward|rp_filter|bpf_' | grep -vE 'skiff|sk-' | sort
