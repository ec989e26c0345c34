#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A ClusterIP against its pod without a Service: network_bench.py, on a running cluster (SKIFF_CLUSTER, `skiff up --ipv6`).

The same client in the same pod asks both in turn, slice by slice, so that what else the machine does falls on both; client and
server keep to a processor each. Figures are medians. Needs iperf3.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(SOURCE / "tests/integration/cluster"))
# pylint: disable=wrong-import-position
from harness import BIN, CLUSTER, Kubectl, run  # noqa: E402
from workloads import pod  # noqa: E402

ROUNDS = int(os.environ.get("ROUNDS", "9"))  # of throughput, two seconds each
SLICES = int(os.environ.get("SLICES", "100"))  # of requests, a tenth of a second each
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


def compare_requests(client, mode, direct, service):
    """Rates of both and their ratio, the client alternating between them every 50 ms."""
    out = run(*in_pod(client, "taskset", "-c", "0", BIN / "traffic", mode, 50, SLICES, direct, PORTS["http"], service, PORTS["http"])).stdout
    plain, served = map(json.loads, out.splitlines())
    return plain["rate"], served["rate"], served["ratio"], plain["p50"], served["p50"]


def compare_throughput(client, direct, service):
    """Gbit/s of both and their ratio, one round of iperf3 after the other."""
    def measure(host):
        out = run(*in_pod(client, "iperf3", "-J", "-t", 1, "-c", host)).stdout
        return json.loads(out)["end"]["sum_received"]["bits_per_second"] / 1e9
    measure(direct), measure(service)
    pairs = [(measure(direct), measure(service)) if i % 2 else (measure(service), measure(direct))[::-1] for i in range(ROUNDS)]
    plain, served = (statistics.median(column) for column in zip(*pairs))
    return plain, served, statistics.median(b / a for a, b in pairs)


def compare(client, direct, service):
    for what, mode in (("request/response, one connection", "rr"), ("new connection, request, answer", "crr")):
        plain, served, ratio, plain_p50, served_p50 = compare_requests(client, mode, direct, service)
        print(f"| {what} (1/s; p50) | {plain:,.0f}; {plain_p50:.0f} us | {served:,.0f}; {served_p50:.0f} us | {ratio:.3f} |", flush=True)
    plain, served, ratio = compare_throughput(client, direct, service)
    print(f"| throughput, one stream (Gbit/s) | {plain:.1f} | {served:.1f} | {ratio:.3f} |", flush=True)


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
            run("taskset", "-acp", 1, process_of(server), check=False)  # the master; workers below
            for worker in run("pgrep", "-P", process_of(server), check=False).stdout.split():
                run("taskset", "-acp", 1, worker, check=False)
            print(f"\n| {place} | pod | ClusterIP | ratio |\n|---|---|---|---|")
            with subprocess.Popen(in_pod(server, "iperf3", "-s"), stdout=subprocess.DEVNULL) as iperf:
                try:
                    compare(client, address, service)
                finally:
                    iperf.terminate()
    finally:
        kubectl("delete", "namespace", NAMESPACE, "--wait=false")


if __name__ == "__main__":
    main()
