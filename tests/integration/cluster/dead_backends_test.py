#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What connections through a Service learn when their pod goes: balanced at the socket, no packet of theirs meets the Service again."""

import json
import pathlib
import subprocess
import time

from harness import (BIN, CLUSTER, HERE, ClusterTest, Held, Inside, eventually, kill_daemons, main, node_ips, on_node,
                     outside_cgroups, process_of)
from workloads import pod, service

ECHO = ("echo:1.0.0", ("/usr/bin/echo-server", "--port=8080"))
DATAGRAMS = ("python3", str(HERE / "datagrams.py"))
NODES = ("node-1", "node-2")


class DeadBackends(ClusterTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kubectl.apply(pod("client", *ECHO, nodeName="node-1"))
        cls.kubectl.ready_pods("app=client", 1)

    def serve(self, name, **spec):
        """A Service with one pod, on node-2. Returns the pod and the Service's address."""
        self.kubectl.apply(pod(name, *ECHO, nodeName="node-2", **spec))
        self.kubectl.apply(service(name, name))
        found = self.kubectl.ready_pods(f"app={name}", 1)[0]
        address = self.kubectl.get("service", name)["spec"]["clusterIP"]
        ask = (BIN / "echo", "ask", "tcp", address, 80, "x")
        for node in NODES:
            eventually(lambda node=node: on_node(node, *ask, check=False).returncode == 0)
        return found, address

    def hold(self, address):
        """By what they are: connections of processes of both nodes and of a pod, and datagrams."""
        pid = process_of(self.kubectl.get("pod", "client"))
        held = {"a process of another node": Held("node-1", address, 80),
                "a process of the same node": Held("node-2", address, 80),
                "a pod": Held("node-1", address, 80, pid=pid),
                "datagrams of a pod": Held("node-1", address, 80, "--udp", pid=pid)}
        for each in held.values():
            self.addCleanup(each.close)
        return held

    def test_a_pod_that_vanishes_without_a_word_ends_its_connections(self):
        found, address = self.serve("vanishes", terminationGracePeriodSeconds=1)
        held = self.hold(address)
        # Nothing of it gets out any more: no FIN, no reset.
        route = json.loads(on_node("node-2", "ip", "-j", "route", "get", found["status"]["podIP"]).stdout)[0]
        on_node("node-2", "ip", "link", "set", route["dev"], "down")
        self.kubectl("delete", "pod", "vanishes", "--wait=false")
        begun = time.monotonic()
        for what, each in held.items():
            with self.subTest(what):
                self.assertIn(each.end(), ("ECONNABORTED", "ECONNREFUSED"))
        self.assertLess(time.monotonic() - begun, 15)

    def test_a_pod_that_drains_keeps_its_connections_to_the_end(self):
        linger = {"preStop": {"exec": {"command": ["/bin/sh", "-c", "sleep 4"]}}}
        container = {"name": "main", "image": ECHO[0], "command": list(ECHO[1]), "lifecycle": linger}
        _, address = self.serve("drains", containers=[container], terminationGracePeriodSeconds=10)
        held = Held("node-1", address, 80)
        self.addCleanup(held.close)
        self.kubectl("delete", "pod", "drains", "--wait=false")
        for _ in range(6):
            self.assertEqual("drains", held.ask())
            time.sleep(0.5)
        self.assertIn(held.end(), ("closed", "ECONNRESET"))

    def test_a_pod_that_is_taken_out_of_its_service_keeps_its_connections(self):
        _, address = self.serve("quarantined")
        held = Held("node-1", address, 80)
        self.addCleanup(held.close)
        self.kubectl("label", "pod", "quarantined", "app-")
        ask = (BIN / "echo", "ask", "tcp", address, 80, "x")
        eventually(lambda: on_node("node-1", *ask, check=False).returncode != 0)
        for _ in range(4):
            self.assertEqual("quarantined", held.ask())
            time.sleep(0.5)

    # An agent that starts goes on behind the youngest address in use, so the one just given back is next.
    def test_datagrams_to_a_pod_that_went_never_reach_the_pod_that_gets_its_address(self):
        self.kubectl.apply(pod("before", *ECHO, nodeName="node-2"))
        self.kubectl.ready_pods("app=before", 1)
        old, _ = self.serve("old", terminationGracePeriodSeconds=0)
        self.kubectl("patch", "service", "old", "-p", '{"spec":{"type":"NodePort"}}')
        spec = self.kubectl.get("service", "old")["spec"]
        port = next(each["nodePort"] for each in spec["ports"] if each["protocol"] == "UDP")
        client, senders = Inside(self.kubectl.get("pod", "client")), {}
        for family in (0, 1):
            cluster, nodes = spec["clusterIPs"][family], node_ips(family=(4, 6)[family])
            for who, command in (("pod", client.command(*DATAGRAMS, cluster, "80")),
                                 ("by packets", outside_cgroups("node-1", *DATAGRAMS, cluster, "80")),
                                 ("NodePort of another node", [*DATAGRAMS, nodes[0], str(port)]),
                                 ("NodePort of its node", [*DATAGRAMS, nodes[1], str(port)])):
                senders[who, family] = process = subprocess.Popen(command, text=True, stdout=subprocess.PIPE)
                self.addCleanup(lambda process=process: (process.kill(), process.communicate()))
        def heard(name):
            for way, process in senders.items():
                with self.subTest(way):
                    self.assertEqual(name, process.stdout.readline().strip())
        heard("old")
        self.kubectl("delete", "pod", "old")
        attachments = pathlib.Path(f"/var/lib/skiff/{CLUSTER}/node-2/agent/network/attachments")
        eventually(lambda: not any(old["status"]["podIP"] in path.read_text(encoding="utf-8") for path in attachments.iterdir()))
        kill_daemons("node-2-agent")
        self.kubectl.apply(pod("young", *ECHO, nodeName="node-2"))
        young = self.kubectl.ready_pods("app=young", 1)[0]
        self.assertEqual(old["status"]["podIPs"], young["status"]["podIPs"])
        self.kubectl.apply(pod("older", *ECHO, nodeName="node-1", labels={"app": "old"}))
        heard("older")


if __name__ == "__main__":
    main()
