#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Bad input: garbage on every port, wrong manifests, a CNI call without its environment. Clear errors, nothing harmed."""

import json
import pathlib
import ssl
import urllib.error
import urllib.request

from harness import (BIN, CLUSTER, HERE, KUBECTLS, ClusterTest, Kubectl, admin_files, cluster_spec, daemon_pid, eventually, main,
                     node_ips, on_node, run)
from workloads import echo_deployment, pod, service

NODES = ("node-1", "node-2")
DAEMONS = ("controller", *(f"{node}-{daemon}" for node in NODES for daemon in ("agent", "containerd")))
DNS = ("10.96.0.10", "fd00:10:96::a")
KUBELET, HEALTHZ, METRICS = 10250, 10256, 10249
SPARE = 64  # MiB that a daemon may have grown by


class Garbage(ClusterTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kubectl.apply(echo_deployment("web", 2))
        cls.kubectl.apply(service("web", "web", type="LoadBalancer", externalTrafficPolicy="Local"))
        cls.kubectl.ready_pods("app=web", 2)
        spec = cls.kubectl.get("service", "web")["spec"]
        cls.health_port, cls.addresses = spec["healthCheckNodePort"], spec["clusterIPs"]
        eventually(lambda: all(cls.status(node, "127.0.0.1", cls.health_port) == "200" for node in NODES))

    @classmethod
    def status(cls, node, host, port, path="/healthz", scheme="http", options=()):
        url = f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}{path}"
        return on_node(node, "curl", "-sk", "--max-time", "3", "-o", "/dev/null", "-w", "%{http_code}", *options, url).stdout

    def sockets(self, number):
        """[kind, address, port] of everything that listens on a node, and the API as the node sees it."""
        node = NODES[number - 1]
        everywhere = ["127.0.0.1", "::1", node_ips()[number - 1], node_ips(family=6)[number - 1]]
        found = [["unix", str(path), 0] for path in pathlib.Path(f"/run/skiff/{CLUSTER}/{node}").glob("*.sock")]
        for line in on_node(node, "ss", "-Hlntu").stdout.splitlines():
            kind, _, _, _, local = line.split()[:5]
            address, port = local.rsplit(":", 1)
            hosts = everywhere if address in ("*", "0.0.0.0", "[::]") else [address.strip("[]")]
            found += [[kind, host, int(port)] for host in hosts]
        found += [[kind, host, KUBELET] for kind in ("tls",) for host in everywhere]
        found += [[kind, "10.96.0.1", 443] for kind in ("tcp", "tls")]
        return found

    def memory(self):
        """Resident, in MiB, by daemon."""
        sizes = {}
        for daemon in DAEMONS:
            status = pathlib.Path(f"/proc/{daemon_pid(daemon)}/status").read_text(encoding="utf-8")
            sizes[daemon] = int(status.split("VmRSS:")[1].split()[0]) // 1024
        return sizes

    def test_garbage_on_every_socket_harms_nothing(self):
        pids, memory = [daemon_pid(daemon) for daemon in DAEMONS], self.memory()
        outside = [[kind, "127.0.0.1", cluster_spec()["apiPort"]] for kind in ("tcp", "tls")]
        run("python3", HERE / "garbage.py", input=json.dumps(outside))
        for number, node in enumerate(NODES, 1):
            sockets = self.sockets(number)
            ports = {(kind, port) for kind, _, port in sockets}
            self.assertLessEqual({("tcp", KUBELET), ("tls", KUBELET), ("tcp", HEALTHZ), ("tcp", METRICS), ("udp", 53), ("tcp", 53),
                                  ("tcp", self.health_port), ("unix", 0)}, ports)
            self.assertLessEqual(set(DNS), {address for _, address, port in sockets if port == 53})
            on_node(node, "/usr/bin/env", "python3", HERE / "garbage.py", input=json.dumps(sockets), timeout=100)
        self.assertEqual(pids, [daemon_pid(daemon) for daemon in DAEMONS])
        for daemon, size in self.memory().items():
            self.assertLess(size, memory[daemon] + SPARE, daemon)
        self.everything_answers()

    def everything_answers(self):
        self.assertIn("node-1", self.kubectl("get", "nodes"))
        certificate, key = admin_files()
        for number, node in enumerate(NODES, 1):
            for address in (node_ips()[number - 1], node_ips(family=6)[number - 1]):
                with self.subTest(node=node, address=address):
                    known = ("--cert", certificate, "--key", key)
                    self.assertEqual("200", self.status(node, address, KUBELET, scheme="https", options=known))
                    self.assertEqual("200", self.status(node, address, HEALTHZ))
                    self.assertEqual("200", self.status(node, address, self.health_port))
            self.assertEqual("200", self.status(node, "127.0.0.1", METRICS, "/metrics"))
            for server in DNS:
                for transport in ("+notcp", "+tcp"):
                    with self.subTest(node=node, server=server, transport=transport):
                        answer = on_node(node, "dig", f"@{server}", "+short", "+time=2", transport,
                                         f"web.{self.namespace}.svc.cluster.local").stdout
                        self.assertEqual(self.addresses[0], answer.strip())
            self.kubectl.apply(pod(f"after-{node}", nodeName=node))  # the CNI socket
        for node in NODES:
            self.kubectl.ready_pods(f"app=after-{node}", 1)
            self.assertEqual(f"after-{node}\n", self.kubectl("exec", f"after-{node}", "--", "hostname"))


class BadInput(ClusterTest):
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

    # What kubectl prints: the oldest looks into the schema itself, the newest asks the server.
    def test_unknown_and_ill_typed_fields_are_named_with_their_path(self):
        container = {"name": "a", "image": "nginx"}
        handled = 'Error from server (BadRequest): error when creating "STDIN": Pod in version "v1" cannot be handled as a Pod: '
        for containers, old, new in (
                ([{**container, "imagee": "x"}],
                 'ValidationError(Pod.spec.containers[0]): unknown field "imagee" in io.k8s.api.core.v1.Container',
                 handled + 'strict decoding error: unknown field "spec.containers[0].imagee"'),
                ([{**container, "ports": [{"containerPort": "eighty"}]}],
                 "ValidationError(Pod.spec.containers[0].ports[0].containerPort): invalid type for "
                 'io.k8s.api.core.v1.ContainerPort.containerPort: got "string", expected "integer"',
                 handled + "spec.containers[0].ports[0].containerPort: expected integer, got string"),
                (container,
                 "ValidationError(Pod.spec.containers): invalid type for io.k8s.api.core.v1.PodSpec.containers: "
                 'got "map", expected "array"',
                 handled + "spec.containers: expected array, got object")):
            text = json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {"containers": containers}})
            for version in KUBECTLS:
                with self.subTest(kubectl=version, wanted=new):
                    kubectl = Kubectl(version, self.namespace)
                    done = kubectl.run("create", "-f", "-", input=text, check=False)
                    self.assertNotEqual(0, done.returncode)
                    self.assertIn(old if version == "1.20" else new, done.stderr)
            self.assertIn("NotFound", self.kubectl.run("get", "pod", "x", check=False).stderr)

    def test_an_unknown_field_is_a_warning_where_validation_is_off(self):
        text = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"lenient-VERSION"},"dataa":{"a":"b"}}'
        for version in KUBECTLS:
            with self.subTest(kubectl=version):
                done = Kubectl(version, self.namespace).run("create", "--validate=false", "-f", "-",
                                                            input=text.replace("VERSION", version))
                self.assertIn('unknown field "dataa"' if version == "1.20" else "created", done.stderr + done.stdout)

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
        everything = {"CNI_COMMAND": "ADD", "CNI_CONTAINERID": "x", "CNI_NETNS": "/run/netns/x", "CNI_IFNAME": "eth0",
                      "CNI_PATH": "/opt/cni/bin"}
        for missing in (["CNI_CONTAINERID"], ["CNI_NETNS"], ["CNI_IFNAME"], ["CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"]):
            with self.subTest(missing=missing):
                given = [f"{name}={value}" for name, value in everything.items() if name not in missing]
                done = run("env", "-i", *given, BIN / "skiff-cni", check=False, input='{"cniVersion":"1.0.0","name":"n","type":"t"}')
                self.assertNotEqual(0, done.returncode)
                error = json.loads(done.stdout)
                self.assertEqual(4, error["code"])
                self.assertIn("cniVersion", error)
                self.assertEqual(f"required environment variables missing: {', '.join(missing)}", error["msg"])

    def test_a_cni_plugin_called_by_hand_says_what_it_is(self):
        done = run("env", "-i", BIN / "skiff-cni", input="")
        self.assertIn("the CNI plugin of skiff", done.stdout + done.stderr)

    def test_a_cni_call_with_garbage_on_stdin_answers_with_a_cni_error(self):
        done = run("env", "-i", "CNI_COMMAND=ADD", "CNI_CONTAINERID=x", "CNI_NETNS=/nope", "CNI_IFNAME=eth0", "CNI_PATH=/",
                   BIN / "skiff-cni", check=False, input="not json")
        self.assertNotEqual(0, done.returncode)
        self.assertIn("code", json.loads(done.stdout))


if __name__ == "__main__":
    main()
