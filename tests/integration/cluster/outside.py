# SPDX-License-Identifier: Apache-2.0
"""Hosts that are no nodes: `near` on the segment of node-1, `far` behind a router whose way to it takes packets of 1280 bytes."""

import ipaddress
import json

from harness import BIN, CLUSTER, Inside, eventually, node_ips, run

NARROW = 1280  # bytes, the least that IPv6 allows
NEAR, ROUTER, FAR, POOL = 40, 41, 42, 48  # within the segment; pool addresses: POOL and above


def addresses(number):
    """IPv4 and IPv6 address of that number on the segment of node-1."""
    return [str(ipaddress.ip_address(node_ips(family=family)[0]) + number - 2) for family in (4, 6)]


class Host(Inside):
    """A network namespace of its own."""

    def __init__(self, name):
        self.name = f"skiff-{CLUSTER}-{name}"
        run("ip", "netns", "delete", self.name, check=False)
        run("ip", "netns", "add", self.name)
        self.ip("link", "set", "lo", "up")

    def command(self, *command):
        return ["ip", "netns", "exec", self.name, *map(str, command)]

    def ip(self, *command):
        return run("ip", "-n", self.name, *command).stdout

    def ask(self, *question, check=False):
        return self.run(BIN / "echo", "ask", *question, check=check)

    def mac_of(self, address):
        """Of the neighbour that answers for an address, asked anew."""
        self.run("ip", "neigh", "flush", "to", address, check=False)
        def known():
            self.ask("udp", address, 9, "x")
            found = json.loads(self.ip("-j", "neigh", "show", "to", address))
            return found and found[0].get("lladdr")
        return eventually(known)


class Outside:
    """Both hosts, until close()."""

    def __init__(self):
        self.near, self.router, self.far = Host("near"), Host("narrow"), Host("far")
        links = json.loads(run("ip", "-j", "address", "show", "to", addresses(1)[0]).stdout)
        bridge = next(link["ifname"] for link in links if link.get("addr_info"))
        for host, number in ((self.near, NEAR), (self.router, ROUTER)):
            self.plug(bridge, host, number)
        self.narrow_way()

    def plug(self, bridge, host, number):
        end = f"sk-out-{number}"
        run("ip", "link", "delete", end, check=False)
        run("ip", "link", "add", end, "type", "veth", "peer", "name", "eth0",
            "address", f"02:00:00:00:89:{number}", "netns", host.name)  # the same each time: nodes remember it
        run("ip", "link", "set", end, "master", bridge, "up")
        host.ip("link", "set", "eth0", "up")
        for address, bits in zip(addresses(number), (26, 80)):
            host.ip("address", "add", f"{address}/{bits}", "dev", "eth0", "nodad")

    def narrow_way(self):
        """To the segment the far host is on it: the router answers for its addresses."""
        self.router.ip("link", "add", "narrow", "type", "veth", "peer", "name", "eth0", "netns", self.far.name)
        self.router.run("sh", "-c", "cd /proc/sys/net && echo 1 | tee ipv4/ip_forward ipv6/conf/all/forwarding"
                        " ipv6/conf/eth0/proxy_ndp && echo 0 | tee ipv4/neigh/eth0/proxy_delay ipv6/neigh/eth0/proxy_delay")
        self.router.ip("link", "set", "narrow", "up")
        self.router.ip("address", "add", "fe80::1/64", "dev", "narrow", "nodad")
        self.far.ip("link", "set", "eth0", "up")
        for address, default in zip(addresses(FAR), ("0.0.0.0/0", "::/0")):
            bits = "128" if ":" in address else "32"
            self.far.ip("address", "add", f"{address}/{bits}", "dev", "eth0", "nodad")
            self.far.ip("route", "add", default, "via", *([] if ":" in address else ["inet6"]), "fe80::1", "dev", "eth0")
            self.router.ip("route", "add", f"{address}/{bits}", "dev", "narrow", "mtu", "lock", str(NARROW))
            self.router.ip("neigh", "add", "proxy", address, "dev", "eth0")

    def close(self):
        for host in (self.near, self.router, self.far):
            run("ip", "netns", "delete", host.name, check=False)
        for number in (NEAR, ROUTER):
            run("ip", "link", "delete", f"sk-out-{number}", check=False)  # a namespace may linger
