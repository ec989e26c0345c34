#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""skiff capture and skiff trace: packets of all nodes, with names."""

import json
import os
import shutil
import signal
import subprocess
import threading
import time
import unittest

from harness import BIN, CLUSTER, SCRATCH, ClusterTest, daemon_pid, eventually, main, run, skiff
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

    def test_a_trace_follows_packets_from_socket_to_socket_over_both_nodes(self):
        namespace, web = self.kubectl.namespace, self.web["metadata"]["name"]
        text = self.while_asking("trace", *self.common(), "client", "--to", "web", "--count", 12)
        for part in ("points of the kernel", f"socket of {namespace}/client", f"becomes {namespace}/{web}:8080 (only)",
                     f"in {namespace}/client eth0", "netfilter output", "netfilter postrouting", "queued", "sent", "from pod",
                     "from device", "node-1", "node-2", f"in {namespace}/{web} eth0", "netfilter prerouting", "read"):
            self.assertIn(part, text)

    def path_programs(self):
        return run("bpftool", "prog", "list", check=False).stdout.count("skiff_path_")

    def test_nothing_of_a_trace_stays_when_the_agent_dies(self):
        eventually(lambda: self.path_programs() == 0)
        trace_one = (BIN / "skiff", "trace", *self.common(), "client", "--node", "node-1")
        observe_one = (BIN / "skiff", "observe", *self.common(), "--port", "8080", "--node", "node-1", "-f", "--last", "1", "-o", "json")
        with subprocess.Popen([str(word) for word in observe_one], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as observe, \
             subprocess.Popen([str(word) for word in trace_one], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as trace:
            self.assertIn("8080", observe.stdout.readline())
            eventually(lambda: self.path_programs() > 0)
            old = daemon_pid("node-1-agent")
            os.kill(old, signal.SIGKILL)
            eventually(lambda: daemon_pid("node-1-agent") != old)
            eventually(lambda: self.path_programs() == 0)
            trace.terminate()
            self.assertRegex(observe.stderr.readline(), "node-1: .*closed by the peer; asking again")
            restarted = time.time_ns()
            eventually(lambda: self.ask().returncode == 0)
            too_late = threading.Timer(20, observe.kill)
            too_late.start()
            self.assertTrue(any(json.loads(line)["timeNs"] > restarted for line in observe.stdout), "nothing of the new agent")
            too_late.cancel()
            observe.terminate()
        text = self.while_asking("trace", *self.common(), "client", "--to", "web", "--count", 4, "--hooks-only")
        self.assertIn("from pod", text)

    def test_hooks_only_attaches_nothing(self):
        eventually(lambda: self.path_programs() == 0)  # those of other tests go a little after them
        text = self.while_asking("trace", *self.common(), "client", "--to", "web", "--count", 4, "--hooks-only")
        self.assertNotIn("netfilter", text)
        self.assertEqual(0, self.path_programs())

    def test_tcpdumps_expressions_are_run_where_the_packets_are(self):
        file = SCRATCH / "syn.pcapng"
        done = self.while_asking("capture", *self.common(), "pod client and tcp[tcpflags] & tcp-syn != 0", "--count", 6,
                                 "-w", file)
        self.assertRegex(done, "(?m)^6 packets, 0 lost")
        if shutil.which("tshark"):
            flags = run("tshark", "-r", file, "-T", "fields", "-e", "tcp.flags.syn").stdout.split()
            self.assertEqual(["1"] * 6, flags)

    @unittest.skipUnless(shutil.which("tshark"), "tshark is not installed")
    def test_a_capture_reads_in_tshark_with_the_names_of_pods(self):
        file = SCRATCH / "capture.pcapng"
        self.while_asking("capture", *self.common(), "pod client and tcp port 8080", "--count", 10, "-w", file)
        fields = run("tshark", "-N", "n", "-r", file, "-T", "fields", "-e", "frame.interface_name", "-e", "frame.comment",
                     "-e", "ip.src_host", "-e", "_ws.malformed").stdout
        self.assertEqual(10, len(fields.splitlines()))
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
