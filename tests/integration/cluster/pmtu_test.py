#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Path MTU discovery from pods to a client outside that lives behind a narrow way: whatever was translated in between, pods learn
of it. Every way in, both families, pods of the node that was asked and of another one (across the overlay, where there is one).
"""

import hashlib

from harness import ClusterTest, Inside, eventually, main, node_ips
from outside import POOL, Outside, addresses
from workloads import pod, service

NODES = ("node-1", "node-2")
LENGTH = 100_000  # of an answer: many full packets


class PathMtu(ClusterTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.outside = Outside()
        cls.addClassCleanup(cls.outside.close)
        for number, node in enumerate(NODES, 1):
            cls.kubectl.apply(pod(f"server-{number}", "echo:1.0.0", ("/usr/bin/echo-server",), nodeName=node))
            cls.kubectl.apply(service(f"server-{number}", f"server-{number}", type="NodePort",
                                      externalIPs=addresses(POOL + number)))
            cls.kubectl.apply(service(f"local-{number}", f"server-{number}", type="NodePort", externalTrafficPolicy="Local"))
        cls.servers = {number: Inside(cls.kubectl.ready_pods(f"app=server-{number}", 1)[0]) for number in (1, 2)}
        cls.mac = cls.outside.router.mac_of(node_ips()[0])

    def large_answer(self, address, port):
        """Asks for an answer of LENGTH bytes, once there is one at all."""
        host = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        far = self.outside.far
        eventually(lambda: far.run("curl", "-sS", "--max-time", "2", f"http://{host}/", check=False).returncode == 0)
        body = "".join(chr(97 + i * 7 % 26) for i in range(LENGTH))
        answer = far.run("curl", "-sS", "--max-time", "8", "--data-binary", "@-", "-H", "Expect:", f"http://{host}/", input=body).stdout
        self.assertEqual(hashlib.sha256(body.encode()).hexdigest(), hashlib.sha256(answer[-LENGTH:].encode()).hexdigest())

    @staticmethod
    def forget_narrow_ways(server):
        """What a pod has learnt belongs to its route."""
        server.run("sh", "-c", """for family in -4 -6; do
                   route=$(ip $family route show default)
                   ip $family route del default && ip $family route add $route || exit
                   done; ip route flush cache""")

    def refused_as_too_big(self):
        """How many packets of pods the router has refused so far."""
        text = self.outside.router.run("nstat", "-asz", "IpFragFails", "Ip6InTooBigErrors").stdout
        return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Ip"))

    def test_pods_learn_of_a_narrow_way_through_every_service(self):
        for number in (1, 2):
            ports = {name: self.kubectl.get("service", f"{name}-{number}")["spec"]["ports"][0]["nodePort"] for name in ("server", "local")}
            for family in (0, 1):
                node = node_ips(family=(4, 6)[family])
                external = addresses(POOL + number)[family]
                self.outside.router.ip("neigh", "replace", external, "lladdr", self.mac, "dev", "eth0")
                ways = {"NodePort of node-1": (node[0], ports["server"]), "external address at node-1": (external, 80)}
                if number == 1:
                    ways["NodePort of node-1, policy Local"] = (node[0], ports["local"])
                for words, (address, port) in ways.items():
                    with self.subTest(words, server=NODES[number - 1], family=family):
                        self.forget_narrow_ways(self.servers[number])
                        before = self.refused_as_too_big()
                        self.large_answer(address, port)
                        self.assertGreater(self.refused_as_too_big(), before)


if __name__ == "__main__":
    main()
