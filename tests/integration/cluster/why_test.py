#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""skiff why: what is in the way of a connection, said before anybody has to search for it."""

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
        cls.kubectl.ready_pods("app=client", 1)

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

    def test_asking_leaves_no_flow_and_counts_nothing(self):
        def observed():
            return skiff("observe", "--name", CLUSTER, "--port", "61234", "--last", "50", check=False).stdout
        before = observed()
        self.why("web:80")
        self.assertEqual(before, observed())

    def test_a_pod_that_does_not_exist_is_an_error_not_an_answer(self):
        done = self.why("web:80", client="nobody-here")
        self.assertEqual(1, done.returncode)
        self.assertIn("there is no pod nobody-here", done.stderr)


if __name__ == "__main__":
    main()
