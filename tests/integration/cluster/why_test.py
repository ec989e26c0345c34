#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""skiff why: what is in the way of a connection, said before anybody has to search for it."""

import json

from harness import CLUSTER, ClusterTest, eventually, main, skiff
from workloads import echo_deployment, pod, service

NO = 2  # exit status of an answer that is no


class Why(ClusterTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kubectl.apply(echo_deployment("web", 2))
        cls.kubectl.apply(service("web", "web"))
        cls.kubectl.apply(service("nobody", "no-such-label"))
        cls.kubectl.apply(pod("client", "echo:1.0.0", ("/usr/bin/echo-server",)))
        cls.kubectl.ready_pods("app=web", 2)
        cls.kubectl.apply(pod("other", "echo:1.0.0", ("/usr/bin/echo-server",)))
        cls.web = cls.kubectl.ready_pods("app=web", 2)
        cls.kubectl.ready_pods("app=client", 1)
        cls.kubectl.ready_pods("app=other", 1)

    def tearDown(self):
        self.kubectl("delete", "networkpolicy", "--all")

    def policy(self, name, **spec):
        self.kubectl.apply(json.dumps({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
                                       "metadata": {"name": name}, "spec": {"podSelector": {}, **spec}}))

    def why(self, target, client="client"):
        return skiff("why", "--name", CLUSTER, "-n", self.kubectl.namespace, client, target, check=False)

    def test_a_service_that_works_has_nothing_in_its_way(self):
        answer = eventually(lambda: (done := self.why("web:80")).returncode == 0 and done.stdout)
        for text in ("the node's DNS answers web.", "2 ready", "leads to ", "is delivered as", "nothing in the way"):
            self.assertIn(text, answer)
        self.assertNotIn("FAIL", answer)

    def test_a_service_without_pods_is_refused_because_of_its_selector(self):
        def probe():
            done = self.why("nobody:80")
            return done if "no_endpoints" in done.stdout else None
        done = eventually(probe)
        self.assertEqual(NO, done.returncode)
        self.assertIn("has the labels app=no-such-label", done.stdout)
        self.assertIn("is refused: no_endpoints", done.stdout)

    def test_a_wrong_port_is_answered_with_those_there_are(self):
        done = self.why("web:81")
        self.assertEqual(NO, done.returncode)
        self.assertIn("it has tcp:80/TCP, udp:80/UDP", done.stdout)

    def test_a_name_that_nobody_has_is_said_to_be_so(self):
        done = self.why("wbe:80")
        self.assertEqual(NO, done.returncode)
        self.assertIn(f"there is no Service {self.kubectl.namespace}/wbe", done.stdout)

    def test_policies_of_both_ends_are_named_with_the_rule_that_decides(self):
        namespace = self.kubectl.namespace
        self.policy("web-in", podSelector={"matchLabels": {"app": "web"}},
                    ingress=[{"from": [{"podSelector": {"matchLabels": {"app": "client"}}}], "ports": [{"port": 8080}]}])
        self.policy("out", podSelector={"matchLabels": {"app": "client"}}, policyTypes=["Egress"],
                    egress=[{"to": [{"podSelector": {"matchLabels": {"app": "web"}}}]}])

        def allowed():
            done = self.why("web:80")
            return done.returncode == 0 and f"{namespace}/web-in ingress[0] allows it" in done.stdout and done.stdout
        text = eventually(allowed)
        self.assertIn(f"{namespace}/out egress[0] allows it: to pods app=web of {namespace} on every port", text)
        self.assertIn("from pods app=client", text)

        def denied():
            done = self.why("web:80", client="other")
            return done.returncode == NO and done.stdout
        text = eventually(denied)
        # Both web pods, on both nodes, say so.
        self.assertIn(f"{namespace}/web-in isolates {namespace}/{self.web[0]['metadata']['name']}", text)
        self.assertIn(f"{namespace}/web-in isolates {namespace}/{self.web[1]['metadata']['name']}", text)
        self.assertIn(f"{namespace}/web-in ingress[0] has the port, not the peer", text)
        self.assertIn("policy_ingress", text)

    def test_what_it_says_is_what_connections_meet(self):
        """The property of tests/bpf/why_property_test.cpp, with real connections."""
        self.policy("web-in", podSelector={"matchLabels": {"app": "web"}},
                    ingress=[{"from": [{"podSelector": {"matchLabels": {"app": "client"}}}], "ports": [{"port": 8080}]}])
        addresses = [one["status"]["podIP"] for one in self.web]
        services = {name: self.kubectl.get("service", name)["spec"]["clusterIP"] for name in ("web", "nobody")}
        eventually(lambda: self.why("web:80", client="other").returncode == NO)
        for client in ("client", "other"):
            for name, address, port in [*((f"{ip}:8080", ip, 8080) for ip in addresses), (f"{addresses[0]}:81", addresses[0], 81),
                                        ("web:80", services["web"], 80), ("nobody:80", services["nobody"], 80)]:
                answered = self.kubectl.run("exec", client, "--", "timeout", "1", "/usr/bin/echo-server", "ask", "tcp", address,
                                            port, "x", check=False).returncode == 0
                said = self.why(name, client=client)
                if port == 81 and client == "client":
                    self.assertFalse(answered)  # a policy lets 8080 in alone
                self.assertEqual(answered, said.returncode == 0, f"{client} to {name}\n{said.stdout}")

    def test_asking_leaves_no_flow_and_counts_nothing(self):
        def left():
            """Records with the port that the questions' packets come from; drops that the programs counted, by node and reason."""
            records = skiff("observe", "--name", CLUSTER, "--port", "61234", "--last", "50").stdout
            nodes = map(json.loads, skiff("drops", "--name", CLUSTER, "-o", "json").stdout.splitlines())
            return records, {(node["node"], drop["reason"], drop["text"]): drop["packets"]
                             for node in nodes for drop in node["drops"] if drop["source"] == "skiff"}
        before = left()
        self.assertEqual(0, self.why("web:80").returncode)
        self.assertEqual(NO, self.why("nobody:80").returncode)
        self.assertEqual(before, left())

    def test_a_pod_that_does_not_exist_is_an_error_not_an_answer(self):
        done = self.why("web:80", client="nobody-here")
        self.assertEqual(1, done.returncode)
        self.assertIn("there is no pod nobody-here", done.stderr)


if __name__ == "__main__":
    main()
