# SPDX-License-Identifier: Apache-2.0
"""A real node in namespaces of the tests: containerd, a real kubelet, the reference CNI plugins, a real kube-proxy."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

from control_plane import PODS
from machine import run, until

CGROUP = "/skiff-real"
PLUGINS = pathlib.Path("/usr/lib/cni")
# Everything a node writes to lies below a directory of the test; devices and pins are seen as the node has them.
MOUNTS = """set -e
mount --make-rprivate /
mkdir -p {dir}/hold/cgroup
mount --rbind /sys/fs/cgroup {dir}/hold/cgroup
mount -t sysfs sysfs /sys
mount --rbind {dir}/hold/cgroup /sys/fs/cgroup
mount -t bpf bpf /sys/fs/bpf
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/netns /run/lock
for at in var/lib/kubelet var/lib/skiff var/lib/cni var/log/pods var/log/containers etc/cni/net.d opt/cni/bin; do
  mkdir -p {dir}/node/$at /$at
  mount --bind {dir}/node/$at /$at
done
mount --make-rshared /
"""
CONTAINERD = """version = 2
root = "{dir}/containerd"
state = "/run/containerd"
[debug]
  level = "warn"
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  disable_tcp_service = true
  restrict_oom_score_adj = true
  sandbox_image = "skiff.local/pause:1"
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
"""
# The CNI that was there before: routed veths, addresses of the node's range, HostPorts by iptables.
OTHER_CNI = {"cniVersion": "0.3.1", "name": "other", "plugins": [
    {"type": "ptp", "ipMasq": True, "ipam": {"type": "host-local", "routes": [{"dst": "0.0.0.0/0"}]}},
    {"type": "portmap", "capabilities": {"portMappings": True}}]}


def hierarchies():
    """Mount points of the control group hierarchies, of either version."""
    mounts = [line.split() for line in pathlib.Path("/proc/self/mounts").read_text().splitlines()]
    return [pathlib.Path(fields[1]) for fields in mounts if fields[2] in ("cgroup", "cgroup2")]


def unified():
    root = pathlib.Path("/sys/fs/cgroup")
    return root if (root / "cgroup.controllers").exists() else root / "unified"


def make_cgroup(path):
    """In every hierarchy; v1 groups without CPUs take no process."""
    for hierarchy in hierarchies():
        group = hierarchy
        for part in pathlib.PurePath(path).parts[1:]:
            parent, group = group, group / part
            group.mkdir(exist_ok=True)
            for file in ("cpuset.cpus", "cpuset.mems"):
                if (group / file).exists() and not (group / file).read_text().strip():
                    (group / file).write_text((parent / file).read_text())


def remove_cgroup(path, seconds=30):
    """Ends every process in it, then it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        tops = [hierarchy / path.lstrip("/") for hierarchy in hierarchies()]
        groups = [group for top in tops if top.exists() for group in [top, *[d for d in top.rglob("*") if d.is_dir()]]]
        if not groups:
            return
        for group in sorted(groups, key=lambda one: -len(one.parts)):
            try:
                for pid in (group / "cgroup.procs").read_text().split():
                    os.kill(int(pid), signal.SIGKILL)
                group.rmdir()
            except OSError:
                pass
        time.sleep(0.1)
    raise AssertionError(f"control group {path} stays busy")


class RealNode:
    """`name` in network namespace `netns` with `address`; everything of it is gone after stop()."""

    def __init__(self, plane, directory, netns, name, address):
        self.plane, self.directory, self.netns, self.name, self.address = plane, directory, netns, name, address
        self.children = []
        remove_cgroup(CGROUP)
        make_cgroup(CGROUP + "/system")
        script = MOUNTS.format(dir=directory) + 'echo ready && exec sleep infinity'
        self.holder = subprocess.Popen(["nsenter", f"--net=/run/netns/{netns}", "unshare", "-m", "sh", "-c", script], text=True,
                                       stdout=subprocess.PIPE)
        assert self.holder.stdout.readline() == "ready\n", "the node's mounts"
        for plugin in ("ptp", "host-local", "portmap", "loopback"):
            shutil.copy(PLUGINS / plugin, directory / "node/opt/cni/bin")

    def inside(self, *command):
        return ["nsenter", f"--net=/run/netns/{self.netns}", f"--mount=/proc/{self.holder.pid}/ns/mnt", *[str(word) for word in command]]

    def run(self, *command, **options):
        return run(*self.inside(*command), **options)

    def start(self, name, *command, environment=None):
        """A daemon of the node, in the node's control group."""
        groups = [f"{hierarchy}{CGROUP}/system/cgroup.procs" for hierarchy in hierarchies()]
        join = " && ".join(f"echo $$ > {group}" for group in groups) + ' && exec "$@"'
        with open(self.directory / f"{name}.log", "w", encoding="utf-8") as log:
            child = subprocess.Popen(["sh", "-c", join, "sh", *self.inside(*command)], stdout=log, stderr=log,
                                     env=dict(os.environ, **(environment or {})))
        self.children.append(child)
        return child

    def start_runtime(self, *images):
        config = self.directory / "containerd.toml"
        config.write_text(CONTAINERD.format(dir=self.directory))
        self.start("containerd", "containerd", "--config", config)
        until("containerd answers", lambda: self.ctr("version"), 120)
        for image in images:
            self.ctr("images", "import", image, timeout=300)

    def ctr(self, *arguments, **options):
        return self.run("ctr", "-a", "/run/containerd/containerd.sock", "-n", "k8s.io", *arguments, **options)

    def start_kubelet(self):
        config = {"kind": "KubeletConfiguration", "apiVersion": "kubelet.config.k8s.io/v1beta1", "cgroupDriver": "cgroupfs",
                  "cgroupRoot": CGROUP, "enforceNodeAllocatable": [], "failSwapOn": False, "oomScoreAdj": 0,
                  "authentication": {"anonymous": {"enabled": False}, "x509": {"clientCAFile": str(self.plane.certificates.path("ca.crt"))}},
                  "authorization": {"mode": "AlwaysAllow"}, "staticPodPath": "", "clusterDNS": ["10.96.0.10"],
                  "evictionHard": {"nodefs.available": "0%", "imagefs.available": "0%", "memory.available": "0%"},
                  "fileCheckFrequency": "0s", "nodeStatusUpdateFrequency": "5s", "kubeAPIQPS": 100, "kubeAPIBurst": 100}
        path = self.directory / "kubelet.yaml"
        path.write_text(json.dumps(config))
        self.start("kubelet", self.plane.bin / "kubelet", f"--config={path}", f"--kubeconfig={self.plane.admin}",
                   f"--hostname-override={self.name}", f"--node-ip={self.address}", "--container-runtime=remote",
                   "--container-runtime-endpoint=unix:///run/containerd/containerd.sock", "--network-plugin=cni")
        node = until("the kubelet registers its node and gets a range for pods",
                     lambda: self.node()["spec"].get("podCIDR") and self.node(), 120)
        self.pod_range = node["spec"]["podCIDR"]

    def write_other_cni(self):
        document = json.loads(json.dumps(OTHER_CNI))
        document["plugins"][0]["ipam"]["subnet"] = self.pod_range
        (self.directory / "node/etc/cni/net.d/10-other.conflist").write_text(json.dumps(document))

    def node(self):
        return self.plane.api.get(f"/api/v1/nodes/{self.name}")

    def is_ready(self):
        return any(c["type"] == "Ready" and c["status"] == "True" for c in self.node()["status"]["conditions"])

    def start_kube_proxy(self):
        config = {"kind": "KubeProxyConfiguration", "apiVersion": "kubeproxy.config.k8s.io/v1alpha1", "mode": "iptables",
                  "clientConnection": {"kubeconfig": str(self.plane.admin)}, "clusterCIDR": PODS, "hostnameOverride": self.name,
                  "conntrack": {"maxPerCore": 0, "min": 0}, "bindAddress": "0.0.0.0"}
        path = self.directory / "kube-proxy.yaml"
        path.write_text(json.dumps(config))
        return self.start("kube-proxy", self.plane.bin / "kube-proxy", f"--config={path}")

    def log(self, name):
        return (self.directory / f"{name}.log").read_text(errors="replace")

    def stop(self):
        remove_cgroup(CGROUP, 60)
        for child in self.children:
            child.wait()
        self.holder.stdout.close()
        self.holder.kill()
        self.holder.wait()
