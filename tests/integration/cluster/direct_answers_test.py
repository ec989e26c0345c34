#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Clients outside are answered by the node of the pod that serves them (`--load-balancer-mode=dsr`): they keep their address,
answers do not pass the node that was asked, what is large arrives whole, and tracing says who chose.
"""

import hashlib
import itertools
import json
import os
import signal
import subprocess
from ipaddress import ip_address, ip_network

from harness import BIN, CLUSTER, HERE, ClusterTest, Inside, Traffic, daemon_pid, eventually, main, node_ips, run, skiff
from workloads import pod, service

ASK = (BIN / "echo", "ask")
NODES = ("node-1", "node-2")
POD_MTU = 1450
WAYS = tuple(itertools.product(("tcp", "udp"), (4, 6)))


class Passing:
    """Counts what passes eth0 of a node and comes from a port, or goes to it, until it is asked."""

    def __init__(self, node, port):
        command = [BIN / "skiff", "node", "exec", "--name", CLUSTER, node, "--", "/usr/bin/env", "python3", HERE / "passing.py", port]
        self.process = subprocess.Popen([str(word) for word in command], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdout.readline() == "started\n"

    def count(self):
        return json.loads(self.process.communicate(timeout=30)[0])  # closes its stdin


class DirectAnswers(ClusterTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kubectl.apply(pod("server", "echo:1.0.0", ("/usr/bin/echo-server",), nodeName="node-2"))
        cls.kubectl.apply(service("server", "server", type="NodePort"))
        cls.server = cls.kubectl.ready_pods("app=server", 1)[0]
        cls.ports = {p["protocol"].lower(): p["nodePort"] for p in cls.kubectl.get("service", "server")["spec"]["ports"]}
        # This machine, as it is seen from the nodes' segment.
        cls.machine = {family: str(ip_network(f"{node_ips(family=family)[0]}/{bits}", strict=False)[1])
                       for family, bits in ((4, 24), (6, 80))}
        for protocol, family in WAYS:
            eventually(lambda protocol=protocol, family=family: cls.ask(protocol, family, "x")[0] == "server")

    @classmethod
    def ask(cls, protocol, family, text):
        """(server, client, text) as node-1 has it answered, whose pods do not serve."""
        return run(*ASK, protocol, node_ips(family=family)[0], cls.ports[protocol], text).stdout.split()

    def test_the_server_sees_the_clients_own_address(self):
        for protocol, family in WAYS:
            with self.subTest(protocol=protocol, family=family):
                seen = self.ask(protocol, family, "x")[1].rsplit(":", 1)[0].strip("[]")
                self.assertEqual(ip_address(self.machine[family]), ip_address(seen))

    def test_answers_do_not_pass_the_node_that_was_asked(self):
        for protocol, family in WAYS:
            with self.subTest(protocol=protocol, family=family):
                passing = [Passing(node, self.ports[protocol]) for node in NODES]
                answers = run(*ASK, protocol, node_ips(family=family)[0], self.ports[protocol], "hello", 20).stdout.splitlines()
                asked, serving = (counter.count() for counter in passing)
                self.assertEqual(20, len(answers))
                self.assertGreaterEqual(asked["to"], 20)
                self.assertEqual(0, asked["from"])
                self.assertGreaterEqual(serving["from"], 20)
                self.assertEqual(0, serving["to"])  # inside the overlay

    def test_what_is_large_arrives_whole(self):
        body = "".join(chr(97 + i * 7 % 26) for i in range(1_000_000))
        for family in (4, 6):
            host = node_ips(family=family)[0]
            host = f"[{host}]" if family == 6 else host
            answer = run("curl", "-sS", "--max-time", "20", "--data-binary", "@-", "-H", "Expect:",
                         f"http://{host}:{self.ports['tcp']}/", input=body).stdout
            self.assertEqual(hashlib.sha256(body.encode()).hexdigest(), hashlib.sha256(answer[-len(body):].encode()).hexdigest())
            # Too long for the overlay, for the segment, and in many fragments.
            for length in (1, 1300, 1380, 1420, 1472, 4000, 8000):
                with self.subTest(family=family, length=length):
                    text = "x" * length
                    eventually(lambda family=family, text=text: text in self.ask("udp", family, text), timeout=10)

    def test_pods_leave_room_for_the_way_across(self):
        link = json.loads(Inside(self.server).run("ip", "-j", "link", "show", "dev", "eth0").stdout)[0]
        self.assertEqual(POD_MTU, link["mtu"])

    def test_connections_survive_the_agents_of_both_nodes(self):
        clients = [Traffic(None, node_ips()[0], self.ports["tcp"], "--keep"), Traffic(None, node_ips()[0], self.ports["udp"], "--udp")]
        for agent in ("node-1-agent", "node-2-agent"):
            killed = daemon_pid(agent)
            os.kill(killed, signal.SIGKILL)
            eventually(lambda agent=agent, killed=killed: daemon_pid(agent) != killed)
            Traffic.go_on(clients, 100)
        for seen in Traffic.stop_all(clients):
            self.assertEqual((0, []), (seen["failed"], seen["failures"]))

    def test_tracing_says_who_chose(self):
        def records():
            self.ask("udp", 4, "x")
            text = skiff("observe", "--name", CLUSTER, "-n", self.namespace, "--service", "server", "-o", "json", "--last", 500).stdout
            found = {}
            for record in map(json.loads, text.splitlines()):
                if record["kind"] == "new":
                    found[record["node"]] = record["lbReason"]
            return len(found) == len(NODES) and found
        self.assertEqual({"node-1": "only", "node-2": "carried"}, eventually(records))

    def traced(self, *options):
        """What skiff trace prints, and ends by itself, while node-1 is asked again and again."""
        command = [BIN / "skiff", "trace", "--name", CLUSTER, "-n", self.namespace, *options]
        with subprocess.Popen([str(word) for word in command], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            eventually(lambda: self.ask("tcp", 4, "x") and process.poll() is not None)
            out, error = process.communicate()
            self.assertEqual(0, process.returncode, error)
            return out

    def test_a_trace_tells_the_whole_way_there_and_the_direct_answer(self):
        pod, port = f"{self.namespace}/server", self.ports["tcp"]
        # By the name of the pod, though the node that was asked never has its address in a packet.
        text = self.traced("server", "--hooks-only", "--count", 8)
        self.assertRegex(text, rf"-> node-1:{port} TCP SYN len \d+\n"
                               rf".*node-1 +from device eth0 +for {pod}:8080; carried across as it came, to be answered there\n"
                               rf".*node-2 +from device vxlan-skiff +node-1:{port} becomes {pod}:8080; redirected\n")
        self.assertRegex(text, rf"(?m)^\S+ {pod}:8080 -> \S+ TCP SYN, ACK len \d+\n"
                               rf".*node-2 +from pod {pod} .*{pod}:8080 hides as node-1:{port}; redirected$")
        # Inside of what the nodes send each other.
        text = self.traced(f"tcp port {port}", "--count", 8)
        self.assertRegex(text, r"(?m)^ .*node-1 +at eth0 .*sent \(inside node-1:\d+ -> node-2:4789\).*\n"
                               r" .*node-2 +at eth0 .*\(inside node-1:\d+ -> node-2:4789\).*\n .*node-2 +at vxlan-skiff")

    def test_why_says_who_answers(self):
        self.kubectl.apply(pod("client", nodeName="node-1"))
        self.kubectl.ready_pods("app=client", 1)
        for target in ("server:80", f"{node_ips()[0]}:{self.ports['tcp']}"):
            answer = skiff("why", "--name", CLUSTER, "-n", self.namespace, "client", target).stdout
            self.assertIn(f"-> {node_ips()[0]}:{self.ports['tcp']} TCP SYN of a client outside is carried as it came to the node of its "
                          "pod; the pod's node answers it (--load-balancer-mode=dsr)", answer)


if __name__ == "__main__":
    main()
