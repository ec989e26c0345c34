#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What goes wrong in pods, and what their status, events and logs say of it."""

import json

from harness import ClusterTest, eventually, main
from workloads import pod, service


class Failures(ClusterTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        main_container = {"name": "main", "image": "busybox", "command": ["sleep", "3600"]}
        for name, changes, spec in (
                ("crash", {"command": ["sh", "-c", "echo run; exit 3"]}, {}),
                ("oom", {"command": ["sh", "-c", "head -c 200m /dev/zero | tail"],
                         "resources": {"limits": {"memory": "20Mi"}}}, {"restartPolicy": "Never"}),
                ("no-image", {"image": "not-there:9"}, {}),
                ("never-pulled", {"image": "not-there:9", "imagePullPolicy": "Never"}, {}),
                ("no-command", {"command": ["/not-there"]}, {}),
                ("no-config", {"envFrom": [{"configMapRef": {"name": "not-there"}}]}, {}),
                ("no-secret", {"volumeMounts": [{"name": "v", "mountPath": "/v"}]},
                 {"volumes": [{"name": "v", "secret": {"secretName": "not-there"}}]}),
                ("too-big", {"resources": {"requests": {"cpu": "640"}}}, {}),
                ("nowhere", {}, {"nodeSelector": {"not": "there"}}),
                ("bad-init", {}, {"initContainers": [{"name": "init", "image": "busybox", "command": ["false"]}]})):
            cls.kubectl.apply(pod(name, containers=[{**main_container, **changes}], **spec))

    def column(self, name):
        return self.kubectl("get", "pod", name, "--no-headers").split()[2]

    def shows(self, name, *statuses):
        eventually(lambda: self.column(name) in statuses, timeout=40)

    def event(self, name, reason):
        """The message of an event of the pod."""
        def find():
            events = self.kubectl.get("events", None, f"--field-selector=involvedObject.name={name},reason={reason}")
            return events[0]["message"] if events else None
        return eventually(find)

    def test_a_container_that_ends_again_and_again_backs_off(self):
        self.shows("crash", "CrashLoopBackOff")
        self.assertIn("Back-off restarting failed container main", self.event("crash", "BackOff"))
        eventually(lambda: self.kubectl("logs", "crash", "--previous") == "run\n")

    def test_a_container_out_of_memory_says_so(self):
        self.shows("oom", "OOMKilled")
        ended = self.kubectl.get("pod", "oom")["status"]["containerStatuses"][0]["state"]["terminated"]
        self.assertEqual((137, "OOMKilled"), (ended["exitCode"], ended["reason"]))

    def test_an_image_that_is_not_to_be_had(self):
        self.shows("no-image", "ErrImagePull", "ImagePullBackOff")
        self.assertIn("not-there:9", self.event("no-image", "Failed"))
        self.shows("never-pulled", "ErrImageNeverPull")
        eventually(lambda: "ImagePullBackOff" in self.kubectl("get", "pod", "no-image"), timeout=40)
        refused = self.kubectl.run("logs", "no-image", check=False).stderr
        self.assertRegex(refused, "waiting to start: (trying and failing to pull image|image can't be pulled)")

    def test_a_command_that_is_not_there(self):
        self.shows("no-command", "RunContainerError", "CrashLoopBackOff", "StartError")
        self.assertIn("/not-there", self.event("no-command", "Failed"))

    def test_a_configuration_that_is_not_there_is_waited_for(self):
        self.shows("no-config", "CreateContainerConfigError")
        self.assertIn('configmap "not-there" not found', self.event("no-config", "Failed"))
        self.assertIn('secret "not-there" not found', self.event("no-secret", "FailedMount"))
        self.kubectl("create", "configmap", "not-there")
        self.kubectl("create", "secret", "generic", "not-there")
        self.kubectl("wait", "--for=condition=Ready", "pod/no-config", "pod/no-secret", "--timeout=40s")

    def test_a_pod_that_fits_nowhere_names_the_reasons(self):
        self.assertEqual("0/2 nodes are available: 2 Insufficient cpu.", self.event("too-big", "FailedScheduling")[:44])
        self.assertIn("didn't match Pod's node affinity/selector", self.event("nowhere", "FailedScheduling"))
        self.assertEqual("Pending", self.column("too-big"))
        self.assertIn("does not have a host assigned", self.kubectl.run("logs", "too-big", check=False).stderr)

    def test_a_failing_init_container_holds_the_pod(self):
        self.shows("bad-init", "Init:CrashLoopBackOff", "Init:Error")
        waiting = self.kubectl.get("pod", "bad-init")["status"]["containerStatuses"][0]["state"]["waiting"]
        self.assertEqual("PodInitializing", waiting["reason"])

    def test_probes_take_out_of_the_service_and_restart(self):
        self.kubectl.apply(pod("probed", containers=[{
            "name": "main", "image": "busybox", "command": ["sh", "-c", "touch /tmp/live /tmp/ready; sleep 3600"],
            "livenessProbe": {"exec": {"command": ["cat", "/tmp/live"]}, "periodSeconds": 1, "failureThreshold": 1},
            "readinessProbe": {"exec": {"command": ["cat", "/tmp/ready"]}, "periodSeconds": 1,
                               "failureThreshold": 1}}]))
        self.kubectl.apply(service("probed", "probed"))
        def addresses():
            subsets = self.kubectl.get("endpoints", "probed").get("subsets", [])
            return [address["ip"] for subset in subsets for address in subset.get("addresses", [])]
        def restarts():
            return self.kubectl.get("pod", "probed")["status"]["containerStatuses"][0]["restartCount"]
        eventually(addresses)
        self.kubectl("exec", "probed", "--", "rm", "/tmp/ready")
        eventually(lambda: not addresses())
        self.assertEqual(0, restarts())
        self.kubectl("exec", "probed", "--", "rm", "/tmp/live")
        eventually(lambda: restarts() == 1)
        eventually(addresses)
        self.assertIn("Liveness probe failed", json.dumps(self.kubectl.get("events")))
        self.assertEqual(1, restarts())


if __name__ == "__main__":
    main()
