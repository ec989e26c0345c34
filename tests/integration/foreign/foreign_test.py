#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""skiff-agent on a node of somebody else's Kubernetes: beside another CNI, with an API server that has EndpointSlices of one version
and a service account token that is renewed, in the place of a kube-proxy whose connections must live on.

Namespaces of its own: a client and another node (with a pod) on one segment, the node, a pod behind it. The API server is played by
a script; real_cluster_test.py asks the real one.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

from kube_proxy_rules import Service, nft_rules, rules
from machine import Children, inside, run, until

HERE = pathlib.Path(__file__).resolve().parent
NAMESPACES = pathlib.Path("/run/netns")
BIN = pathlib.Path(os.environ.get("SKIFF_BIN", "build/dev/bin")).resolve()
CLIENT, NODE, OTHER, POD = (f"skiff-foreign-{name}" for name in ("client", "node", "other", "pod"))
CLUSTER_IP, DNS_IP, NODE_PORT, DNS_PORT = "10.96.0.20", "10.96.0.21", 30080, 30053
POD_UID = "6f2f1f5e-0c3b-4f4e-9b0e-8f6a1d2c3b4a"


class Addresses:
    """Of one family."""

    def __init__(self, nodes, pods, node_bits, bits, cluster, own, cluster_ip, dns_ip):
        self.client, self.node, self.other = (nodes.format(n) for n in (1, 2, 3))
        self.pod, self.gateway, self.remote = pods.format(7, 5), pods.format(7, 1), pods.format(8, 5)
        self.near_range, self.far_range = own.format(7), own.format(8)
        self.node_bits, self.bits, self.cluster = node_bits, bits, cluster
        self.cluster_ip, self.dns_ip = cluster_ip, dns_ip


V4 = Addresses("10.89.60.{}", "10.244.{}.{}", 24, 32, "10.244.0.0/16", "10.244.{}.0/24", CLUSTER_IP, DNS_IP)
V6 = Addresses("fd00:10:89:60::{}", "fd00:10:244:{}::{}", 64, 128, "fd00:10:244::/56", "fd00:10:244:{}::/64", "fd00:10:96::20",
               "fd00:10:96::21")
NODE_IP, OTHER_IP, CLIENT_IP, POD_IP, REMOTE_IP = V4.node, V4.other, V4.client, V4.pod, V4.remote
CGROUP = "/skiff-foreign"
POD_CGROUP = CGROUP + "/kubepods/besteffort/pod" + POD_UID
PINS = "/sys/fs/bpf/skiff-foreign"
TALK = [sys.executable, str(HERE / "talk.py")]


def cgroup(path=CGROUP):
    root = pathlib.Path("/sys/fs/cgroup")
    return pathlib.Path(str(root if (root / "cgroup.controllers").exists() else root / "unified") + path)


def missing():
    if os.geteuid() != 0:
        return "needs root"
    for tool in ("iptables-nft-restore", "iptables-legacy-restore", "nft", "openssl", "ip", "nsenter", "unshare", "curl"):
        if not shutil.which(tool):
            return f"{tool} is not installed"
    return None


class Network:
    """client --br0-- node --veth-- pod;  br0 --other, which has a pod of its own. Both families."""

    def __init__(self):
        # The first named namespace of a machine makes the directory, and a mount on it.
        self.directory_is_ours = not NAMESPACES.exists()
        self.delete()
        for netns in (CLIENT, NODE, OTHER, POD):
            run("ip", "netns", "add", netns)
            run(*inside(netns, "sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0", "net.ipv6.conf.all.accept_dad=0"))
            run(*inside(netns, "ip", "link", "set", "lo", "up"))
        self.ip(CLIENT, "link", "add", "br0", "type", "bridge")
        self.ip(CLIENT, "link", "set", "br0", "up")
        for netns in (NODE, OTHER):
            port = netns[-5:]
            self.ip(CLIENT, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", netns)
            self.ip(CLIENT, "link", "set", port, "master", "br0", "up")
            self.ip(netns, "link", "set", "eth0", "up")
            run(*inside(netns, "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"))
        # What the other CNI does: a pod behind a routed veth, a route to the other node's pods.
        self.ip(NODE, "link", "add", "cali1", "type", "veth", "peer", "name", "eth0", "netns", POD)
        self.ip(NODE, "link", "set", "cali1", "up")
        self.ip(POD, "link", "set", "eth0", "up")
        for family in (V4, V6):
            self.address(family)

    @staticmethod
    def ip(netns, *words):
        run(*inside(netns, "ip", *words))

    def address(self, of):
        for netns, device, address in ((CLIENT, "br0", of.client), (NODE, "eth0", of.node), (OTHER, "eth0", of.other)):
            self.ip(netns, "addr", "add", f"{address}/{of.node_bits}", "dev", device)
        for netns in (NODE, OTHER):
            self.ip(netns, "route", "add", "default", "via", of.client)
        self.ip(NODE, "addr", "add", f"{of.gateway}/{of.bits}", "dev", "cali1")
        self.ip(NODE, "route", "add", f"{of.pod}/{of.bits}", "dev", "cali1")
        self.ip(NODE, "route", "add", of.far_range, "via", of.other)
        self.ip(POD, "addr", "add", f"{of.pod}/{of.bits}", "dev", "eth0")
        self.ip(POD, "route", "add", f"{of.gateway}/{of.bits}", "dev", "eth0")
        self.ip(POD, "route", "add", "default", "via", of.gateway)
        self.ip(OTHER, "addr", "add", f"{of.remote}/{of.bits}", "dev", "lo")
        self.ip(OTHER, "route", "add", of.near_range, "via", of.node)

    @staticmethod
    def delete():
        for netns in (CLIENT, NODE, OTHER, POD):
            subprocess.run(["ip", "netns", "delete", netns], capture_output=True, check=False)

    def remove(self):
        self.delete()
        if self.directory_is_ours and not any(NAMESPACES.iterdir()):
            subprocess.run(["umount", NAMESPACES], capture_output=True, check=False)
            NAMESPACES.rmdir()


class Scene:
    """Everything that runs; stop() ends exactly that."""

    def __init__(self):
        self.children = Children()
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="skiff-foreign-"))
        self.network = Network()
        self.cgroups = [cgroup(), *(cgroup(path) for path in (CGROUP + "/kubepods", CGROUP + "/kubepods/besteffort", POD_CGROUP))]
        for group in self.cgroups:
            group.mkdir(exist_ok=True)
        self.write("slices-version", "v1beta1")
        self.write("visitor-token", "of a visitor")
        self.write("visitor-may", "observe metrics")
        self.write_objects()
        self.give_token("first")
        self.make_certificate()
        self.start(NODE, sys.executable, HERE / "fake_api.py", 6443, self.directory)
        for netns, name, group in ((POD, "near", POD_CGROUP), (OTHER, "far", CGROUP)):
            self.start(netns, *TALK, "serve", 8080, name, in_cgroup=group)
            for family in (V4, V6):
                address = family.pod if netns == POD else family.remote
                self.start(netns, *TALK, "serve-udp", address, 8053, name, in_cgroup=group)
        for family in (V4, V6):
            until("the endpoints answer", lambda of=family: self.answers(NODE, of.pod, 8080) == {"near"} and
                  self.answers(NODE, of.remote, 8080) == {"far"} and
                  self.answers(NODE, of.pod, 8053, kind="ask-udp") == {"near"} and
                  self.answers(NODE, of.remote, 8053, kind="ask-udp") == {"far"})

    def write(self, name, text):
        (self.directory / name).write_text(text)

    def start(self, netns, *command, in_cgroup=None, **options):
        command = [str(word) for word in command]
        if in_cgroup:
            command = ["sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', str(cgroup(in_cgroup)), *command]
        return self.children.start(netns, *command, **options)

    def stop(self):
        self.children.stop()
        self.network.remove()
        shutil.rmtree(PINS, ignore_errors=True)
        for group in reversed(self.cgroups):
            until("the control group is empty", lambda of=group: not (of / "cgroup.procs").read_text())
            group.rmdir()
        shutil.rmtree(self.directory)

    def give_token(self, token):
        """A new token: the old one is refused from now on, and the kubelet renews the file."""
        account = self.directory / "account"
        account.mkdir(exist_ok=True)
        (self.directory / "accepted-token").write_text(token)
        (account / "token").write_text(token)

    def make_certificate(self):
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=fake", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", self.directory / "tls.key",
            "-out", self.directory / "tls.crt")
        (self.directory / "account" / "ca.crt").write_text((self.directory / "tls.crt").read_text())

    def write_objects(self, web=((V4.pod, NODE), (V4.remote, OTHER)), dns_gone=(), **node_metadata):
        def node(name, of_v4, of_v6, **metadata):
            addresses = [{"type": "InternalIP", "address": address} for address in (of_v4, of_v6)]
            return {"metadata": {"name": name, **metadata}, "spec": {}, "status": {"addresses": addresses}}

        def service(name, address, protocol, port, target, node_port):
            return {"metadata": {"namespace": "default", "name": name, "uid": name},
                    "spec": {"type": "NodePort", "clusterIP": address,  # 1.20 knows clusterIPs, older do not
                             "ports": [{"port": port, "targetPort": target, "nodePort": node_port, "protocol": protocol}]}}

        def slices(name, protocol, target, endpoints):
            kind = "IPv6" if any(":" in address for address, _ in endpoints) else "IPv4"
            return {"metadata": {"namespace": "default", "name": name + "-1", "labels": {"kubernetes.io/service-name": name}},
                    "addressType": kind, "ports": [{"name": "", "protocol": protocol, "port": target}],
                    "endpoints": [{"addresses": [address], "conditions": {"ready": True},
                                   "topology": {"kubernetes.io/hostname": host}} for address, host in endpoints]}

        both = {of: ((of.pod, NODE), (of.remote, OTHER)) for of in (V4, V6)}
        dns = {of: [one for one in both[of] if one[0] not in dns_gone] for of in (V4, V6)}
        pod = {"metadata": {"namespace": "default", "name": "near", "uid": POD_UID}, "spec": {"nodeName": NODE, "containers": []},
               "status": {"phase": "Running", "podIP": V4.pod, "podIPs": [{"ip": V4.pod}, {"ip": V6.pod}]}}
        objects = {
            "nodes": [node(NODE, V4.node, V6.node, **node_metadata), node(OTHER, V4.other, V6.other)], "pods": [pod],
            "services": [service("web", CLUSTER_IP, "TCP", 80, 8080, NODE_PORT), service("dns", DNS_IP, "UDP", 53, 8053, DNS_PORT),
                         service("web6", V6.cluster_ip, "TCP", 80, 8080, NODE_PORT + 1),
                         service("dns6", V6.dns_ip, "UDP", 53, 8053, DNS_PORT + 1)],
            "slices": [slices("web", "TCP", 8080, web), slices("dns", "UDP", 8053, dns[V4]), slices("web6", "TCP", 8080, both[V6]),
                       slices("dns6", "UDP", 8053, dns[V6])]}
        new = self.directory / "objects.new"
        new.write_text(json.dumps(objects))
        new.rename(self.directory / "objects.json")

    def agent(self, roles="proxy"):
        # A private /run with the service account where a pod has it.
        script = ('mount -t tmpfs run /run && mkdir -p /run/secrets/kubernetes.io/serviceaccount && '
                  'mount --bind "$0" /run/secrets/kubernetes.io/serviceaccount && exec "$@"')
        with open(self.directory / "agent.log", "w", encoding="utf-8") as log:
            self.agent_process = self.start(
                NODE, "unshare", "-m", "sh", "-c", script, self.directory / "account", BIN / "skiff-agent", "--roles", roles, "--take-over",
                "--node-name", NODE, "--node-ip", f"{V4.node},{V6.node}", "--api-server", "https://127.0.0.1:6443", "--cgroup-root", CGROUP,
                "--bpf-dir", PINS, "--data-dir", self.directory / "data", "--run-dir", self.directory / "run", stderr=log)

    def uninstall(self):
        self.agent_process.terminate()
        self.agent_process.wait()
        run(*inside(NODE, BIN / "skiff", "uninstall", "--bpf-dir", PINS, "--data-dir", self.directory / "data", "--run-dir",
                    self.directory / "run", "--cni-conf-dir", self.directory / "none"))

    def log(self):
        return (self.directory / "agent.log").read_text()

    def hold(self, netns, host, port, count, kind="hold", **options):
        child = self.start(netns, *TALK, kind, host, port, count, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options)
        assert child.stdout.readline() == "holding\n"
        return child

    def answers(self, netns, host, port, count=1, in_cgroup=False, kind="ask"):
        command = [*TALK, kind, host, port, count]
        if in_cgroup:
            command = ["sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', str(cgroup()), *command]
        return set(json.loads(run(*inside(netns, *command))))

    def get(self, port, path):
        """(status, body) of an address of the node's own."""
        script = ("import http.client,sys; c=http.client.HTTPConnection('127.0.0.1', int(sys.argv[1]), timeout=3);"
                  "c.request('GET', sys.argv[2]); r=c.getresponse(); print(r.status); print(r.read().decode())")
        done = subprocess.run(inside(NODE, sys.executable, "-c", script, port, path), text=True, capture_output=True, check=False)
        status, _, body = done.stdout.partition("\n")
        return (int(status), body.strip()) if status else (0, done.stderr)

    def visit(self, path, *options):
        """(status, body) of the agent's own port, asked from outside."""
        done = subprocess.run(inside(CLIENT, "curl", "-sSk", "--max-time", 20, "-w", "\\n%{http_code}", *options,
                                     f"https://{NODE_IP}:10350{path}"), text=True, capture_output=True, check=False)
        body, _, status = done.stdout.rpartition("\n")
        return int(status or 0), body + done.stderr


def report(held):
    held.stdin.write("\n")
    held.stdin.flush()
    return json.loads(held.stdout.readline())


class Foreign(unittest.TestCase):
    def setUp(self):
        self.scene = Scene()
        self.addCleanup(self.finish)

    def finish(self):
        if os.environ.get("SKIFF_VERBOSE") and (self.scene.directory / "agent.log").exists():
            print(self.scene.log(), file=sys.stderr)
        self.scene.stop()

    def unharmed(self, held):
        for connection in report(held):
            self.assertIsNone(connection["error"], connection)

    def take_over(self, of, install, saved, kept=()):
        """`install(services)` writes kube-proxy's rules, `saved()` shows what there is of them."""
        scene, plus = self.scene, 1 if of is V6 else 0
        web, dns = NODE_PORT + plus, DNS_PORT + plus
        install([Service("web", "tcp", of.cluster_ip, 80, web, [(of.pod, 8080), (of.remote, 8080)]),
                 Service("dns", "udp", of.dns_ip, 53, dns, [(of.pod, 8053), (of.remote, 8053)])])
        self.assertIn("web", saved().lower())
        kube_proxy = scene.start(NODE, sys.executable, "-m", "http.server", "10256", "--bind", "0.0.0.0",
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # Through kube-proxy's rules: from outside, from the node, from a pod.
        held = [scene.hold(CLIENT, of.node, web, 8), scene.hold(NODE, of.cluster_ip, 80, 4), scene.hold(POD, of.cluster_ip, 80, 4)]
        datagrams = [scene.hold(CLIENT, of.node, dns, 4, kind="hold-udp"),
                     scene.hold(NODE, of.dns_ip, 53, 4, kind="hold-udp", in_cgroup=CGROUP),
                     scene.hold(POD, of.dns_ip, 53, 4, kind="hold-udp", in_cgroup=POD_CGROUP)]
        self.assertEqual({"near", "far"}, {one["first"] for one in report(held[0])})

        scene.agent()
        until("the agent has everything", lambda: "is a kube-proxy still running" in scene.log())
        until("new connections are the programs' work",
              lambda: scene.answers(NODE, of.cluster_ip, 80, 8, in_cgroup=True) == {"near", "far"})
        self.assertIn("web", saved().lower())  # its owner still lives
        for one in held:
            self.unharmed(one)
        kube_proxy.kill()
        kube_proxy.wait()
        until("kube-proxy's rules are gone", lambda: not any(name in saved() for name in ("KUBE-SVC", "KUBE-SERVICES", "kube-proxy")))
        for chain in kept:
            self.assertIn(chain, saved())
        for gone in ("KUBE-SEP", "KUBE-NODEPORTS", "KUBE-POSTROUTING", "KUBE-FORWARD", "KUBE-PROXY-CANARY"):
            self.assertNotIn(gone, saved())

        before = [[one["answers"] for one in report(each)] for each in held]
        self.assertEqual({"near", "far"}, scene.answers(CLIENT, of.node, web, 20))
        for netns in (NODE, POD):
            self.assertEqual({"near", "far"}, scene.answers(netns, of.cluster_ip, 80, 20, in_cgroup=True))
            self.assertEqual({"near", "far"}, scene.answers(netns, of.dns_ip, 53, 20, in_cgroup=True, kind="ask-udp"))
        time.sleep(1)
        for each, counts in zip(held, before):
            self.unharmed(each)
            for one, count in zip(report(each), counts):
                self.assertGreater(one["answers"], count + 10)
        for each in datagrams:
            for one in report(each):
                self.assertEqual((0, True), (one["in_a_row"], one["lost"] <= 2), one)
        self.endpoint_goes(of, datagrams)

    def endpoint_goes(self, of, datagrams):
        """What kube-proxy sent there, and never stopped, goes to one that serves; the others go on as they did."""
        self.assertEqual({"near", "far"}, {one["last"] for one in report(datagrams[1]) + report(datagrams[2])})
        self.scene.write_objects(dns_gone=(of.remote,))
        until("no datagram goes to the endpoint that has gone",
              lambda: {one["last"] for each in datagrams for one in report(each)} == {"near"})
        for each in datagrams:
            for one in report(each):
                self.assertEqual((0, True), (one["in_a_row"], one["lost"] <= 4), one)
                self.assertLessEqual(one["aborted"], 1 if one["first"] == "far" else 0, one)

    def take_over_from_iptables(self, tool, of=V4):
        text = lambda services: rules(services, of.near_range, of.cluster)
        self.take_over(of, lambda services: run(*inside(NODE, f"{tool}-restore"), input=text(services)),
                       lambda: run(*inside(NODE, f"{tool}-save")), (":CNI-MASQUERADE ", ":KUBE-FIREWALL ", ":KUBE-MARK-DROP "))

    def test_a_take_over_from_legacy_rules_ends_no_connection(self):
        self.take_over_from_iptables("iptables-legacy")

    def test_a_take_over_from_nft_rules_ends_no_connection(self):
        self.take_over_from_iptables("iptables-nft")

    def test_a_take_over_of_ipv6_ends_no_connection(self):
        self.take_over_from_iptables("ip6tables-nft", V6)

    def test_a_take_over_from_nftables_mode_ends_no_connection(self):
        others = "table ip cni {\n  chain of-pods {\n  }\n}\n"
        self.take_over(V4, lambda services: run(*inside(NODE, "nft", "-f", "-"), input=others + nft_rules(services, V4.node, V4.cluster)),
                       lambda: run(*inside(NODE, "nft", "list", "ruleset")), ("table ip cni", "table ip skiff-established"))
        self.scene.uninstall()
        self.assertEqual("table ip cni\n", run(*inside(NODE, "nft", "list", "tables")))

    def test_serves_what_kube_proxy_served(self):
        scene = self.scene
        scene.agent()
        until("healthy", lambda: scene.get(10256, "/healthz")[0] == 200)
        health = json.loads(scene.get(10256, "/healthz")[1])
        self.assertEqual({"lastUpdated", "currentTime", "nodeEligible"}, set(health))
        self.assertEqual(200, scene.get(10256, "/livez")[0])
        self.assertEqual(404, scene.get(10256, "/metrics")[0])
        status, metrics = scene.get(10249, "/metrics")
        self.assertEqual(200, status)
        self.assertIn("skiff_proxy_services 4", metrics)
        until("served", lambda: scene.answers(CLIENT, NODE_IP, NODE_PORT, 8) == {"near", "far"})

        scene.write_objects(deletionTimestamp="2026-01-01T00:00:00Z")
        until("drained", lambda: scene.get(10256, "/healthz")[0] == 503)
        self.assertEqual(200, scene.get(10256, "/livez")[0])

    def test_a_renewed_token_is_read_again(self):
        scene = self.scene
        scene.agent()
        until("served", lambda: scene.answers(CLIENT, NODE_IP, NODE_PORT, 8) == {"near", "far"})
        scene.give_token("second")
        time.sleep(1)
        scene.write_objects(web=((REMOTE_IP, OTHER),))
        until("the change arrives", lambda: scene.answers(CLIENT, NODE_IP, NODE_PORT, 8) == {"far"})

    def test_an_upgraded_api_server_has_its_slices_under_another_version(self):
        scene = self.scene
        scene.agent()
        until("served", lambda: scene.answers(CLIENT, NODE_IP, NODE_PORT, 8) == {"near", "far"})
        self.assertIn("using v1beta1", scene.log())
        scene.write("slices-version", "v1")
        scene.write_objects(web=((REMOTE_IP, OTHER),))
        until("the change arrives", lambda: scene.answers(CLIENT, NODE_IP, NODE_PORT, 8) == {"far"}, 40)

    def test_whoever_may_looks_into_the_node(self):
        scene = self.scene
        scene.write("slices-version", "v1")
        scene.agent("proxy,trace")
        until("served", lambda: scene.answers(CLIENT, NODE_IP, NODE_PORT, 8) == {"near", "far"})
        token = ("-H", "skiff-token: of a visitor")
        self.assertEqual(401, scene.visit("/observe/status")[0])
        self.assertEqual(401, scene.visit("/observe/status", "-H", "authorization: Bearer first")[0])
        self.assertEqual(200, scene.visit("/observe/status", *token)[0])
        self.assertEqual(403, scene.visit("/taps?filter=tcp", *token)[0])
        self.assertIn("kubeproxy_", scene.visit("/metrics", *token)[1])
        self.assertIn(CLUSTER_IP, scene.visit("/services", *token)[1])

        # A pod that another CNI attached has its name: in what its kernel drops, and in what its sockets ask for.
        def dropped():
            scene.answers(NODE, POD_IP, 9, kind="ask-udp")
            return '"pod":"default/near"' in scene.visit("/observe/drops", *token)[1]
        until("a drop in the pod is counted as the pod's", dropped)
        scene.answers(POD, CLUSTER_IP, 80, 2, in_cgroup=True)
        flows = scene.visit("/observe/flows?last=50", *token)[1]
        translated = [json.loads(line) for line in flows.splitlines() if '"kind":"translated"' in line]
        self.assertIn("default/near", [one.get("podHere") for one in translated])
        # Root on the node shows nothing.
        text = run(*inside(NODE, "curl", "-sS", "--unix-socket", scene.directory / "run/agent.sock", "http://node/observe/status"))
        self.assertEqual(NODE, json.loads(text)["node"])


if __name__ == "__main__":
    reason = missing()
    if reason:
        print(f"SKIPPED: {reason}")
        sys.exit(77)
    unittest.main(verbosity=2)
