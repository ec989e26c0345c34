#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What tracing tells: who talked to whom through which Service, what was dropped and why, and what was lost."""

import json
import re

from harness import CLUSTER, SOURCE, ClusterTest, Inside, admin_files, eventually, main, node_ips, run, skiff
from workloads import echo_deployment, pod, service


class Observe(ClusterTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        kubectl = cls.kubectl
        kubectl.apply(echo_deployment("web", 2))
        kubectl.apply(service("web", "web"))
        kubectl.apply(service("nobody", "nobody"))
        kubectl.apply(pod("client", "echo:1.0.0", ("/usr/bin/echo-server",)))
        cls.web = kubectl.ready_pods("app=web", 2)
        cls.inside = Inside(kubectl.ready_pods("app=client", 1)[0])

    def records(self, *options):
        text = skiff("observe", "--name", CLUSTER, "-n", self.namespace, "-o", "json", "--last", 500, *options).stdout
        return [json.loads(line) for line in text.splitlines()]

    def ask(self, name, check=True):
        address = self.kubectl.get("service", name)["spec"]["clusterIPs"][0]
        return self.ask_address("tcp", address, 80, check=check)

    def resolve(self, name):
        self.inside.run("dig", "@10.96.0.10", "+time=1", "+tries=1", name, check=False)

    def ask_address(self, protocol, address, port, check=True):
        return self.kubectl.run("exec", "client", "--", "/usr/bin/echo-server", "ask", protocol, address, port, "hello",
                                check=check)

    def test_a_connection_names_client_service_and_backend(self):
        self.ask("web")

        def seen():
            return [r for r in self.records("--service", "web") if r["kind"] == "translated" and "podHere" in r]
        record = eventually(seen)[-1]
        self.assertEqual(f"{self.namespace}/client", record["podHere"])
        self.assertEqual("web", record["service"]["name"])
        self.assertEqual("chosen", record["lbReason"])
        backend = record["backend"]["identity"]
        self.assertIn(backend["name"], [p["metadata"]["name"] for p in self.web])
        text = skiff("observe", "--name", CLUSTER, "-n", self.namespace, "--service", "web").stdout
        self.assertIn(f"{self.namespace}/client => {self.namespace}/web:tcp", text)

    def test_flows_of_every_node_are_told_from_begin_to_end(self):
        def complete():
            self.ask("web")  # of one of the pods, which are on both nodes
            records = self.records("--pod", f"{self.namespace}/web", "--port", "8080")
            closed = [r for r in records if r["kind"] == "closed"]
            return {r["node"] for r in records} == {"node-1", "node-2"} and closed and closed[-1]
        closed = eventually(complete)
        self.assertGreater(closed["packets"][0], 2)
        self.assertGreater(closed["bytes"][1], 60)

    def test_a_service_without_backends_is_a_refusal(self):
        self.ask("nobody", check=False)
        record = eventually(lambda: self.records("--service", "nobody", "--verdict", "refused"))[-1]
        self.assertEqual("no_endpoints", record["reason"])
        self.assertEqual("no-backend", record["lbReason"])

    def test_kernel_drops_have_reason_and_place(self):
        # Nobody listens on this UDP port: the kernel of the pod drops the datagram, and says so.
        address = self.web[0]["status"]["podIP"]

        def seen():
            self.ask_address("udp", address, 9, check=False)
            return [r for r in self.records("--verdict", "dropped", "--port", "9") if r["kind"] == "kernel-dropped"]
        record = eventually(seen)[-1]
        self.assertEqual("NO_SOCKET", record["reason"])
        self.assertIn("+0x", record["place"])
        self.assertEqual(f"{self.namespace}/{self.web[0]['metadata']['name']}", record["podHere"])
        table = skiff("drops", "--name", CLUSTER).stdout
        self.assertIn("NO_SOCKET", table)

    def test_a_denied_flow_names_the_policy(self):
        self.kubectl.apply(json.dumps({
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "no-one"},
            "spec": {"podSelector": {"matchLabels": {"app": "web"}}, "policyTypes": ["Ingress"]}}))
        try:
            address = self.web[0]["status"]["podIP"]

            def seen():
                self.kubectl.run("exec", "client", "--", "timeout", "1", "/usr/bin/echo-server", "ask", "tcp", address, 8080,
                                 "x", check=False)
                return self.records("--reason", "policy_ingress")
            record = eventually(seen)[-1]
            self.assertEqual([f"{self.namespace}/no-one"], record["ingressPolicies"])
            text = skiff("observe", "--name", CLUSTER, "-n", self.namespace, "--verdict", "dropped").stdout
            self.assertIn(f"DROPPED policy_ingress of {self.namespace}/no-one", text)
        finally:
            self.kubectl("delete", "networkpolicy", "no-one")

    def test_questions_to_the_dns_are_told_with_their_answers(self):
        domain = f"{self.namespace}.svc.cluster.local"

        def seen():
            for name in ("web", "wbe"):
                self.resolve(f"{name}.{domain}")
            text = skiff("observe", "--name", CLUSTER, "--pod", f"{self.namespace}/client", "--protocol", "dns",
                         "--last", 100).stdout
            return f"wbe.{domain}. NXDOMAIN" in text and text
        text = eventually(seen)
        self.assertIn(f"{self.namespace}/client", text)
        self.assertRegex(text, rf"=> DNS A web\.{re.escape(domain)}\. NOERROR 10\.")

    def metrics(self):
        certificate, key = admin_files()
        return "".join(run("curl", "-sSk", "--max-time", "5", "--cert", certificate, "--key", key,
                           f"https://{address}:10250/metrics").stdout for address in node_ips())

    def test_dashboards_ask_only_for_metrics_that_there_are(self):
        wanted = set()
        for file in (SOURCE / "deploy/dashboards").glob("*.json"):
            for panel in json.loads(file.read_text(encoding="utf-8"))["panels"]:
                for target in panel["targets"]:
                    wanted |= set(re.findall(r"\b((?:hubble|skiff|kubeproxy)_[a-z_]+)\{", target["expr"]))
        self.assertGreater(len(wanted), 20)

        def missing():
            self.ask("web")
            self.ask("nobody", check=False)
            self.resolve("example.invalid")
            self.ask_address("tcp", "203.0.113.1", 9, check=False)
            text = self.metrics()
            return not {name for name in wanted if name + "{" not in text and name + " " not in text} - self.UNSEEN
        eventually(missing)

    # What this cluster has no occasion to count.
    UNSEEN = {"hubble_icmp_total", "hubble_flows_to_world_total", "hubble_dns_response_types_total"}

    def test_a_wrong_filter_says_what_would_be_right(self):
        answer = skiff("observe", "--name", CLUSTER, "--verdict", "lost", check=False)
        self.assertNotEqual(0, answer.returncode)
        self.assertIn("forwarded, translated, refused or dropped", answer.stderr)


if __name__ == "__main__":
    main()
