# SPDX-License-Identifier: Apache-2.0
"""`traffic` at both ends: servers, and clients that measure a slice of time whenever they are asked."""

import dataclasses
import json
import statistics
import subprocess

CLIENT_CPU, SERVER_CPU = "0", "1"


class Server:
    """Serves on `port` until stop(); `enter` is the command that enters its namespaces."""

    def __init__(self, traffic, enter, port):
        self.process = subprocess.Popen([*enter, "taskset", "-c", SERVER_CPU, traffic, "serve", str(port)])

    def stop(self):
        self.process.terminate()
        self.process.wait()


@dataclasses.dataclass
class Slice:
    """What one slice of time gave."""

    rate: float  # per second: requests, connections, datagrams or bits
    latencies: list  # microseconds
    cpu_us: float  # of both processors, per request


def busy_seconds():
    with open("/proc/stat", encoding="ascii") as stat:
        fields = [int(word) for word in stat.readline().split()[1:]]
    return (sum(fields[:8]) - fields[3] - fields[4]) / 100


class Client:
    def __init__(self, traffic, enter):
        self.process = subprocess.Popen([*enter, "taskset", "-c", CLIENT_CPU, traffic, "ask"], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def measure(self, mode, address, port, milliseconds):
        before = busy_seconds()
        self.process.stdin.write(f"{mode} {address} {port} {milliseconds}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"the client of {address}:{port} ({mode}) ended: status {self.process.wait()}")
        answer = json.loads(line)
        cpu = busy_seconds() - before
        done = max(answer["done"], 1)
        return Slice(answer["done"] / answer["seconds"], answer["latencies"], 1e6 * cpu / done)

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


@dataclasses.dataclass
class Lane:
    """One of the ways that are compared: who asks, and which address."""

    name: str
    client: Client
    address: str
    port: int


@dataclasses.dataclass
class Figure:
    rate: float
    p50: float
    p99: float
    cpu_us: float
    ratio: float  # of its rate to the first lane's, the median over slices


def quantile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] if values else float("nan")


def compare(lanes, mode, slices, milliseconds):
    """Lets the lanes take turns, `slices` times each; who begins changes every round. {name: Figure}."""
    taken = {lane.name: [] for lane in lanes}
    for turn in range(slices + 1):
        for index in range(len(lanes)):
            lane = lanes[(index + turn) % len(lanes)]
            measured = lane.client.measure(mode, lane.address, lane.port, milliseconds)
            if turn:  # the first warms up
                taken[lane.name].append(measured)
    first = taken[lanes[0].name]
    figures = {}
    for name, parts in taken.items():
        latencies = [value for part in parts for value in part.latencies]
        figures[name] = Figure(rate=statistics.median(part.rate for part in parts), p50=quantile(latencies, 0.5),
                               p99=quantile(latencies, 0.99), cpu_us=statistics.mean(part.cpu_us for part in parts),
                               ratio=statistics.median(part.rate / max(own.rate, 1e-9) for part, own in zip(parts, first)))
    return figures
