#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The image that deploy/daemonset.yaml runs, as `make image` builds it: loaded into a containerd, all its programs start, and its agent
serves with nothing but what the DaemonSet gives it. A containerd and a network namespace of its own; the API server is played by a
script."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from machine import inside, run, until
from real_node import make_cgroup, remove_cgroup

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = pathlib.Path(os.environ.get("SKIFF_SOURCE", HERE.parents[2]))
BIN = pathlib.Path(os.environ.get("SKIFF_BIN", SOURCE / "build/release/bin")).resolve()
IMAGES = SOURCE / "build/images"
NETNS, CGROUP, PINS = "skiff-image", "/skiff-image", "/sys/fs/bpf/skiff-image"
IMAGE = "skiff.local/skiff-agent:1"
CONFIG = """version = 2
root = "{dir}/root"
state = "{dir}/state"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
[debug]
  level = "warn"
[grpc]
  address = "{dir}/containerd.sock"
"""


class Image(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = pathlib.Path(tempfile.mkdtemp(prefix="skiff-image-", dir="/var/tmp"))
        cls.directory_is_ours = not pathlib.Path("/run/netns").exists()
        cls.children = []
        cls.addClassCleanup(cls.clean)
        run(sys.executable, SOURCE / "deploy/images/build.py", "--bin", BIN, "--out", IMAGES, "--image", "agent")
        subprocess.run(["ip", "netns", "delete", NETNS], capture_output=True, check=False)
        run("ip", "netns", "add", NETNS)
        run(*inside(NETNS, "ip", "link", "set", "lo", "up"))
        remove_cgroup(CGROUP)
        make_cgroup(CGROUP)
        config = cls.directory / "config.toml"
        config.write_text(CONFIG.format(dir=cls.directory))
        cls.start("containerd", "containerd", "--config", config)
        until("containerd answers", lambda: cls.ctr("version"))
        cls.ctr("images", "import", IMAGES / "agent.tar")

    @classmethod
    def clean(cls):
        for child in reversed(cls.children):
            child.terminate()  # containerd unmounts what it mounted
            child.wait()
        remove_cgroup(CGROUP)
        subprocess.run(["ip", "netns", "delete", NETNS], capture_output=True, check=False)
        if cls.directory_is_ours and not any(pathlib.Path("/run/netns").iterdir()):
            subprocess.run(["umount", "/run/netns"], capture_output=True, check=False)
            os.rmdir("/run/netns")
        shutil.rmtree(PINS, ignore_errors=True)
        shutil.rmtree(cls.directory, ignore_errors=True)

    @classmethod
    def start(cls, name, *command):
        with open(cls.directory / f"{name}.log", "w", encoding="utf-8") as log:
            cls.children.append(subprocess.Popen(inside(NETNS, *command), stdout=log, stderr=log))

    @classmethod
    def ctr(cls, *arguments):
        return run("ctr", "-a", cls.directory / "containerd.sock", "-n", "skiff-image", *arguments)

    def in_image(self, name, *command):
        return self.ctr("run", "--rm", "--cgroup", f"{CGROUP}/{name}", IMAGE, name, *command)

    def test_every_program_of_the_image_starts(self):
        self.assertIn("--roles", self.in_image("agent", "/usr/bin/skiff-agent", "--help"))
        for tool in ("iptables-nft-save", "iptables-legacy-save", "ip6tables-nft-restore", "ip6tables-legacy-restore", "nft"):
            self.assertIn(" v1", self.in_image(tool, f"/usr/sbin/{tool}", "--version"))
        # The init container copies the plugin out with these; runtimes name namespaces below /var/run.
        text = self.in_image("shell", "/bin/sh", "-c", "cp /usr/lib/skiff/skiff-cni /tmp/x && /tmp/x < /dev/null; readlink /var/run")
        self.assertTrue(text.endswith("/run\n"), text)

    def test_its_agent_serves(self):
        account = self.directory / "account"
        account.mkdir()
        (account / "token").write_text("first")
        (self.directory / "accepted-token").write_text("first")
        (self.directory / "slices-version").write_text("v1")
        (self.directory / "objects.json").write_text(json.dumps({
            "nodes": [{"metadata": {"name": "n1"}, "spec": {}, "status": {"addresses": [{"type": "InternalIP", "address": "127.0.0.1"}]}}]}))
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
            "/CN=fake", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", self.directory / "tls.key", "-out", self.directory / "tls.crt")
        shutil.copy(self.directory / "tls.crt", account / "ca.crt")
        self.start("api", sys.executable, HERE / "fake_api.py", 6443, self.directory)
        mount = f"type=bind,src={account},dst=/run/secrets/kubernetes.io/serviceaccount,options=rbind:ro"
        self.start("agent", "ctr", "-a", self.directory / "containerd.sock", "-n", "skiff-image", "run", "--rm", "--privileged",
                   "--net-host", "--cgroup", f"{CGROUP}/agent", "--mount", "type=bind,src=/sys,dst=/sys,options=rbind:rw", "--mount",
                   mount, IMAGE, "served", "/usr/bin/skiff-agent", "--roles=proxy,trace", "--take-over", "--node-name=n1",
                   "--node-ip=127.0.0.1", "--api-server=https://127.0.0.1:6443", f"--bpf-dir={PINS}", f"--cgroup-root={CGROUP}")
        get = lambda url: run(*inside(NETNS, "curl", "-sS", "--max-time", 3, url))
        log = lambda: (self.directory / "agent.log").read_text()
        until("the agent is healthy", lambda: "nodeEligible" in get("http://127.0.0.1:10256/healthz"))
        self.assertEqual("ebpf", get("http://127.0.0.1:10249/proxyMode"))
        # Its tools find no kube-proxy here, and say so: they run.
        until("it looked for rules of a kube-proxy", lambda: "no rules of kube-proxy's here" in log())
        self.ctr("tasks", "kill", "--signal", "SIGTERM", "served")


if __name__ == "__main__":
    missing = [tool for tool in ("containerd", "ctr", "runc", "openssl", "nsenter", "curl") if not shutil.which(tool)]
    if os.geteuid() != 0 or missing:
        print("SKIPPED: " + (f"{missing[0]} is not installed" if missing else "needs root"))
        sys.exit(77)
    unittest.main(verbosity=2)
