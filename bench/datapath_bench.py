#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Services by skiff beside no Service at all and beside kube-proxy's rules, in one run: datapath_bench.py BIN_DIRECTORY IMAGES_DIRECTORY.

Needs root. The same programs ask in the same kind of namespaces; the lanes take turns every slice, so that what else the machine does
falls on all of them; clients keep to one processor and servers to the other. Figures are medians over slices, latencies those of all
requests; CPU is that of the whole machine, per request. Writes figures.json, tables.md and plots (*.svg) into --out.
"""

import argparse
import collections
import json
import pathlib
import sys

from datapath import report
from datapath.worker import Client, Lane, Server, compare
from datapath.worlds import FAR, NEAR, Namespaces, SkiffCluster

PROXIES = ("iptables-legacy", "iptables-nft", "nftables")
SLOW = {"iptables-nft": 10000}  # more Services than this take minutes to load, and nobody runs that
MODES = (("rr", "request/response, one connection", "1/s", 1), ("crr", "new connection, request, answer", "1/s", 1),
         ("udp_rr", "UDP request/response", "1/s", 1), ("udp", "UDP packets, connected socket", "1/s", 1),
         ("udp_to", "UDP packets, address with each", "1/s", 1), ("stream", "throughput, one stream", "Gbit/s", 1e9))
TCP_ONLY = ("rr", "crr", "stream")  # kube-proxy's rule sets here are for TCP


class Bench:
    def __init__(self, options):
        self.options = options
        self.traffic = options.bin / "traffic"
        self.tables, self.figures = [], {}
        self.lines = collections.defaultdict(lambda: collections.defaultdict(list))  # of the plots

    def say(self, text):
        print(text, flush=True)
        self.tables.append(text)

    def lanes(self, worlds, clients, place, addresses, mode):
        """`direct` first: the pod's own address where there are no Services."""
        lanes = []
        for world in worlds:
            if world.proxy in PROXIES and mode not in TCP_ONLY:
                continue
            address, port = getattr(world, addresses)(place)
            lanes.append(Lane(world.name, clients[world.name], address, port))
            if world.proxy == "skiff" and addresses == "service_address":
                lanes.append(Lane("skiff, its pod", clients[world.name], *world.pod_address(place)))
        return lanes

    def compare(self, title, key, lanes, mode):
        unit, scale = next((unit, scale) for name, _, unit, scale in MODES if name == mode)
        slices = self.options.slices if mode != "stream" else max(5, self.options.slices // 4)
        milliseconds = self.options.slice_ms if mode != "stream" else 4 * self.options.slice_ms
        figures = compare(lanes, mode, slices, milliseconds)
        self.figures[key] = {name: vars(figure) for name, figure in figures.items()}
        self.say(report.table(title, figures, unit, scale))
        return figures

    def run(self, worlds, count, modes, note=""):
        """All comparisons with `count` Services."""
        for world in worlds:
            took = world.set_services(count)
            if world.proxy:
                self.say(f"{count:,} Services, {world.name}: programmed after {took:.1f} s")
        if (skiff := next((world for world in worlds if world.proxy == "skiff"), None)):
            resident = skiff.memory()
            self.figures[f"memory/{count}{note}"] = resident
            self.say(f"{count:,} Services: agent {resident['skiff-agent']:.1f} MiB, controller {resident['skiff-controller']:.1f} MiB\n")
        clients = {world.name: Client(self.traffic, world.enter_client()) for world in worlds}
        outside = {world.name: Client(self.traffic, world.enter_outside()) for world in worlds if world.proxy}
        try:
            for place, where in ((NEAR, "same node"), (FAR, "other node")):
                for mode, what, _, _ in modes:
                    lanes = self.lanes(worlds, clients, place, "service_address", mode)
                    figures = self.compare(f"{what}; {where}; {count:,} Services{note}", f"{mode}/{place}/{count}{note}", lanes, mode)
                    if mode == "crr" and place == NEAR and not note:
                        for name, figure in figures.items():
                            self.lines["connections"][name].append((count, figure.rate))
                            self.lines["first-answer"][name].append((count, figure.p50))
                proxied = [world for world in worlds if world.proxy]
                lanes = self.lanes(proxied, outside, place, "node_port_address", "crr")
                if lanes:
                    self.compare(f"NodePort from outside, new connections; pod on {where}; {count:,} Services{note}",
                                 f"nodeport/{place}/{count}{note}", lanes, "crr")
        finally:
            for client in (*clients.values(), *outside.values()):
                client.stop()

    def write(self):
        out = self.options.out
        out.mkdir(parents=True, exist_ok=True)
        (out / "tables.md").write_text("\n".join(self.tables), encoding="utf-8")
        (out / "figures.json").write_text(json.dumps(self.figures, indent=1), encoding="utf-8")
        for name, title, unit in (("connections", "New connections through a ClusterIP, same node", "1/s"),
                                  ("first-answer", "First connect and answer through a ClusterIP, same node, p50", "µs")):
            if self.lines[name]:
                (out / f"{name}.svg").write_text(report.plot(title, unit, self.lines[name]), encoding="utf-8")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bin", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("images", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--services", default="1,1000,10000,30000", help="how many, one run each")
    parser.add_argument("--proxies", default=",".join(PROXIES), help="whose rules stand beside skiff")
    parser.add_argument("--slices", type=int, default=40)
    parser.add_argument("--slice-ms", type=int, default=50)
    parser.add_argument("--no-overlay", action="store_true", help="leave out VXLAN")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("build/bench/datapath"))
    return parser.parse_args()


def with_worlds(bench, makers, measure):
    """Makes the worlds and their servers, measures, removes them, whatever happens."""
    worlds, servers = [], []
    try:
        for make in makers:
            worlds.append(make())
        for world in worlds:
            servers += [Server(bench.traffic, world.enter_server(place), 9000) for place in (NEAR, FAR)]
        measure(worlds)
    finally:
        for server in servers:
            server.stop()
        for world in worlds:
            world.remove()


def main():
    options = arguments()
    bench = Bench(options)
    proxies = [name for name in options.proxies.split(",") if name]

    def direct_routes(worlds):
        for count in map(int, options.services.split(",")):
            fit = [world for world in worlds if count <= SLOW.get(world.proxy, count)]
            bench.run(fit, count, MODES if count == 1 else [mode for mode in MODES if mode[0] == "crr"])

    def overlay(worlds):
        bench.run(worlds, 1, [mode for mode in MODES if mode[0] in ("rr", "crr", "stream")], note=", VXLAN")

    try:
        with_worlds(bench, [lambda: Namespaces("direct"), *(lambda name=name: Namespaces(name, proxy=name) for name in proxies),
                            lambda: SkiffCluster(options.bin, options.images)], direct_routes)
        if not options.no_overlay:
            with_worlds(bench, [lambda: Namespaces("direct", vxlan=True), lambda: SkiffCluster(options.bin, options.images, 2)], overlay)
    finally:
        bench.write()
    print(f"written to {options.out}", file=sys.stderr)


if __name__ == "__main__":
    main()
