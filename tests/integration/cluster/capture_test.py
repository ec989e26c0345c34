#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""skiff capture and skiff trace: packets of all nodes, with names."""

import shutil
import subprocess
import time
import unittest

from harness import BIN, CLUSTER, SCRATCH, ClusterTest, eventually, main, run, skiff
from workloads import echo_deployment, pod, service


class Packets(ClusterTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kubectl.apply(echo_deployment("web", 1))
        cls.kubectl.apply(service("web", "web"))
        web = cls.kubectl.ready_pods("app=web", 1)[0]
        other = next(node for node in ("node-1", "node-2") if node != web["spec"]["nodeName"])
        cls.kubectl.apply(pod("client", "echo:1.0.0", ("/usr/bin/echo-server",), nodeName=other))
        cls.kubectl.ready_pods("app=client", 1)
        cls.web = web
        cls.address = cls.kubectl.get("service", "web")["spec"]["clusterIPs"][0]
        eventually(lambda: cls.ask().returncode == 0)

    @classmethod
    def ask(cls):
        return cls.kubectl.run("exec", "client", "--", "/usr/bin/echo-server", "ask", "tcp", cls.address, 80, "x",
                               check=False)

    def while_asking(self, *command):
        """What a command prints that ends by itself while the client asks again and again."""
        with subprocess.Popen([str(word) for word in (BIN / "skiff", *command)], text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as process:
            deadline = time.monotonic() + 30
            while process.poll() is None and time.monotonic() < deadline:
                self.ask()
            process.terminate()
            out, error = process.communicate(timeout=10)
            self.assertEqual(0, process.returncode, error)
            return out + error

    def common(self):
        return ("--name", CLUSTER, "-n", self.kubectl.namespace)

    def test_a_trace_follows_packets_over_both_nodes(self):
        text = self.while_asking("trace", *self.common(), "client", "--to", "web", "--count", 8)
        for part in (f"{self.kubectl.namespace}/client", "from pod", "from device", "node-1", "node-2"):
            self.assertIn(part, text)

    @unittest.skipUnless(shutil.which("tshark"), "tshark is not installed")
    def test_a_capture_reads_in_tshark_with_the_names_of_pods(self):
        file = SCRATCH / "capture.pcapng"
        self.while_asking("capture", *self.common(), "pod client and tcp port 8080", "--count", 10, "-w", file)
        fields = run("tshark", "-N", "n", "-r", file, "-T", "fields", "-e", "frame.interface_name", "-e", "frame.comment",
                     "-e", "ip.src_host", "-e", "_ws.malformed").stdout
        self.assertGreaterEqual(len(fields.splitlines()), 10)
        self.assertIn(f"client.{self.kubectl.namespace}.pod", fields)
        self.assertIn(f"{self.web['metadata']['name']}.{self.kubectl.namespace}.pod", fields)
        self.assertIn(f"{self.kubectl.namespace}/client:", fields)
        self.assertIn("redirected", fields)

    def test_a_filter_that_cannot_be_read_says_where(self):
        done = skiff("capture", *self.common(), "hots 10.0.0.1", "-w", "/dev/null", check=False)
        self.assertEqual(1, done.returncode)
        self.assertIn('"hots": want host, net, port', done.stderr)


if __name__ == "__main__":
    main()
