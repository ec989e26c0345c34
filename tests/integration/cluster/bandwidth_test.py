#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Annotations kubernetes.io/egress-bandwidth and ingress-bandwidth: what arrives of streams that would like to be faster."""

import subprocess
import sys

from harness import HERE, ClusterTest, eventually, main, process_of
from workloads import pod

RATE = 20e6
EGRESS, INGRESS = "kubernetes.io/egress-bandwidth", "kubernetes.io/ingress-bandwidth"


class Bandwidth(ClusterTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        wanted = {"talker": ("node-1", {EGRESS: "20M"}), "plain-1": ("node-1", {}),
                  "listener": ("node-2", {INGRESS: "20M"}), "plain-2": ("node-2", {})}
        for name, (node, annotations) in wanted.items():
            cls.kubectl.apply(pod(name, nodeName=node, annotations=annotations))
        cls.kubectl.apply(pod("absurd", nodeName="node-1", annotations={EGRESS: "1"}))
        cls.pods = {name: cls.kubectl.ready_pods(f"app={name}", 1)[0] for name in wanted}
        cls.pids = {name: process_of(found)
                    for name, found in cls.pods.items()}

    def within(self, name, *arguments):
        command = ["nsenter", f"--net=/proc/{self.pids[name]}/ns/net", sys.executable, str(HERE / "stream.py"), *arguments]
        return subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def rate(self, sender, receiver, family):
        """Bits a second of one TCP stream."""
        with self.within(receiver, "receive", "1.5") as receiving:
            self.assertEqual("listening\n", receiving.stdout.readline())
            with self.within(sender, "send", self.pods[receiver]["status"]["podIPs"][family]["ip"]) as sending:
                out, err = receiving.communicate(timeout=30)
                sending.communicate(timeout=30)
        self.assertTrue(out, err)
        return float(out)

    def assert_limited(self, sender, receiver, family):
        with self.subTest(sender=sender, receiver=receiver, family=family):
            # Of a full frame 1448 bytes of 1514 belong to the stream.
            self.assertAlmostEqual(1, self.rate(sender, receiver, family) / RATE, delta=0.1)

    def test_a_pod_sends_at_its_egress_bandwidth_to_pods_of_any_node(self):
        self.assert_limited("talker", "plain-2", 0)
        self.assert_limited("talker", "plain-1", 1)

    def test_a_pod_gets_its_ingress_bandwidth_from_pods_of_any_node(self):
        self.assert_limited("plain-1", "listener", 1)
        self.assert_limited("plain-2", "listener", 0)

    def test_the_other_direction_and_other_pods_are_not_limited(self):
        self.assertGreater(self.rate("plain-2", "talker", 0), 3 * RATE)
        self.assertGreater(self.rate("listener", "plain-1", 0), 3 * RATE)

    def test_an_annotation_that_is_no_bandwidth_is_refused_with_the_reason(self):
        def refused():
            events = self.kubectl.get("events", None, "--field-selector", "involvedObject.name=absurd")
            return [e for e in events if "unreasonably small" in e["message"]]
        self.assertEqual("FailedCreatePodSandBox", eventually(refused)[0]["reason"])


if __name__ == "__main__":
    main()
