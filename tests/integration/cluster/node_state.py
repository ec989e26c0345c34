# SPDX-License-Identifier: Apache-2.0
"""What pods leave on their nodes while they run: containers, links, control groups, directories, addresses."""

import os
import pathlib

from harness import CLUSTER, on_node

CGROUPS = pathlib.Path("/sys/fs/cgroup")
# Kept by a node without any pod.
KEPT = {"link eth0", "link lo", "link vxlan-skiff"}


def ctr(node, *arguments):
    address = f"/run/skiff/{CLUSTER}/{node}/containerd/containerd.sock"
    return on_node(node, "ctr", "--address", address, "-n", "k8s.io", *arguments).stdout


def running(node):
    """Sandboxes and containers whose process runs."""
    return {line.split()[0] for line in ctr(node, "tasks", "list").splitlines() if line.endswith("RUNNING")}


def node_state(node):
    """Everything that belongs to pods of the node, a line each."""
    found = {f"container {name}" for name in ctr(node, "containers", "list", "-q").split()}
    found |= {f"link {name}" for name in on_node(node, "ls", "/sys/class/net").stdout.split()}
    found |= {f"namespace {name}" for name in on_node(node, "ls", "/run/netns").stdout.split()}
    agent = pathlib.Path(f"/var/lib/skiff/{CLUSTER}/{node}/agent")
    for what, folder in (("directory", "kubelet/pods"), ("address", "network/attachments"), ("log", "pod-logs")):
        found |= {f"{what} {path.name}" for path in (agent / folder).iterdir()}
    for hierarchy in (CGROUPS, *CGROUPS.iterdir()):
        # Not rglob: groups go while one looks, which os.walk bears.
        for path, _, _ in os.walk(hierarchy / f"skiff/{CLUSTER}/{node}/kubepods"):
            if os.path.basename(path).startswith("pod"):
                found.add(f"control group {path}")
    return found - KEPT
