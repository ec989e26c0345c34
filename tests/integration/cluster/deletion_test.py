#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What deletion takes along, what holds it up, and what comes back."""

import json

from harness import KUBECTLS, ClusterTest, Kubectl, eventually, main
from workloads import echo_deployment, pod


class Deletion(ClusterTest):
    def uids(self, kind, selector):
        return sorted(found["metadata"]["uid"] for found in self.kubectl.get(kind, None, "-l", selector))

    def test_cascades(self):
        for version in KUBECTLS:
            with self.subTest(kubectl=version):
                kubectl, app = Kubectl(version, self.namespace), "v" + version.replace(".", "")
                kubectl.apply(echo_deployment(app, 2))
                kubectl.ready_pods(f"app={app}", 2)
                before = self.uids("pods", f"app={app}")
                kubectl("delete", "deployment", app, "--cascade=orphan")
                self.assertEqual(before, self.uids("pods", f"app={app}"))
                kubectl.apply(echo_deployment(app, 2))  # adopts what it finds
                kubectl("rollout", "status", f"deployment/{app}", "--timeout=30s")
                self.assertEqual(before, self.uids("pods", f"app={app}"))
                kubectl("delete", "deployment", app, "--cascade=foreground")
                self.assertEqual(([], []), (self.uids("pods", f"app={app}"), self.uids("replicasets", f"app={app}")))

    def test_grace(self):
        deaf = pod("deaf", command=["sh", "-c", "trap '' TERM; while true; do sleep 1; done"],
                   terminationGracePeriodSeconds=60)
        self.kubectl.apply(deaf)
        self.kubectl("wait", "--for=condition=Ready", "pod/deaf", "--timeout=30s")
        self.kubectl("delete", "pod", "deaf", "--wait=false")
        eventually(lambda: "Terminating" in self.kubectl("get", "pod", "deaf"))
        self.assertEqual(60, self.kubectl.get("pod", "deaf")["metadata"]["deletionGracePeriodSeconds"])
        self.kubectl("delete", "pod", "deaf", "--grace-period=1", timeout=20)
        self.assertIn("NotFound", self.kubectl.run("get", "pod", "deaf", check=False).stderr)

    def test_a_namespace_waits_for_finalizers_and_takes_nothing_new(self):
        here, inside = self.kubectl, Kubectl(namespace="held")
        here("create", "namespace", "held")
        eventually(lambda: inside.run("get", "serviceaccount", "default", check=False).returncode == 0)
        inside.apply(pod("goes"))
        inside("create", "configmap", "stays")
        inside("patch", "configmap", "stays", "-p", '{"metadata":{"finalizers":["example.com/hold"]}}')
        here("delete", "namespace", "held", "--wait=false")
        refused = inside.run("create", "configmap", "late", check=False)
        self.assertIn("because it is being terminated", refused.stderr)
        def why():
            return {c["type"]: c for c in here.get("namespace", "held")["status"].get("conditions", [])}
        remaining = eventually(lambda: why().get("NamespaceFinalizersRemaining"))
        self.assertIn("example.com/hold in 1", remaining["message"])
        inside("patch", "configmap", "stays", "--type=json", "-p", '[{"op":"remove","path":"/metadata/finalizers"}]')
        here("wait", "--for=delete", "namespace/held", "--timeout=20s")

    def test_what_every_cluster_has_cannot_be_deleted_or_comes_back(self):
        for name in ("default", "kube-system"):
            self.assertIn("Forbidden", self.kubectl.run("delete", "namespace", name, check=False).stderr)
        self.kubectl("delete", "serviceaccount/default", "configmap/kube-root-ca.crt")
        for namespace, name in (("default", "kubernetes"), ("kube-system", "kube-dns")):
            services = Kubectl(namespace=namespace)
            before = services.get("service", name)
            services("delete", "service", name)
            def back(services=services, name=name, before=before):
                again = services.get("service", name)
                return again["metadata"]["uid"] != before["metadata"]["uid"] and again
            self.assertEqual(before["spec"]["clusterIPs"], eventually(back)["spec"]["clusterIPs"])
        eventually(lambda: self.kubectl.get("serviceaccount", "default") and
                   self.kubectl.get("configmap", "kube-root-ca.crt"))

    def test_fifty_pods_come_and_go(self):
        many = json.loads(echo_deployment("many", 50))
        spec = many["spec"]["template"]["spec"]
        spec["terminationGracePeriodSeconds"] = 0
        del spec["containers"][0]["readinessProbe"]
        self.kubectl.apply(json.dumps(many))
        self.kubectl("rollout", "status", "deployment/many", "--timeout=100s", timeout=110)
        nodes = [found["spec"]["nodeName"] for found in self.kubectl.get("pods", None, "-l", "app=many")]
        self.assertEqual([25, 25], sorted(map(nodes.count, set(nodes))))
        self.assertEqual(50, len(self.kubectl("get", "pods", "-l", "app=many", "--chunk-size=7", "-o", "name").split()))
        self.kubectl("delete", "deployment", "many")
        eventually(lambda: not self.kubectl.get("pods", None, "-l", "app=many"), timeout=60)


if __name__ == "__main__":
    main()
