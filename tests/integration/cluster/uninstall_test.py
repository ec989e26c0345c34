#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`skiff uninstall` on a node whose agent served pods, Services and the overlay: the node's network is as it was before. The last
topic of its cluster, whose node-2 has no pod network afterwards.
"""

import json
import os
import pathlib
import signal

from harness import BIN, CLUSTER, ClusterTest, daemon_pid, eventually, main, node_ips, on_node
from workloads import echo_deployment, service

NODE = "node-2"
DATA, RUN = pathlib.Path(f"/var/lib/skiff/{CLUSTER}/{NODE}/agent"), pathlib.Path(f"/run/skiff/{CLUSTER}/{NODE}")
PROTOCOL = "143"  # of the agent's routes


def is_running(pid):
    try:
        return bool(os.readlink(f"/proc/{pid}/exe"))
    except OSError:
        return False  # gone, or waiting for a supervisor that stands still


class Uninstall(ClusterTest):
    @staticmethod
    def uninstall(bpf):
        return on_node(NODE, BIN / "skiff", "uninstall", f"--bpf-dir={bpf}", f"--data-dir={DATA}", f"--run-dir={RUN}",
                       f"--cni-conf-dir={RUN}/cni", check=False)

    def test_a_node_gets_its_network_back_as_it_was(self):
        self.kubectl.apply(echo_deployment("web", 3))
        self.kubectl.apply(service("web", "web", type="NodePort"))
        self.kubectl.ready_pods("app=web", 3)
        agent, supervisor = daemon_pid(f"{NODE}-agent"), daemon_pid("supervisor")
        flags = pathlib.Path(f"/proc/{agent}/cmdline").read_text(encoding="utf-8").split("\0")
        bpf = next(flag.split("=")[1] for flag in flags if flag.startswith("--bpf-dir="))
        settings = dict(line.split(" ", 1) for line in (DATA / "network/settings").read_text(encoding="utf-8").splitlines())
        self.assertTrue(settings)
        self.assertIn("stop it first", self.uninstall(bpf).stderr)

        os.kill(supervisor, signal.SIGSTOP)  # it would start the agent again
        self.addCleanup(os.kill, supervisor, signal.SIGCONT)
        os.kill(agent, signal.SIGKILL)
        eventually(lambda: not is_running(agent))
        done = self.uninstall(bpf)
        # The pods' containers are the runtime's, and run on.
        self.assertTrue(done.returncode == 0 or "volumes of pods are mounted" in done.stderr, done.stderr)
        self.assertEqual({"lo", "eth0"}, set(on_node(NODE, "ls", "/sys/class/net").stdout.split()) - {"bonding_masters"})
        for family in ("-4", "-6"):
            self.assertEqual("", on_node(NODE, "ip", family, "route", "show", "table", "all", "proto", PROTOCOL).stdout)
        addresses = json.loads(on_node(NODE, "ip", "-j", "address", "show", "lo").stdout)[0]["addr_info"]
        self.assertEqual({"127.0.0.1", "::1"}, {each["local"] for each in addresses})
        self.assertEqual("", on_node(NODE, "tc", "filter", "show", "dev", "eth0", "ingress").stdout)
        self.assertFalse(pathlib.Path(bpf).exists())
        self.assertEqual([], list((RUN / "cni").glob("*.conflist")))
        for key, value in settings.items():
            if not any(gone in key for gone in ("/skiff", "vxlan-skiff")):
                self.assertEqual(value, on_node(NODE, "cat", f"/proc/sys/net/{key}").stdout.strip(), key)
        # Nothing of it is in the way of packets any more.
        on_node(NODE, "curl", "-sk", "--max-time", "2", f"https://{node_ips()[0]}:10250/healthz")


if __name__ == "__main__":
    main()
