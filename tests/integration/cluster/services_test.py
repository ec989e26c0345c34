#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Services: from pods, nodes and outside the nodes; ClusterIP and NodePort of either node; TCP and UDP; IPv4 and IPv6; spread,
sticky, refused.
"""

import itertools
import time
from ipaddress import ip_network

from harness import BIN, ClusterTest, Failed, Inside, cluster_spec, eventually, main, node_ips, node_names, on_node, run
from workloads import echo_deployment, pod, service

REFUSED, TIMED_OUT = 3, 4  # exit statuses of `echo ask`
ASK = (BIN / "echo", "ask")
NODES = ("node-1", "node-2")
PROTOCOLS, FAMILIES = ("tcp", "udp"), (4, 6)
AT_ONCE = 1.5  # seconds


class Services(ClusterTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        kubectl = cls.kubectl
        kubectl.apply(echo_deployment("web", 4))
        kubectl.apply(echo_deployment("last", 1))
        kubectl.apply(pod("ends", "echo:1.0.0", ("/usr/bin/echo-server",)))
        for name, app, spec in (("web", "web", {"type": "NodePort"}),
                                ("web-local", "web", {"type": "NodePort", "externalTrafficPolicy": "Local"}),
                                ("sticky", "web", {"sessionAffinity": "ClientIP"}),
                                ("nobody", "nobody", {"type": "NodePort"}),
                                ("last", "last", {"type": "NodePort"}),
                                ("ends", "ends", {"type": "NodePort"})):
            kubectl.apply(service(name, app, **spec))
        for node in NODES:
            kubectl.apply(pod(f"client-{node}", "echo:1.0.0", ("/usr/bin/echo-server",), nodeName=node))
        cls.web = kubectl.ready_pods("app=web", 4)
        cls.names = {found["metadata"]["name"] for found in cls.web}
        kubectl.ready_pods("app=last", 1)
        kubectl.ready_pods("app=ends", 1)
        inside = {node: Inside(kubectl.ready_pods(f"app=client-{node}", 1)[0]) for node in NODES}
        cls.askers = {"outside": lambda *question: run(*ASK, *question, check=False)}
        for node in NODES:
            cls.askers[f"a pod of {node}"] = lambda *question, node=node: inside[node].run(*ASK, *question, check=False)
            cls.askers[node] = lambda *question, node=node: on_node(node, *ASK, *question, check=False)
        cls.services = {found["metadata"]["name"]: found["spec"] for found in kubectl.get("services")}

    def places(self, name):
        """(where, family, protocol, address, port) of a Service: its ClusterIPs, and its NodePort on every node."""
        spec = self.services[name]
        for protocol, family in itertools.product(PROTOCOLS, FAMILIES):
            yield "ClusterIP", family, protocol, spec["clusterIPs"][FAMILIES.index(family)], 80
            port = next(p.get("nodePort") for p in spec["ports"] if p["protocol"] == protocol.upper())
            for node, address in zip(NODES, node_ips(family=family)):
                if port:
                    yield f"NodePort of {node}", family, protocol, address, port

    def ways(self, name, *askers):
        """(words, ask) of everyone who may ask a Service, in all ways; ask(times) asks."""
        for who, (where, family, protocol, address, port) in itertools.product(askers or self.askers, self.places(name)):
            if who == "outside" and where == "ClusterIP":
                continue
            def ask(times=1, who=who, protocol=protocol, address=address, port=port):
                return self.askers[who](protocol, address, port, "hello", times)
            yield f"{who}, {where}, IPv{family}, {protocol}", ask

    def hosts_seen(self, ask, times=60):
        """The servers that answered that many questions."""
        answers = ask(times)
        self.assertEqual(0, answers.returncode, answers.stderr)
        lines = answers.stdout.splitlines()
        self.assertEqual(times, len(lines))
        return {line.split()[0] for line in lines}

    def test_pods_are_on_every_node(self):
        self.assertEqual(set(node_names()), {found["spec"]["nodeName"] for found in self.web})

    def test_every_way_is_answered(self):
        for words, ask in self.ways("web"):
            with self.subTest(words):
                answer = ask()
                self.assertRegex(answer.stdout, r"^web-\S+ \S+ hello", answer.stderr)

    def test_every_way_is_spread_over_the_pods_of_all_nodes(self):
        for words, ask in self.ways("web"):
            with self.subTest(words):
                self.assertEqual(self.names, self.hosts_seen(ask))

    def test_a_service_without_endpoints_refuses_every_way_at_once(self):
        for words, ask in self.ways("nobody"):
            with self.subTest(words):
                begun = time.monotonic()
                answer = ask()
                self.assertEqual(REFUSED, answer.returncode, answer.stderr)
                self.assertLess(time.monotonic() - begun, AT_ONCE)

    def test_a_service_whose_last_pod_goes_refuses_every_way_and_comes_back(self):
        ways = self.answered_ways("last")
        self.kubectl("scale", "deployment/last", "--replicas=0")
        self.refuses(ways)
        self.kubectl("scale", "deployment/last", "--replicas=1")
        self.answered_ways("last")

    def answered_ways(self, name):
        ways = list(self.ways(name, "a pod of node-1", "node-2", "outside"))
        eventually(lambda: all(ask().returncode == 0 for _, ask in ways))
        return ways

    def refuses(self, ways):
        def refused(words, ask):
            begun = time.monotonic()
            answer = ask()
            if answer.returncode == TIMED_OUT:
                self.fail(f"{words}: {answer.stderr}")
            return answer.returncode == REFUSED and time.monotonic() - begun < AT_ONCE
        for words, ask in ways:
            with self.subTest(words):
                eventually(lambda words=words, ask=ask: refused(words, ask), timeout=15)

    # As a kubelet leaves it that evicts a pod: ended, its object there with labels and address.
    def test_a_service_whose_pod_failed_and_stays_refuses_every_way(self):
        ways = self.answered_ways("ends")
        self.kubectl("patch", "pod", "ends", "-p", '{"spec":{"activeDeadlineSeconds":1}}')
        eventually(lambda: self.kubectl.get("pod", "ends")["status"]["phase"] == "Failed")
        self.refuses(ways)
        self.assertTrue(self.kubectl.get("pod", "ends")["status"]["podIP"])

    def test_local_traffic_policy_keeps_the_client_address_and_the_node(self):
        for where, family, protocol, address, port in self.places("web-local"):
            if where == "ClusterIP":
                continue
            with self.subTest(where, family=family, protocol=protocol):
                node = where.split()[-1]
                local = {found["metadata"]["name"] for found in self.web if found["spec"]["nodeName"] == node}
                host, client, _ = run(*ASK, protocol, address, port, "x").stdout.split()
                self.assertIn(host, local)
                if family == 4:
                    bits = 24 if cluster_spec().get("segments", 1) == 1 else 26
                    segment = ip_network(f"{address}/{bits}", strict=False)
                    self.assertEqual(str(segment[1]), client.rsplit(":", 1)[0])  # the machine's address there

    def test_a_pod_reaches_itself_through_its_service(self):
        self.kubectl.apply(service("self", "client-node-1"))
        address = self.kubectl.get("service", "self")["spec"]["clusterIP"]
        answer = eventually(lambda: self.askers["a pod of node-1"]("tcp", address, 80, "me").stdout)
        self.assertIn("client-node-1", answer)

    def test_session_affinity_keeps_a_client_with_one_pod(self):
        for words, ask in self.ways("sticky", "a pod of node-1", "node-2"):
            with self.subTest(words):
                self.assertEqual(1, len(self.hosts_seen(ask, 15)))

    def test_a_deleted_service_is_gone_from_the_nodes(self):
        self.kubectl.apply(service("brief", "web"))
        address = self.kubectl.get("service", "brief")["spec"]["clusterIP"]
        def ask():
            return self.askers["node-1"]("tcp", address, 80, "x").returncode
        eventually(lambda: ask() == 0)
        self.kubectl("delete", "service", "brief")
        eventually(lambda: ask() != 0)

    def test_pods_reach_pods_on_other_nodes_by_address(self):
        for target in self.web:
            for address, protocol in itertools.product(target["status"]["podIPs"], PROTOCOLS):
                with self.subTest(pod=target["metadata"]["name"], address=address["ip"], protocol=protocol):
                    answer = self.askers["a pod of node-1"](protocol, address["ip"], 8080, "direct").stdout
                    self.assertIn(target["metadata"]["name"], answer)

    def test_large_answers_arrive_whole(self):
        address = self.services["web"]["clusterIP"]
        body = "x" * 200_000
        answer = on_node("node-1", "curl", "-s", "--max-time", "5", "--data-binary", "@-", f"http://{address}/",
                         input=body).stdout
        if not answer.endswith(body):
            raise Failed(f"{len(answer)} bytes came back")


if __name__ == "__main__":
    main()
