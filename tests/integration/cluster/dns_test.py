#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Cluster DNS: Services of every type, pods, reverse, over UDP and TCP, IPv4 and IPv6, from pods and nodes."""

import itertools
import json

from harness import BIN, ClusterTest, Inside, eventually, main, on_node
from workloads import echo_deployment, pod, service

DNS, DNS_V6 = "10.96.0.10", "fd00:10:96::a"
ASK = (BIN / "echo", "ask")


class Dns(ClusterTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        kubectl = cls.kubectl
        kubectl.apply(echo_deployment("web", 2))
        kubectl.apply(service("web", "web"))
        kubectl.apply(service("headless", "web", clusterIP="None"))
        for name, target in (("legacy", "db.example.internal"), ("alias", f"web.{cls.namespace}.svc.cluster.local")):
            kubectl.apply(json.dumps({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
                                      "spec": {"type": "ExternalName", "externalName": target}}))
        # Pods with names of their own below a headless Service, on both nodes.
        kubectl.apply(service("peers", "peer", clusterIP="None"))
        for node in ("node-1", "node-2"):
            peer = json.loads(pod(f"peer-{node}", "echo:1.0.0", ("/usr/bin/echo-server",), nodeName=node, subdomain="peers",
                                  hostname=f"on-{node}"))
            peer["metadata"]["labels"] = {"app": "peer"}
            kubectl.apply(json.dumps(peer))
        kubectl.apply(pod("client"))
        cls.web = kubectl.ready_pods("app=web", 2)
        cls.peers = {found["spec"]["hostname"]: found for found in kubectl.ready_pods("app=peer", 2)}
        cls.inside = Inside(kubectl.ready_pods("app=client", 1)[0])

    def dig(self, name, kind="A", *options, node="node-1", server=DNS):
        """Asks as a process of a node, of the client pod if that is None."""
        command = ["dig", f"@{server}", "+short", "+time=2", "+tries=1", *options, name, kind]
        return sorted((on_node(node, *command) if node else self.inside.run(*command)).stdout.split())

    def everybody(self):
        """Options of `dig` for who may ask how."""
        for node, server, transport in itertools.product(("node-1", "node-2", None), (DNS, DNS_V6), ("+notcp", "+tcp")):
            with self.subTest(node=node or "pod", server=server, transport=transport):
                yield transport, {"node": node, "server": server}

    def name(self, service_name):
        return f"{service_name}.{self.namespace}.svc.cluster.local"

    def test_a_service_has_its_cluster_ips(self):
        v4, v6 = self.kubectl.get("service", "web")["spec"]["clusterIPs"]
        for transport, place in self.everybody():
            self.assertEqual([v4], self.dig(self.name("web"), "A", transport, **place))
            self.assertEqual([v6], self.dig(self.name("web"), "AAAA", transport, **place))

    def addresses(self, pods, family):
        return sorted(found["status"]["podIPs"][family]["ip"] for found in pods)

    def test_a_headless_service_has_its_pods(self):
        for transport, place in self.everybody():
            for family, kind in enumerate(("A", "AAAA")):
                wanted = self.addresses(self.web, family)
                eventually(lambda: self.dig(self.name("headless"), kind, transport, **place) == wanted)

    def test_pods_of_a_headless_service_have_names(self):
        for hostname, peer in self.peers.items():
            name = f"{hostname}.{self.name('peers')}"
            for family, kind in enumerate(("A", "AAAA")):
                with self.subTest(name=name, kind=kind):
                    wanted = self.addresses([peer], family)
                    eventually(lambda: self.dig(name, kind) == wanted)
                    self.assertEqual(wanted, self.dig(name, kind, node=None))
            self.assertEqual([f"{name}."], self.reverse(peer))
            # As glibc and busybox look it up, and what it says of itself.
            page = self.kubectl("exec", "client", "--", "wget", "-qO-", f"http://{hostname}.peers:8080/")
            self.assertIn(f"host: {hostname}", page)
            self.assertEqual(name, self.kubectl("exec", peer["metadata"]["name"], "--", "hostname", "-f").strip())

    def reverse(self, found):
        return on_node("node-1", "dig", f"@{DNS}", "+short", "+time=2", "-x", found["status"]["podIP"]).stdout.split()

    def test_pods_behind_a_headless_service_are_asked_over_tcp_and_udp(self):
        hosts = {found["metadata"]["name"] for found in self.web}
        for protocol, (family, kind) in itertools.product(("tcp", "udp"), enumerate(("A", "AAAA"))):
            with self.subTest(protocol=protocol, family=family):
                found = self.dig(self.name("headless"), kind, node=None)
                self.assertEqual(hosts, {self.inside.run(*ASK, protocol, address, 8080, "x").stdout.split()[0] for address in found})

    def test_ports_of_a_headless_service_have_the_names_of_its_pods(self):
        answer = on_node("node-1", "dig", f"@{DNS}", "+short", "+time=2", f"_udp._udp.{self.name('peers')}", "SRV").stdout
        self.assertEqual(sorted(f"0 50 8080 {hostname}.{self.name('peers')}." for hostname in self.peers),
                         sorted(answer.splitlines()))

    def test_an_external_name_is_an_alias(self):
        self.assertEqual(["db.example.internal."], self.dig(self.name("legacy"), "CNAME"))

    def test_an_external_name_leads_a_pod_to_another_service(self):
        v4, v6 = self.kubectl.get("service", "web")["spec"]["clusterIPs"]
        for transport, place in self.everybody():
            self.assertEqual([v4, f"{self.name('web')}."], self.dig(self.name("alias"), "A", transport, **place))
            self.assertEqual([v6, f"{self.name('web')}."], self.dig(self.name("alias"), "AAAA", transport, **place))
        self.assertIn("host: web-", self.kubectl("exec", "client", "--", "wget", "-qO-", "http://alias/"))

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
