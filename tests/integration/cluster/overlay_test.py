#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Nodes on different segments: what crosses goes through VXLAN, and fits (`skiff up --segments 2 --ipv6`)."""

import json
import unittest

from harness import CLUSTER, ClusterTest, cluster_spec, eventually, main, node_ips, on_node
from workloads import echo_deployment, pod, service

NODES = ("node-1", "node-2")
POD_MTU = 1450


def overlay_packets(node):
    """(received, sent) by the node's overlay device."""
    link = json.loads(on_node(node, "ip", "-s", "-j", "link", "show", "dev", "vxlan-skiff").stdout)[0]
    return link["stats64"]["rx"]["packets"], link["stats64"]["tx"]["packets"]


class Overlay(ClusterTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cluster_spec().get("segments", 1) == 1:
            raise unittest.SkipTest(f"the nodes of cluster {CLUSTER} share a segment")
        for number, node in enumerate(NODES, 1):
            cls.kubectl.apply(pod(f"client-{number}", "echo:1.0.0", ("/usr/bin/echo-server",), nodeName=node))
            cls.kubectl.apply(pod(f"shell-{number}", nodeName=node))
        cls.kubectl.apply(echo_deployment("web", 3))
        cls.kubectl.apply(service("web", "web", type="NodePort"))
        cls.kubectl.ready_pods("app=web", 3)
        cls.clients = [cls.kubectl.ready_pods(f"app=client-{number}", 1)[0] for number in (1, 2)]
        for number in (1, 2):
            cls.kubectl.ready_pods(f"app=shell-{number}", 1)

    def ask(self, number, *question, **options):
        return self.kubectl.run("exec", f"client-{number}", "--", "/usr/bin/echo-server", "ask", *question, **options).stdout

    def test_what_crosses_goes_through_the_overlay(self):
        for family in (0, 1):
            before = overlay_packets("node-1")
            address = self.clients[1]["status"]["podIPs"][family]["ip"]
            self.assertIn("client-2", self.ask(1, "tcp", address, 8080, "x"))
            after = overlay_packets("node-1")
            self.assertGreater(after[0], before[0])
            self.assertGreater(after[1], before[1])

    def test_pods_keep_their_address_towards_nodes_across(self):
        for family in (4, 6):
            before = overlay_packets("node-1")[1]
            self.kubectl("exec", "shell-1", "--", "ping", "-c1", "-W2", node_ips(family=family)[1])
            self.assertGreater(overlay_packets("node-1")[1], before)

    def test_pods_have_the_mtu_that_the_overlay_leaves(self):
        for number in (1, 2):
            def mtu(number=number):
                return int(self.kubectl("exec", f"shell-{number}", "--", "cat", "/sys/class/net/eth0/mtu")) == POD_MTU
            eventually(mtu)

    # Streams of every size: network_test, which runs on this cluster as well.
    def test_datagrams_of_every_size_cross(self):
        for number in (1, 2):
            for family in (0, 1):
                address = self.clients[2 - number]["status"]["podIPs"][family]["ip"]
                headers = 28 if family == 0 else 48
                for length in (1, POD_MTU - headers - 1, POD_MTU - headers, POD_MTU - headers + 1, 1472, 4000, 8000):
                    with self.subTest(client=number, address=address, length=length):
                        text = "x" * length
                        self.assertTrue(text in self.ask(number, "udp", address, 8080, text))

    def test_node_ports_lead_across(self):
        port = self.kubectl.get("service", "web")["spec"]["ports"][0]["nodePort"]
        for family in (4, 6):
            for address in node_ips(family=family):
                names = set()
                def all_seen(address=address, names=names):
                    names.update(self.ask(number, "tcp", address, port, "x").split()[0] for number in (1, 2) for _ in range(4))
                    return len(names) == 3
                eventually(all_seen)

    def test_policies_hold_across(self):
        addresses = [each["ip"] for each in self.clients[1]["status"]["podIPs"]]
        def answers(protocol):
            return [bool(self.ask(1, protocol, address, 8080, "x", check=False)) for address in addresses]
        self.kubectl.apply(json.dumps({
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "tcp-of-client-1"},
            "spec": {"podSelector": {"matchLabels": {"app": "client-2"}},
                     "ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "client-1"}}}],
                                  "ports": [{"protocol": "TCP", "port": 8080}]}]}}))
        eventually(lambda: answers("udp") == [False, False])
        self.assertEqual([True, True], answers("tcp"))
        self.kubectl("delete", "networkpolicy", "tcp-of-client-1")
        eventually(lambda: answers("udp") == [True, True])


if __name__ == "__main__":
    main()
