#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""skiff-agent on a node of somebody else's Kubernetes: beside another CNI, with an API server that has EndpointSlices as
v1beta1 only and a service account token that is renewed, in the place of a kube-proxy whose connections must live on.

Namespaces of its own: a client and another node (with a pod) on one segment, the node, a pod behind it.
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

from kube_proxy_rules import rules

HERE = pathlib.Path(__file__).resolve().parent
NAMESPACES = pathlib.Path("/run/netns")
BIN = pathlib.Path(os.environ.get("SKIFF_BIN", "build/dev/bin")).resolve()
CLIENT, NODE, OTHER, POD = (f"skiff-foreign-{name}" for name in ("client", "node", "other", "pod"))
NODE_IP, OTHER_IP, CLIENT_IP = "10.89.60.2", "10.89.60.3", "10.89.60.1"
POD_IP, REMOTE_IP = "10.244.7.5", "10.244.8.5"
CLUSTER_IP, NODE_PORT = "10.96.0.20", 30080
CGROUP = "/skiff-foreign"
PINS = "/sys/fs/bpf/skiff-foreign"
TALK = [sys.executable, str(HERE / "talk.py")]


def run(*command, **options):
    return subprocess.run([str(word) for word in command], check=True, text=True, capture_output=True, **options).stdout


def inside(netns, *command):
    # Not `ip netns exec`, which mounts /sys anew, without control groups.
    return ["nsenter", f"--net=/run/netns/{netns}", *[str(word) for word in command]]


def cgroup():
    root = pathlib.Path("/sys/fs/cgroup")
    return pathlib.Path(str(root if (root / "cgroup.controllers").exists() else root / "unified") + CGROUP)


def missing():
    if os.geteuid() != 0:
        return "needs root"
    for tool in ("iptables-nft-restore", "iptables-legacy-restore", "openssl", "ip", "nsenter", "unshare"):
        if not shutil.which(tool):
            return f"{tool} is not installed"
    return None


def until(what, holds, seconds=20):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what} (SKIFF_VERBOSE=1 shows the agent's log)")
        time.sleep(0.1)


class Network:
    """client --br0-- node --veth-- pod;  br0 --other, which has a pod of its own."""

    def __init__(self):
        # The first named namespace of a machine makes the directory, and a mount on it.
        self.directory_is_ours = not NAMESPACES.exists()
        self.delete()
        for netns in (CLIENT, NODE, OTHER, POD):
            run("ip", "netns", "add", netns)
            run(*inside(netns, "ip", "link", "set", "lo", "up"))
        run(*inside(CLIENT, "ip", "link", "add", "br0", "type", "bridge"))
        run(*inside(CLIENT, "ip", "addr", "add", f"{CLIENT_IP}/24", "dev", "br0"))
        run(*inside(CLIENT, "ip", "link", "set", "br0", "up"))
        for netns, address in ((NODE, NODE_IP), (OTHER, OTHER_IP)):
            port = netns[-5:]
            run(*inside(CLIENT, "ip", "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", netns))
            run(*inside(CLIENT, "ip", "link", "set", port, "master", "br0", "up"))
            run(*inside(netns, "ip", "addr", "add", f"{address}/24", "dev", "eth0"))
            run(*inside(netns, "ip", "link", "set", "eth0", "up"))
            run(*inside(netns, "ip", "route", "add", "default", "via", CLIENT_IP))
            run(*inside(netns, "sysctl", "-qw", "net.ipv4.ip_forward=1"))
        # What the other CNI does: a pod behind a routed veth, a route to the other node's pods.
        run(*inside(NODE, "ip", "link", "add", "cali1", "type", "veth", "peer", "name", "eth0", "netns", POD))
        run(*inside(NODE, "ip", "addr", "add", "10.244.7.1/32", "dev", "cali1"))
        run(*inside(NODE, "ip", "link", "set", "cali1", "up"))
        run(*inside(NODE, "ip", "route", "add", f"{POD_IP}/32", "dev", "cali1"))
        run(*inside(NODE, "ip", "route", "add", "10.244.8.0/24", "via", OTHER_IP))
        run(*inside(POD, "ip", "addr", "add", f"{POD_IP}/32", "dev", "eth0"))
        run(*inside(POD, "ip", "link", "set", "eth0", "up"))
        run(*inside(POD, "ip", "route", "add", "10.244.7.1/32", "dev", "eth0"))
        run(*inside(POD, "ip", "route", "add", "default", "via", "10.244.7.1"))
        run(*inside(OTHER, "ip", "addr", "add", f"{REMOTE_IP}/32", "dev", "lo"))
        run(*inside(OTHER, "ip", "route", "add", "10.244.7.0/24", "via", NODE_IP))

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
        self.children = []
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="skiff-foreign-"))
        self.network = Network()
        cgroup().mkdir(exist_ok=True)
        self.write_objects()
        self.give_token("first")
        self.make_certificate()
        self.start(NODE, sys.executable, HERE / "fake_api.py", 6443, self.directory)
        self.start(POD, *TALK, "serve", 8080, "near")
        self.start(OTHER, *TALK, "serve", 8080, "far")
        until("the endpoints answer", lambda: self.answers(NODE, POD_IP, 8080) == {"near"} and
              self.answers(NODE, REMOTE_IP, 8080) == {"far"})

    def start(self, netns, *command, in_cgroup=False, **options):
        command = [str(word) for word in command]
        if in_cgroup:
            command = ["sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', str(cgroup()), *command]
        child = subprocess.Popen(inside(netns, *command), text=True, **options)
        self.children.append(child)
        return child

    def stop(self):
        for child in reversed(self.children):
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                if pipe:
                    pipe.close()
        self.network.remove()
        shutil.rmtree(PINS, ignore_errors=True)
        until("the control group is empty", lambda: not (cgroup() / "cgroup.procs").read_text())
        cgroup().rmdir()
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

    def write_objects(self, endpoints=((POD_IP, NODE), (REMOTE_IP, OTHER)), **node_metadata):
        def node(name, address, **metadata):
            return {"metadata": {"name": name, **metadata}, "spec": {},
                    "status": {"addresses": [{"type": "InternalIP", "address": address}]}}
        objects = {
            "nodes": [node(NODE, NODE_IP, **node_metadata), node(OTHER, OTHER_IP)],
            "services": [{"metadata": {"namespace": "default", "name": "web", "uid": "1"},
                          "spec": {"type": "NodePort", "clusterIP": CLUSTER_IP,  # 1.20 knows clusterIPs, older do not
                                   "ports": [{"port": 80, "targetPort": 8080, "nodePort": NODE_PORT, "protocol": "TCP"}]}}],
            "slices": [{"metadata": {"namespace": "default", "name": "web-1",
                                     "labels": {"kubernetes.io/service-name": "web"}},
                        "addressType": "IPv4", "ports": [{"name": "", "protocol": "TCP", "port": 8080}],
                        "endpoints": [{"addresses": [address], "conditions": {"ready": True},
                                       "topology": {"kubernetes.io/hostname": name}} for address, name in endpoints]}]}
        new = self.directory / "objects.new"
        new.write_text(json.dumps(objects))
        new.rename(self.directory / "objects.json")

    def agent(self):
        # A private /run with the service account where a pod has it.
        script = ('mount -t tmpfs run /run && mkdir -p /run/secrets/kubernetes.io/serviceaccount && '
                  'mount --bind "$0" /run/secrets/kubernetes.io/serviceaccount && exec "$@"')
        with open(self.directory / "agent.log", "w", encoding="utf-8") as log:
            return self.start(NODE, "unshare", "-m", "sh", "-c", script, self.directory / "account", BIN / "skiff-agent",
                              "--roles=proxy", "--take-over", "--node-name", NODE, "--node-ip", NODE_IP,
                              "--api-server", "https://127.0.0.1:6443", "--cgroup-root", CGROUP, "--bpf-dir", PINS,
                              "--data-dir", self.directory / "data", "--run-dir", self.directory / "run", stderr=log)

    def log(self):
        return (self.directory / "agent.log").read_text()

    def hold(self, netns, host, port, count, **options):
        child = self.start(netns, *TALK, "hold", host, port, count, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options)
        assert child.stdout.readline() == "holding\n"
        return child

    def answers(self, netns, host, port, count=1, in_cgroup=False):
        command = [*TALK, "ask", host, port, count]
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

    def take_over(self, kind):
        scene = self.scene
        text = rules(CLUSTER_IP, NODE_PORT, [f"{POD_IP}:8080", f"{REMOTE_IP}:8080"], "10.244.7.0/24", "10.244.0.0/16")
        run(*inside(NODE, f"iptables-{kind}-restore"), input=text)
        saved = lambda: run(*inside(NODE, f"iptables-{kind}-save"))
        self.assertIn("KUBE-SVC-WEB", saved())
        kube_proxy = scene.start(NODE, sys.executable, "-m", "http.server", "10256", "--bind", "0.0.0.0",
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # Through kube-proxy's rules: from outside, from the node, from a pod.
        held = [scene.hold(CLIENT, NODE_IP, NODE_PORT, 8), scene.hold(NODE, CLUSTER_IP, 80, 4), scene.hold(POD, CLUSTER_IP, 80, 4)]
        self.assertEqual({"near", "far"}, {one["first"] for one in report(held[0])})

        scene.agent()
        until("the agent has everything", lambda: "is a kube-proxy still running" in scene.log())
        until("new connections are the programs' work",
              lambda: scene.answers(NODE, CLUSTER_IP, 80, 8, in_cgroup=True) == {"near", "far"})
        self.assertIn("KUBE-SVC-WEB", saved())  # its owner still lives
        for one in held:
            self.unharmed(one)
        kube_proxy.kill()
        kube_proxy.wait()
        until("kube-proxy's rules are gone", lambda: "KUBE-SVC" not in saved() and "KUBE-SERVICES" not in saved())
        for kept in ("CNI-MASQUERADE", "KUBE-FIREWALL", "KUBE-MARK-DROP"):
            self.assertIn(f":{kept} ", saved())
        for gone in ("KUBE-SEP", "KUBE-NODEPORTS", "KUBE-POSTROUTING", "KUBE-FORWARD", "KUBE-PROXY-CANARY"):
            self.assertNotIn(gone, saved())

        before = [[one["answers"] for one in report(each)] for each in held]
        self.assertEqual({"near", "far"}, scene.answers(CLIENT, NODE_IP, NODE_PORT, 20))
        self.assertEqual({"near", "far"}, scene.answers(NODE, CLUSTER_IP, 80, 20, in_cgroup=True))
        self.assertEqual({"near", "far"}, scene.answers(POD, CLUSTER_IP, 80, 20, in_cgroup=True))
        time.sleep(1)
        for each, counts in zip(held, before):
            self.unharmed(each)
            for one, count in zip(report(each), counts):
                self.assertGreater(one["answers"], count + 10)

    def test_a_take_over_from_legacy_rules_ends_no_connection(self):
        self.take_over("legacy")

    def test_a_take_over_from_nft_rules_ends_no_connection(self):
        self.take_over("nft")

    def test_serves_what_kube_proxy_served(self):
        scene = self.scene
        scene.agent()
        until("healthy", lambda: scene.get(10256, "/healthz")[0] == 200)
        health = json.loads(scene.get(10256, "/healthz")[1])
        self.assertEqual({"lastUpdated", "currentTime", "nodeEligible"}, set(health))
        self.assertEqual(200, scene.get(10256, "/livez")[0])
        status, metrics = scene.get(10249, "/metrics")
        self.assertEqual(200, status)
        self.assertIn("skiff_proxy_services 1", metrics)
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
        scene.write_objects(endpoints=((REMOTE_IP, OTHER),))
        until("the change arrives", lambda: scene.answers(CLIENT, NODE_IP, NODE_PORT, 8) == {"far"})


if __name__ == "__main__":
    reason = missing()
    if reason:
        print(f"SKIPPED: {reason}")
        sys.exit(77)
    unittest.main(verbosity=2)
