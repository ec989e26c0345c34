#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What leads from outside to pods: external addresses, the cluster's own load balancer addresses and who answers for them,
their source ranges and health checks, HostPorts; a Service that changes its type again and again; a node that fails. Where some
nodes are across the overlay, clients outside are on the segment of node-1 and its neighbours.
"""

import concurrent.futures
import itertools
import json

from harness import (BIN, CLUSTER, ClusterTest, Held, Inside, Kubectl, Traffic, cluster_spec, eventually, is_ready, main, node_ips,
                     node_names, on_node, only_on, process_of, run)
from outside import FAR, NEAR, POOL, Outside, addresses
from workloads import echo_deployment, pod, service

REFUSED, TIMED_OUT = 3, 4  # exit statuses of `echo ask`
ASK = (BIN / "echo", "ask")
NODES = ("node-1", "node-2")
WAYS = tuple(itertools.product(("tcp", "udp"), (0, 1)))  # protocol, index of a family
POOLS = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "skiff-load-balancer-pools", "namespace": "kube-system"}}
ALIKE = "of one segment alone: the same with and without an overlay"
EXCLUDED = "node.kubernetes.io/exclude-from-external-load-balancers"


class LoadBalancers(ClusterTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.outside = Outside()
        cls.addClassCleanup(cls.outside.close)
        first, last = addresses(POOL), addresses(POOL + 12)
        system = Kubectl(namespace="kube-system")
        system.apply(json.dumps({**POOLS, "data": {"v4": f"{first[0]}-{last[0]}", "v6": f"{first[1]}-{last[1]}"}}))
        cls.addClassCleanup(system, "delete", "configmap", "skiff-load-balancer-pools")
        nodes = node_names()
        cls.kubectl.apply(echo_deployment("web", len(nodes)))
        cls.kubectl.apply(service("web", "web", type="LoadBalancer", externalIPs=addresses(POOL + 13)))
        for number, node in enumerate(NODES, 1):
            cls.kubectl.apply(pod(f"client-{number}", "echo:1.0.0", ("/usr/bin/echo-server",), nodeName=node))
        cls.web = cls.kubectl.ready_pods("app=web", len(nodes))
        cls.inside = {number: Inside(cls.kubectl.ready_pods(f"app=client-{number}", 1)[0]) for number in (1, 2)}
        near = nodes[::cluster_spec().get("segments", 1)]
        cls.macs = {on_node(node, "cat", "/sys/class/net/eth0/address").stdout.strip(): node for node in near}

    def balanced(self, name):
        """The Service's load balancer addresses, IPv4 first, once it has them."""
        def given():
            ingress = self.kubectl.get("service", name)["status"]["loadBalancer"].get("ingress", [])
            return sorted((one["ip"] for one in ingress), key=lambda ip: ":" in ip) if len(ingress) == 2 else None
        return eventually(given)

    def answering(self, address):
        """The node that answers for it on the segment."""
        return self.macs[self.outside.near.mac_of(address)]

    def near(self, *question):
        return self.outside.near.ask(*question)

    def answers(self, *question):
        return eventually(lambda: self.near(*question).stdout)

    def test_load_balancer_addresses_answer_every_way(self):
        own = self.balanced("web")
        for protocol, family in WAYS:
            with self.subTest(protocol=protocol, family=family):
                self.assertRegex(self.answers(protocol, own[family], 80, "x"), r"^web-\S+ \S+ x")
                self.assertRegex(self.inside[1].run(*ASK, protocol, own[family], 80, "x").stdout, r"^web-\S+ \S+ x")
                self.assertRegex(on_node("node-2", *ASK, protocol, own[family], 80, "x").stdout, r"^web-\S+ \S+ x")
                self.assertEqual(REFUSED, self.near(protocol, own[family], 81, "x").returncode)

    def test_external_addresses_answer_every_way_wherever_they_are_routed_to(self):
        for mac in self.macs:
            for address in addresses(POOL + 13):
                self.outside.near.ip("neigh", "replace", address, "lladdr", mac, "dev", "eth0")
            for protocol, family in WAYS:
                with self.subTest(self.macs[mac], protocol=protocol, family=family):
                    address = addresses(POOL + 13)[family]
                    self.assertRegex(self.answers(protocol, address, 80, "x"), r"^web-\S+ \S+ x")
                    self.assertRegex(self.inside[2].run(*ASK, protocol, address, 80, "x").stdout, r"^web-\S+ \S+ x")

    # What is open at that moment may be reset: the other node knows nothing of it.
    @only_on(segments=1, because=ALIKE)
    def test_another_node_takes_an_address_over_and_no_new_client_notices(self):
        own = self.balanced("web")
        before = [self.answering(address) for address in own]
        clients = [Traffic(self.outside.near, own[0], 80), Traffic(self.outside.near, own[1], 80),
                   Traffic(self.outside.near, own[0], 80, "--udp")]
        Traffic.go_on(clients)
        for node in set(before):
            self.addCleanup(self.kubectl, "label", "node", node, f"{EXCLUDED}-")
        for family, address in enumerate(own):
            self.kubectl("label", "node", before[family], f"{EXCLUDED}=", "--overwrite")
            eventually(lambda a=address, node=before[family]: self.answering(a) != node)
            self.kubectl("label", "node", before[family], f"{EXCLUDED}-")
            Traffic.go_on(clients)
        for seen in Traffic.stop_all(clients):
            self.assertLessEqual(seen["failed"], len(own), seen)
            self.assertTrue(all("ConnectionResetError" in failure for failure in seen["failures"]), seen)

    def addresses_of_one_node(self):
        """A node, and an address of each family that it answers for."""
        found = {node: {} for node in self.macs.values()}
        for name in ("either-1", "either-2", "either-3", "either-4", "either-5", "either-6"):
            self.kubectl.apply(service(name, "web", type="LoadBalancer"))
            for family, address in enumerate(self.balanced(name)):
                found[self.answering(address)][family] = address
            for node, own in found.items():
                if len(own) == 2:
                    return node, list(own.values())
        raise AssertionError(f"no node has an address of each family: {found}")

    def plug(self, node, how):
        """Cuts a node off, or puts it back: nobody hears of it, it hears of nobody."""
        index = json.loads(on_node(node, "ip", "-j", "link", "show", "dev", "eth0").stdout)[0]["link_index"]
        end = next(link["ifname"] for link in json.loads(run("ip", "-j", "link").stdout) if link["ifindex"] == index)
        run("ip", "link", "set", end, how)

    def hold(self, pod_name, address, *options):
        """A connection of a pod of node-2 that this pod serves."""
        pid = process_of(self.kubectl.get("pod", "client-2"))
        def held():
            one = Held("node-2", address, 80, *options, pid=pid)
            self.addCleanup(one.close)
            return one if one.server == pod_name else None
        return eventually(held)

    def web_pods(self):
        return {found["spec"]["nodeName"]: found["metadata"]["name"] for found in self.kubectl.ready_pods("app=web", len(node_names()))}

    # Datagrams need not wait for a node that may come back. Connections do, until somebody says that their pod is no more.
    @only_on(segments=2, because="leases of 50 s run out too late for a test")
    def test_a_node_that_fails_as_a_whole_loses_addresses_endpoints_and_connections(self):
        failing, own = self.addresses_of_one_node()
        names, cluster = self.web_pods(), self.kubectl.get("service", "web")["spec"]["clusterIPs"]
        def served_by(wanted):
            eventually(lambda: {line.split()[0] for address in cluster for line in self.inside[2].run(
                *ASK, "tcp", address, 80, "x", 20, check=False).stdout.splitlines()} == set(wanted))
        clients = [Traffic(self.outside.near, address, 80, "--timeout=1", *options) for address in own for options in ((), ("--udp",))]
        served_by(names.values())
        datagrams = [self.hold(names[failing], address, "--udp") for address in cluster]
        connections = [self.hold(names[failing], address) for address in cluster]
        self.addCleanup(self.plug, failing, "up")
        self.plug(failing, "down")
        for held in datagrams:
            self.assertEqual("ECONNABORTED", held.end())
        self.assertFalse(is_ready(self.kubectl.get("node", failing)))
        served_by(name for node, name in names.items() if node != failing)
        for address in own:
            eventually(lambda address=address: self.answering(address) != failing)
        Traffic.go_on(clients)
        failed = [client.look()["failed"] for client in clients]
        Traffic.go_on(clients, 100)
        self.assertEqual(failed, [client.look()["failed"] for client in clients])
        self.kubectl("delete", "pod", names[failing], "--force", "--grace-period=0")
        for held in connections:
            self.assertEqual("ECONNABORTED", held.end())
        self.plug(failing, "up")
        served_by(self.web_pods().values())
        for address in own:
            eventually(lambda address=address: self.answering(address) == failing)
        Traffic.go_on(clients, 100)
        Traffic.stop_all(clients)

    @only_on(segments=1, because=ALIKE)
    def test_an_address_of_policy_local_follows_the_endpoints_and_so_do_its_health_checks(self):
        def solo(node):
            self.kubectl.apply(pod(f"solo-{node}", "echo:1.0.0", ("/usr/bin/echo-server",), nodeName=node,
                                   labels={"app": "solo"}))
        def health(node):
            return on_node(node, "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "2",
                           f"http://{node_ips()[NODES.index(node)]}:{port}/", check=False).stdout
        solo("node-2")
        self.kubectl.apply(service("solo", "solo", type="LoadBalancer", externalTrafficPolicy="Local"))
        own = self.balanced("solo")
        port = self.kubectl.get("service", "solo")["spec"]["healthCheckNodePort"]
        def served_by(node, other):
            eventually(lambda: (health(node), health(other)) == ("200", "503"))
            for family in (0, 1):
                eventually(lambda a=own[family]: self.answering(a) == node)
                host, client, _ = self.answers("tcp", own[family], 80, "x").split()
                self.assertEqual(f"solo-{node}", host)
                self.assertEqual(addresses(NEAR)[family], client.rsplit(":", 1)[0].strip("[]"))
        served_by("node-2", "node-1")
        solo("node-1")
        eventually(lambda: health("node-1") == "200")
        self.kubectl("delete", "pod", "solo-node-2", "--wait=false")
        served_by("node-1", "node-2")

    @only_on(segments=1, because=ALIKE)
    def test_source_ranges_bind_clients_outside_and_nobody_else(self):
        ranges = [f"{address}/{128 if ':' in address else 32}" for address in addresses(FAR)]
        self.kubectl.apply(service("choosy", "web", type="LoadBalancer", loadBalancerSourceRanges=ranges))
        own = self.balanced("choosy")
        cluster = self.kubectl.get("service", "choosy")["spec"]["clusterIPs"]
        for protocol, family in WAYS:
            with self.subTest(protocol=protocol, family=family):
                eventually(lambda p=protocol, f=family: self.outside.far.ask(p, own[f], 80, "x").returncode == 0)
                self.assertRegex(self.inside[1].run(*ASK, protocol, cluster[family], 80, "x").stdout, r"^web-\S+ \S+ x")
        with concurrent.futures.ThreadPoolExecutor() as pool:
            for answer in pool.map(lambda address: self.near("tcp", address, 80, "x"), own):
                self.assertEqual(TIMED_OUT, answer.returncode)
        self.kubectl("patch", "service", "choosy", "-p", '{"spec":{"loadBalancerSourceRanges":null}}')
        self.answers("tcp", own[0], 80, "x")

    @only_on(segments=1, because=ALIKE)
    def test_host_ports_of_different_addresses_and_protocols_do_not_conflict(self):
        node_ip = node_ips()[0]
        for name, host, protocol in (("loopback", "127.0.0.1", "TCP"), ("own", node_ip, "TCP"), ("datagrams", node_ip, "UDP")):
            container = {"name": "main", "image": "echo:1.0.0", "command": ["/usr/bin/echo-server", "--port=8080"],
                         "ports": [{"containerPort": 8080, "hostPort": 8088, "hostIP": host, "protocol": protocol}]}
            self.kubectl.apply(pod(name, nodeName="node-1", containers=[container]))
        for name in ("loopback", "own", "datagrams"):
            self.kubectl.ready_pods(f"app={name}", 1)
        def names(ask, protocol, address):
            return eventually(lambda: ask(*ASK, protocol, address, 8088, "x", check=False).stdout).split()[0]
        def node(*command, **options):
            return on_node("node-1", *command, **options)
        self.assertEqual("loopback", names(node, "tcp", "127.0.0.1"))
        for ask in (node, self.inside[1].run, self.inside[2].run, self.outside.near.run):
            self.assertEqual("own", names(ask, "tcp", node_ip))
            self.assertEqual("datagrams", names(ask, "udp", node_ip))
        self.kubectl("delete", "pod", "own", "--wait=false")
        eventually(lambda: self.near("tcp", node_ip, 8088, "x").returncode == REFUSED)
        self.assertEqual("datagrams", names(self.outside.near.run, "udp", node_ip))

    @only_on(segments=1, because=ALIKE)
    def test_a_client_whose_mac_address_changed_without_a_word_is_found_again(self):
        def in_node(*command):
            return run("ip", "netns", "exec", f"skiff-{CLUSTER}-node-1", *command)
        for family in ("ipv4", "ipv6"):  # asks after a second, not after five
            in_node("sysctl", "-qw", f"net.{family}.neigh.eth0.delay_first_probe_time=1", f"net.{family}.neigh.eth0.retrans_time_ms=100")
            self.addCleanup(in_node, "sysctl", "-qw", f"net.{family}.neigh.eth0.delay_first_probe_time=5",
                            f"net.{family}.neigh.eth0.retrans_time_ms=1000")
        port = self.kubectl.get("service", "web")["spec"]["ports"][0]["nodePort"]
        for family, node in enumerate((node_ips()[0], node_ips(family=6)[0])):
            self.answers("tcp", node, port, "x")
            in_node("ip", "neigh", "replace", addresses(NEAR)[family], "lladdr", "02:00:00:00:00:99", "dev", "eth0", "nud", "stale")
        for node in (node_ips()[0], node_ips(family=6)[0]):
            self.answers("tcp", node, port, "x")

    def become(self, kind, **spec):
        """Changes the type of Service `changes`."""
        self.kubectl("patch", "service", "changes", "-p", json.dumps({"spec": {"type": kind, **spec}}))
        return self.kubectl.get("service", "changes")

    @only_on(segments=1, because=ALIKE)
    def test_a_service_changes_its_type_and_each_is_served_as_what_it_is(self):
        self.kubectl.apply(json.dumps({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "changes"},
                                       "spec": {"type": "ExternalName", "externalName": "example.org"}}))
        def ask(address, port=80):
            return self.near("tcp", address, port, "x").returncode
        def cluster_ip_is(status):
            eventually(lambda: on_node("node-1", *ASK, "tcp", own, 80, "x", check=False).returncode == status)
        ports = [{"name": "tcp", "port": 80, "targetPort": 8080}]
        own = self.become("ClusterIP", externalName=None, selector={"app": "web"}, ports=ports)["spec"]["clusterIP"]
        cluster_ip_is(0)
        node_port = self.become("NodePort")["spec"]["ports"][0]["nodePort"]
        for node in node_ips():
            eventually(lambda node=node: ask(node, node_port) == 0)
        self.become("LoadBalancer")
        def given():
            return self.kubectl.get("service", "changes")["status"]["loadBalancer"].get("ingress")
        balanced = eventually(given)[0]["ip"]
        eventually(lambda: ask(balanced) == 0)
        self.become("ClusterIP")
        cluster_ip_is(0)
        eventually(lambda: ask(node_ips()[1], node_port) == REFUSED)
        eventually(lambda: not given() and ask(balanced) != 0)
        self.become("ExternalName", externalName="example.org", clusterIP=None, clusterIPs=None, ipFamilies=None,
                    ipFamilyPolicy=None, internalTrafficPolicy=None)
        cluster_ip_is(REFUSED)


if __name__ == "__main__":
    main()
