#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A local cluster against its budgets: start, memory, pod start beside the bare runtime.

Usage: cluster_bench.py BIN_DIRECTORY IMAGES_DIRECTORY [NAME]   (root; makes and removes a cluster called NAME, default bench)
"""

import base64
import http.client
import json
import pathlib
import re
import ssl
import statistics
import subprocess
import sys
import tempfile
import time

STARTS = 5
PODS = 20
MANY = 50


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


class Cluster:
    def __init__(self, binaries, images, name):
        self.skiff, self.images, self.name = str(binaries / "skiff"), str(images), name
        self.data = pathlib.Path("/var/lib/skiff") / name

    def up(self):
        begin = time.monotonic()
        subprocess.run([self.skiff, "up", "--name", self.name, "--nodes", "2", "--images", self.images],
                       check=True, stdout=subprocess.DEVNULL)
        return time.monotonic() - begin

    def down(self):
        subprocess.run([self.skiff, "down", "--name", self.name], check=False, stdout=subprocess.DEVNULL)

    def connect(self):
        """A connection to the API as the administrator."""
        text = (self.data / "admin.kubeconfig").read_text()
        field = lambda name: re.search(rf"{name}: (\S+)", text)[1]
        context = ssl.create_default_context(cadata=base64.b64decode(field("certificate-authority-data")).decode())
        with tempfile.TemporaryDirectory() as scratch:
            pair = [pathlib.Path(scratch) / "crt", pathlib.Path(scratch) / "key"]
            pair[0].write_bytes(base64.b64decode(field("client-certificate-data")))
            pair[1].write_bytes(base64.b64decode(field("client-key-data")))
            context.load_cert_chain(*map(str, pair))
        host, port = re.search(r"https://(.+):(\d+)", field("server")).groups()
        return http.client.HTTPSConnection(host, int(port), context=context)

    def memory(self):
        """Resident MiB by program, the largest of each."""
        largest = {}
        for status in pathlib.Path("/proc").glob("[0-9]*/status"):
            try:
                command = (status.parent / "cmdline").read_bytes().decode().split("\0")
                text = status.read_text()
            except OSError:
                continue
            program = pathlib.Path(command[0]).name
            if program not in ("skiff-controller", "skiff-agent") or not any(self.name in word for word in command):
                continue
            resident = int(re.search(r"VmRSS:\s+(\d+)", text)[1]) / 1024
            largest[program] = max(largest.get(program, 0), resident)
        return largest


def pod(name, node=None):
    spec = {"containers": [{"name": "main", "image": "busybox", "command": ["sleep", "1000"]}],
            "terminationGracePeriodSeconds": 0}
    if node:
        spec["nodeName"] = node
    return json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec})


def call(connection, method, path, body=None):
    connection.request(method, path, body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    text = answer.read()
    if answer.status >= 300:
        raise SystemExit(f"{method} {path}: {answer.status} {text.decode()[:300]}")
    return json.loads(text)


def watch_until_running(cluster, wanted, version):
    """Seconds at which each pod of `wanted` was first seen running."""
    connection = cluster.connect()
    connection.request("GET", f"/api/v1/namespaces/default/pods?watch=1&resourceVersion={version}")
    stream, seen = connection.getresponse(), {}
    while len(seen) < len(wanted):
        event = json.loads(stream.readline())
        name = event["object"]["metadata"]["name"]
        if name in wanted and event["object"].get("status", {}).get("phase") == "Running":
            seen.setdefault(name, time.monotonic())
    connection.close()
    return seen


def start_pods(cluster, names, node=None):
    connection = cluster.connect()
    version = call(connection, "GET", "/api/v1/namespaces/default/pods?limit=1")["metadata"]["resourceVersion"]
    created = {}
    for name in names:
        created[name] = time.monotonic()
        call(connection, "POST", "/api/v1/namespaces/default/pods", pod(name, node))
    seen = watch_until_running(cluster, set(names), version)
    return [1000 * (seen[name] - created[name]) for name in names], max(seen.values()) - min(created.values())


def bare_runtime(cluster):
    """Milliseconds of `ctr run -d` of the same image in the same node."""
    socket = f"/run/skiff/{cluster.name}/node-1/containerd/containerd.sock"
    times = []
    for i in range(PODS):
        begin = time.monotonic()
        subprocess.run([cluster.skiff, "node", "exec", "--name", cluster.name, "node-1", "--", "ctr", "--address", socket,
                        "--namespace", "k8s.io", "run", "-d", "docker.io/library/busybox:latest", f"bare-{i}", "sleep", "1000"],
                       check=True, capture_output=True)
        times.append(1000 * (time.monotonic() - begin))
        subprocess.run([cluster.skiff, "node", "exec", "--name", cluster.name, "node-1", "--", "sh", "-c",
                        f"ctr --address {socket} -n k8s.io task kill -s 9 bare-{i}; sleep 0.1; "
                        f"ctr --address {socket} -n k8s.io container rm bare-{i}"], check=False, capture_output=True)
    return times


def bare_burst(cluster):
    """Seconds in which the bare runtime starts two containers a pod, on both nodes at once, eight at a time a node."""
    def each_node(script):
        runs = []
        for node in ("node-1", "node-2"):
            ctr = f"ctr --address /run/skiff/{cluster.name}/{node}/containerd/containerd.sock --namespace k8s.io"
            runs.append(subprocess.Popen([cluster.skiff, "node", "exec", "--name", cluster.name, node, "--", "sh", "-c",
                                          f"seq {MANY} | xargs -P8 -I@ sh -c '{script.format(ctr=ctr)}'"],
                                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        return [run.wait() for run in runs]
    begin = time.monotonic()
    if any(each_node("{ctr} run -d docker.io/library/busybox:latest many-@ sleep 1000")):
        raise SystemExit("ctr run failed in the burst")
    took = time.monotonic() - begin
    each_node("{ctr} task rm -f many-@; {ctr} container rm many-@")
    return took


def main():
    binaries, images = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
    cluster = Cluster(binaries, images, sys.argv[3] if len(sys.argv) > 3 else "bench")
    cluster.down()
    try:
        starts = []
        for i in range(STARTS):
            starts.append(cluster.up())
            if i < STARTS - 1:
                cluster.down()
        print(f"skiff up --nodes 2, to Ready and DNS: p50 {statistics.median(starts):.2f} s, worst {max(starts):.2f} s "
              f"of {STARTS}  (budget 3 s)")
        time.sleep(10)
        for program, resident in sorted(cluster.memory().items()):
            print(f"{program} idle: {resident:.1f} MiB  (budget {'40' if 'controller' in program else '30'} MB)")
        start_pods(cluster, ["warm"], "node-1")
        single = []
        for i in range(PODS):
            single += start_pods(cluster, [f"single-{i}"], "node-1")[0]
        print(f"pod created to seen running, one at a time: p50 {statistics.median(single):.0f} ms, "
              f"p99 {percentile(single, 0.99):.0f} ms")
        bare = bare_runtime(cluster)
        print(f"the bare runtime (ctr run -d, one container): p50 {statistics.median(bare):.0f} ms; a pod is two")
        took = bare_burst(cluster)
        print(f"burst of the bare runtime, two containers a pod: {took:.1f} s, {MANY / took:.1f} pods/s")
        _, total = start_pods(cluster, [f"burst-{i}" for i in range(MANY)])
        print(f"burst of {MANY} over 2 nodes: all running after {total:.1f} s, {MANY / total:.1f} pods/s")
        time.sleep(5)
        for program, resident in sorted(cluster.memory().items()):
            print(f"{program} with {MANY + PODS + 1} pods: {resident:.1f} MiB")
    finally:
        cluster.down()


if __name__ == "__main__":
    main()
