#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Changing, asking, waiting: what one does with kubectl all day, with the oldest and the newest one."""

import re

from harness import KUBECTLS, MANIFESTS, ClusterTest, Kubectl, eventually, main
from workloads import echo_deployment, pod

# kubectl finds a difference here on every cluster: stringData never comes back, and the items of a downwardAPI volume
# are one list, in which the server fills in apiVersion.
ALWAYS_CONFIGURED = {"secret/db-config", "pod/sidecar"}


class Everyday(ClusterTest):
    def each(self):
        for version in KUBECTLS:
            with self.subTest(kubectl=version):
                yield Kubectl(version, self.namespace), "v" + version.replace(".", "")

    def fails(self, kubectl, *arguments, **options):
        done = kubectl.run(*arguments, check=False, **options)
        self.assertNotEqual(0, done.returncode, arguments)
        return done.stderr

    def test_manifests_applied_again_are_unchanged(self):
        for number in (1, 2, 3, 4, 6, 7, 9, 11, 12):
            path = next(MANIFESTS.glob(f"{number:02d}-*.yaml"))
            anywhere = Kubectl(namespace=None)
            anywhere("apply", "-f", path)
            self.addCleanup(anywhere, "delete", "-f", path, "--ignore-not-found", "--wait=false")
            for version in KUBECTLS:
                again = Kubectl(version, None)("apply", "-f", path)
                for line in again.splitlines():
                    what, _, how = line.partition(" ")
                    self.assertEqual("configured" if what in ALWAYS_CONFIGURED else "unchanged", how, line)
            self.assertEqual("", anywhere("diff", "-f", path))

    def test_patches_of_every_type(self):
        self.kubectl.apply(echo_deployment("patched", 1))
        replicas = ["-o", "jsonpath={.spec.replicas}"]
        for kubectl, _ in self.each():
            for kind, body, wanted in (("strategic", '{"spec":{"replicas":0}}', "0"),
                                       ("merge", '{"spec":{"replicas":2}}', "2"),
                                       ("json", '[{"op":"replace","path":"/spec/replicas","value":1}]', "1")):
                kubectl("patch", "deployment", "patched", f"--type={kind}", "-p", body)
                self.assertEqual(wanted, kubectl("get", "deployment", "patched", *replicas))
            for body, wanted in (('{"spec":{"replicas":"x"}}', "spec.replicas: expected integer"),
                                 ('{"spec":{"replicas":-1}}', "spec.replicas"),
                                 ('{"spec":{"selector":{"matchLabels":{"app":"b"}}}}', "spec.selector")):
                self.assertIn(wanted, self.fails(kubectl, "patch", "deployment", "patched", "-p", body))

    def test_history_tells_why_and_undo_goes_back(self):
        for kubectl, name in self.each():
            app = f"history-{name}"
            kubectl.apply(echo_deployment(app, 1))
            kubectl("annotate", "deployment", app, "kubernetes.io/change-cause=first")
            kubectl("rollout", "status", f"deployment/{app}", "--timeout=30s")
            kubectl("set", "image", f"deployment/{app}", "echo=docker.io/library/echo:1.0.0")
            kubectl("annotate", "--overwrite", "deployment", app, "kubernetes.io/change-cause=second")
            kubectl("rollout", "status", f"deployment/{app}", "--timeout=30s")
            self.assertRegex(kubectl("rollout", "history", f"deployment/{app}"), r"1 +first\n2 +second")
            self.assertIn("change-cause: first", kubectl("rollout", "history", f"deployment/{app}", "--revision=1"))
            self.assertIn("99", self.fails(kubectl, "rollout", "undo", f"deployment/{app}", "--to-revision=99"))
            kubectl("rollout", "undo", f"deployment/{app}", "--to-revision=1")
            kubectl("rollout", "status", f"deployment/{app}", "--timeout=30s")
            self.assertRegex(kubectl("rollout", "history", f"deployment/{app}"), r"2 +second\n3 +first")
            kubectl("rollout", "pause", f"deployment/{app}")
            kubectl("set", "env", f"deployment/{app}", "A=b")
            self.assertEqual(2, len(kubectl.get("replicasets", None, "-l", f"app={app}")))
            kubectl("rollout", "resume", f"deployment/{app}")
            kubectl("rollout", "status", f"deployment/{app}", "--timeout=30s")
            self.assertEqual(3, len(kubectl.get("replicasets", None, "-l", f"app={app}")))

    def test_edit_and_label(self):
        for kubectl, name in self.each():
            kubectl("create", "configmap", f"edited-{name}", "--from-literal=k=before")
            kubectl.environment["KUBE_EDITOR"] = "sed -i s/before/after/"
            kubectl("edit", "configmap", f"edited-{name}")
            self.assertEqual("after", kubectl.get("configmap", f"edited-{name}")["data"]["k"])
            kubectl("label", "configmap", f"edited-{name}", "a=b")
            self.assertIn("overwrite", self.fails(kubectl, "label", "configmap", f"edited-{name}", "a=c"))
            kubectl("label", "configmap", f"edited-{name}", "a-")
            self.assertNotIn("labels", kubectl.get("configmap", f"edited-{name}")["metadata"])

    def test_unknown_and_ill_typed_fields_are_named(self):
        text = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"dataa":{"a":"b"}}'
        many = ('{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"},"spec":{"restartPolicy":"Maybe","containers":['
                '{"name":"c","image":"i","imagePullPolicy":"Sometimes","ports":[{"containerPort":99999}],'
                '"volumeMounts":[{"name":"none","mountPath":"/x"}]},{"name":"c","image":""}]}}')
        for kubectl, _ in self.each():
            self.assertIn('unknown field "dataa"', self.fails(kubectl, "apply", "-f", "-", input=text))
            problems = self.fails(kubectl, "apply", "-f", "-", input=many)
            for field in ("spec.restartPolicy", "spec.containers[0].imagePullPolicy", "spec.containers[1].image",
                          "spec.containers[0].ports[0].containerPort", "spec.containers[1].name",
                          "spec.containers[0].volumeMounts[0].name"):
                self.assertIn(field, problems)

    def test_wait_and_selectors_and_pages(self):
        self.kubectl.apply(pod("chosen"))
        for kubectl, version in self.each():
            kubectl("wait", "--for=condition=Ready", "pod/chosen", "--timeout=30s")
            if version != "v120":
                kubectl("wait", "--for=jsonpath={.status.phase}=Running", "pod/chosen", "--timeout=5s")
            self.assertIn("timed out", self.fails(kubectl, "wait", "--for=delete", "pod/chosen", "--timeout=1s"))
            def names(*how, kubectl=kubectl):
                return kubectl("get", "pods", "-o", "name", *how).split()
            self.assertEqual(["pod/chosen"], names("-l", "app in (a,chosen),!other"))
            self.assertEqual([], names("-l", "app!=chosen,app in (chosen)"))
            self.assertEqual(["pod/chosen"], names("--field-selector=status.phase=Running,metadata.name=chosen"))
            self.assertIn("field label not supported: foo", self.fails(kubectl, "get", "pods", "--field-selector=foo=a"))
            whole = kubectl("get", "configmaps", "-A", "-o", "name")
            self.assertEqual(whole, kubectl("get", "configmaps", "-A", "-o", "name", "--chunk-size=2"))

    def test_create_and_replace_and_dry_runs(self):
        for kubectl, name in self.each():
            kubectl("create", "service", "clusterip", name, "--tcp=80:8080")
            kubectl("create", "serviceaccount", name)
            if name != "v120":
                self.assertEqual(3, len(kubectl("create", "token", name).split(".")))
            for how in ("client", "server"):
                kubectl("create", "configmap", f"dry-{name}", f"--dry-run={how}")
                kubectl("delete", "service", name, f"--dry-run={how}")
            self.assertIn("NotFound", self.fails(kubectl, "get", "configmap", f"dry-{name}"))
            text = kubectl("get", "service", name, "-o", "yaml")
            kubectl("replace", "--force", "-f", "-", input=text)
            text = kubectl("get", "service", name, "-o", "yaml")
            stale = re.sub(r"resourceVersion: .*", 'resourceVersion: "1"', text)
            self.assertIn("modified", self.fails(kubectl, "replace", "-f", "-", input=stale))
            self.assertRegex(self.fails(kubectl, "create", "serviceaccount", name), "AlreadyExists|already exists")

    def test_who_am_i_and_what_may_i(self):
        for kubectl, name in self.each():
            self.assertEqual("yes\n", kubectl("auth", "can-i", "create", "pods"))
            stranger = kubectl.run("auth", "can-i", "create", "pods", "--as=nobody", check=False)
            self.assertNotEqual("yes\n", stranger.stdout)
            self.assertIn("is running at", kubectl("cluster-info"))
            self.assertIn("Metrics API not available", self.fails(kubectl, "top", "pods"))
            self.assertEqual("ok", kubectl("get", "--raw", "/healthz"))
            if name != "v120":
                self.assertIn("kubernetes-admin", kubectl("auth", "whoami"))

    def test_cordon_drain_and_taint(self):
        self.kubectl("create", "deployment", "moved", "--image=nginx", "--replicas=2")
        self.addCleanup(self.kubectl.run, "uncordon", "node-2", check=False)
        self.addCleanup(self.kubectl.run, "taint", "node", "node-1", "k-", check=False)
        def places():
            return {p["spec"]["nodeName"] for p in self.kubectl.ready_pods("app=moved", 2)}
        self.assertEqual({"node-1", "node-2"}, places())
        for kubectl, _ in self.each():
            kubectl("cordon", "node-2")
            self.assertRegex(kubectl("get", "nodes"), r"node-2 +Ready,SchedulingDisabled")
            kubectl("drain", "node-2", "--ignore-daemonsets", "--pod-selector=app=moved", timeout=70)
            eventually(lambda: places() == {"node-1"}, timeout=40)
            kubectl("uncordon", "node-2")
            kubectl("taint", "node", "node-1", "k=v:NoExecute")
            eventually(lambda: places() == {"node-2"}, timeout=40)
            kubectl("taint", "node", "node-1", "k-")


if __name__ == "__main__":
    main()
