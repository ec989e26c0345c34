#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The pod network: who reaches whom, with which address, how much at once; the node's own ways into it."""

import functools
import hashlib
import json
import subprocess
from ipaddress import ip_address

import sctp
from harness import BIN, ClusterTest, Inside, cluster_spec, eventually, main, node_ips, on_node, outside_cgroups, run
from workloads import echo_deployment, pod, service

REFUSED = 3  # exit status of `echo ask`
ASK = (BIN / "echo", "ask")
NODES = ("node-1", "node-2")
CHUNK = 20_000_000


def client_in(answer):
    """The client's address, as the echo server saw it."""
    return ip_address(answer.split()[1].rsplit(":", 1)[0].strip("[]"))


class Network(ClusterTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        kubectl = cls.kubectl
        kubectl.apply(echo_deployment("web", 2))
        kubectl.apply(service("web", "web", type="NodePort"))
        for number, node in enumerate(NODES, 1):
            kubectl.apply(pod(f"client-{number}", "echo:1.0.0", ("/usr/bin/echo-server",), nodeName=node))
            kubectl.apply(pod(f"host-{number}", "echo:1.0.0", ("/usr/bin/echo-server", "--port=8099"), nodeName=node,
                              hostNetwork=True))
            kubectl.apply(service(f"own-{number}", f"client-{number}"))
            ports = [{"name": name, "port": 80, "targetPort": 8099, "protocol": name.upper()} for name in ("tcp", "udp")]
            kubectl.apply(service(f"host-{number}", f"host-{number}", ports=ports))
        kubectl.apply(pod("shell"))
        kubectl.ready_pods("app=shell", 1)
        cls.web = kubectl.ready_pods("app=web", 2)
        cls.clients = [kubectl.ready_pods(f"app=client-{number}", 1)[0] for number in (1, 2)]
        cls.inside = {number: Inside(client) for number, client in enumerate(cls.clients, 1)}
        cls.hosts = [kubectl.ready_pods(f"app=host-{number}", 1)[0] for number in (1, 2)]

    def addresses(self, name):
        return self.kubectl.get("service", name)["spec"]["clusterIPs"]

    def ask_from(self, number, *question, check=True):
        return self.inside[number].run(*ASK, *question, check=check)

    def each(self):
        """(number of a client pod, protocol, index of a family) in all combinations."""
        for number in (1, 2):
            for protocol in ("tcp", "udp"):
                for family in (0, 1):
                    with self.subTest(node=NODES[number - 1], protocol=protocol, family=family):
                        yield number, protocol, family

    def test_pods_of_the_host_network_answer_pods_beside_them_and_elsewhere(self):
        for number, protocol, family in self.each():
            for target in (1, 2):
                address = self.addresses(f"host-{target}")[family]
                eventually(lambda a=address: self.ask_from(number, protocol, a, 80, "x", check=False).returncode == 0)
                ip = node_ips(family=(4, 6)[family])[target - 1]
                self.assertIn(" x", self.ask_from(number, protocol, ip, 8099, "x").stdout)

    def test_pods_of_the_host_network_ask_services(self):
        for number, protocol, family in self.each():
            answer = self.kubectl("exec", f"host-{number}", "--", "/usr/bin/echo-server", "ask", protocol,
                                  self.addresses("web")[family], 80, "x")
            self.assertRegex(answer, r"^web-\S+ \S+ x")

    def test_a_node_asks_its_pods_with_its_own_address(self):
        for number, protocol, family in self.each():
            for target in (0, 1):
                ip = self.clients[target]["status"]["podIPs"][family]["ip"]
                answer = on_node(NODES[number - 1], *ASK, protocol, ip, 8080, "x").stdout
                self.assertEqual(ip_address(node_ips(family=(4, 6)[family])[number - 1]), client_in(answer))

    def test_pods_keep_their_address_across_nodes(self):
        for number, protocol, family in self.each():
            ip = self.clients[2 - number]["status"]["podIPs"][family]["ip"]
            answer = self.ask_from(number, protocol, ip, 8080, "x").stdout
            self.assertEqual(ip_address(self.clients[number - 1]["status"]["podIPs"][family]["ip"]), client_in(answer))

    def test_pods_reach_themselves_through_their_service(self):
        for number, protocol, family in self.each():
            address = self.addresses(f"own-{number}")[family]
            eventually(lambda a=address: self.ask_from(number, protocol, a, 80, "x", check=False).returncode == 0)
            self.assertIn(f"client-{number}", self.ask_from(number, protocol, address, 80, "x").stdout)

    def test_processes_outside_the_control_groups_reach_services(self):
        for number, protocol, family in self.each():
            for name in ("web", "host-1", "host-2"):
                answer = run(*outside_cgroups(NODES[number - 1], *ASK, protocol, self.addresses(name)[family], 80, "x"))
                self.assertIn(" x", answer.stdout)

    def test_a_port_that_no_service_has_is_refused_at_once(self):
        for number, protocol, family in self.each():
            address = self.addresses("web")[family]
            askers = {"pod": lambda a=address: self.ask_from(number, protocol, a, 81, "x", check=False),
                      "node": lambda a=address: on_node(NODES[number - 1], *ASK, protocol, a, 81, "x", check=False),
                      "outside the control groups":
                          lambda a=address: run(*outside_cgroups(NODES[number - 1], *ASK, protocol, a, 81, "x"), check=False)}
            for who, ask in askers.items():
                self.assertEqual(REFUSED, ask().returncode, who)

    def test_node_ports_answer_on_the_nodes_loopback(self):
        ports = {p["protocol"].lower(): p["nodePort"] for p in self.kubectl.get("service", "web")["spec"]["ports"]}
        for number, protocol, family in self.each():
            address = ("127.0.0.1", "::1")[family]
            self.assertIn(" x", on_node(NODES[number - 1], *ASK, protocol, address, ports[protocol], "x").stdout)

    def test_pods_reach_the_api_with_their_token(self):
        folder = "/var/run/secrets/kubernetes.io/serviceaccount"
        token = self.kubectl("exec", "shell", "--", "cat", f"{folder}/token")
        authority = self.kubectl("exec", "shell", "--", "cat", f"{folder}/ca.crt")
        refusal = self.inside[1].run("curl", "-sS", "--max-time", "5", "--cacert", "/dev/stdin", "--resolve",
                              "kubernetes.default.svc:443:10.96.0.1", "-H", f"Authorization: Bearer {token}",
                              "https://kubernetes.default.svc/api/v1/secrets", input=authority).stdout
        self.assertIn(f"system:serviceaccount:{self.namespace}:default", json.loads(refusal)["message"])

    def test_pods_reach_the_kubelets_which_know_them_not(self):
        for number in (1, 2):
            for address in node_ips():
                status = self.inside[number].run("curl", "-sk", "--max-time", "5", "-o", "/dev/null", "-w", "%{http_code}",
                                     f"https://{address}:10250/pods").stdout
                self.assertIn(status, ("401", "403"))

    def test_large_transfers_arrive_whole_across_nodes(self):
        body = "".join(chr(97 + i * 7 % 26) for i in range(1000)) * (CHUNK // 1000)
        wanted = hashlib.sha256(body.encode()).hexdigest()
        for number in (1, 2):
            for family in (0, 1):
                ip = self.clients[2 - number]["status"]["podIPs"][family]["ip"]
                host = f"{ip}:8080" if family == 0 else f"[{ip}]:8080"
                with self.subTest(client=number, host=host):
                    answer = self.inside[number].run("curl", "-sS", "--max-time", "20", "--data-binary", "@-", "-H", "Expect:",
                                         f"http://{host}/", input=body).stdout
                    self.assertEqual(wanted, hashlib.sha256(answer[-len(body):].encode()).hexdigest())

    def test_datagrams_larger_than_the_mtu_arrive_whole(self):
        text = "x" * 8000
        for number, family in ((n, f) for n in (1, 2) for f in (0, 1)):
            for address in (self.addresses("web")[family], self.clients[2 - number]["status"]["podIPs"][family]["ip"]):
                port = 80 if address == self.addresses("web")[family] else 8080
                with self.subTest(client=number, address=address):
                    self.assertIn(text, self.ask_from(number, "udp", address, port, text).stdout)
            if cluster_spec().get("segments", 1) > 1:
                continue  # a known limit of the overlay: docs/DATAPATH.md
            with self.subTest("outside the control groups", node=number, family=family):
                answer = run(*outside_cgroups(NODES[number - 1], *ASK, "udp", self.addresses("web")[family], 80, text))
                self.assertIn(text, answer.stdout)

    def test_a_connected_datagram_socket_hears_that_its_pod_has_gone(self):
        self.kubectl.apply(echo_deployment("brief", 1))
        self.kubectl.apply(service("brief", "brief"))
        self.kubectl.ready_pods("app=brief", 1)
        for family in (0, 1):
            address = self.addresses("brief")[family]
            eventually(lambda a=address: self.ask_from(1, "udp", a, 80, "x", check=False).returncode == 0)
        senders = [self.sender(number, self.addresses("brief")[family]) for number in (1, 2) for family in (0, 1)]
        self.kubectl("scale", "deployment/brief", "--replicas=0")
        for sender in senders:
            out, err = sender.communicate(timeout=20)  # also closes its pipes
            # The second, if a last refusal from the pod's end came over the abort: the socket has no peer any more.
            self.assertIn(out.split()[-1], ("ECONNABORTED", "EDESTADDRREQ"), err)

    def sender(self, number, address):
        """Sends through one connected socket in a client pod, whatever the pod's end answers, until that is aborted."""
        program = ("import errno, socket, sys, time\n"
                   "s = socket.socket(socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM)\n"
                   "s.connect((sys.argv[1], 80)); s.settimeout(0.2)\n"
                   "s.send(b'x'); s.recv(100); print('answered', flush=True)\n"
                   "end = time.monotonic() + 15\n"
                   "while time.monotonic() < end:\n"
                   "    try:\n"
                   "        time.sleep(0.02); s.send(b'x'); s.recv(100)\n"
                   "    except (TimeoutError, ConnectionRefusedError):\n"
                   "        pass\n"
                   "    except OSError as error:\n"
                   "        print(errno.errorcode[error.errno]); break\n"
                   "else:\n"
                   "    print('never')\n")
        process = subprocess.Popen(self.inside[number].command("python3", "-c", program, address), text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual("answered\n", process.stdout.readline())
        return process

    def test_session_affinity_holds_for_datagrams_and_node_ports(self):
        self.kubectl.apply(service("sticky", "web", sessionAffinity="ClientIP", type="NodePort"))
        ports = {p["protocol"].lower(): p["nodePort"] for p in self.kubectl.get("service", "sticky")["spec"]["ports"]}
        for protocol in ("tcp", "udp"):
            for family in (0, 1):
                address = self.addresses("sticky")[family]
                outside = node_ips(family=(4, 6)[family])[0]
                asks = {"pod": lambda a=address, p=protocol: self.ask_from(1, p, a, 80, "x"),
                        "outside": lambda a=outside, p=protocol: run(*ASK, p, a, ports[p], "x")}
                for who, ask in asks.items():
                    with self.subTest(who, protocol=protocol, family=family):
                        eventually(lambda ask=ask: ask().returncode == 0)
                        self.assertEqual(1, len({ask().stdout.split()[0] for _ in range(12)}))

    # The kernel need not speak SCTP: both ends are usrsctp over raw sockets, so every packet meets the Service. One end a network
    # namespace: two would answer each other's packets.
    def test_associations_of_sctp_lead_through_services_from_pods_nodes_and_outside(self):
        try:
            sctp.library()
        except OSError as problem:
            self.skipTest(f"no SCTP: {problem}")
        ports = [{"name": "sctp", "port": 80, "targetPort": 8080, "protocol": "SCTP"}]
        inner, outer = [], []  # server, address, port
        for number, server in enumerate(self.clients, 1):
            ips = [each["ip"] for each in server["status"]["podIPs"]]
            process = subprocess.Popen(self.inside[number].command("python3", sctp.__file__, "serve", f"sctp-{number}", "8080", *ips),
                                       text=True, stdout=subprocess.PIPE)
            self.addCleanup(lambda process=process: (process.kill(), process.communicate()))
            self.assertEqual("listening\n", process.stdout.readline())
            self.kubectl.apply(service(f"sctp-{number}", f"client-{number}", ports=ports, type="NodePort"))
            node_port = self.kubectl.get("service", f"sctp-{number}")["spec"]["ports"][0]["nodePort"]
            inner += [(f"sctp-{number}", address, 80) for address in self.addresses(f"sctp-{number}")]
            outer += [(f"sctp-{number}", address, node_port) for family in (4, 6) for address in node_ips(family=family)]
        def ask(runner, targets):
            words = [word for _, *target in targets for word in target]
            answers = eventually(lambda: runner("python3", sctp.__file__, "ask", *words).stdout).splitlines()
            self.assertEqual([(name, sctp.LENGTH) for name, *_ in targets],
                             [(answer.split()[0], len(answer.split()[2])) for answer in answers])
            return answers
        for asker in self.web:
            answers = ask(Inside(asker).run, inner)
            self.assertEqual({ip_address(each["ip"]) for each in asker["status"]["podIPs"]},
                             {ip_address(answer.split()[1]) for answer in answers})
        for node in NODES:
            ask(functools.partial(on_node, node), inner)
        ask(run, outer)

    def test_pings_reach_pods_on_both_nodes(self):
        for target in self.clients:
            for address in target["status"]["podIPs"]:
                self.assertIn(" 0% packet loss", self.kubectl("exec", "shell", "--", "ping", "-c1", "-W2", address["ip"]))


if __name__ == "__main__":
    main()
