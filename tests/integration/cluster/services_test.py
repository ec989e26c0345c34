#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Services: from pods, nodes and outside the nodes; TCP and UDP; IPv4 and IPv6; spread, sticky, refused."""

import time
from ipaddress import ip_network

from harness import BIN, Failed, Kubectl, ClusterTest, cluster_spec, eventually, main, node_ips, on_node, run
from workloads import echo_deployment, pod, service

REFUSED, TIMED_OUT = 3, 4  # exit statuses of `echo ask`
ASK_IN_POD = ("/usr/bin/echo-server", "ask")
ASK = (BIN / "echo", "ask")


class Services(ClusterTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        kubectl = cls.kubectl
        kubectl.apply(echo_deployment("web", 4))
        kubectl.apply(service("web", "web"))
        kubectl.apply(service("web-node", "web", type="NodePort"))
        kubectl.apply(service("web-local", "web", type="NodePort", externalTrafficPolicy="Local"))
        kubectl.apply(service("sticky", "web", sessionAffinity="ClientIP"))
        kubectl.apply(service("nobody", "nobody", type="NodePort"))
        for node in ("node-1", "node-2"):
            kubectl.apply(pod(f"client-{node}", "echo:1.0.0", ("/usr/bin/echo-server",), nodeName=node))
        cls.web = kubectl.ready_pods("app=web", 4)
        for node in ("node-1", "node-2"):
            kubectl.ready_pods(f"app=client-{node}", 1)

    def addresses(self, name):
        return self.kubectl.get("service", name)["spec"]["clusterIPs"]

    def node_port(self, name, protocol):
        ports = self.kubectl.get("service", name)["spec"]["ports"]
        return next(p["nodePort"] for p in ports if p["protocol"] == protocol.upper())

    def ask_from_pod(self, node, *question, check=True):
        return self.kubectl.run("exec", f"client-{node}", "--", *ASK_IN_POD, *question, check=check)

    def hosts_seen(self, ask, times=40):
        """The servers that answered `ask()`, asked many times."""
        return {ask().stdout.split()[0] for _ in range(times)}

    def test_pods_are_on_both_nodes(self):
        self.assertEqual({"node-1", "node-2"}, {pod["spec"]["nodeName"] for pod in self.web})

    def test_cluster_ips_answer_pods_on_every_node(self):
        for address in self.addresses("web"):
            for protocol in ("tcp", "udp"):
                for node in ("node-1", "node-2"):
                    with self.subTest(address=address, protocol=protocol, node=node):
                        answer = self.ask_from_pod(node, protocol, address, 80, "hello").stdout
                        self.assertRegex(answer, r"^web-\S+ \S+ hello")

    def test_cluster_ips_answer_nodes(self):
        for address in self.addresses("web"):
            for protocol in ("tcp", "udp"):
                for node in ("node-1", "node-2"):
                    with self.subTest(address=address, protocol=protocol, node=node):
                        answer = on_node(node, *ASK, protocol, address, 80, "hello").stdout
                        self.assertRegex(answer, r"^web-\S+ \S+ hello")

    def test_requests_reach_every_pod_on_both_nodes(self):
        names = {pod["metadata"]["name"] for pod in self.web}
        for address in self.addresses("web"):
            for protocol in ("tcp", "udp"):
                with self.subTest(address=address, protocol=protocol):
                    def ask(address=address, protocol=protocol):
                        return on_node("node-1", *ASK, protocol, address, 80, "x")
                    self.assertEqual(names, self.hosts_seen(ask, 60))

    def test_node_ports_answer_outside_on_every_node(self):
        for family in (4, 6):
            for address in node_ips(family=family):
                for protocol in ("tcp", "udp"):
                    with self.subTest(address=address, protocol=protocol):
                        port = self.node_port("web-node", protocol)
                        seen = self.hosts_seen(lambda: run(*ASK, protocol, address, port, "out"), 60)
                        self.assertEqual({pod["metadata"]["name"] for pod in self.web}, seen)

    def test_node_ports_answer_nodes_and_pods(self):
        for protocol in ("tcp", "udp"):
            port = self.node_port("web-node", protocol)
            for address in node_ips():
                with self.subTest(protocol=protocol, address=address):
                    self.assertIn("in", on_node("node-1", *ASK, protocol, address, port, "in").stdout)
                    self.assertIn("in", self.ask_from_pod("node-2", protocol, address, port, "in").stdout)

    def test_local_traffic_policy_keeps_the_client_address_and_the_node(self):
        port = self.node_port("web-local", "tcp")
        for node, address in zip(("node-1", "node-2"), node_ips()):
            local = {pod["metadata"]["name"] for pod in self.web if pod["spec"]["nodeName"] == node}
            host, client, _ = run(*ASK, "tcp", address, port, "x").stdout.split()
            self.assertIn(host, local)
            segment = ip_network(f"{address}/{24 if cluster_spec().get('segments', 1) == 1 else 26}", strict=False)
            self.assertEqual(str(segment[1]), client.rsplit(":", 1)[0])  # the machine's address there

    def test_a_pod_reaches_itself_through_its_service(self):
        self.kubectl.apply(service("self", "client-node-1"))
        address = self.addresses("self")[0]
        answer = eventually(lambda: self.ask_from_pod("node-1", "tcp", address, 80, "me").stdout)
        self.assertIn("client-node-1", answer)

    def test_session_affinity_keeps_a_client_with_one_pod(self):
        address = self.addresses("sticky")[0]
        self.assertEqual(1, len(self.hosts_seen(lambda: self.ask_from_pod("node-1", "tcp", address, 80, "x"), 15)))

    def refusals(self):
        """(what, ask) of everyone who may ask a Service without endpoints."""
        address = self.addresses("nobody")[0]
        for protocol in ("tcp", "udp"):
            port = self.node_port("nobody", protocol)
            yield f"pod {protocol}", lambda p=protocol: self.ask_from_pod("node-1", p, address, 80, "x", check=False)
            yield f"node {protocol}", lambda p=protocol: on_node("node-1", *ASK, p, address, 80, "x", check=False)
            yield (f"outside {protocol}",
                   lambda p=protocol, port=port: run(*ASK, p, node_ips()[0], port, "x", check=False))

    def test_a_service_without_endpoints_refuses_at_once(self):
        for what, ask in self.refusals():
            with self.subTest(what):
                begun = time.monotonic()
                status = ask().returncode
                self.assertEqual(REFUSED, status)
                self.assertLess(time.monotonic() - begun, 1.5)

    def test_a_service_whose_last_pod_goes_refuses_and_comes_back(self):
        kubectl = Kubectl(namespace=self.namespace)
        kubectl.apply(echo_deployment("last", 1))
        kubectl.apply(service("last", "last"))
        kubectl.ready_pods("app=last", 1)
        address = self.addresses("last")[0]
        def ask():
            return on_node("node-2", *ASK, "tcp", address, 80, "x", check=False).returncode
        eventually(lambda: ask() == 0)
        kubectl("scale", "deployment/last", "--replicas=0")
        eventually(lambda: ask() == REFUSED, timeout=15)
        kubectl("scale", "deployment/last", "--replicas=1")
        eventually(lambda: ask() == 0, timeout=30)

    def test_a_deleted_service_is_gone_from_the_nodes(self):
        self.kubectl.apply(service("brief", "web"))
        address = self.addresses("brief")[0]
        def ask():
            return on_node("node-1", *ASK, "tcp", address, 80, "x", check=False).returncode
        eventually(lambda: ask() == 0)
        self.kubectl("delete", "service", "brief")
        eventually(lambda: ask() != 0)

    def test_pods_reach_pods_on_other_nodes_by_address(self):
        for target in self.web:
            for address in target["status"]["podIPs"]:
                with self.subTest(pod=target["metadata"]["name"], address=address["ip"]):
                    answer = self.ask_from_pod("node-1", "tcp", address["ip"], 8080, "direct").stdout
                    self.assertIn(target["metadata"]["name"], answer)

    def test_large_answers_arrive_whole(self):
        address = self.addresses("web")[0]
        body = "x" * 200_000
        answer = on_node("node-1", "curl", "-s", "--max-time", "5", "--data-binary", "@-", f"http://{address}/",
                         input=body).stdout
        if not answer.endswith(body):
            raise Failed(f"{len(answer)} bytes came back")


if __name__ == "__main__":
    main()
