#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Real manifests, applied as they stand with the oldest and the newest kubectl, do what they say."""

import unittest

from harness import MANIFESTS, NEWEST, OLDEST, ClusterTest, Kubectl, eventually, main


def path(number):
    return next(MANIFESTS.glob(f"{number:02d}-*.yaml"))


class Manifests:
    """The tests; a class below for each kubectl."""

    namespace = "default"
    version = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kubectl = cls.within("default")
        cls.anywhere = cls.within(None)

    @classmethod
    def within(cls, namespace):
        return Kubectl(cls.version, namespace)

    def apply(self, number):
        self.anywhere("apply", "-f", path(number))
        # Shells as first process do not hear SIGTERM: without --now they would stay for half a minute.
        self.addCleanup(self.anywhere, "delete", "-f", path(number), "--ignore-not-found", "--now", timeout=90)

    def wait_ready(self, pod):
        self.kubectl("wait", "--for=condition=Ready", f"pod/{pod}", "--timeout=60s", timeout=70)

    def test_01_a_pod_serves_nginx(self):
        self.apply(1)
        self.wait_ready("nginx-pod")
        page = self.kubectl("exec", "nginx-pod", "--", "wget", "-qO-", "http://127.0.0.1/")
        self.assertIn("Welcome to nginx", page)

    def test_02_labels_and_annotations_are_kept(self):
        self.apply(2)
        self.wait_ready("nginx")
        pod = self.kubectl.get("pod", "nginx")
        self.assertEqual({"app": "nginx", "type": "web"}, pod["metadata"]["labels"])
        self.assertEqual("hello", pod["metadata"]["annotations"]["my-annotation1"])
        self.assertIn("nginx", self.kubectl("get", "pods", "-l", "type=web", "--show-labels"))

    def test_03_and_04_an_application_with_secrets_and_probes(self):
        self.apply(3)
        self.apply(4)
        kubectl = self.within("eks-work")
        kubectl("rollout", "status", "deployment/backend-app", "--timeout=60s", timeout=70)
        pod = kubectl.ready_pods("app=backend-app", 2)[0]["metadata"]["name"]
        self.assertEqual("mywork", kubectl("exec", pod, "--", "sh", "-c", "echo $DB_USERNAME").strip())
        answer = kubectl("exec", pod, "--", "wget", "-qO-", "http://backend-app-service:8080/")
        self.assertIn("host: backend-app-", answer)
        service = kubectl.get("service", "backend-app-service")
        self.assertEqual("LoadBalancer", service["spec"]["type"])
        self.assertGreaterEqual(service["spec"]["ports"][0]["nodePort"], 30000)
        limits = kubectl.get("pod", pod)["spec"]["containers"][0]["resources"]["limits"]
        self.assertEqual({"cpu": "250m", "memory": "128Mi"}, limits)

    def test_06_a_replica_set_keeps_four_pods_over_both_nodes(self):
        self.apply(6)
        pods = self.kubectl.ready_pods("role=web,tier=cache", 4)
        self.assertEqual({"node-1", "node-2"}, {pod["spec"]["nodeName"] for pod in pods})
        victim = pods[0]["metadata"]["name"]
        self.kubectl("delete", "pod", victim, "--wait=false")
        again = self.kubectl.ready_pods("role=web,tier=cache", 4)
        self.assertNotIn(victim, {pod["metadata"]["name"] for pod in again})

    def test_07_08_and_09_a_deployment_behind_services_of_each_type(self):
        self.apply(7)
        self.apply(9)
        self.kubectl("rollout", "status", "deployment/nginx", "--timeout=60s", timeout=70)
        self.kubectl("apply", "-f", path(8))
        self.kubectl("rollout", "status", "deployment/nginx", "--timeout=60s", timeout=70)
        request = self.kubectl.get("deployment", "nginx")["spec"]["template"]["spec"]["containers"][0]["resources"]
        self.assertEqual("200m", request["requests"]["cpu"])
        history = self.kubectl("rollout", "history", "deployment/nginx")
        self.assertRegex(history, r"(?m)^1 .*\n2 ")
        self.assertRegex(self.kubectl("rollout", "history", "deployment/nginx", "--revision=2"), r"cpu:\s+200m")
        self.kubectl("rollout", "undo", "deployment/nginx")
        self.kubectl("rollout", "status", "deployment/nginx", "--timeout=60s", timeout=70)
        request = self.kubectl.get("deployment", "nginx")["spec"]["template"]["spec"]["containers"][0]["resources"]
        self.assertEqual("100m", request["requests"]["cpu"])
        services = {service["metadata"]["name"]: service["spec"] for service in self.kubectl.get("services")}
        self.assertEqual(30900, services["web-nodeport"]["ports"][0]["nodePort"])
        self.assertEqual("None", services["web-headless"]["clusterIP"])
        self.assertEqual(60, services["web-sticky"]["sessionAffinityConfig"]["clientIP"]["timeoutSeconds"])
        self.assertEqual("db.example.internal", services["legacy-db"]["externalName"])
        pod = self.kubectl.ready_pods("app=nginx", 2)[0]["metadata"]["name"]
        for name in ("web-clusterip:80", "web-loadbalancer:8080", "web-sticky:80", "web-headless:80"):
            with self.subTest(service=name):
                page = eventually(lambda name=name: self.kubectl("exec", pod, "--", "wget", "-qO-", f"http://{name}/"))
                self.assertIn("Welcome to nginx", page)

    def test_11_requests_are_spread_by_label(self):
        self.apply(11)
        kubectl = self.within("infra-team-ns1")
        kubectl.ready_pods("type=infra1", 3)
        hosts = set()
        for _ in range(40):
            answer = kubectl("exec", "label-pod-a", "--", "wget", "-qO-", "http://infra-svc1:7777/")
            hosts.add(answer.splitlines()[0])
            if len(hosts) == 3:
                break
        self.assertEqual({f"host: label-pod-{letter}" for letter in "abc"}, hosts)

    def test_12_init_sidecar_and_volumes(self):
        self.apply(12)
        self.wait_ready("sidecar")
        exec_main = ("exec", "sidecar", "-c", "main", "--")
        self.assertEqual("level: debug\n", self.kubectl(*exec_main, "cat", "/etc/settings/config.yaml"))
        self.assertIn('app="sidecar"', self.kubectl(*exec_main, "cat", "/etc/podinfo/labels"))
        eventually(lambda: "prepared" in self.kubectl("logs", "sidecar", "-c", "log-agent"))
        self.kubectl("label", "pod", "sidecar", "seen=yes")
        eventually(lambda: 'seen="yes"' in self.kubectl(*exec_main, "cat", "/etc/podinfo/labels"), timeout=90)


class ManifestsWithTheOldestKubectl(Manifests, ClusterTest):
    version = OLDEST


@unittest.skipIf(OLDEST == NEWEST, "only one kubectl on this machine")
class ManifestsWithTheNewestKubectl(Manifests, ClusterTest):
    version = NEWEST


if __name__ == "__main__":
    main()
