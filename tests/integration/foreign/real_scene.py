# SPDX-License-Identifier: Apache-2.0
"""A real cluster to be taken over: a client outside, a node with a real kubelet, a far machine that is an endpoint.

client --br0-- node (pods behind it);  br0 --far
"""

import ctypes
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from control_plane import ControlPlane, peers
from machine import Children, inside, run, until
from real_node import CGROUP, PLUGINS, RealNode, unified

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = pathlib.Path(os.environ.get("SKIFF_SOURCE", HERE.parents[2]))
BIN = pathlib.Path(os.environ.get("SKIFF_BIN", SOURCE / "build/release/bin")).resolve()
IMAGES = SOURCE / "build/images"
CLIENT, NODE, FAR = "skiff-real-client", "skiff-real-node", "skiff-real-far"
CLIENT_IP, NODE_IP, FAR_IP = "10.89.61.1", "10.89.61.2", "10.89.61.3"
NODE_NAME = "node-1"
TALK = [sys.executable, str(HERE / "talk.py")]
NAMESPACES = pathlib.Path("/run/netns")


def missing():
    if os.geteuid() != 0:
        return "needs root"
    if not peers():
        return "no real Kubernetes here: SKIFF_PEERS names the directory that ../peers/kubernetes.sh made"
    for tool in ("etcd", "containerd", "runc", "openssl", "iptables-save", "nsenter"):
        if not shutil.which(tool):
            return f"{tool} is not installed"
    if not (PLUGINS / "ptp").exists():
        return f"the reference CNI plugins are not in {PLUGINS} (package containernetworking-plugins)"
    return None


def enter(namespace):
    """This process, and what it starts, into a network namespace (an open file of it)."""
    if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), 0) != 0:
        raise OSError(ctypes.get_errno(), f"enter {namespace.name}")


class Machines:
    """The namespaces and the wire between them. The test is itself on the client's machine."""

    def __init__(self):
        self.directory_is_ours = not NAMESPACES.exists()
        self.delete()
        for netns in (CLIENT, NODE, FAR):
            run("ip", "netns", "add", netns)
            run(*inside(netns, "ip", "link", "set", "lo", "up"))
        run(*inside(CLIENT, "ip", "link", "add", "br0", "type", "bridge"))
        run(*inside(CLIENT, "ip", "addr", "add", f"{CLIENT_IP}/24", "dev", "br0"))
        run(*inside(CLIENT, "ip", "link", "set", "br0", "up"))
        for netns, address in ((NODE, NODE_IP), (FAR, FAR_IP)):
            port = netns[-4:]
            run(*inside(CLIENT, "ip", "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", netns))
            run(*inside(CLIENT, "ip", "link", "set", port, "master", "br0", "up"))
            run(*inside(netns, "ip", "addr", "add", f"{address}/24", "dev", "eth0"))
            run(*inside(netns, "ip", "link", "set", "eth0", "up"))
            run(*inside(netns, "ip", "route", "add", "default", "via", CLIENT_IP))
            run(*inside(netns, "sysctl", "-qw", "net.ipv4.ip_forward=1"))
        run(*inside(CLIENT, "ip", "route", "add", "10.244.0.0/16", "via", NODE_IP))  # answers to pods
        self.home = open("/proc/self/ns/net", encoding="utf-8")
        with open(f"/run/netns/{CLIENT}", encoding="utf-8") as client:
            enter(client)

    @staticmethod
    def delete():
        for netns in (CLIENT, NODE, FAR):
            subprocess.run(["ip", "netns", "delete", netns], capture_output=True, check=False)

    def remove(self):
        enter(self.home)
        self.home.close()
        self.delete()
        if self.directory_is_ours and not any(NAMESPACES.iterdir()):
            subprocess.run(["umount", NAMESPACES], capture_output=True, check=False)
            NAMESPACES.rmdir()


class Scene:
    """Everything that runs; stop() ends exactly that."""

    def __init__(self):
        self.children = Children()
        self.node = None
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="skiff-real-", dir="/var/tmp"))
        self.machines = Machines()
        try:
            self.plane = ControlPlane(self.directory, CLIENT_IP, lambda name, *command: self.start(CLIENT, *command, log=name))
            self.node = RealNode(self.plane, self.directory, NODE, NODE_NAME, NODE_IP)
            self.build_image()
            self.node.start_runtime(IMAGES / "pause.tar", IMAGES / "agent.tar")
            self.node.start_kubelet()
            self.node.write_other_cni()
            until("the node is ready", self.node.is_ready, 120)
        except BaseException:
            self.stop()
            raise

    @property
    def api(self):
        return self.plane.api

    @staticmethod
    def build_image():
        run(sys.executable, SOURCE / "deploy/images/build.py", "--bin", BIN, "--out", IMAGES, "--image", "agent", "--image", "pause",
            timeout=300)

    def start(self, netns, *command, log=None, **options):
        if not log:
            return self.children.start(netns, *command, **options)
        with open(self.directory / f"{log}.log", "w", encoding="utf-8") as file:
            return self.children.start(netns, *command, stdout=file, stderr=file)

    def stop(self):
        self.children.stop()
        if self.node:
            self.node.stop()
        self.machines.remove()
        shutil.rmtree(self.directory, ignore_errors=True)

    def kubectl(self, *arguments, **options):
        return self.plane.kubectl(*arguments, **options)

    # --- objects ---

    def create_pod(self, name, app="", **spec):
        container = {"name": "main", "image": "skiff.local/pause:1", "imagePullPolicy": "IfNotPresent"}
        container.update(spec)
        self.api.create("/api/v1/namespaces/default/pods", {
            "metadata": {"name": name, "labels": {"app": app or name}},
            "spec": {"terminationGracePeriodSeconds": 0, "automountServiceAccountToken": False, "containers": [container]}})
        return until(f"pod {name} is ready", lambda: self.pod(name), 120)

    def pod(self, name):
        """The pod once it is ready."""
        pod = self.api.get(f"/api/v1/namespaces/default/pods/{name}")
        ready = any(c["type"] == "Ready" and c["status"] == "True" for c in pod.get("status", {}).get("conditions", []))
        return pod if ready and pod["status"].get("podIP") else None

    def delete_pod(self, name):
        self.api.delete(f"/api/v1/namespaces/default/pods/{name}?gracePeriodSeconds=0")

    def create_service(self, name, app, protocol="TCP", port=80, target=8080, **spec):
        service = self.api.create("/api/v1/namespaces/default/services", {
            "metadata": {"name": name},
            "spec": {"selector": {"app": app}, "ports": [{"protocol": protocol, "port": port, "targetPort": target}], **spec}})
        return service["spec"]

    def add_far_endpoint(self, service, target=8080, protocol="TCP"):
        """Beside what the controllers make of the selector."""
        self.api.create("/apis/discovery.k8s.io/v1beta1/namespaces/default/endpointslices", {
            "metadata": {"name": f"{service}-far", "labels": {"kubernetes.io/service-name": service,
                                                              "endpointslice.kubernetes.io/managed-by": "tests"}},
            "addressType": "IPv4", "ports": [{"name": "", "protocol": protocol, "port": target}],
            "endpoints": [{"addresses": [FAR_IP], "conditions": {"ready": True}}]})

    # --- traffic ---

    def into_pod(self, pod):
        """A command line that runs in the pod's network namespace and control group."""
        pids = self.pids_of(pod)
        join = f'echo $$ > {self.group_of(pod)}/cgroup.procs && exec "$@"'
        return ["sh", "-c", join, "sh", "nsenter", f"--net=/proc/{pids[0]}/ns/net"]

    def group_of(self, pod):
        uid = pod["metadata"]["uid"]
        found = [group for group in (unified() / CGROUP.lstrip("/")).rglob(f"pod{uid}/*") if group.is_dir()]
        assert found, f"no control group of pod {uid}"
        return found[0]

    def pids_of(self, pod):
        return (self.group_of(pod) / "cgroup.procs").read_text().split()

    @staticmethod
    def in_node():
        """The same for a process of the node."""
        group = unified() / CGROUP.lstrip("/") / "system"
        return ["sh", "-c", f'echo $$ > {group}/cgroup.procs && exec "$@"', "sh", *inside(NODE)]

    def in_pod(self, pod, *command, **options):
        """Starts it there; it lives as long as the scene, or the pod."""
        child = subprocess.Popen([*self.into_pod(pod), *[str(word) for word in command]], text=True, **options)
        self.children.processes.append(child)
        return child

    def serve(self, pod, port=8080, name="near", protocol="tcp"):
        if protocol == "tcp":
            self.in_pod(pod, *TALK, "serve", port, name)
        else:
            self.in_pod(pod, *TALK, "serve-udp", pod["status"]["podIP"], port, name)

    def hold(self, start, host, port, count, kind="hold"):
        child = start(*TALK, kind, host, port, count, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert child.stdout.readline() == "holding\n"
        return child

    def answers(self, prefix, host, port, count=1, kind="ask"):
        return set(json.loads(run(*prefix, *TALK, kind, host, port, count, timeout=120)))

    def from_client(self, host, port, count=1, **options):
        return self.answers(inside(CLIENT), host, port, count, **options)

    def from_pod(self, pod, host, port, count=1, **options):
        return self.answers(self.into_pod(pod), host, port, count, **options)

    def get(self, port, path):
        """(status, body) of an address of the node's own."""
        script = ("import http.client,sys; c=http.client.HTTPConnection('127.0.0.1', int(sys.argv[1]), timeout=3);"
                  "c.request('GET', sys.argv[2]); r=c.getresponse(); print(r.status); print(r.read().decode())")
        done = subprocess.run(inside(NODE, sys.executable, "-c", script, port, path), text=True, capture_output=True, check=False)
        status, _, body = done.stdout.partition("\n")
        return (int(status), body.strip()) if status else (0, done.stderr)

    # --- the agent ---

    def manifest(self, roles):
        """deploy/daemonset.yaml as its first lines say, in this cluster's ranges; below the tests' own control group."""
        text = (SOURCE / "deploy/daemonset.yaml").read_text()
        for old, new in (("API_SERVER\n", self.plane.server + "\n"), ("roles: proxy,trace", f"roles: {roles}"),
                         ("10.96.0.0/12", "10.96.0.0/16"), ("- --take-over\n", f"- --take-over\n            - --cgroup-root={CGROUP}\n")):
            assert old in text, old
            text = text.replace(old, new)
        return text

    def install(self, roles):
        self.kubectl("apply", "-f", "-", input=self.manifest(roles))

    def agent_pod(self):
        """The DaemonSet's pod once it runs."""
        pods = self.api.get("/api/v1/namespaces/kube-system/pods?labelSelector=k8s-app%3Dskiff-agent")["items"]
        running = [p for p in pods if p["status"].get("phase") == "Running" and "deletionTimestamp" not in p["metadata"]]
        return running[0] if running else None

    def agent_log(self):
        files = sorted((self.directory / "node/var/log/pods").glob("kube-system_skiff-agent-*/agent/*.log"))
        return "\n".join(file.read_text(errors="replace") for file in files)

    def skiff(self, *arguments, kubeconfig=None, check=True, timeout=60):
        """The command line with KUBECONFIG and nothing else, on the client's machine."""
        done = subprocess.run(inside(CLIENT, BIN / "skiff", *arguments), text=True, capture_output=True, timeout=timeout, check=False,
                              env=dict(os.environ, KUBECONFIG=str(kubeconfig or self.plane.admin)))
        if check and done.returncode != 0:
            raise AssertionError(f"skiff {' '.join(map(str, arguments))}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done
