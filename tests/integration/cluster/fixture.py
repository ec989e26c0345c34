#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Starts the cluster of the tests, and takes it down again: fixture.py up | down. Keeps its logs in SKIFF_SCRATCH."""

import os
import shutil
import sys
import time

from harness import CLUSTER, SCRATCH, SKIP, SOURCE, run, skiff

HOST_STATE = SOURCE / "tests/integration/host_state.sh"
BEFORE = SCRATCH / f"host-before-{CLUSTER}"
LOGS = SCRATCH / f"logs-{CLUSTER}"
SEGMENTS, NODES = os.environ.get("SKIFF_SEGMENTS", "1"), os.environ.get("SKIFF_NODES", "2")
LEASE = os.environ.get("SKIFF_LEASE")  # of nodes, where one shall fail within a test
AGENT_FLAGS = [f"--agent-flag={flag}" for flag in os.environ.get("SKIFF_AGENT_FLAGS", "").split()]


def up():
    skiff("down", "--name", CLUSTER)
    BEFORE.write_text(run(HOST_STATE, CLUSTER).stdout, encoding="utf-8")
    # A second handler: for pods whose sockets the node leaves alone (traffic_policies_test).
    leases = [f"--agent-flag=--node-lease-duration={LEASE}", f"--controller-flag=--node-monitor-grace-period={LEASE}"] if LEASE else []
    print(skiff("up", "--name", CLUSTER, "--nodes", NODES, "--segments", SEGMENTS, "--ipv6", *leases,
                f"--runtime=sandboxed={shutil.which('runc')}", *AGENT_FLAGS, timeout=110).stdout)


def down():
    shutil.rmtree(LOGS, ignore_errors=True)
    shutil.copytree(f"/var/lib/skiff/{CLUSTER}/logs", LOGS, dirs_exist_ok=True)
    print(f"logs: {LOGS}")
    print(skiff("down", "--name", CLUSTER).stdout)
    after = SCRATCH / f"host-after-{CLUSTER}"
    # A killed process is seen until init has reaped it.
    for _ in range(50):
        after.write_text(run(HOST_STATE, CLUSTER).stdout, encoding="utf-8")
        difference = run("diff", BEFORE, after, check=False).stdout
        if not difference:
            break
        time.sleep(0.1)
    if difference:
        sys.exit(f"left on the machine:\n{difference}")


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("needs root")
        sys.exit(SKIP)
    {"up": up, "down": down}[sys.argv[1]]()
