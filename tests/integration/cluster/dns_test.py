#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Cluster DNS: Services of every type, pods, reverse, over UDP and TCP, from pods and nodes."""

from harness import ClusterTest, eventually, main, on_node
from workloads import echo_deployment, pod, service

DNS = "10.96.0.10"


class Dns(ClusterTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        kubectl = cls.kubectl
        kubectl.apply(echo_deployment("web", 2))
        kubectl.apply(service("web", "web"))
        kubectl.apply(service("headless", "web", clusterIP="None"))
        kubectl.apply('{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "legacy"},'
                      ' "spec": {"type": "ExternalName", "externalName": "db.example.internal"}}')
        kubectl.apply(pod("client"))
        cls.web = kubectl.ready_pods("app=web", 2)
        kubectl.ready_pods("app=client", 1)

    def dig(self, name, kind="A", *options, node="node-1"):
        answer = on_node(node, "dig", f"@{DNS}", "+short", "+time=2", "+tries=1", *options, name, kind).stdout
        return sorted(answer.split())

    def name(self, service_name):
        return f"{service_name}.{self.namespace}.svc.cluster.local"

    def test_a_service_has_its_cluster_ips(self):
        v4, v6 = self.kubectl.get("service", "web")["spec"]["clusterIPs"]
        for node in ("node-1", "node-2"):
            for transport in ("+notcp", "+tcp"):
                with self.subTest(node=node, transport=transport):
                    self.assertEqual([v4], self.dig(self.name("web"), "A", transport, node=node))
                    self.assertEqual([v6], self.dig(self.name("web"), "AAAA", transport, node=node))

    def test_a_headless_service_has_its_pods(self):
        wanted = sorted(pod["status"]["podIP"] for pod in self.web)
        eventually(lambda: self.dig(self.name("headless")) == wanted)

    def test_an_external_name_is_an_alias(self):
        self.assertEqual(["db.example.internal."], self.dig(self.name("legacy"), "CNAME"))

    def test_ports_have_service_records(self):
        answer = " ".join(self.dig(f"_tcp._tcp.{self.name('web')}", "SRV"))
        self.assertIn("80", answer)
        self.assertIn(f"{self.name('web')}.", answer)

    def test_addresses_lead_back_to_names(self):
        v4 = self.kubectl.get("service", "web")["spec"]["clusterIPs"][0]
        answer = on_node("node-1", "dig", f"@{DNS}", "+short", "+time=2", "-x", v4).stdout.strip()
        self.assertEqual(f"{self.name('web')}.", answer)

    def test_what_is_not_there_is_not_found(self):
        answer = on_node("node-1", "dig", f"@{DNS}", "+time=2", self.name("nothing")).stdout
        self.assertIn("NXDOMAIN", answer)
        empty = on_node("node-1", "dig", f"@{DNS}", "+time=2", self.name("web"), "MX").stdout
        self.assertIn("NOERROR", empty)
        self.assertIn("ANSWER: 0", empty)

    def test_pods_find_services_by_short_names(self):
        for name in ("web", f"web.{self.namespace}", f"web.{self.namespace}.svc"):
            with self.subTest(name=name):
                page = self.kubectl("exec", "client", "--", "wget", "-qO-", f"http://{name}/")
                self.assertIn("host: web-", page)

    def test_pods_resolve_through_the_cluster_dns(self):
        config = self.kubectl("exec", "client", "--", "cat", "/etc/resolv.conf")
        self.assertIn(f"nameserver {DNS}", config)
        self.assertIn(f"search {self.namespace}.svc.cluster.local svc.cluster.local cluster.local", config)
        self.assertIn("ndots:5", config)

    def test_the_api_has_its_name(self):
        self.assertEqual(["10.96.0.1"], self.dig("kubernetes.default.svc.cluster.local"))

    def test_a_new_service_is_known_in_a_moment(self):
        self.kubectl.apply(service("fresh", "web"))
        address = self.kubectl.get("service", "fresh")["spec"]["clusterIP"]
        eventually(lambda: self.dig(self.name("fresh")) == [address], timeout=5)


if __name__ == "__main__":
    main()
