#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kubectl's everyday commands, with the oldest and the newest kubectl."""

import re
import subprocess

from harness import KUBECTLS, ClusterTest, Kubectl, eventually, main
from workloads import echo_deployment, pod, service


def config_map(name, data):
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{{data}}}\n"


class Commands(ClusterTest):
    def each(self):
        """(kubectl, name) per version; names differ so that runs do not meet."""
        for version in KUBECTLS:
            with self.subTest(kubectl=version):
                yield Kubectl(version, self.namespace), "v" + version.replace(".", "")

    def test_of_which_versions_they_are(self):
        self.assertIn("1.20", KUBECTLS)  # the distribution's
        if "1.33" not in KUBECTLS:
            self.skipTest(f"no kubectl 1.33 here, only {', '.join(KUBECTLS)}")

    def test_run_logs_exec_and_delete(self):
        for kubectl, name in self.each():
            kubectl("run", name, "--image=busybox", "--restart=Never", "--command", "--", "sh", "-c",
                    "echo first; echo second >&2; sleep 3600")
            kubectl("wait", "--for=condition=Ready", f"pod/{name}", "--timeout=30s")
            self.assertEqual({"first", "second"}, set(kubectl("logs", name).split()))
            self.assertEqual(1, len(kubectl("logs", name, "--tail=1").split()))
            self.assertEqual(f"{name}\n", kubectl("exec", name, "--", "hostname"))
            failed = kubectl.run("exec", name, "--", "sh", "-c", "echo oops >&2; exit 7", check=False)
            self.assertEqual(7, failed.returncode)
            self.assertIn("oops", failed.stderr)
            echoed = kubectl("exec", "-i", name, "--", "cat", input="through stdin\n")
            self.assertEqual("through stdin\n", echoed)
            kubectl("delete", "pod", name, "--grace-period=0", "--force")
            eventually(lambda: kubectl.run("get", "pod", name, check=False).returncode != 0)

    def test_logs_follow_until_the_container_ends(self):
        for kubectl, name in self.each():
            kubectl.apply(pod(f"{name}-follow", command=["sh", "-c", "for i in 1 2 3; do echo $i; sleep 0.3; done"],
                              restartPolicy="Never"))
            def started(kubectl=kubectl, name=name):
                return kubectl.get("pod", f"{name}-follow")["status"]["phase"] in ("Running", "Succeeded")
            eventually(started)
            self.assertEqual("1\n2\n3\n", kubectl("logs", "-f", f"{name}-follow"))

    def test_previous_logs_of_a_container_that_ends_again_and_again(self):
        self.kubectl.apply(pod("crasher", command=["sh", "-c", "echo run $$; exit 3"]))
        def restarted():
            status = self.kubectl.get("pod", "crasher")["status"]["containerStatuses"][0]
            return status if status["restartCount"] >= 1 else None
        status = eventually(restarted, timeout=40)
        last = status["lastState"].get("terminated") or status["state"].get("terminated")
        self.assertEqual((3, "Error"), (last["exitCode"], last["reason"]))
        eventually(lambda: "run" in self.kubectl("logs", "crasher", "--previous"))
        def backs_off():
            return "CrashLoopBackOff" in self.kubectl("get", "pod", "crasher")
        eventually(backs_off, timeout=40)

    def test_deployments_scale_label_annotate_patch_and_keep_history(self):
        for kubectl, name in self.each():
            app = f"{name}-app"
            kubectl.apply(echo_deployment(app, 1))
            kubectl("rollout", "status", f"deployment/{app}", "--timeout=60s", timeout=70)
            kubectl("scale", f"deployment/{app}", "--replicas=3")
            kubectl.ready_pods(f"app={app}", 3)
            kubectl("label", "deployment", app, "tier=front")
            kubectl("annotate", "deployment", app, "note=hello")
            kubectl("patch", "deployment", app, "-p", '{"spec":{"template":{"metadata":{"annotations":{"v":"2"}}}}}')
            kubectl("rollout", "status", f"deployment/{app}", "--timeout=60s", timeout=70)
            self.assertRegex(kubectl("rollout", "history", f"deployment/{app}"), r"(?m)^2 ")
            kubectl("rollout", "undo", f"deployment/{app}")
            kubectl("rollout", "status", f"deployment/{app}", "--timeout=60s", timeout=70)
            found = kubectl.get("deployment", app)
            self.assertNotIn("v", found["spec"]["template"]["metadata"].get("annotations", {}))
            self.assertEqual(("front", "hello"),
                             (found["metadata"]["labels"]["tier"], found["metadata"]["annotations"]["note"]))
            kubectl("rollout", "restart", f"deployment/{app}")
            kubectl("rollout", "status", f"deployment/{app}", "--timeout=60s", timeout=70)
            kubectl("delete", "deployment", app)
            eventually(lambda kubectl=kubectl, app=app: not kubectl.get("pods", None, "-l", f"app={app}"))

    def test_get_in_every_form(self):
        self.kubectl.apply(pod("shapes"))
        for kubectl, _ in self.each():
            kubectl("wait", "--for=condition=Ready", "pod/shapes", "--timeout=30s")
            self.assertRegex(kubectl("get", "pods"), r"NAME +READY +STATUS +RESTARTS +AGE")
            self.assertRegex(kubectl("get", "pods", "-o", "wide"), r"shapes +1/1 +Running +0 +\S+ +10\.244\.\S+ +node-")
            self.assertIn("kind: Pod", kubectl("get", "pod", "shapes", "-o", "yaml"))
            self.assertEqual("Running", kubectl("get", "pod", "shapes", "-o", "jsonpath={.status.phase}"))
            self.assertEqual("pod/shapes\n", kubectl("get", "pod", "shapes", "-o", "name"))
            columns = kubectl("get", "pod", "shapes", "-o", "custom-columns=N:.metadata.name", "--no-headers")
            self.assertEqual("shapes\n", columns)
            self.assertIn("shapes", kubectl("get", "pods", "--field-selector=status.phase=Running"))
            self.assertIn("shapes", kubectl("get", "pods", "-A", "--sort-by=.metadata.name"))

    # Lines of what kubectl prints, by what is described.
    DESCRIBED = {
        "deployment/described": (
            r"Selector: +app=described", r"Replicas: +2 desired \| 2 updated \| 2 total \| 2 available \| 0 unavailable",
            r"StrategyType: +RollingUpdate", r"RollingUpdateStrategy: +25% max unavailable, 25% max surge",
            r" +Image: +echo:1.0.0", r" +Progressing +True +NewReplicaSetAvailable", r" +Available +True +MinimumReplicasAvailable",
            r"OldReplicaSets: +<none>", r"NewReplicaSet: +described-\w+ \(2/2 replicas created\)",
            r" +Normal +ScalingReplicaSet .* deployment-controller +Scaled up replica set described-\w+ from 0 to 2"),
        "replicaset": (
            r"Selector: +app=described,pod-template-hash=\w+", r"Annotations: +deployment.kubernetes.io/desired-replicas: 2",
            r"Controlled By: +Deployment/described", r"Replicas: +2 current / 2 desired",
            r"Pods Status: +2 Running / 0 Waiting / 0 Succeeded / 0 Failed",
            r" +Normal +SuccessfulCreate .* replicaset-controller +Created pod: described-\w+-\w+"),
        "service/described": (
            r"Selector: +app=described", r"Type: +NodePort", r"IP Family Policy: +PreferDualStack", r"IP Families: +IPv4,IPv6",
            r"IPs: +10\.96\.\S+,fd00:\S+", r"Port: +tcp +80/TCP", r"TargetPort: +8080/UDP", r"NodePort: +udp +3\d{4}/UDP",
            r"Endpoints: +\S+:8080,\S+:8080.*", r"Session Affinity: +None",
            r"External Traffic Policy: +Cluster", r"Events: +<none>"),
        "namespace/{namespace}": (r"Labels: +kubernetes.io/metadata.name={namespace}", r"Status: +Active"),
        "secret/described": (r"Type: +Opaque", r"password: +11 bytes"),
        "configmap/described": (r"Data", r"====", r"level:", r"debug", r"Events: +<none>"),
        "pod": (
            r"Node: +node-\d/10\.89\.\S+", r"Status: +Running", r"IPs:", r"Controlled By: +ReplicaSet/described-\w+",
            r" +Container ID: +containerd://\w{64}", r" +Image ID: +\S*sha256:\w{64}", r" +State: +Running", r" +Restart Count: +0",
            r" +Readiness: +http-get http://:8080/health delay=0s timeout=1s period=1s #success=1 #failure=3",
            r" +Ready +True *", r" +PodScheduled +True *", r" +TokenExpirationSeconds: +3607", r"QoS Class: +BestEffort",
            r"Tolerations: +node.kubernetes.io/not-ready:NoExecute op=Exists for 300s",
            r" +Normal +Scheduled .* default-scheduler +Successfully assigned {namespace}/described-\S+ to node-\d",
            r' +Normal +Pulled .* kubelet +Container image "echo:1.0.0" already present on machine',
            r" +Normal +Started .* kubelet +Started container echo"),
        "node/node-1": (
            r"Labels: +kubernetes.io/arch=\S+", r"Taints: +<none>", r"Unschedulable: +false", r" +HolderIdentity: +node-1",
            r" +Ready +True .* KubeletReady +kubelet is posting ready status", r" +InternalIP: +10\.89\.\S+", r" +InternalIP: +fd00:\S+",
            r" +Container Runtime Version: +containerd://\S+", r"PodCIDRs: +10\.244\.\S+,fd00:\S+", r"Non-terminated Pods: .*",
            r" +{namespace} +described-\S+ +0 \(0%\).*", r"Allocated resources:"),
    }

    def test_describe_tells_everything_of_every_kind(self):
        self.kubectl.apply(echo_deployment("described", 2))
        self.kubectl.apply(service("described", "described", type="NodePort"))
        self.kubectl("create", "secret", "generic", "described", "--from-literal=password=not-a-word.")
        self.kubectl("create", "configmap", "described", "--from-literal=level=debug")
        self.kubectl.ready_pods("app=described", 2)
        self.kubectl("rollout", "status", "deployment/described", "--timeout=30s")
        for kubectl, _ in self.each():
            for what, lines in self.DESCRIBED.items():
                what = what.replace("{namespace}", self.namespace)
                with self.subTest(what, kubectl=kubectl.binary):
                    which = () if "/" in what else ("-l", "app=described")
                    text = kubectl("describe", what, *which)
                    for line in lines:
                        self.assertRegex(text, "(?m)^" + line.replace("{namespace}", self.namespace) + "$")

    def test_explain_reads_the_schema(self):
        for kubectl, _ in self.each():
            self.assertIn("restartPolicy", kubectl("explain", "pod.spec"))
            self.assertIn("maxSurge", kubectl("explain", "deployment.spec.strategy.rollingUpdate"))

    def test_discovery(self):
        for kubectl, _ in self.each():
            self.assertRegex(kubectl("api-resources"), r"(?m)^deployments +deploy +apps/v1 +true +Deployment")
            self.assertIn("apps/v1", kubectl("api-versions").split())
            self.assertRegex(kubectl("version"), r"Server Version.*1[.]34|GitVersion:\"v1[.]34")

    def test_a_dry_run_stores_nothing(self):
        for kubectl, _ in self.each():
            kubectl("apply", "--dry-run=server", "-f", "-", input=config_map("dry", "a: b"))
            self.assertNotEqual(0, kubectl.run("get", "configmap", "dry", check=False).returncode)

    def test_server_side_apply_knows_who_owns_what(self):
        for kubectl, name in self.each():
            def applies(data, *options, kubectl=kubectl, name=name, **run):
                return kubectl.run("apply", "--server-side", *options, "-f", "-", input=config_map(f"owned-{name}", data), **run)
            applies("a: '1', b: '1'")
            applies("b: '1', c: '1'", "--field-manager=other")
            refused = applies("a: '2', b: '2'", "--field-manager=third", check=False)
            self.assertIn("Apply failed with 3 conflicts", refused.stderr)
            self.assertIn('conflicts with "other":\n- .data.b', refused.stderr)
            applies("b: '2'", "--field-manager=third", "--force-conflicts")
            applies("")
            self.assertEqual({"b": "2", "c": "1"}, kubectl.get("configmap", f"owned-{name}")["data"])

    def test_server_side_apply_takes_over_from_a_client_side_one(self):
        for kubectl, name in self.each():
            kubectl("apply", "-f", "-", input=config_map(f"from-{name}", "a: '1', b: '1'"))
            kubectl("apply", "--server-side", "-f", "-", input=config_map(f"from-{name}", "a: '2'"))
            self.assertEqual("2", kubectl.get("configmap", f"from-{name}")["data"]["a"])

    def test_edit_replace_and_create(self):
        for kubectl, name in self.each():
            kubectl("create", "configmap", name, "--from-literal=k=v1")
            text = kubectl("get", "configmap", name, "-o", "yaml")
            kubectl("replace", "-f", "-", input=re.sub(r"k: v1", "k: v2", text))
            self.assertEqual("v2", kubectl.get("configmap", name)["data"]["k"])
            kubectl("create", "secret", "generic", name, "--from-literal=p=w")
            self.assertEqual({"p": "dw=="}, kubectl.get("secret", name)["data"])

    def test_watch_sees_changes(self):
        for kubectl, name in self.each():
            watch = subprocess.Popen([kubectl.binary, kubectl.cache, "-n", self.namespace, "get", "configmaps", "--watch",
                                      "-o", "name"], env=kubectl.environment, text=True, stdout=subprocess.PIPE)
            try:
                kubectl("create", "configmap", f"watched-{name}")
                seen = eventually(lambda watch=watch, name=name: f"watched-{name}" in watch.stdout.readline())
                self.assertTrue(seen)
            finally:
                watch.kill()
                watch.communicate()

    def test_wait_for_deletion(self):
        for kubectl, name in self.each():
            kubectl.apply(pod(f"{name}-gone"))
            kubectl("delete", "pod", f"{name}-gone", "--wait=true")
            self.assertIn("NotFound", kubectl.run("get", "pod", f"{name}-gone", check=False).stderr)


if __name__ == "__main__":
    main()
