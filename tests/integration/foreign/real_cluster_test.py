#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""deploy/daemonset.yaml on a real Kubernetes 1.20: beside another CNI in the place of a running kube-proxy, seen with nothing but a
kubeconfig, then as the CNI as well. Everything but skiff is the real thing: etcd, kube-apiserver with RBAC, controller manager,
scheduler, kubelet, containerd, kube-proxy, the reference CNI plugins.

The tests are steps of one story, in the order of their names. Skipped where the programs of ../peers are not at hand.
"""

import json
import os
import subprocess
import sys
import time
import unittest

from machine import inside, until
from real_scene import BIN, CLIENT, FAR, FAR_IP, NODE, NODE_IP, NODE_NAME, TALK, Scene, missing

PROXY_METRICS = (
    "kubeproxy_sync_proxy_rules_duration_seconds_bucket", "kubeproxy_sync_proxy_rules_last_timestamp_seconds",
    "kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds", "kubeproxy_sync_proxy_rules_endpoint_changes_pending",
    "kubeproxy_sync_proxy_rules_endpoint_changes_total", "kubeproxy_sync_proxy_rules_service_changes_pending",
    "kubeproxy_sync_proxy_rules_service_changes_total", "kubeproxy_network_programming_duration_seconds_bucket",
    "rest_client_requests_total")
USER_TOKEN = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3600}}


def report(held):
    held.stdin.write("\n")
    held.stdin.flush()
    return json.loads(held.stdout.readline())


class RealCluster(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.maxDiff = None
        cls.scene = Scene()
        cls.addClassCleanup(cls.finish)
        scene = cls.scene
        cls.near = scene.create_pod("near", app="web")
        cls.caller = scene.create_pod("caller")
        scene.serve(cls.near)
        scene.serve(cls.near, 8053, "near", "udp")
        scene.start(FAR, *TALK, "serve", 8080, "far")
        scene.start(FAR, *TALK, "serve-udp", FAR_IP, 8053, "far")
        cls.web = scene.create_service("web", "web", type="NodePort")
        cls.dns = scene.create_service("dns", "web", protocol="UDP", port=53, target=8053)
        scene.add_far_endpoint("web")
        scene.add_far_endpoint("dns", target=8053, protocol="UDP")
        cls.node_port = cls.web["ports"][0]["nodePort"]
        cls.kube_proxy = scene.node.start_kube_proxy()
        until("kube-proxy serves the NodePort", lambda: scene.from_client(NODE_IP, cls.node_port, 8) == {"near", "far"}, 120)

    @classmethod
    def finish(cls):
        if os.environ.get("SKIFF_VERBOSE"):
            print(cls.scene.agent_log(), file=sys.stderr)
        if os.environ.get("SKIFF_KEEP"):
            input("kept; Enter ends it: ")
        cls.scene.stop()

    def rules(self):
        return "".join(self.scene.node.run(f"iptables-{kind}-save") for kind in ("legacy", "nft"))

    def unharmed(self, held):
        for connection in report(held):
            self.assertIsNone(connection["error"], connection)

    def in_caller(self, *command, **options):
        return self.scene.in_pod(self.caller, *command, **options)

    def from_client(self, *command, **options):
        return self.scene.start(CLIENT, *command, **options)

    def on_node(self, *command, **options):
        return self.scene.start(NODE, *command, **options)

    # --- in kube-proxy's place ---

    def test_1_a_take_over_ends_no_connection(self):
        scene, cluster_ip, dns = self.scene, self.web["clusterIP"], self.dns["clusterIP"]
        self.assertIn("KUBE-SVC-", self.rules())
        held = [scene.hold(self.from_client, NODE_IP, self.node_port, 8), scene.hold(self.on_node, cluster_ip, 80, 4),
                scene.hold(self.in_caller, cluster_ip, 80, 4)]
        datagrams = [scene.hold(self.in_caller, dns, 53, 3, kind="hold-udp"), scene.hold(self.on_node, dns, 53, 3, kind="hold-udp")]
        self.assertEqual({"near", "far"}, {one["first"] for one in report(held[0])})

        scene.install("proxy,trace")
        until("the DaemonSet's pod runs", scene.agent_pod, 120)
        scene.kubectl("-n", "kube-system", "rollout", "status", "daemonset", "skiff-agent", "--timeout=120s")
        until("the agent has everything", lambda: "is a kube-proxy still running" in scene.agent_log())
        self.assertIn("KUBE-SVC-", self.rules())  # its owner still lives
        self.kube_proxy.kill()
        self.kube_proxy.wait()
        until("kube-proxy's rules are gone", lambda: not any(name in self.rules() for name in ("KUBE-SVC", "KUBE-SERVICES", "KUBE-SEP")))
        self.assertIn(":KUBE-FIREWALL ", self.rules())  # the kubelet's

        before = [[one["answers"] for one in report(each)] for each in held]
        for where in (lambda: scene.from_client(NODE_IP, self.node_port, 20), lambda: scene.from_pod(self.caller, cluster_ip, 80, 20)):
            self.assertEqual({"near", "far"}, where())
        self.assertEqual({"near", "far"}, scene.from_pod(self.caller, dns, 53, 20, kind="ask-udp"))
        time.sleep(1)
        for each, counts in zip(held, before):
            self.unharmed(each)
            for one, count in zip(report(each), counts):
                self.assertGreater(one["answers"], count + 5)
        for each in datagrams:
            for one in report(each):
                self.assertEqual(0, one["in_a_row"], one)
                self.assertLessEqual(one["lost"], 2, one)
            each.kill()

    def test_2_new_services_are_served_and_old_ones_go(self):
        scene = self.scene
        late = scene.create_service("late", "web", type="NodePort")
        until("the new Service is served", lambda: scene.from_pod(self.caller, late["clusterIP"], 80) == {"near"})
        self.assertEqual({"near"}, scene.from_client(NODE_IP, late["ports"][0]["nodePort"]))
        nobody = scene.create_service("nobody", "nobody")
        until("a Service without endpoints refuses at once",
              lambda: "ConnectionRefusedError" in str(scene.from_pod(self.caller, nobody["clusterIP"], 80)))
        scene.api.delete("/api/v1/namespaces/default/services/late")
        until("its NodePort is gone", lambda: scene.from_client(NODE_IP, late["ports"][0]["nodePort"]) != {"near"})

    def test_3_serves_what_kube_proxy_served(self):
        scene = self.scene
        until("healthy", lambda: scene.get(10256, "/healthz")[0] == 200)
        self.assertEqual({"lastUpdated", "currentTime", "nodeEligible"}, set(json.loads(scene.get(10256, "/healthz")[1])))
        self.assertEqual(200, scene.get(10256, "/livez")[0])
        self.assertEqual((200, "ebpf"), scene.get(10249, "/proxyMode"))
        status, metrics = scene.get(10249, "/metrics")
        self.assertEqual(200, status)
        for name in PROXY_METRICS:
            self.assertIn(name, metrics)

    # --- seen with a kubeconfig ---

    def records(self, *options):
        text = self.scene.skiff("observe", "-o", "json", "--last", 500, *options).stdout
        return [json.loads(line) for line in text.splitlines()]

    def test_4_flows_have_the_names_of_pods_that_another_cni_attached(self):
        scene = self.scene
        scene.from_pod(self.caller, self.web["clusterIP"], 80, 4)
        record = until("the connection is seen", lambda: [r for r in self.records("--service", "web") if "podHere" in r])[-1]
        self.assertEqual(("translated", "default/caller", "web"), (record["kind"], record["podHere"], record["service"]["name"]))

        def dropped():
            # Nobody listens there: the kernel of the pod drops the datagram.
            scene.answers(inside(NODE), self.near["status"]["podIP"], 9, kind="ask-udp")
            return [r for r in self.records("--port", 9) if r["kind"] == "kernel-dropped" and "podHere" in r]
        record = until("a drop in a pod is seen", dropped)[-1]
        self.assertEqual(("NO_SOCKET", "default/near"), (record["reason"], record["podHere"]))
        self.assertIn("NO_SOCKET", scene.skiff("drops").stdout)

    def test_5_status_services_why_trace_and_capture_need_a_kubeconfig_alone(self):
        scene = self.scene
        self.assertRegex(scene.skiff("status").stdout, rf"{NODE_NAME} +yes +skiff-agent-\w+ +[\d.]+ MiB  ok\n")
        text = scene.skiff("services").stdout
        self.assertIn(NODE_NAME, text)
        self.assertRegex(text, rf"default/web +TCP {self.web['clusterIP']}:80")
        self.assertIn("default/near on node-1", text)
        why = scene.skiff("why", "caller", "web:80").stdout
        self.assertIn("default/caller reaches web:80", why)
        tracing = scene.start(CLIENT, *self.command("trace", "pod near and tcp port 8080", "--count", 1, "--duration", 60),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=self.environment())
        text = ""
        deadline = time.monotonic() + 60
        while tracing.poll() is None and time.monotonic() < deadline:
            scene.from_client(NODE_IP, self.node_port, 4)
        text = tracing.communicate(timeout=30)[0]
        self.assertIn("default/near:8080", text)
        file = scene.directory / "out.pcapng"
        capturing = scene.start(CLIENT, *self.command("capture", "tcp port 8080", "-w", file, "--count", 3, "--duration", 60),
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=self.environment())
        while capturing.poll() is None and time.monotonic() < deadline + 60:
            scene.from_client(NODE_IP, self.node_port, 4)
        capturing.communicate(timeout=30)
        self.assertEqual(b"\x0a\x0d\x0d\x0a", file.read_bytes()[:4])

    @staticmethod
    def command(*arguments):
        return [BIN / "skiff", *arguments]

    def environment(self):
        return dict(os.environ, KUBECONFIG=str(self.scene.plane.admin))

    def user(self, name):
        """A person without rights: a service account with a token in a kubeconfig."""
        scene = self.scene
        scene.api.create("/api/v1/namespaces/default/serviceaccounts", {"metadata": {"name": name}})
        token = scene.api.create(f"/api/v1/namespaces/default/serviceaccounts/{name}/token", USER_TOKEN)["status"]["token"]
        return scene.plane.certificates.write_kubeconfig(name, scene.plane.server, {"token": token})

    def test_6_rights_are_what_the_clusters_rules_say(self):
        scene, ann = self.scene, self.user("ann")
        self.assertIn("cannot list resource", scene.skiff("observe", kubeconfig=ann, check=False).stderr)
        scene.kubectl("create", "clusterrolebinding", "ann", "--clusterrole=skiff-user", "--serviceaccount=default:ann")
        scene.kubectl("-n", "kube-system", "create", "rolebinding", "ann", "--role=skiff-user", "--serviceaccount=default:ann")

        def sees():
            scene.from_pod(self.caller, self.web["clusterIP"], 80)
            return "default/caller" in scene.skiff("observe", "--service", "web", kubeconfig=ann).stdout
        until("ann sees flows", sees)
        refused = scene.skiff("capture", "tcp", kubeconfig=ann, check=False)
        self.assertIn("skiff-capturer", refused.stderr)
        self.assertNotEqual(0, refused.returncode)
        # What reaches the port without the API server gets nothing either: a token of another audience is no token.
        token = json.loads(ann.read_text())["users"][0]["user"]["token"]
        for header, says in (("x: y", "show a token for the audience skiff-agent"), (f"authorization: Bearer {token}", "Unauthorized")):
            answer = scene.start(CLIENT, "curl", "-sSk", "-H", header, f"https://{NODE_IP}:10350/observe/status",
                                 stdout=subprocess.PIPE).communicate(timeout=30)[0]
            self.assertIn(says, answer)

    def test_7_root_of_the_node_asks_the_socket(self):
        text = self.scene.node.run("curl", "-sS", "--unix-socket", "/run/skiff/agent.sock", "http://node/observe/status")
        self.assertEqual(NODE_NAME, json.loads(text)["node"])

    # --- as the CNI ---

    def test_8_the_same_daemonset_becomes_the_network(self):
        scene = self.scene
        for name in ("near", "caller"):  # pods of the CNI that goes
            scene.delete_pod(name)
        before = scene.agent_pod()["metadata"]["uid"]
        scene.install("proxy,network,policy,trace")
        (scene.directory / "node/etc/cni/net.d/10-other.conflist").unlink()
        scene.kubectl("-n", "kube-system", "rollout", "restart", "daemonset", "skiff-agent")
        until("the agent with the new roles runs", lambda: (scene.agent_pod() or {}).get("metadata", {}).get("uid", before) != before, 120)
        until("the runtime has its configuration", (scene.directory / "node/etc/cni/net.d/10-skiff.conflist").exists)
        until("the node is ready", scene.node.is_ready, 120)

        fresh = scene.create_pod("fresh", ports=[{"containerPort": 8080, "hostPort": 18080}])
        peer, stranger = scene.create_pod("peer"), scene.create_pod("stranger")
        scene.serve(fresh, name="fresh")
        self.assertIn(": skiff", scene.node.run("ip", "link"))
        service = scene.create_service("fresh", "fresh", type="NodePort")
        until("pods reach the Service", lambda: scene.from_pod(peer, service["clusterIP"], 80, 4) == {"fresh"})
        self.assertEqual({"fresh"}, scene.from_client(NODE_IP, service["ports"][0]["nodePort"], 4))
        self.assertEqual({"fresh"}, scene.from_pod(stranger, fresh["status"]["podIP"], 8080))
        # As the CNI call told of it: from outside, and on the node itself.
        self.assertEqual({"fresh"}, scene.from_client(NODE_IP, 18080, 4))
        self.assertEqual({"fresh"}, scene.answers(scene.in_node(), "127.0.0.1", 18080))
        self.policy(fresh, peer, stranger)

        record = until("its flows have names", lambda: [r for r in self.records("--service", "fresh") if "podHere" in r])[-1]
        self.assertIn(record["podHere"], ("default/peer", "default/stranger", "default/fresh"))
        scene.delete_pod("fresh")
        until("its HostPort is gone", lambda: scene.from_client(NODE_IP, 18080) != {"fresh"})

    def policy(self, fresh, peer, stranger):
        scene = self.scene
        scene.api.create("/apis/networking.k8s.io/v1/namespaces/default/networkpolicies", {
            "metadata": {"name": "peers"}, "spec": {"podSelector": {"matchLabels": {"app": "fresh"}}, "policyTypes": ["Ingress"],
                                                    "ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "peer"}}}]}]}})
        address = fresh["status"]["podIP"]
        until("a stranger is kept out", lambda: scene.from_pod(stranger, address, 8080) != {"fresh"})
        self.assertEqual({"fresh"}, scene.from_pod(peer, address, 8080, 4))
        self.assertIn("policy_ingress", scene.skiff("drops").stdout)


if __name__ == "__main__":
    reason = missing()
    if reason:
        print(f"SKIPPED: {reason}")
        sys.exit(77)
    unittest.main(verbosity=2)
