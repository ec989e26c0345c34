#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`skiff up` and `down`: what they say, side by side, after a killed run, and that nothing is left."""

import os
import pathlib
import signal
import unittest

from harness import KUBECTLS, SOURCE, Kubectl, cluster_spec, daemon_pid, eventually, is_ready, main, on_node, run, skiff
from workloads import echo_deployment

HOST_STATE = (SOURCE / "tests/integration/host_state.sh", "it-a", "it-b")


class Lifecycle(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        for name in ("it-a", "it-b"):
            skiff("down", "--name", name)
            self.addCleanup(skiff, "down", "--name", name)

    def test_up_and_down_leave_no_difference(self):
        before = run(*HOST_STATE).stdout
        out = skiff("up", "--name", "it-a", "--nodes", 2, timeout=90).stdout
        self.assertEqual("export KUBECONFIG=/var/lib/skiff/it-a/admin.kubeconfig", out.rstrip().splitlines()[-1])
        self.assertIn("✓ Wait for the nodes", out)
        if KUBECTLS:
            kubectl = Kubectl(cluster="it-a")
            self.assertTrue(all(is_ready(node) for node in kubectl.get("nodes")))
            kubectl.apply(echo_deployment("web", 4))
            kubectl.ready_pods("app=web", 4)
        again = skiff("up", "--name", "it-a").stdout
        self.assertIn("is running already", again)
        self.assertIn("node-2-agent", skiff("status", "--name", "it-a").stdout)
        skiff("down", "--name", "it-a")
        self.assertEqual(before, run(*HOST_STATE).stdout)

    def test_clusters_of_two_names_live_side_by_side(self):
        before = run(*HOST_STATE).stdout
        for name in ("it-a", "it-b"):
            skiff("up", "--name", name, "--nodes", 1, timeout=90)
        specs = [cluster_spec(name) for name in ("it-a", "it-b")]
        self.assertNotEqual(specs[0]["index"], specs[1]["index"])
        self.assertNotEqual(specs[0]["apiPort"], specs[1]["apiPort"])
        self.assertEqual("node-1", on_node("node-1", "hostname", cluster="it-a").stdout.strip())
        skiff("down", "--name", "it-a")
        self.assertIn("running", skiff("status", "--name", "it-b").stdout)
        skiff("down", "--name", "it-b")
        self.assertEqual(before, run(*HOST_STATE).stdout)

    def test_what_a_killed_run_left_is_cleared(self):
        before = run(*HOST_STATE).stdout
        skiff("up", "--name", "it-a", "--nodes", 1, timeout=90)
        for daemon in ("supervisor", "controller"):
            os.kill(daemon_pid(daemon, "it-a"), signal.SIGKILL)
        pathlib.Path("/var/lib/skiff/it-a/cluster.json").write_text("{", encoding="utf-8")
        out = skiff("up", "--name", "it-a", "--nodes", 1, timeout=90).stdout
        self.assertIn("Clear what an earlier run left", out)
        skiff("down", "--name", "it-a")
        self.assertEqual(before, run(*HOST_STATE).stdout)

    def test_down_tells_what_it_could_not_remove_and_what_changed_on_the_machine(self):
        if any(pathlib.Path("/var/lib/skiff").glob("*/cluster.json")):
            self.skipTest("another cluster runs: only the last one looks at the machine")
        setting = pathlib.Path("/proc/sys/net/ipv4/conf/default/rp_filter")
        before = setting.read_text(encoding="utf-8")
        # As an agent that ran on the machine itself would have left it.
        route = ("unreachable", "10.244.77.0/24", "proto", 143)
        skiff("up", "--name", "it-a", "--nodes", 1, timeout=90)
        run("ip", "route", "add", *route)
        setting.write_text("1" if before.strip() == "2" else "2", encoding="utf-8")
        try:
            done = skiff("down", "--name", "it-a", check=False)
        finally:
            setting.write_text(before, encoding="utf-8")
            run("ip", "route", "delete", *route)
        self.assertNotEqual(0, done.returncode)
        self.assertRegex(done.stdout + done.stderr, r"left behind:\n +route .*10\.244\.77\.0/24")
        self.assertRegex(done.stdout, f"{setting} is . and was {before.strip()} before the first cluster")

    def test_a_daemon_that_does_not_start_is_told_with_its_reason(self):
        skiff("up", "--name", "it-a", "--nodes", 1, timeout=90)
        log = next(pathlib.Path("/var/lib/skiff/it-a/controller/store").glob("*.log"))
        os.kill(daemon_pid("controller", "it-a"), signal.SIGSTOP)
        whole = log.read_bytes()
        log.write_bytes(whole[:len(whole) // 2])
        os.kill(daemon_pid("controller", "it-a"), signal.SIGKILL)
        eventually(lambda: f"it said last: skiff-controller: store: open store: {log} is truncated" in
                   skiff("status", "--name", "it-a", check=False).stdout)
        log.write_bytes(whole)
        def answers():
            return "yes" in skiff("status", "--name", "it-a", check=False).stdout.split("READY")[-1]
        eventually(answers)

    def test_down_without_a_cluster_says_so(self):
        self.assertIn("There is no cluster it-a", skiff("down", "--name", "it-a").stdout)

    def test_a_failed_up_names_the_cause_and_leaves_nothing(self):
        before = run(*HOST_STATE).stdout
        done = skiff("up", "--name", "it-a", "--images", "/nonexistent", check=False)
        self.assertNotEqual(0, done.returncode)
        self.assertIn("no images in /nonexistent", done.stderr)
        self.assertEqual(before, run(*HOST_STATE).stdout)

    def test_wrong_arguments_are_named(self):
        for arguments, wanted in ((("up", "--nodes", 0), "--nodes 0"), (("up", "--name", "A/b"), "--name A/b"),
                                  (("node", "exec", "--name", "it-a", "node-1", "--", "true"), "no cluster it-a")):
            done = skiff(*arguments, check=False)
            self.assertNotEqual(0, done.returncode)
            self.assertIn(wanted, done.stderr)


if __name__ == "__main__":
    main()
