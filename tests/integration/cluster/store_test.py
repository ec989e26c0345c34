#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The store under a controller that stands alone, seen by kubectl: files cut short, a disk that fills up. Clear errors, and nothing
lost that was acknowledged.
"""

import ctypes
import pathlib
import signal
import socket
import subprocess
import tempfile
import unittest

from harness import BIN, KUBECTLS, Kubectl, eventually, main, run

CLONE_NEWNS = 0x20000
DISK = "40m"
LARGE = "x" * 200_000


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class StoreTest(unittest.TestCase):
    """A directory on a small disk of its own, in a mount namespace that ends with the test; a controller on it."""

    @classmethod
    def setUpClass(cls):
        if not KUBECTLS:
            raise unittest.SkipTest("no kubectl on this machine")
        if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS) != 0:
            raise OSError(ctypes.get_errno(), "unshare mounts")
        run("mount", "--make-rprivate", "/")

    def setUp(self):
        self.disk = pathlib.Path(tempfile.mkdtemp(prefix="skiff-store-"))
        run("mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", self.disk)
        self.addCleanup(self.disk.rmdir)
        self.addCleanup(run, "umount", self.disk)
        self.data, self.store = self.disk / "data", self.disk / "data/store"
        self.port, self.process = free_port(), None
        self.kubectl = Kubectl(kubeconfig=self.disk / "admin.kubeconfig")
        # Discovery is cached by address: this one is the test's alone.
        self.kubectl.cache = f"--cache-dir={self.disk / 'cache'}"
        self.addCleanup(self.kill)

    def start(self):
        self.process = subprocess.Popen([str(BIN / "skiff-controller"), f"--data-dir={self.data}",
                                         f"--listen=127.0.0.1:{self.port}", f"--admin-kubeconfig={self.disk / 'admin.kubeconfig'}"],
                                        text=True, stderr=subprocess.PIPE)
        eventually(lambda: self.kubectl.run("get", "--raw", "/readyz", check=False).stdout == "ok", interval=0.02)

    def kill(self):
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.communicate()
            self.process = None

    def refusal(self):
        """What a controller says that does not start."""
        done = run(BIN / "skiff-controller", f"--data-dir={self.data}", f"--listen=127.0.0.1:{self.port}", check=False, timeout=20)
        self.assertNotEqual(0, done.returncode)
        return done.stderr

    def objects(self):
        """(name, revision) of all ConfigMaps."""
        return {(found["metadata"]["name"], found["metadata"]["resourceVersion"]) for found in self.kubectl.get("configmaps")
                if found["metadata"]["name"].startswith("kept")}


class Damage(StoreTest):
    def cut(self, path):
        whole = path.read_bytes()
        path.write_bytes(whole[:len(whole) // 2])
        return whole

    def test_a_store_file_cut_short_is_named_and_its_return_brings_everything_back(self):
        for life in range(2):  # the second turns the first one's log into a table
            self.start()
            for number in range(5):
                self.kubectl("create", "configmap", f"kept-{life}-{number}", f"--from-literal=text={'y' * 1000}")
            before = self.objects()
            self.kill()
        names = {path.suffix or path.name.split("-")[0]: path for path in sorted(self.store.iterdir())}
        for kind in (".log", ".sst", "MANIFEST", "CURRENT"):
            with self.subTest(names[kind].name):
                whole = self.cut(names[kind])
                said = self.refusal()
                self.assertIn(str(self.store), said)
                if kind != "MANIFEST":  # RocksDB names what it read from it
                    self.assertIn(names[kind].name, said)
                self.assertRegex(said, "restore the directory from a backup")
                names[kind].write_bytes(whole)
        self.start()
        self.assertEqual(10, len(before))
        self.assertEqual(before, self.objects())
        self.kubectl("create", "configmap", "kept-after")

    def test_a_cut_log_may_be_given_up_as_the_error_says(self):
        self.start()
        self.kubectl("create", "configmap", "kept-first")
        self.kubectl("create", "configmap", "kept-second", f"--from-literal=text={'y' * 100_000}")
        self.kill()
        log = next(self.store.glob("*.log"))
        log.write_bytes(log.read_bytes()[:-50_000])
        said = self.refusal()
        self.assertRegex(said, r"is truncated: it ends at revision \d+, but \d+ was acknowledged")
        mark = pathlib.Path(said.split("or remove ")[1].split(" to go on")[0])
        mark.unlink()
        self.start()
        self.assertEqual({"kept-first"}, {name for name, _ in self.objects()})

    def test_two_controllers_on_one_store(self):
        self.start()
        self.assertIn(str(self.store), self.refusal())


class FullDisk(StoreTest):
    def fill(self):
        """Leaves no byte."""
        with (self.disk / "ballast").open("wb", buffering=0) as ballast:
            try:
                while ballast.write(b"x" * 4096):
                    pass
            except OSError:
                pass

    def test_writes_are_refused_with_a_reason_and_go_on_when_there_is_space(self):
        self.start()
        acknowledged = set()
        def create(name):
            done = self.kubectl.run("create", "configmap", name, f"--from-literal=text={LARGE[:100_000]}", check=False)
            if done.returncode == 0:
                acknowledged.add(name)
            return done
        for number in range(3):
            self.assertEqual(0, create(f"kept-{number}").returncode)
        self.fill()
        refused = eventually(lambda: (done := create(f"kept-{len(acknowledged)}")).returncode != 0 and done, interval=0)
        self.assertRegex(refused.stderr, rf"the disk under {self.store} is full: free \d+ MB, and writes go on by themselves")
        # Everybody reads, changes are refused as well, and a controller that starts on the full disk loses nothing.
        self.assertEqual(acknowledged, {name for name, _ in self.objects()})
        self.assertIn("is full", self.kubectl.run("label", "configmap", "kept-0", "a=b", check=False).stderr)
        before = self.objects()
        self.kill()
        (self.disk / "ballast").unlink()
        self.start()
        self.assertEqual(before, self.objects())
        self.fill()
        eventually(lambda: create(f"kept-{len(acknowledged)}").returncode != 0, interval=0)
        (self.disk / "ballast").unlink()
        eventually(lambda: create("kept-again").returncode == 0)
        self.assertEqual(acknowledged, {name for name, _ in self.objects()})
        self.kill()
        self.start()
        self.assertEqual(acknowledged, {name for name, _ in self.objects()})


if __name__ == "__main__":
    main()
