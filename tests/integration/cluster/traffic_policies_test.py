#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who of a Service's endpoints serves whom: traffic policies, endpoints that terminate, trafficDistribution, affinity that ends,
Maglev, datagrams of a sender that never waits; pods of sandboxed runtimes.
"""

import concurrent.futures
import json
import socket
import subprocess
import time

from harness import BIN, HERE, ClusterTest, Inside, Kubectl, eventually, main, node_ips, node_names, on_node, only_on, outside_cgroups, run
from outside import addresses
from workloads import echo_deployment, pod, service

REFUSED, TIMED_OUT = 3, 4  # exit statuses of `echo ask`
ASK = (BIN / "echo", "ask")
NODES = ("node-1", "node-2")
ZONE = "topology.kubernetes.io/zone"
ALIKE = "decided from endpoints alone: the same with and without an overlay"
DATAGRAMS = ("python3", str(HERE / "datagrams.py"))
SERVER = ("echo:1.0.0", ("/usr/bin/echo-server", "--port=8080"))


class TrafficPolicies(ClusterTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        kubectl = cls.kubectl
        kubectl.apply(echo_deployment("web", 4))
        for number, node in enumerate(NODES, 1):
            kubectl.apply(pod(f"client-{number}", *SERVER, nodeName=node))
        kubectl.apply(service("far", "client-2", type="NodePort", externalTrafficPolicy="Local",
                              internalTrafficPolicy="Local"))
        cls.web = kubectl.ready_pods("app=web", 4)
        cls.inside = {number: Inside(kubectl.ready_pods(f"app=client-{number}", 1)[0]) for number in (1, 2)}
        cls.half_close()

    @classmethod
    def half_close(cls):
        """Connections in every way to a server on node-2 whose clients have closed their half."""
        def start(*command):
            process = subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            cls.addClassCleanup(lambda: (process.kill(), process.communicate()))
            return process
        script = ("python3", str(HERE / "half_closed.py"))
        cls.half_server = start(*cls.inside[2].command(*script, "serve", "8090"))
        ports = [{"name": "half", "port": 80, "targetPort": 8090}]
        cls.kubectl.apply(service("half", "client-2", type="NodePort", ports=ports))
        spec = cls.kubectl.get("service", "half")["spec"]
        answer = cls.half_server.stdout.readline()
        assert answer == "listening\n", answer
        cls.half_closed = {}
        for family in (0, 1):
            cluster, node, port = spec["clusterIPs"][family], node_ips(family=(4, 6)[family])[0], str(spec["ports"][0]["nodePort"])
            eventually(lambda node=node, port=port: run(*ASK[:1], "ask", "tcp", node, port, "x", check=False).returncode != REFUSED)
            for who, command in (("pod", cls.inside[1].command(*script, "ask", cluster, "80")), ("NodePort", [*script, "ask", node, port]),
                                 ("by packets", outside_cgroups("node-1", *script, "ask", cluster, "80"))):
                cls.half_closed[who, family] = start(*command)
        for process in cls.half_closed.values():
            assert process.stdout.readline() == "waits\n"

    def of_node(self, *nodes):
        return {found["metadata"]["name"] for found in self.web if found["spec"]["nodeName"] in nodes}

    def spec(self, name):
        return self.kubectl.get("service", name)["spec"]

    def node_port(self, name, protocol="TCP"):
        return next(port["nodePort"] for port in self.spec(name)["ports"] if port["protocol"] == protocol)

    def ask(self, number, *question):
        """From a pod of that node."""
        return self.inside[number].run(*ASK, *question, check=False)

    def served_by(self, wanted, ask, times=30):
        """Waits until just these serve."""
        def names():
            return {line.split()[0] for line in ask(times).stdout.splitlines()} == wanted
        eventually(names)

    def test_internal_policy_local_keeps_pods_and_nodes_to_their_own_node(self):
        self.kubectl.apply(service("inner", "web", internalTrafficPolicy="Local"))
        for family in (0, 1):
            address = self.spec("inner")["clusterIPs"][family]
            for number, node in enumerate(NODES, 1):
                for protocol in ("tcp", "udp"):
                    question = (protocol, address, 80, "x")
                    with self.subTest(node, protocol=protocol, family=family):
                        self.served_by(self.of_node(node), lambda times, q=question, n=number: self.ask(n, *q, times))
                        self.served_by(self.of_node(node),
                                       lambda times, q=question, n=node: on_node(n, *ASK, *q, times, check=False))

    def test_policies_local_without_an_endpoint_here_answer_nobody_they_bind(self):
        address, port = self.spec("far")["clusterIP"], self.node_port("far")
        eventually(lambda: self.ask(2, "tcp", address, 80, "x").returncode == 0)
        # Pods reach the NodePort of either node: the external policy does not bind them.
        for number in (1, 2):
            eventually(lambda n=number: self.ask(n, "tcp", node_ips()[0], port, "x").returncode == 0)
        self.assertEqual(0, run(*ASK, "tcp", node_ips()[1], port, "x", check=False).returncode)
        nobody = [lambda: self.ask(1, "tcp", address, 80, "x"), lambda: self.ask(1, "udp", address, 80, "x"),
                  lambda: run(*ASK, "tcp", node_ips()[0], port, "x", check=False)]
        with concurrent.futures.ThreadPoolExecutor() as pool:
            for answer in pool.map(lambda ask: ask(), nobody):
                self.assertNotEqual(0, answer.returncode)

    @only_on(segments=1, because=ALIKE)
    def test_endpoints_that_terminate_serve_as_long_as_there_are_no_others(self):
        linger = {"preStop": {"exec": {"command": ["/bin/sh", "-c", "sleep 4"]}}}
        container = {"name": "main", "image": SERVER[0], "command": list(SERVER[1]), "lifecycle": linger}
        self.kubectl.apply(pod("fades", containers=[container], nodeName="node-2", terminationGracePeriodSeconds=10))
        for name, policies in (("fades", {}), ("fades-local", {"externalTrafficPolicy": "Local", "internalTrafficPolicy": "Local"})):
            self.kubectl.apply(service(name, "fades", type="NodePort", **policies))
        self.kubectl.ready_pods("app=fades", 1)
        asks = []
        for name in ("fades", "fades-local"):
            cluster, port = self.spec(name)["clusterIPs"], self.node_port(name)
            asks += [lambda a=cluster[0]: self.ask(2, "tcp", a, 80, "x"), lambda a=cluster[1]: self.ask(2, "udp", a, 80, "x"),
                     lambda p=port: run(*ASK, "tcp", node_ips()[1], p, "x", check=False)]
        for ask in asks:
            eventually(lambda ask=ask: ask().returncode == 0)
        self.kubectl("delete", "pod", "fades", "--wait=false")
        def terminates():
            slices = self.kubectl.get("endpointslices", None, "-l", "kubernetes.io/service-name=fades")
            return all(e["conditions"]["terminating"] for s in slices for e in s["endpoints"])
        eventually(terminates)
        until = time.monotonic() + 2.5
        while time.monotonic() < until:
            for ask in asks:
                self.assertEqual(0, ask().returncode)
        for ask in asks:
            eventually(lambda ask=ask: ask().returncode == REFUSED)

    @only_on(segments=1, because=ALIKE)
    def test_traffic_is_distributed_by_node_and_by_zone(self):
        for node in NODES:
            self.addCleanup(Kubectl(), "label", "node", node, f"{ZONE}-")
            self.kubectl("label", "node", node, f"{ZONE}=zone-of-{node}", "--overwrite")
        for name in ("PreferSameNode", "PreferClose", "PreferSameZone"):
            self.kubectl.apply(service(name.lower(), "web", trafficDistribution=name))
        def ask(name, number):
            address = self.spec(name.lower())["clusterIP"]
            return lambda times: self.ask(number, "tcp", address, 80, "x", times)
        for number, node in enumerate(NODES, 1):
            for name in ("PreferSameNode", "PreferClose", "PreferSameZone"):
                with self.subTest(name, node=node):
                    self.served_by(self.of_node(node), ask(name, number))
        # All of one zone: its endpoints are everybody's, and those of the node still the node's.
        self.kubectl("label", "node", "node-2", f"{ZONE}=zone-of-node-1", "--overwrite")
        for number, node in enumerate(NODES, 1):
            self.served_by(self.of_node(*NODES), ask("PreferSameZone", number))
            self.served_by(self.of_node(node), ask("PreferSameNode", number))

    @only_on(segments=1, because=ALIKE)
    def test_affinity_ends_when_a_client_was_silent_for_its_time(self):
        config = {"clientIP": {"timeoutSeconds": 1}}
        self.kubectl.apply(service("brief", "web", sessionAffinity="ClientIP", sessionAffinityConfig=config))
        address = self.spec("brief")["clusterIP"]
        def ask():
            return self.ask(1, "tcp", address, 80, "x").stdout.split()[0]
        first = eventually(ask)
        for _ in range(6):  # each use begins its time anew
            time.sleep(0.3)
            self.assertEqual(first, ask())
        def another():
            time.sleep(1.1)
            return ask() != first
        eventually(another)

    def test_with_maglev_every_node_sends_a_client_to_the_same_pod(self):
        self.kubectl.apply(service("hashed", "web", type="NodePort"))
        self.kubectl("annotate", "service", "hashed", "skiff.io/load-balancing=maglev")
        port = self.node_port("hashed", "UDP")
        def pod_of(node, source):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.settimeout(2)
                client.bind((addresses(1)[0], source))  # the same client to all
                client.sendto(b"x", (node, port))
                return client.recv(100).decode().split()[0]
        # Flows that began before it was hashed stay where they are: other ports each time.
        def alike(bases=iter(range(40000, 48000, 12))):
            base = next(bases)
            first, *others = ([pod_of(node, source) for source in range(base, base + 12)] for node in node_ips())
            return len(set(first)) > 1 and all(first == other for other in others)
        eventually(alike)

    def test_a_sender_of_datagrams_that_never_waits_reaches_the_pods_that_come_back(self):
        self.kubectl.apply(echo_deployment("brief-udp", 1))
        self.kubectl.apply(service("brief-udp", "brief-udp", type="NodePort"))
        before = self.kubectl.ready_pods("app=brief-udp", 1)[0]
        address, port = self.spec("brief-udp")["clusterIP"], self.node_port("brief-udp", "UDP")
        senders = [self.inside[1].command(*DATAGRAMS, address, "80"), *([*DATAGRAMS, node, str(port)] for node in node_ips())]
        running = [subprocess.Popen(command, text=True, stdout=subprocess.PIPE) for command in senders]
        self.addCleanup(lambda: [(each.kill(), each.communicate()) for each in running])
        for each in running:
            self.assertEqual(before["metadata"]["name"], each.stdout.readline().strip())
        self.kubectl("scale", "deployment/brief-udp", "--replicas=0")
        self.kubectl("wait", "--for=delete", "pod", before["metadata"]["name"], "--timeout=20s")
        self.kubectl("scale", "deployment/brief-udp", "--replicas=1")
        after = self.kubectl.ready_pods("app=brief-udp", 1)[0]
        for each in running:
            self.assertEqual(after["metadata"]["name"], each.stdout.readline().strip())

    # The handler is runc's under another name: what counts is that it is not known to leave sockets to the node.
    def test_pods_of_another_runtime_are_balanced_by_their_packets(self):
        self.kubectl.apply(json.dumps({"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass",
                                       "metadata": {"name": "sandboxed"}, "handler": "sandboxed"}))
        self.addCleanup(self.kubectl, "delete", "runtimeclass", "sandboxed")
        self.kubectl.apply(pod("sandboxed", *SERVER, nodeName="node-1", runtimeClassName="sandboxed"))
        self.kubectl.apply(service("plain", "web", type="NodePort"))
        sandboxed = Inside(self.kubectl.ready_pods("app=sandboxed", 1)[0])
        program = ("import socket, sys\n"
                   "s = socket.create_connection((sys.argv[1], 80), 3); print(open('/proc/net/tcp').read())\n")
        address = self.spec("plain")["clusterIP"]
        eventually(lambda: self.ask(1, "tcp", address, 80, "x").returncode == 0)
        asked = bytes(reversed([int(part) for part in address.split(".")])).hex().upper() + ":0050"
        self.assertIn(asked, sandboxed.run("python3", "-c", program, address).stdout)
        self.assertNotIn(asked, self.inside[1].run("python3", "-c", program, address).stdout)
        for protocol in ("tcp", "udp"):
            for address in self.spec("plain")["clusterIPs"]:
                self.served_by(self.of_node(*node_names()),
                               lambda times, p=protocol, a=address: sandboxed.run(*ASK, p, a, 80, "x", times, check=False))

    # The last by its name: silent meanwhile, for longer than flows are kept that both sides have closed.
    def test_words_of_a_server_arrive_long_after_its_client_closed_its_half(self):
        self.half_server.stdin.write("answer\n")
        self.half_server.stdin.flush()
        for way, process in self.half_closed.items():
            with self.subTest(way):
                self.assertEqual("late answer", process.stdout.readline().strip())


if __name__ == "__main__":
    main()
