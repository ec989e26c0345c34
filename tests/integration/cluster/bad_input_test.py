#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Bad input: garbage on every port, wrong manifests, a CNI call without its environment. Clear errors, nothing harmed."""

import json
import os
import socket
import ssl
import urllib.error
import urllib.request

from harness import BIN, ClusterTest, cluster_spec, daemon_pid, main, node_ips, run

GARBAGE = [b"", b"\x00" * 1024, b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 100_000, os.urandom(65536),
           b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + os.urandom(4096), b"\x16\x03\x01\xff\xff" + os.urandom(512)]


def throw(address, port, data):
    """Sends bytes and reads what comes until the other side closes, or for a moment."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as connection:
        connection.settimeout(1)
        connection.connect((address, port))
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass
        except OSError:
            pass


class BadInput(ClusterTest):
    def test_garbage_on_every_port_kills_nothing(self):
        daemons = ["controller", "node-1-agent", "node-2-agent"]
        before = [daemon_pid(daemon) for daemon in daemons]
        for data in GARBAGE:
            throw("127.0.0.1", cluster_spec()["apiPort"], data)
            for address in node_ips():
                throw(address, 10250, data)
        self.assertEqual(before, [daemon_pid(daemon) for daemon in daemons])
        self.assertIn("node-1", self.kubectl("get", "nodes"))

    def test_garbage_to_the_dns_port_kills_nothing(self):
        before = daemon_pid("node-1-agent")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            for data in GARBAGE:
                datagrams.sendto(data[:1400], (node_ips()[0], 53))
        self.assertEqual(before, daemon_pid("node-1-agent"))

    def ask_anonymously(self, path):
        context = ssl._create_unverified_context()  # pylint: disable=protected-access
        url = f"https://127.0.0.1:{cluster_spec()['apiPort']}{path}"
        try:
            with urllib.request.urlopen(url, context=context, timeout=5) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def test_nobody_reads_without_a_name(self):
        self.assertEqual(200, self.ask_anonymously("/readyz")[0])
        self.assertEqual(200, self.ask_anonymously("/version")[0])
        for path in ("/api/v1/secrets", "/api/v1/nodes", "/apis/apps/v1/deployments"):
            status, body = self.ask_anonymously(path)
            self.assertIn(status, (401, 403), path)
            self.assertEqual("Status", json.loads(body)["kind"])

    def refusal(self, text):
        done = self.kubectl.run("create", "-f", "-", input=text, check=False)
        self.assertNotEqual(0, done.returncode, text)
        return done.stderr

    def test_an_unknown_field_is_named_with_its_path(self):
        self.assertRegex(self.refusal('{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"},"spec":{"containers":'
                                      '[{"name":"a","image":"nginx","imagee":"x"}]}}'), r"imagee")

    def test_an_ill_typed_field_is_named_with_its_path(self):
        self.assertRegex(self.refusal('{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"},"spec":{"containers":'
                                      '[{"name":"a","image":"nginx","ports":[{"containerPort":"eighty"}]}]}}'),
                         r"containerPort")

    def test_a_pod_without_containers_is_refused(self):
        self.assertIn("spec.containers", self.refusal(
            '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"},"spec":{"containers":[]}}'))

    def test_a_name_that_is_no_name_is_refused(self):
        self.assertIn("metadata.name", self.refusal(
            '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"No_Name"}}'))

    def test_a_selector_that_misses_its_template_is_refused(self):
        self.assertIn("selector", self.refusal(
            '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"x"},"spec":{"selector":{"matchLabels":'
            '{"a":"b"}},"template":{"metadata":{"labels":{"a":"c"}},"spec":{"containers":[{"name":"a","image":"i"}]}}}}'))

    def test_an_unknown_kind_is_no_match(self):
        self.assertRegex(self.refusal('{"apiVersion":"example.com/v1","kind":"Thing","metadata":{"name":"x"}}'),
                         r"no matches for kind|no match")

    def test_a_cni_call_without_its_environment_names_what_is_missing(self):
        done = run("env", "-i", "CNI_COMMAND=ADD", BIN / "skiff-cni", check=False, input="{}")
        self.assertNotEqual(0, done.returncode)
        error = json.loads(done.stdout)
        self.assertEqual(4, error["code"])
        self.assertIn("CNI_CONTAINERID", error["msg"] + error.get("details", ""))

    def test_a_cni_call_with_garbage_on_stdin_answers_with_a_cni_error(self):
        done = run("env", "-i", "CNI_COMMAND=ADD", "CNI_CONTAINERID=x", "CNI_NETNS=/nope", "CNI_IFNAME=eth0", "CNI_PATH=/",
                   BIN / "skiff-cni", check=False, input="not json")
        self.assertNotEqual(0, done.returncode)
        self.assertIn("code", json.loads(done.stdout))


if __name__ == "__main__":
    main()
