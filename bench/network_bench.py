#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A ClusterIP against its pod without a Service: network_bench.py, on a running cluster (SKIFF_CLUSTER, `skiff up --ipv6`).

The same client in the same pod asks both in turn, round by round, so that what else the machine does falls on both; the
figures are medians. Needs wrk and iperf3.
"""

import json
import os
import pathlib
import re
import statistics
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(SOURCE / "tests/integration/cluster"))
# pylint: disable=wrong-import-position
from harness import BIN, CLUSTER, Kubectl, run  # noqa: E402
from workloads import pod  # noqa: E402

ROUNDS = int(os.environ.get("ROUNDS", "7"))
SECONDS = int(os.environ.get("SECONDS_A_ROUND", "2"))
NAMESPACE = "network-bench"
PORTS = {"http": 80, "iperf": 5201}


def process_of(found):
    container = found["status"]["containerStatuses"][0]["containerID"].split("//")[1]
    for path in pathlib.Path("/proc").glob("[0-9]*/cgroup"):
        if container in path.read_text(encoding="utf-8"):
            return path.parent.name
    raise LookupError(container)


def in_pod(found, *command):
    """The command, to be run in the pod's network and its node's control group."""
    return [str(BIN / "skiff"), "node", "exec", "--name", CLUSTER, found["spec"]["nodeName"], "--", "nsenter",
            f"--net=/proc/{process_of(found)}/ns/net", *map(str, command)]


CONNECT = """
import socket, sys, time
count, end = 0, time.monotonic() + int(sys.argv[2])
while time.monotonic() < end:
    with socket.create_connection((sys.argv[1], 80), 2) as s:
        s.send(b'GET / HTTP/1.0\\r\\n\\r\\n')
        s.recv(4096)
    count += 1
print(count / int(sys.argv[2]))
"""


def connections_per_second(client, host):
    return float(run(*in_pod(client, "python3", "-c", CONNECT, host, SECONDS)).stdout)


def requests_per_second(client, host):
    out = run(*in_pod(client, "wrk", "-t1", "-c1", f"-d{SECONDS}", f"http://{host}/")).stdout
    return float(re.search(r"Requests/sec:\s+(\S+)", out).group(1))


def bits_per_second(client, host):
    out = run(*in_pod(client, "iperf3", "-J", "-t", SECONDS, "-c", host.strip("[]"))).stdout
    return json.loads(out)["end"]["sum_received"]["bits_per_second"] / 1e9


MEASURES = {
    "request/response, one connection (1/s)": requests_per_second,
    "new connection, request and answer, one at a time (1/s)": connections_per_second,
    "throughput, one stream (Gbit/s)": bits_per_second,
}


def compare(client, direct, service):
    for what, measure in MEASURES.items():
        measure(client, direct), measure(client, service)
        pairs = [(measure(client, direct), measure(client, service)) for _ in range(ROUNDS)]
        plain, served = (statistics.median(column) for column in zip(*pairs))
        ratio = statistics.median(b / a for a, b in pairs)
        print(f"| {what} | {plain:,.1f} | {served:,.1f} | {ratio:.3f} |", flush=True)


def main():
    kubectl = Kubectl(namespace=NAMESPACE)
    kubectl("create", "namespace", NAMESPACE)
    try:
        for node in ("node-1", "node-2"):
            kubectl.apply(pod(f"server-{node}", "nginx", (), nodeName=node).replace('"command": []', '"ports": []'))
            kubectl.apply(json.dumps({
                "apiVersion": "v1", "kind": "Service", "metadata": {"name": f"server-{node}"},
                "spec": {"selector": {"app": f"server-{node}"}, "ipFamilyPolicy": "PreferDualStack",
                         "ports": [{"name": name, "port": port} for name, port in PORTS.items()]}}))
        kubectl.apply(pod("client", nodeName="node-1"))
        client = kubectl.ready_pods("app=client", 1)[0]
        for node, place in (("node-1", "same node"), ("node-2", "other node")):
            server = kubectl.ready_pods(f"app=server-{node}", 1)[0]
            address = server["status"]["podIP"]
            service = kubectl.get("service", f"server-{node}")["spec"]["clusterIP"]
            print(f"\n| {place} | pod | ClusterIP | ratio |\n|---|---|---|---|")
            with subprocess.Popen(in_pod(server, "iperf3", "-s"), stdout=subprocess.DEVNULL) as iperf:
                compare(client, address, service)
                iperf.terminate()
    finally:
        kubectl("delete", "namespace", NAMESPACE, "--wait=false")


if __name__ == "__main__":
    main()
