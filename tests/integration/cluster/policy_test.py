#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""NetworkPolicy with real traffic: who is let in, who is let out, what the node may always, what changes do to flows."""

import concurrent.futures
import json
import os
import signal

from harness import BIN, CLUSTER, ClusterTest, Inside, Traffic, daemon_pid, eventually, main, on_node, run
from workloads import service

NODES = ("node-1", "node-2")
ECHO = ("/usr/bin/echo-server", "--port=8080")
ASK = (BIN / "echo", "ask")


def echo_pod(name, node, role):
    container = {"name": "main", "image": "echo:1.0.0", "command": list(ECHO),
                 "ports": [{"name": "http", "containerPort": 8080}],
                 "readinessProbe": {"httpGet": {"path": "/health", "port": "http"}, "periodSeconds": 1}}
    return json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {"app": name, "role": role}},
                       "spec": {"containers": [container], "nodeName": node, "terminationGracePeriodSeconds": 0}})


def policy(name, **spec):
    return json.dumps({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": name},
                       "spec": {"podSelector": {}, **spec}})


def labels(**wanted):
    return {"matchLabels": wanted}


class Policy(ClusterTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for number, node in enumerate(NODES, 1):
            cls.kubectl.apply(echo_pod(f"server-{number}", node, "server"))
            cls.kubectl.apply(echo_pod(f"client-{number}", node, "client"))
            cls.kubectl.apply(service(f"server-{number}", f"server-{number}"))
        cls.ips, cls.inside = {}, {}
        for role in ("server", "client"):
            for pod in cls.kubectl.ready_pods(f"role={role}", 2):
                name = pod["metadata"]["name"]
                cls.ips[name] = [one["ip"] for one in pod["status"]["podIPs"]]
                cls.inside[name] = Inside(pod)

    def tearDown(self):
        self.kubectl("delete", "networkpolicy", "--all")
        for target in (1, 2):
            self.reaches(1, target)

    def asks(self, client, target, family=0, protocol="tcp", address=None, port=8080):
        address = address or self.ips[f"server-{target}"][family]
        return self.inside[f"client-{client}"].run("timeout", "1", *ASK, protocol, address, port, "x", check=False).returncode == 0

    def reaches(self, *arguments, **options):
        eventually(lambda: self.asks(*arguments, **options))

    def fails(self, *arguments, **options):
        eventually(lambda: not self.asks(*arguments, **options))

    def all_at_once(self, check, cells):
        """check(*cell) for every cell side by side: what is denied is only known after a time-out."""
        with concurrent.futures.ThreadPoolExecutor(len(cells)) as pool:
            return list(pool.map(lambda cell: check(*cell), cells))

    def test_default_deny_and_an_exception_on_both_nodes_in_both_families(self):
        ways = [(target, family) for target in (1, 2) for family in range(len(self.ips["server-1"]))]
        self.kubectl.apply(policy("deny"))
        self.all_at_once(self.fails, [(client, *way) for client in (1, 2) for way in ways])
        self.kubectl.apply(policy("allow", podSelector=labels(role="server"),
                                  ingress=[{"from": [{"podSelector": labels(app="client-1")}],
                                            "ports": [{"port": "http"}]}]))
        self.all_at_once(self.reaches, [(1, *way) for way in ways])
        denied = [(2, *way) for way in ways] + [(1, *way, "udp") for way in ways]
        self.assertEqual([False] * len(denied), self.all_at_once(self.asks, denied))

    def test_services_are_judged_by_their_pods(self):
        self.kubectl.apply(policy("allow", podSelector=labels(role="server"),
                                  ingress=[{"from": [{"podSelector": labels(app="client-1")}]}]))
        addresses = {n: self.kubectl.get("service", f"server-{n}")["spec"]["clusterIP"] for n in (1, 2)}
        for target, address in addresses.items():
            self.reaches(1, target, address=address, port=80)
        self.all_at_once(lambda target: self.fails(2, target, address=addresses[target], port=80), [(1,), (2,)])

    def test_egress_leaves_the_node_and_its_dns(self):
        self.kubectl.apply(policy("deny", podSelector=labels(app="client-1"), policyTypes=["Egress"]))
        self.all_at_once(self.fails, [(1, 1), (1, 2)])
        self.reaches(2, 1)
        self.kubectl.apply(policy("allow", podSelector=labels(app="client-1"), policyTypes=["Egress"],
                                  egress=[{"to": [{"ipBlock": {"cidr": self.ips["server-2"][0] + "/32"}}]}]))
        self.reaches(1, 2)
        self.assertFalse(self.asks(1, 1))

    def test_namespaces_are_selected_by_their_labels(self):
        self.kubectl.apply(policy("allow", podSelector=labels(role="server"), ingress=[
            {"from": [{"namespaceSelector": labels(**{"kubernetes.io/metadata.name": "kube-system"})}]}]))
        self.fails(1, 1)
        self.kubectl.apply(policy("allow", podSelector=labels(role="server"), ingress=[
            {"from": [{"namespaceSelector": labels(**{"kubernetes.io/metadata.name": self.namespace}),
                       "podSelector": labels(app="client-2")}]}]))
        self.reaches(2, 1)
        self.assertFalse(self.asks(1, 1))

    def test_the_pods_own_node_is_always_allowed_and_probes_go_on(self):
        self.kubectl.apply(policy("deny", policyTypes=["Ingress", "Egress"]))
        self.fails(1, 2)
        for number, node in enumerate(NODES, 1):
            on_node(node, *ASK, "tcp", self.ips[f"server-{number}"][0], 8080, "x")
        self.kubectl.ready_pods("role=server", 2)

    def test_a_new_pod_is_isolated_from_its_first_packet(self):
        self.kubectl.apply(policy("deny", podSelector=labels(role="late")))
        self.kubectl.apply(echo_pod("late", NODES[0], "late"))
        pod = self.kubectl.ready_pods("role=late", 1)[0]
        self.assertFalse(self.asks(1, 1, address=pod["status"]["podIP"]))
        self.kubectl("delete", "pod", "late")

    def connection(self, client, target):
        """One connection from a client pod to a server pod, with a request every few milliseconds."""
        return Traffic(self.inside[f"client-{client}"], self.ips[f"server-{target}"][0], 8080, "--keep", "--timeout=1")

    def let_in(self, *clients):
        peers = [{"podSelector": labels(app=f"client-{client}")} for client in clients]
        self.kubectl.apply(policy("allow", podSelector=labels(role="server"), policyTypes=["Ingress", "Egress"],
                                  ingress=[{"from": peers}] if peers else []))

    def test_open_connections_stop_when_they_are_denied(self):
        self.let_in(1, 2)
        connections = [self.connection(client, target) for client in (1, 2) for target in (1, 2)]
        Traffic.go_on(connections)
        self.let_in(2)
        for one in connections[:2]:
            eventually(lambda one=one: one.look()["failed"])
        Traffic.go_on(connections[2:])
        saw = Traffic.stop_all(connections)
        for one in saw[2:]:
            self.assertEqual(one["failed"], 0, one)
        # Denied is denied: no later request is answered either.
        self.assertEqual([False, False], self.all_at_once(self.asks, [(1, 1), (1, 2)]))

    def test_rules_and_connections_outlive_the_agents(self):
        self.let_in(1)
        self.all_at_once(self.fails, [(2, 1), (2, 2)])
        connections = [self.connection(1, target) for target in (1, 2)]
        for node in NODES:
            os.kill(daemon_pid(f"{node}-agent"), signal.SIGKILL)
        for _ in range(3):
            denied = self.all_at_once(self.asks, [(2, 1), (2, 2)])
            self.assertEqual([False, False], denied)
        for saw in Traffic.stop_all(connections):
            self.assertGreater(saw["answered"], 10)
            self.assertEqual(saw["failed"], 0, saw)

    def test_skiff_policy_says_what_is_in_force(self):
        self.kubectl.apply(policy("allow", podSelector=labels(app="server-1"), ingress=[
            {"from": [{"podSelector": labels(app="client-2")}], "ports": [{"port": 8080}]}]))
        self.fails(1, 1)
        words = run(BIN / "skiff", "policy", "--name", CLUSTER, f"{self.namespace}/server-1").stdout
        self.assertIn(f"({self.namespace}/client-2): TCP 8080", words)
        self.assertIn("egress: not isolated", words)
        self.assertIn("app=server-1", self.kubectl("get", "netpol"))


if __name__ == "__main__":
    main()
