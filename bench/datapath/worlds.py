# SPDX-License-Identifier: Apache-2.0
"""The networks that are compared: the same two nodes, pods and client outside, once for each way to have Services.

A world tells where its clients and servers are (commands that enter their namespaces) and at which addresses they find each other.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import time

from . import rules

NEAR, FAR = "near", "far"  # the server on the client's node, and the one on the other
NODE_PORTS = {NEAR: 30180, FAR: 30181}
PODS = "10.98.0.0/16"


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], text=True, capture_output=True, check=False, **options)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))[:200]}: status {done.returncode}\n{done.stdout}{done.stderr}"[:2000])
    return done.stdout


def filler(number):
    """A Service that nobody asks for, with four endpoints."""
    third, fourth = divmod(number, 250)
    endpoints = [f"10.{100 + number // 12500}.{(number // 50) % 250}.{1 + (number % 50) * 5 + index}" for index in range(4)]
    return f"10.97.{1 + third}.{1 + fourth}", 80, 0, endpoints


class Namespaces:
    """Two nodes on a wire, pods behind routed veths, a client outside; Services by the rules of `proxy`, or none."""

    CLIENT_IP, NODE_IPS = "10.98.1.5", ("10.99.0.2", "10.99.0.3")
    SERVERS = {NEAR: "10.98.1.6", FAR: "10.98.2.6"}
    SERVICES = {NEAR: "10.97.0.10", FAR: "10.97.0.11"}

    def __init__(self, name, proxy=None, vxlan=False):
        self.name, self.proxy = name, proxy
        self.label = f"dpb-{name}"
        self.remove()
        for part in ("wire", "node1", "node2", "client", NEAR, FAR):
            run("ip", "netns", "add", self.netns(part))
            self.ip(part, "link", "set", "lo", "up")
        self.ip("wire", "link", "add", "br0", "type", "bridge")
        self.ip("wire", "addr", "add", "10.99.0.1/24", "dev", "br0")
        self.ip("wire", "link", "set", "br0", "up")
        for part, address in zip(("node1", "node2"), self.NODE_IPS):
            self.ip("wire", "link", "add", part, "type", "veth", "peer", "name", "eth0", "netns", self.netns(part))
            self.ip("wire", "link", "set", part, "master", "br0", "up")
            self.ip(part, "addr", "add", f"{address}/24", "dev", "eth0")
            self.ip(part, "link", "set", "eth0", "up")
            run(*self.enter(part), "sysctl", "-qw", "net.ipv4.ip_forward=1")
        for part, node, address in (("client", "node1", self.CLIENT_IP), (NEAR, "node1", self.SERVERS[NEAR]),
                                    (FAR, "node2", self.SERVERS[FAR])):
            self.add_pod(part, node, address)
        for number, node in enumerate(("node1", "node2")):
            self.lead(node, self.NODE_IPS[1 - number], f"10.98.{2 - number}.0/24", vxlan, number)

    def netns(self, part):
        return f"{self.label}-{part}"

    def enter(self, part):
        return ["nsenter", f"--net=/run/netns/{self.netns(part)}"]

    def ip(self, part, *words):
        run("ip", "-n", self.netns(part), *words)

    def add_pod(self, part, node, address):
        self.ip(node, "link", "add", part, "type", "veth", "peer", "name", "eth0", "netns", self.netns(part))
        self.ip(node, "link", "set", part, "up")
        self.ip(node, "route", "add", f"{address}/32", "dev", part)
        self.ip(node, "addr", "add", "169.254.1.1/32", "dev", part)
        self.ip(part, "addr", "add", f"{address}/32", "dev", "eth0")
        self.ip(part, "link", "set", "eth0", "up")
        self.ip(part, "route", "add", "169.254.1.1", "dev", "eth0")
        self.ip(part, "route", "add", "default", "via", "169.254.1.1")

    def lead(self, node, other, pods, vxlan, number):
        """Routes to the other node's pods, straight or as other overlays do it."""
        if not vxlan:
            self.ip(node, "route", "add", pods, "via", other)
            return
        self.ip(node, "link", "add", "vx0", "address", f"02:00:00:00:99:0{number}", "type", "vxlan", "id", "1", "dstport", "4789",
                "remote", other, "dev", "eth0", "nolearning")
        self.ip(node, "link", "set", "vx0", "up")
        self.ip(node, "addr", "add", f"10.98.{number + 1}.0/32", "dev", "vx0")
        self.ip(node, "neigh", "add", f"10.98.{2 - number}.0", "lladdr", f"02:00:00:00:99:0{1 - number}", "dev", "vx0")
        self.ip(node, "route", "add", pods, "via", f"10.98.{2 - number}.0", "dev", "vx0", "onlink")

    def set_services(self, count):
        """Seconds it took to program `count` Services; the two that are asked for stand in the middle."""
        if not self.proxy:
            return 0.0
        asked = [(self.SERVICES[place], 80, NODE_PORTS[place], [self.SERVERS[place]]) for place in (NEAR, FAR)]
        others = [filler(number) for number in range(max(0, count - len(asked)))]
        services = others[:len(others) // 2] + asked + others[len(others) // 2:]
        begin = time.monotonic()
        if self.proxy == "nftables":
            for text in rules.nftables(services, PODS, self.NODE_IPS[0]):
                run(*self.enter("node1"), "nft", "-f", "-", input=text)
        else:
            run(*self.enter("node1"), self.proxy + "-restore", input=rules.iptables(services, PODS))
        return time.monotonic() - begin

    def pod_address(self, place):
        return self.SERVERS[place], rules.SERVE_PORT

    def service_address(self, place):
        return (self.SERVICES[place], 80) if self.proxy else self.pod_address(place)

    def node_port_address(self, place):
        return self.NODE_IPS[0], NODE_PORTS[place]

    def enter_client(self):
        return self.enter("client")

    def enter_outside(self):
        return self.enter("wire")

    def enter_server(self, place):
        return self.enter(place)

    def remove(self):
        listed = subprocess.run(["ip", "netns", "list"], text=True, capture_output=True, check=False).stdout
        for line in listed.splitlines():
            if line.split()[0].startswith(self.label + "-"):
                run("ip", "netns", "delete", line.split()[0])


class SkiffCluster:
    """A cluster of `skiff up`, its pods and Services made through its API."""

    name = proxy = "skiff"

    def __init__(self, binaries, images, segments=1):
        sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
        from cluster_bench import Cluster, call  # pylint: disable=import-outside-toplevel
        self.cluster, self.call = Cluster(binaries, images, "dpb"), call
        self.skiff = self.cluster.skiff
        self.remove()
        run(self.skiff, "up", "--name", "dpb", "--nodes", 2, "--ipv6", "--images", images, "--segments", segments)
        self.api = self.cluster.connect()
        self.secrets = tempfile.TemporaryDirectory(prefix="dpb-")  # nobody else's to read; goes with the world or the process
        self.credentials = self.write_credentials()
        self.made = 0
        self.nodes = self.get("/api/v1/nodes")["items"]
        for name, node in (("client", "node-1"), (NEAR, "node-1"), (FAR, "node-2")):
            self.make_pod(name, node)
        self.pods = {name: self.wait_for_pod(name) for name in ("client", NEAR, FAR)}
        self.services = {place: self.make_service(place) for place in (NEAR, FAR)}

    def get(self, path):
        return self.call(self.api, "GET", path)

    def post(self, path, body, api=None):
        return self.call(api or self.api, "POST", path, json.dumps(body))

    def make_pod(self, name, node):
        container = {"name": "main", "image": "busybox", "command": ["sleep", "100000"]}
        self.post("/api/v1/namespaces/default/pods", {
            "metadata": {"name": name, "labels": {"app": name}},
            "spec": {"nodeName": node, "containers": [container], "terminationGracePeriodSeconds": 0}})

    def wait_for_pod(self, name):
        while True:
            pod = self.get(f"/api/v1/namespaces/default/pods/{name}")
            if any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions", [])):
                container = pod["status"]["containerStatuses"][0]["containerID"].split("//")[1]
                pod["pid"] = self.process_of(container)
                return pod
            time.sleep(0.1)

    @staticmethod
    def process_of(container):
        for path in pathlib.Path("/proc").glob("[0-9]*/cgroup"):
            try:
                if container in path.read_text(encoding="utf-8"):
                    return path.parent.name
            except OSError:
                pass  # it has ended
        raise LookupError(container)

    def make_service(self, place):
        ports = [{"name": protocol.lower(), "port": 80, "targetPort": rules.SERVE_PORT, "protocol": protocol,
                  **({"nodePort": NODE_PORTS[place]} if protocol == "TCP" else {})} for protocol in ("TCP", "UDP")]
        return self.post("/api/v1/namespaces/default/services", {
            "metadata": {"name": place},
            "spec": {"type": "NodePort", "selector": {"app": place}, "ports": ports, "ipFamilyPolicy": "PreferDualStack"}})

    def set_services(self, count):
        """Brings the cluster to `count` Services; seconds until the node serves all of them (those that were there are not counted)."""
        begin = time.monotonic()
        wanted = range(self.made, max(self.made, count - 2))
        self.make_fillers(wanted)
        self.made = max(self.made, count - 2)
        deadline = time.monotonic() + 60
        while self.frontends() < count:
            if time.monotonic() > deadline:
                raise SystemExit(f"the agent has {self.frontends()} of {count} Services after a minute")
            time.sleep(0.05)
        return time.monotonic() - begin

    def make_fillers(self, numbers):
        from concurrent.futures import ThreadPoolExecutor  # pylint: disable=import-outside-toplevel
        lots = [list(numbers)[index::8] for index in range(8)]

        def make(lot):
            api = self.cluster.connect()
            for number in lot:
                name, (_, port, _, endpoints) = f"filler-{number}", filler(number)
                self.post("/api/v1/namespaces/default/services",
                          {"metadata": {"name": name}, "spec": {"ports": [{"name": "http", "port": port}]}}, api)
                self.post("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices", {
                    "metadata": {"name": name, "labels": {"kubernetes.io/service-name": name}}, "addressType": "IPv4",
                    "ports": [{"name": "http", "port": rules.SERVE_PORT, "protocol": "TCP"}],
                    "endpoints": [{"addresses": [address], "conditions": {"ready": True}} for address in endpoints]}, api)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(make, lots))

    def frontends(self):
        """Services that the first node's agent has programmed."""
        import re  # pylint: disable=import-outside-toplevel
        text = run(self.skiff, "node", "exec", "--name", "dpb", "node-1", "--", "curl", "-sk",
                   *self.credentials, f"https://{self.nodes[0]['status']['addresses'][0]['address']}:10250/metrics")
        found = re.search(r'^skiff_proxy_frontends(?:\{[^}]*\})? (\d+)', text, re.M)
        return int(found[1]) if found else 0

    def write_credentials(self):
        import base64  # pylint: disable=import-outside-toplevel
        import re  # pylint: disable=import-outside-toplevel
        paths = []
        text = (self.cluster.data / "admin.kubeconfig").read_text(encoding="utf-8")
        for name in ("client-certificate-data", "client-key-data"):
            path = pathlib.Path(self.secrets.name) / name
            path.write_bytes(base64.b64decode(re.search(rf"{name}: (\S+)", text)[1]))
            paths.append(str(path))
        return ["--cert", paths[0], "--key", paths[1]]

    def pod_address(self, place, family=4):
        addresses = [entry["ip"] for entry in self.pods[place]["status"]["podIPs"]]
        return addresses[0 if family == 4 else 1], rules.SERVE_PORT

    def service_address(self, place, family=4):
        return self.services[place]["spec"]["clusterIPs"][0 if family == 4 else 1], 80

    def node_port_address(self, place):
        return self.nodes[0]["status"]["addresses"][0]["address"], NODE_PORTS[place]

    def enter_pod(self, pod):
        return [self.skiff, "node", "exec", "--name", "dpb", pod["spec"]["nodeName"], "--", "nsenter", f"--net=/proc/{pod['pid']}/ns/net"]

    def enter_client(self):
        return self.enter_pod(self.pods["client"])

    def enter_outside(self):
        return []

    def enter_server(self, place):
        return self.enter_pod(self.pods[place])

    def memory(self):
        return self.cluster.memory()

    def remove(self):
        self.cluster.down()
