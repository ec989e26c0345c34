# SPDX-License-Identifier: Apache-2.0
"""What the cluster tests share: running skiff and kubectl, waiting, namespaces of their own."""

import base64
import concurrent.futures
import functools
import ipaddress
import json
import os
import pathlib
import re
import select
import shutil
import signal
import subprocess
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = pathlib.Path(os.environ.get("SKIFF_SOURCE", HERE.parents[2]))
BIN = pathlib.Path(os.environ.get("SKIFF_BIN", SOURCE / "build/release/bin"))
SCRATCH = pathlib.Path(os.environ.get("SKIFF_SCRATCH", "/tmp"))
MANIFESTS = HERE / "manifests"
CLUSTER = os.environ.get("SKIFF_CLUSTER", "it")
SKIP = 77  # the exit status that ctest counts as skipped


def kubectl_binaries():
    """Real kubectls by version ("1.20"), oldest first: that of the distribution, and the newest that is to be had."""
    found = {}
    old, installed = SOURCE / "build/peers/kubectl-1.20", shutil.which("kubectl")
    if old.exists():
        found["1.20"] = str(old)
    if installed:
        beside = pathlib.Path(installed).resolve().with_name("kubectl.1.33")
        binary = str(beside if beside.exists() else installed)
        client = json.loads(subprocess.run([binary, "version", "--client", "-o", "json"], text=True, capture_output=True,
                                           check=True).stdout)["clientVersion"]
        found.setdefault(f"{client['major']}.{client['minor'].rstrip('+')}", binary)
    return dict(sorted(found.items(), key=lambda item: [int(part) for part in item[0].split(".")]))


KUBECTLS = kubectl_binaries()
OLDEST, NEWEST = (list(KUBECTLS)[0], list(KUBECTLS)[-1]) if KUBECTLS else (None, None)


class Failed(AssertionError):
    """A command that should have succeeded, with what it said."""


def run(*command, check=True, timeout=60, **options):
    """Runs a command; its stdout and stderr are text."""
    done = subprocess.run([str(word) for word in command], text=True, capture_output=True, timeout=timeout,
                          check=False, **options)
    if check and done.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def skiff(*arguments, **options):
    return run(BIN / "skiff", *arguments, **options)


def on_node(node, *command, cluster=CLUSTER, **options):
    """As a process of the node: its network, its file systems, its control group."""
    return skiff("node", "exec", "--name", cluster, node, "--", *command, **options)


def eventually(probe, timeout=30, interval=0.1):
    """Calls `probe` until it returns something true, and returns that. A probe may raise meanwhile."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            value = probe()
            if value:
                return value
            problem = f"still {value!r}"
        except (AssertionError, subprocess.TimeoutExpired, OSError, KeyError, IndexError) as error:
            problem = str(error)
        if time.monotonic() > deadline:
            raise Failed(f"not within {timeout} s: {problem}")
        time.sleep(interval)


class Kubectl:
    """kubectl of one version, in one namespace of one cluster; None: the namespaces that the objects name. `kubeconfig`: of a
    controller that is no cluster's."""

    def __init__(self, version=None, namespace="default", cluster=CLUSTER, kubeconfig=None):
        self.binary = KUBECTLS[version or NEWEST]
        self.namespace = namespace
        self.environment = dict(os.environ, KUBECONFIG=str(kubeconfig or f"/var/lib/skiff/{cluster}/admin.kubeconfig"))
        # Discovery is cached per server; clusters of the tests come and go at the same address.
        self.cache = f"--cache-dir={SCRATCH}/kube-cache-{cluster}-{version or NEWEST}"

    def run(self, *arguments, **options):
        named = ["-n", self.namespace] if self.namespace else []
        return run(self.binary, self.cache, *named, *arguments, env=self.environment, **options)

    def __call__(self, *arguments, **options):
        return self.run(*arguments, **options).stdout

    def apply(self, text):
        return self("apply", "-f", "-", input=text)

    def get(self, kind, name=None, *arguments):
        """The object, or the list's items."""
        named = [name] if name else []
        found = json.loads(self("get", kind, *named, *arguments, "-o", "json"))
        return found if name else found["items"]

    def pods(self, selector):
        return [pod for pod in self.get("pods", None, "-l", selector) if "deletionTimestamp" not in pod["metadata"]]

    def ready_pods(self, selector, count, timeout=60):
        """Waits until exactly `count` pods are there and Ready."""
        def probe():
            pods = self.pods(selector)
            return pods if len(pods) == count and all(is_ready(pod) for pod in pods) else None
        try:
            return eventually(probe, timeout)
        except Failed as failure:
            table = self("get", "pods", "-o", "wide")
            raise Failed(f"{count} pods {selector}: {failure}\n{table}{self('describe', 'pods', '-l', selector)}") from None


def is_ready(thing):
    conditions = thing.get("status", {}).get("conditions", [])
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def cluster_spec(cluster=CLUSTER):
    return json.loads(pathlib.Path(f"/var/lib/skiff/{cluster}/cluster.json").read_text(encoding="utf-8"))


def node_names(cluster=CLUSTER):
    return tuple(f"node-{number + 1}" for number in range(cluster_spec(cluster)["nodes"]))


def only_on(segments, because):
    """Of a test: skipped on clusters of another number of segments."""
    def decorate(test):
        @functools.wraps(test)
        def run_or_skip(self, *arguments):
            if cluster_spec().get("segments", 1) != segments:
                self.skipTest(because)
            test(self, *arguments)
        return run_or_skip
    return decorate


def node_ips(cluster=CLUSTER, family=4):
    spec = cluster_spec(cluster)
    segments = spec.get("segments", 1)
    numbered = [(n % segments, n + 2) for n in range(spec["nodes"])]
    if family == 4:
        return [f"10.89.{spec['index']}.{64 * segment + n}" for segment, n in numbered]
    addresses = [f"fd00:10:89:{spec['index']:x}:{segment:x}::{n:x}" for segment, n in numbered]
    return [str(ipaddress.ip_address(text)) for text in addresses]  # as Kubernetes writes them


def admin_files(cluster=CLUSTER):
    """The administrator's certificate and key as files, for clients that are not kubectl."""
    config = pathlib.Path(f"/var/lib/skiff/{cluster}/admin.kubeconfig").read_text(encoding="utf-8")
    paths = []
    for name in ("client-certificate-data", "client-key-data"):
        path = SCRATCH / f"{cluster}-{name}.pem"
        path.write_bytes(base64.b64decode(re.search(rf"{name}: (\S+)", config).group(1)))
        paths.append(path)
    return paths


def daemon_pid(daemon, cluster=CLUSTER):
    return int(pathlib.Path(f"/run/skiff/{cluster}/{daemon}.pid").read_text(encoding="utf-8"))


def kill_daemons(*daemons):
    """Kills them, and waits until the supervisor started them again."""
    old = {daemon: daemon_pid(daemon) for daemon in daemons}
    for pid in old.values():
        os.kill(pid, signal.SIGKILL)
    for daemon, pid in old.items():
        eventually(lambda daemon=daemon, pid=pid: daemon_pid(daemon) != pid)


def outside_cgroups(node, *command):
    """In the node's network, but no process of the node: its sockets are not translated."""
    return ["ip", "netns", "exec", f"skiff-{CLUSTER}-{node}", *map(str, command)]


def process_of(pod):
    """The first process of a pod's first container, by the control group it is in: works without its agent."""
    container = pod["status"]["containerStatuses"][0]["containerID"].split("//")[1]
    for path in pathlib.Path("/proc").glob("[0-9]*/cgroup"):
        try:
            if container in path.read_text(encoding="utf-8"):
                return int(path.parent.name)
        except OSError:
            pass  # it has gone meanwhile
    raise AssertionError(f"no process of container {container}")


class Inside:
    """Programs of this machine inside a pod: in its network and its control group. Needs no agent, and a tenth of the time of
    `kubectl exec`."""

    def __init__(self, pod):
        pid = process_of(pod)
        groups = pathlib.Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8")
        hierarchy = pathlib.Path("/sys/fs/cgroup")
        if not (hierarchy / "cgroup.controllers").exists():
            hierarchy /= "unified"
        self.group = f"{hierarchy}{re.search('(?m)^0::(.*)$', groups).group(1)}/cgroup.procs"
        self.network = f"/proc/{pid}/ns/net"

    def command(self, *command):
        script = 'echo $$ > "$0" && network=$1 && shift && exec nsenter --net="$network" "$@"'
        return ["sh", "-c", script, self.group, self.network, *command]

    def run(self, *command, **options):
        return run(*self.command(*command), **options)


class Traffic:
    """traffic.py, running until `stop` as a process of a node ("node-1"), of a pod (an Inside), or outside the cluster (None)."""

    def __init__(self, place, host, port, *options):
        command = ["/usr/bin/env", "python3", HERE / "traffic.py", host, port, *options]
        if isinstance(place, Inside):
            command = place.command(*command)
        elif place:
            command = [BIN / "skiff", "node", "exec", "--name", CLUSTER, place, "--", *command]
        self.process = subprocess.Popen([str(word) for word in command], text=True, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if self.process.stdout.readline() != "started\n":
            raise Failed(self.process.communicate()[1])

    def look(self):
        """What it saw so far."""
        self.process.stdin.write("look\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    @staticmethod
    def go_on(clients, count=20):
        """Waits until each has got that many more answers."""
        enough = [client.look()["answered"] + count for client in clients]
        for client, wanted in zip(clients, enough):
            eventually(lambda client=client, wanted=wanted: client.look()["answered"] >= wanted, interval=0.05)

    def stop(self):
        out, err = self.process.communicate(timeout=30)  # closes its stdin
        if self.process.returncode != 0:
            raise Failed(err)
        return json.loads(out)

    @staticmethod
    def stop_all(clients):
        """What each saw; they end side by side."""
        with concurrent.futures.ThreadPoolExecutor(len(clients)) as pool:
            return list(pool.map(Traffic.stop, clients))


class Held:
    """held.py, as a process of a node, in the network of a pod if `pid` is given."""

    def __init__(self, node, host, port, *options, pid=None):
        enter = ["nsenter", f"--net=/proc/{pid}/ns/net"] if pid else []
        command = [BIN / "skiff", "node", "exec", "--name", CLUSTER, node, "--", *enter, "/usr/bin/env", "python3",
                   HERE / "held.py", host, port, *options]
        self.process = subprocess.Popen([str(word) for word in command], text=True, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.server = self.process.stdout.readline().strip()
        if not self.server:
            raise Failed(self.process.communicate()[1])

    def ask(self):
        self.process.stdin.write("again\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def end(self, timeout=30):
        """How it ended; waits for that."""
        if not select.select([self.process.stdout], [], [], timeout)[0]:
            raise Failed(f"still open after {timeout} s")
        return self.process.stdout.readline().strip()

    def close(self):
        self.process.communicate(timeout=10)


class ClusterTest(unittest.TestCase):
    """Tests in a namespace of their own, on the shared cluster."""

    namespace = None  # made from the class's name

    @classmethod
    def setUpClass(cls):
        if not KUBECTLS:
            raise unittest.SkipTest("no kubectl on this machine")
        if not pathlib.Path(f"/var/lib/skiff/{CLUSTER}/admin.kubeconfig").exists():
            raise unittest.SkipTest(f"cluster {CLUSTER} does not run: skiff up --name {CLUSTER} --ipv6")
        cls.maxDiff = None
        if cls.namespace is None:
            cls.namespace = "t-" + cls.__name__.lower()
            Kubectl()("create", "namespace", cls.namespace)
            cls.addClassCleanup(Kubectl(), "delete", "namespace", cls.namespace, "--wait=false")
        cls.kubectl = Kubectl(namespace=cls.namespace)


class Timed(unittest.TextTestResult):
    """Tells how long each test took: the whole suite has ten minutes."""

    def startTest(self, test):
        self.begun = time.monotonic()
        super().startTest(test)

    def addSuccess(self, test):
        unittest.TestResult.addSuccess(self, test)
        self.stream.writeln(f"ok ({time.monotonic() - self.begun:.1f} s)")


def main():
    """Runs the tests of the calling file; all skipped is skipped to ctest too."""
    if os.geteuid() != 0:
        print("needs root")
        sys.exit(SKIP)
    runner = unittest.TextTestRunner(verbosity=2, resultclass=Timed)
    program = unittest.main(module="__main__", testRunner=runner, exit=False)
    result = program.result
    if result.testsRun == len(result.skipped) and result.wasSuccessful():
        sys.exit(SKIP)
    sys.exit(0 if result.wasSuccessful() else 1)
