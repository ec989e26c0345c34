#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""skiff status, skiff services, skiff load: what runs, what is in the maps, in words, and images for every node."""

import io
import json
import re
import tarfile

from harness import CLUSTER, SCRATCH, SOURCE, ClusterTest, daemon_pid, eventually, main, node_ips, skiff
from workloads import echo_deployment, pod, service

NODES = ("node-1", "node-2")
DAEMONS = ("controller", *(f"{node}-{daemon}" for node in NODES for daemon in ("containerd", "agent")))


def renamed_image(name):
    """The archive of busybox under another name."""
    renamed = SCRATCH / "renamed.tar"
    with tarfile.open(SOURCE / "build/images/busybox.tar") as busybox, tarfile.open(renamed, "w") as archive:
        for member in busybox.getmembers():
            content = busybox.extractfile(member)
            if member.name == "index.json":
                index = json.load(content)
                index["manifests"][0]["annotations"]["io.containerd.image.name"] = name
                text = json.dumps(index).encode()
                member.size, content = len(text), io.BytesIO(text)
            archive.addfile(member, content)
    return renamed


class Look(ClusterTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kubectl.apply(echo_deployment("web", 2))
        cls.kubectl.apply(service("web", "web", type="NodePort", sessionAffinity="ClientIP"))
        cls.kubectl.apply(service("nobody", "nobody"))
        cls.web = cls.kubectl.ready_pods("app=web", 2)

    def test_status_tells_daemons_and_nodes(self):
        text = skiff("status", "--name", CLUSTER).stdout
        self.assertRegex(text, rf"^Cluster {CLUSTER}: 2 nodes on \S+, API on 127.0.0.1:\d+, running\n")
        for daemon in DAEMONS:
            self.assertRegex(text, rf"(?m)^{daemon} +{daemon_pid(daemon)} +[1-9]\d*\.\d MiB ")
        for number, node in enumerate(NODES):
            addresses = f"{node_ips()[number]} {node_ips(family=6)[number]}"
            self.assertRegex(text, rf"(?m)^{node} +yes +{re.escape(addresses)} $")

    def services(self, *arguments):
        """{title: [backends]} of the test's own Services, by node."""
        nodes, title, column = {}, None, 0
        for line in skiff("services", "--name", CLUSTER, *arguments).stdout.splitlines():
            if not line.startswith(" "):
                node = nodes.setdefault(line, {})
            elif line.endswith("SERVICE"):
                column = line.index("SERVICE")  # beside what each was used for
            elif line[column] != " ":
                title = line[column:]
                if title.startswith(f"{self.namespace}/"):
                    node[title] = []
            elif title.startswith(f"{self.namespace}/"):
                node[title].append(line.strip())
        return nodes

    def test_services_are_told_as_they_are_in_the_maps(self):
        spec = self.kubectl.get("service", "web")["spec"]
        wanted = {}
        for port in spec["ports"]:
            for family, address in enumerate(spec["clusterIPs"]):
                host = f"[{address}]" if family else address
                def backends(target, family=family):
                    ip = target["status"]["podIPs"][family]["ip"]
                    name = f"{self.namespace}/{target['metadata']['name']} on {target['spec']['nodeName']}"
                    return f"{f'[{ip}]' if family else ip}:8080  {name}"
                behind = sorted(map(backends, self.web))
                for where in (f"{port['protocol']} {host}:80",
                              f"{port['protocol']} node port {port['nodePort']} over IPv{6 if family else 4}"):
                    title = f"{self.namespace}/web:{port['name']}  {where}, a client stays with its pod for 10800 s"
                    wanted[title] = behind
        for port, address in ((p, a) for p in ("tcp", "udp") for a in self.kubectl.get("service", "nobody")["spec"]["clusterIPs"]):
            host = f"[{address}]" if ":" in address else address
            wanted[f"{self.namespace}/nobody:{port}  {port.upper()} {host}:80, refuses: no endpoints"] = []
        def told():
            for node, found in self.services().items():
                self.assertEqual(wanted, {title: sorted(behind) for title, behind in found.items()}, node)
            return True
        eventually(told)
        self.assertEqual({"node-2"}, set(self.services("--node", "node-2")))
        missing = skiff("services", "--name", CLUSTER, "--node", "node-9", check=False)
        self.assertIn("there is no node node-9", missing.stderr)

    def test_a_loaded_image_is_there_on_every_node(self):
        skiff("load", "--name", CLUSTER, renamed_image("docker.io/library/renamed:1"))
        for node in NODES:
            self.kubectl.apply(pod(f"renamed-{node}", "renamed:1", nodeName=node))
        for node in NODES:
            self.kubectl.ready_pods(f"app=renamed-{node}", 1)

    def test_what_is_no_image_is_named(self):
        done = skiff("load", "--name", CLUSTER, "/etc/hostname", check=False)
        self.assertNotEqual(0, done.returncode)
        self.assertIn("load /etc/hostname into node-1", done.stderr)
        self.assertIn("no cluster nobody", skiff("status", "--name", "nobody", check=False).stderr)


if __name__ == "__main__":
    main()
