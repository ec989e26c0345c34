#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Bytes between kubectl and containers: logs, exec with and without a terminal, cp, attach, port-forward."""

import os
import pty
import subprocess
import urllib.request

from harness import KUBECTLS, SCRATCH, ClusterTest, Kubectl, eventually, main, run
from workloads import pod


class Streams(ClusterTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kubectl.apply(pod("two", containers=[
            {"name": "counts", "image": "busybox",
             "command": ["sh", "-c", "i=0; while true; do echo $i; i=$((i+1)); sleep 0.2; done"]},
            {"name": "echoes", "image": "busybox", "command": ["cat"], "stdin": True}]))
        cls.kubectl("create", "deployment", "web", "--image=nginx")
        cls.kubectl("expose", "deployment", "web", "--port=80")
        cls.kubectl("wait", "--for=condition=Ready", "pod/two", "--timeout=30s")
        cls.kubectl("rollout", "status", "deployment/web", "--timeout=30s")

    def each(self):
        for version in KUBECTLS:
            with self.subTest(kubectl=version):
                yield Kubectl(version, self.namespace)

    def command(self, kubectl, *arguments):
        return [kubectl.binary, kubectl.cache, "-n", self.namespace, *arguments]

    def test_logs_in_every_form(self):
        eventually(lambda: "5\n" in self.kubectl("logs", "two", "-c", "counts"))
        for kubectl in self.each():
            counts = ("logs", "two", "-c", "counts")
            self.assertTrue(kubectl(*counts).startswith("0\n1\n2\n"))
            self.assertEqual(2, len(kubectl(*counts, "--tail=2").split()))
            self.assertEqual("0\n1\n", kubectl(*counts, "--limit-bytes=4"))
            self.assertRegex(kubectl(*counts, "--timestamps", "--tail=1"), r"^20\d\d-\d\d-\d\dT\S+Z \d+\n$")
            self.assertLess(len(kubectl(*counts, "--since=1s").split()), 12)
            self.assertEqual("", kubectl(*counts, "--since-time=2100-01-01T00:00:00Z"))
            self.assertIn("[pod/two/counts] ", kubectl("logs", "two", "--all-containers", "--prefix", "--tail=1"))
            self.assertIn("start worker process", kubectl("logs", "deployment/web"))
            self.assertIn("start worker process", kubectl("logs", "-l", "app=web"))
            self.assertIn("container none is not valid", kubectl.run("logs", "two", "-c", "none", check=False).stderr)
            gone = kubectl.run(*counts, "--previous", check=False)
            self.assertIn('previous terminated container "counts" in pod "two" not found', gone.stderr)

    def test_a_followed_log_goes_on(self):
        for kubectl in self.each():
            follow = subprocess.Popen(self.command(kubectl, "logs", "-f", "two", "-c", "counts", "--tail=1"),
                                      env=kubectl.environment, text=True, stdout=subprocess.PIPE)
            try:
                first = int(follow.stdout.readline())
                self.assertEqual([first + 1, first + 2], [int(follow.stdout.readline()) for _ in range(2)])
            finally:
                follow.kill()
                follow.communicate()

    def test_exec_passes_streams_and_exit_codes(self):
        for kubectl in self.each():
            data = "x" * 3_000_000
            counted = kubectl("exec", "-i", "two", "-c", "counts", "--", "sh", "-c", "cat | wc -c", input=data)
            self.assertEqual("3000000\n", counted)
            done = kubectl.run("exec", "two", "-c", "counts", "--", "sh", "-c", "echo a; echo b >&2; exit 42", check=False)
            self.assertEqual((42, "a\n"), (done.returncode, done.stdout))
            self.assertIn("b\n", done.stderr)
            missing = kubectl.run("exec", "two", "-c", "counts", "--", "not-there", check=False)
            self.assertIn("not-there", missing.stderr)
            self.assertIn("NotFound", kubectl.run("exec", "none", "--", "true", check=False).stderr)

    def test_exec_with_a_terminal(self):
        for kubectl in self.each():
            status, said = self.in_terminal(kubectl, "exec", "-it", "two", "-c", "counts", "--",
                                            "sh", "-c", "test -t 0 && tty; exit 5")
            self.assertEqual(5, status, said)
            self.assertIn(b"/dev/pts/", said)

    def in_terminal(self, kubectl, *arguments):
        """Exit status and output of a kubectl that has a terminal."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(kubectl.binary, self.command(kubectl, *arguments), kubectl.environment)
        said = b""
        try:
            while piece := os.read(terminal, 4096):
                said += piece
        except OSError:  # Linux ends a terminal's output with EIO
            pass
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said

    def test_files_are_copied_both_ways(self):
        there, back = SCRATCH / "copied-there", SCRATCH / "copied-back"
        there.write_bytes(os.urandom(1_000_000))
        for kubectl in self.each():
            back.unlink(missing_ok=True)
            kubectl("cp", there, "two:/tmp/file", "-c", "counts")
            kubectl("cp", "two:/tmp/file", back, "-c", "counts")
            self.assertEqual(there.read_bytes(), back.read_bytes())
        there.unlink()
        back.unlink()

    def test_attach_reaches_the_process(self):
        for number, kubectl in enumerate(self.each()):
            attached = subprocess.Popen(self.command(kubectl, "attach", "-i", "two", "-c", "echoes"), text=True,
                                        env=kubectl.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)
            try:
                attached.stdin.write(f"hello {number}\n")
                attached.stdin.flush()
                self.assertEqual(f"hello {number}\n", attached.stdout.readline())
            finally:
                attached.kill()
                attached.communicate()

    def test_ports_are_forwarded(self):
        for kubectl in self.each():
            for target in ("deployment/web", "service/web"):
                forward = subprocess.Popen(self.command(kubectl, "port-forward", target, ":80", "--address=127.0.0.1"),
                                           env=kubectl.environment, text=True, stdout=subprocess.PIPE)
                try:
                    address = forward.stdout.readline().split()[2]
                    for _ in range(3):
                        with urllib.request.urlopen(f"http://{address}/", timeout=5) as page:
                            self.assertIn(b"Welcome to nginx", page.read())
                finally:
                    forward.kill()
                    forward.communicate()

    def test_a_client_of_another_make_lists_watches_and_executes(self):
        if run("/usr/bin/python3", "-c", "import kubernetes", check=False).returncode != 0:
            self.skipTest("python3-kubernetes is not installed")
        program = """if True:
            import sys
            from kubernetes import client, config, watch
            from kubernetes.stream import stream
            config.load_kube_config()
            core, namespace = client.CoreV1Api(), sys.argv[1]
            print(client.VersionApi().get_code().major, [p.metadata.name for p in core.list_namespaced_pod(
                namespace, label_selector="app=two").items])
            core.create_namespaced_config_map(namespace, {"metadata": {"name": "python"}})
            for event in watch.Watch().stream(core.list_namespaced_config_map, namespace, timeout_seconds=5,
                                              field_selector="metadata.name=python"):
                print(event["type"], event["object"].metadata.name)
                break
            print(stream(core.connect_get_namespaced_pod_exec, "two", namespace, container="counts",
                         command=["echo", "done"], stdin=False, stdout=True, stderr=True, tty=False))
        """
        said = run("/usr/bin/python3", "-c", program, self.namespace, env=self.kubectl.environment).stdout
        self.assertEqual(["1 ['two']", "ADDED python", "done"], said.split("\n")[:3])


if __name__ == "__main__":
    main()
