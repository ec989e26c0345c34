#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a pod's spec asks of its node: volumes that follow their objects, hostPaths, probes, hooks, names, read-only roots."""

import json

from harness import ClusterTest, eventually, main, on_node
from workloads import pod

NODE = "node-1"
HOST = "/run/skiff-test"  # of the node alone: its /run is its own
SLEEP = ["sleep", "3600"]
# By type: what makes it on the node beforehand, how the container finds it.
HOST_PATHS = {
    "": (None, "test -d /there"),
    "Directory": ("mkdir -p {0}", "test -d /there"),
    "DirectoryOrCreate": (None, "test -d /there && touch /there/made"),
    "File": ("echo content > {0}", "grep -q content /there"),
    "FileOrCreate": (None, "test -f /there && echo made > /there"),
    "Socket": ("python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"{0}\")'", "test -S /there"),
    "CharDevice": ("mknod {0} c 1 3", "test -c /there"),
    "BlockDevice": ("mknod {0} b 7 200", "test -b /there"),
}


def container(name="main", image="busybox", command=tuple(SLEEP), **fields):
    return {"name": name, "image": image, "command": list(command), **fields}


class Containers(ClusterTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        kubectl = cls.kubectl
        on_node(NODE, "mkdir", "-p", HOST)
        cls.addClassCleanup(on_node, NODE, "rm", "-rf", HOST)
        for kind in ("configmap", "secret generic"):
            kubectl("create", *kind.split(), "changing", "--from-literal=first=one", "--from-literal=second=two")
        mounts = [{"name": name, "mountPath": f"/{name}"} for name in ("configmap", "secret", "projected")]
        volumes = [{"name": "configmap", "configMap": {"name": "changing"}}, {"name": "secret", "secret": {"secretName": "changing"}},
                   {"name": "projected", "projected": {"sources": [{"configMap": {"name": "changing"}},
                                                                   {"secret": {"name": "changing", "items": [
                                                                       {"key": "first", "path": "deep/secret"}]}}]}}]
        mounts.append({"name": "configmap", "mountPath": "/single", "subPath": "first"})
        cls.start("volumes", container(volumeMounts=mounts), volumes=volumes)
        cls.start_host_paths()
        cls.start_probed()
        cls.start("named", container(securityContext={"readOnlyRootFilesystem": True},
                                     volumeMounts=[{"name": "scratch", "mountPath": "/scratch"}]),
                  volumes=[{"name": "scratch", "emptyDir": {}}], hostname="one", subdomain="peers", setHostnameAsFQDN=True,
                  hostAliases=[{"ip": "10.1.2.3", "hostnames": ["a.example", "b.example"]},
                               {"ip": "fd00::1", "hostnames": ["c.example"]}])
        cls.start("hooked", container(lifecycle={"postStart": {"exec": {"command": ["sh", "-c", "sleep 1; echo hooked > /tmp/hook"]}}}))
        cls.start("badly-hooked", container(lifecycle={"postStart": {"exec": {"command": ["sh", "-c", "echo why; exit 4"]}}}))
        cls.start("environment", container(env=[
            {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
            {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
            {"name": "MEMORY", "valueFrom": {"resourceFieldRef": {"resource": "limits.memory", "divisor": "1Mi"}}},
            {"name": "DISK", "valueFrom": {"resourceFieldRef": {"resource": "limits.ephemeral-storage"}}},
            {"name": "FROM_MAP", "valueFrom": {"configMapKeyRef": {"name": "changing", "key": "second"}}},
            {"name": "ALL", "value": "$(NODE)/$(FROM_MAP)"}], resources={"limits": {"memory": "32Mi", "cpu": "500m"}}))
        cls.start("in-memory", container(volumeMounts=[{"name": "memory", "mountPath": "/memory"}]),
                  volumes=[{"name": "memory", "emptyDir": {"medium": "Memory", "sizeLimit": "4Mi"}}])
        kubectl("wait", "--for=condition=Ready", "pod/volumes", "--timeout=60s", timeout=70)
        # Seen by the last of the tests: an agent looks every half minute.
        for kind in ("configmap", "secret"):
            value = {"data": {"first": "new"}} if kind == "configmap" else {"stringData": {"first": "new"}}
            kubectl("patch", kind, "changing", "--type=merge", "-p", json.dumps({**value, "immutable": False}))

    @classmethod
    def start(cls, name, *containers, **spec):
        cls.kubectl.apply(pod(name, nodeName=NODE, containers=list(containers), **spec))

    @classmethod
    def start_host_paths(cls):
        containers, volumes = [], []
        for number, (kind, (prepare, check)) in enumerate(HOST_PATHS.items()):
            path = f"{HOST}/path-{number}"
            if prepare:
                on_node(NODE, "sh", "-c", prepare.format(path))
            volumes.append({"name": f"v{number}", "hostPath": {"path": path, "type": kind}})
            containers.append(container(f"c{number}", command=["sh", "-c", f"{check} && sleep 3600"],
                                        volumeMounts=[{"name": f"v{number}", "mountPath": "/there"}]))
        cls.start("paths", *containers, volumes=volumes)
        for name, kind, path in (("no-directory", "Directory", f"{HOST}/missing"), ("no-file", "File", HOST),
                                 ("no-socket", "Socket", f"{HOST}/path-3")):
            cls.start(name, container(volumeMounts=[{"name": "v", "mountPath": "/there"}]),
                      volumes=[{"name": "v", "hostPath": {"path": path, "type": kind}}])

    @classmethod
    def start_probed(cls):
        quick = {"initialDelaySeconds": 1, "periodSeconds": 1, "timeoutSeconds": 5, "failureThreshold": 1}
        serves = "mkdir -p /tmp/www; echo ok > /tmp/www/live; httpd -f -p 8080 -h /tmp/www"
        cls.start("http-probed", container(command=["sh", "-c", serves], livenessProbe={
            "httpGet": {"path": "/live", "port": 8080}, **quick}))
        is_up = {"exec": {"command": ["test", "-f", "/tmp/up"]}, "periodSeconds": 1}
        cls.start("slow", container(command=["sh", "-c", "sleep 4; touch /tmp/up; sleep 3600"], startupProbe={**is_up, "failureThreshold": 60},
                                    livenessProbe={**is_up, "failureThreshold": 1}))
        cls.start("tcp-probed", container(command=["sh", "-c", "httpd -p 8081 -h /tmp; sleep 3600"], livenessProbe={
            "tcpSocket": {"port": 8081}, **quick}))

    def shell(self, name, script, check=True):
        return self.kubectl.run("exec", name, "--", "sh", "-c", script, check=check)

    def ready(self, name):
        self.kubectl("wait", "--for=condition=Ready", f"pod/{name}", "--timeout=60s", timeout=70)

    def status(self, name):
        return self.kubectl.get("pod", name)["status"]["containerStatuses"][0]

    def event(self, name, reason):
        def find():
            found = self.kubectl.get("events", None, f"--field-selector=involvedObject.name={name},reason={reason}")
            return found and found[0]["message"]
        return eventually(find)

    def test_host_paths_of_every_type_are_what_they_should_be(self):
        self.ready("paths")
        made = on_node(NODE, "sh", "-c", f"cat {HOST}/path-4; ls {HOST}/path-2").stdout
        self.assertEqual("made\nmade\n", made)

    def test_host_paths_of_another_type_are_named(self):
        for name, words in (("no-directory", f"{HOST}/missing is not a directory"), ("no-file", f"{HOST} is not a file"),
                            ("no-socket", f"{HOST}/path-3 is not a socket")):
            with self.subTest(name):
                self.assertIn(f"hostPath type check failed: {words}", self.event(name, "FailedMount"))
                self.assertEqual("Pending", self.kubectl.get("pod", name)["status"]["phase"])

    def test_probes_over_http_and_tcp_restart_what_fails_them(self):
        for name, harm, words in (("http-probed", "rm /tmp/www/live", "HTTP probe failed with statuscode: 404"),
                                  ("tcp-probed", "killall httpd", "connection refused")):
            with self.subTest(name):
                self.ready(name)
                self.assertEqual(0, self.status(name)["restartCount"])
                self.shell(name, harm)
                eventually(lambda name=name: self.status(name)["restartCount"] == 1)
                self.assertRegex(self.event(name, "Unhealthy"), f"^Liveness probe failed: .*{words}")
                self.assertIn("failed liveness probe, will be restarted", self.event(name, "Killing"))
                eventually(lambda name=name: self.status(name)["ready"])
                self.assertEqual(1, self.status(name)["restartCount"])

    def test_a_startup_probe_holds_the_others_back(self):
        self.ready("slow")
        self.assertEqual(0, self.status("slow")["restartCount"])
        self.shell("slow", "rm /tmp/up")
        eventually(lambda: self.status("slow")["restartCount"] == 1)

    def test_environment_from_fields_resources_and_config_maps(self):
        self.ready("environment")
        address = self.kubectl.get("pod", "environment")["status"]["podIP"]
        disk = self.kubectl.get("node", NODE)["status"]["allocatable"]["ephemeral-storage"]
        self.assertTrue(disk.endswith("Ki"), disk)
        self.assertEqual(f"{address} {NODE} 32 {1024 * int(disk[:-2])} two {NODE}/two\n",
                         self.shell("environment", "echo $IP $NODE $MEMORY $DISK $FROM_MAP $ALL").stdout)

    def test_a_volume_in_memory_keeps_its_limit(self):
        self.ready("in-memory")
        self.assertIn("tmpfs", self.shell("in-memory", "grep ' /memory ' /proc/mounts").stdout)
        self.shell("in-memory", "head -c 3m /dev/zero > /memory/fits")
        refused = self.shell("in-memory", "cp /memory/fits /memory/more", check=False)
        self.assertIn("No space left", refused.stderr)

    def test_a_post_start_hook_has_run_before_the_container_counts(self):
        self.ready("hooked")
        self.assertEqual("hooked\n", self.shell("hooked", "cat /tmp/hook").stdout)

    def test_a_failing_post_start_hook_ends_the_container(self):
        self.assertIn("PostStartHook failed: why", self.event("badly-hooked", "FailedPostStartHook"))
        eventually(lambda: self.status("badly-hooked")["restartCount"] >= 1)

    def test_a_read_only_root_can_be_written_nowhere_but_in_volumes(self):
        self.ready("named")
        refused = self.shell("named", "touch /x", check=False)
        self.assertIn("Read-only file system", refused.stderr)
        self.shell("named", "echo x > /scratch/x && cat /scratch/x")

    def test_hosts_and_names(self):
        self.ready("named")
        full = f"one.peers.{self.namespace}.svc.cluster.local"
        ips = [one["ip"] for one in self.kubectl.get("pod", "named")["status"]["podIPs"]]
        self.assertEqual("# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"
                         "fe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n"
                         + "".join(f"{ip}\t{full}\tone\n" for ip in ips)
                         + "\n# Entries added by HostAliases.\n10.1.2.3\ta.example\tb.example\nfd00::1\tc.example\n",
                         self.shell("named", "cat /etc/hosts").stdout)
        self.assertEqual(f"{full}\n{full}\n", self.shell("named", "hostname; uname -n").stdout)

    def test_volumes_follow_their_objects(self):
        def files():
            return self.shell("volumes", "cat /configmap/first /secret/first /projected/first /projected/deep/secret").stdout
        eventually(lambda: files() == "new" * 4, timeout=60, interval=0.5)
        self.assertEqual("twotwotwo", self.shell("volumes", "cat /configmap/second /secret/second /projected/second").stdout)
        self.assertEqual("one", self.shell("volumes", "cat /single").stdout)  # a subPath is what it was at the start
        self.assertEqual(0, self.status("volumes")["restartCount"])


if __name__ == "__main__":
    main()
