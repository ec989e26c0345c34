#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make up` and `make down`, as the README has them: a cluster that answers, and a machine that is as it was."""

import os
import shutil
import unittest

from harness import BIN, KUBECTLS, SOURCE, Kubectl, cluster_spec, is_ready, main, run, skiff

NAME = "it-make"  # longer than what devices have of it
HOST_STATE = (SOURCE / "tests/integration/host_state.sh", NAME)
PRESET = BIN.parent.name


@unittest.skipUnless(shutil.which("make"), "make is not installed")
@unittest.skipUnless(BIN == SOURCE / f"build/{PRESET}/bin", f"{BIN} is not a preset's build of {SOURCE}")
class Make(unittest.TestCase):
    maxDiff = None

    def make(self, target):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        return run("make", "-C", SOURCE, target, f"NAME={NAME}", f"PRESET={PRESET}", timeout=170, env=environment).stdout

    def test_up_and_down_leave_no_difference(self):
        skiff("down", "--name", NAME)
        before = run(*HOST_STATE).stdout
        self.addCleanup(skiff, "down", "--name", NAME)
        up = [line for line in self.make("up").splitlines() if not line.startswith("make")]
        self.assertEqual(f"export KUBECONFIG=/var/lib/skiff/{NAME}/admin.kubeconfig", up[-1])
        if KUBECTLS:
            nodes = Kubectl(cluster=NAME).get("nodes")
            self.assertEqual(2, len(nodes))
            self.assertTrue(all(is_ready(node) for node in nodes))
        self.check_host_state()
        self.assertIn("nothing left behind", self.make("down"))
        self.assertEqual(before, run(*HOST_STATE).stdout)

    def check_host_state(self):
        """The script sees the links of this cluster, and leaves it out when it looks at one whose name this one begins with."""
        address = f"10.89.{cluster_spec(NAME)['index']}.1"
        bridge = next(line.split()[1] for line in run("ip", "-o", "address", "show", "to", address).stdout.splitlines())
        self.assertRegex(run(*HOST_STATE).stdout, rf"(?m)^{bridge} {address}/24$")
        self.assertNotIn(NAME, run(HOST_STATE[0], NAME[:-1]).stdout)


if __name__ == "__main__":
    main()
