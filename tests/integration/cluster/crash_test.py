#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kill -9 of agent, controller, containerd and all of them: under traffic, and while pods come and go. Pods and connections stay,
nothing acknowledged is lost, everything converges after, nothing is left over.
"""

import json
import os
import signal

from harness import ClusterTest, Inside, Traffic, daemon_pid, eventually, kill_daemons, main, node_ips, run
from node_state import node_state, running
from workloads import echo_deployment, pod, service

NODES = ("node-1", "node-2")
AGENTS = tuple(f"{node}-agent" for node in NODES)
CALM = "--every=0.03"  # a dozen clients leave room on two processors


class UnderTraffic(ClusterTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        kubectl = cls.kubectl
        kubectl.apply(echo_deployment("web", 2))
        kubectl.apply(service("web", "web", type="NodePort"))
        kubectl.apply(echo_deployment("changing", 1))
        kubectl.apply(pod("client", "echo:1.0.0", ("/usr/bin/echo-server",), nodeName="node-1"))
        kubectl.ready_pods("app=web", 2)
        kubectl.ready_pods("app=changing", 1)
        inside = Inside(kubectl.ready_pods("app=client", 1)[0])
        spec = kubectl.get("service", "web")["spec"]
        v4, v6 = spec["clusterIPs"]
        ports = {port["protocol"]: port["nodePort"] for port in spec["ports"]}
        (first4, second4), (first6, second6) = node_ips(), node_ips(family=6)
        cls.clients = {
            "pod: new TCP connections": Traffic(inside, v4, 80, CALM),
            "pod: one TCP connection, IPv6": Traffic(inside, v6, 80, CALM, "--keep"),
            "pod: UDP": Traffic(inside, v4, 80, CALM, "--udp"),
            "pod: UDP, IPv6": Traffic(inside, v6, 80, CALM, "--udp"),
            "pod: one TCP connection to a NodePort of the other node": Traffic(inside, second4, ports["TCP"], CALM, "--keep"),
            "node: new TCP connections": Traffic("node-1", v4, 80, CALM),
            "node: one TCP connection": Traffic("node-2", v4, 80, CALM, "--keep"),
            "node: UDP, IPv6": Traffic("node-2", v6, 80, CALM, "--udp"),
            "outside: new TCP connections to a NodePort": Traffic(None, first4, ports["TCP"], CALM),
            "outside: one TCP connection to a NodePort, IPv6": Traffic(None, second6, ports["TCP"], CALM, "--keep"),
            "outside: UDP to a NodePort": Traffic(None, second4, ports["UDP"], CALM, "--udp"),
            "outside: UDP to a NodePort, IPv6": Traffic(None, first6, ports["UDP"], CALM, "--udp"),
        }
        cls.addClassCleanup(lambda: Traffic.stop_all(list(cls.clients.values())))

    def pod_facts(self):
        """What must not change: names, addresses, container ids, restart counts."""
        def facts(found):
            status = found["status"]["containerStatuses"][0]
            return found["metadata"]["name"], found["status"]["podIP"], status["containerID"], status["restartCount"]
        return sorted(map(facts, self.kubectl.pods("app in (web,client)")))

    def survives(self, *daemons):
        before = self.pod_facts()
        kill_daemons(*daemons)
        # The cluster still does what it is asked.
        eventually(lambda: self.kubectl.run("get", "pods", check=False, timeout=10).returncode == 0)
        for replicas in (3, 1):
            self.kubectl("scale", "deployment/changing", f"--replicas={replicas}")
            self.kubectl.ready_pods("app=changing", replicas)
        Traffic.go_on(list(self.clients.values()))
        for what, client in self.clients.items():
            with self.subTest(what):
                seen = client.look()
                self.assertEqual((0, []), (seen["failed"], seen["failures"]), seen)
        self.assertEqual(before, self.pod_facts())

    def test_an_agent_killed(self):
        self.survives("node-1-agent")

    def test_the_agent_of_the_other_node_killed(self):
        self.survives("node-2-agent")

    def test_the_controller_killed(self):
        self.survives("controller")

    def test_agents_and_controller_killed_together(self):
        self.survives(*AGENTS, "controller")

    def test_containerd_killed(self):
        self.survives("node-1-containerd", "node-2-containerd")


class Crash(ClusterTest):
    def test_new_connections_to_a_node_port_while_its_agent_is_dead(self):
        self.kubectl.apply(echo_deployment("web", 2))
        self.kubectl.apply(service("web", "web", type="NodePort"))
        self.kubectl.ready_pods("app=web", 2)
        port = next(p["nodePort"] for p in self.kubectl.get("service", "web")["spec"]["ports"] if p["protocol"] == "TCP")
        agent, supervisor = daemon_pid("node-2-agent"), daemon_pid("supervisor")
        os.kill(supervisor, signal.SIGSTOP)  # it would start the agent again
        try:
            os.kill(agent, signal.SIGKILL)
            for _ in range(20):
                run("curl", "-sf", "--max-time", "2", f"http://{node_ips()[1]}:{port}/")
            self.assertEqual(agent, daemon_pid("node-2-agent"))
        finally:
            os.kill(supervisor, signal.SIGCONT)
        eventually(lambda: daemon_pid("node-2-agent") != agent)

    def test_what_was_acknowledged_is_there_after_the_controller_died(self):
        for number in range(20):
            self.kubectl("create", "configmap", f"kept-{number}", f"--from-literal=n={number}")
        kill_daemons("controller")
        def all_there():
            names = {found["metadata"]["name"] for found in self.kubectl.get("configmaps")}
            return all(f"kept-{number}" in names for number in range(20))
        eventually(all_there)

    def test_a_container_killed_is_started_again(self):
        self.kubectl.apply(echo_deployment("ended", 1))
        name = self.kubectl.ready_pods("app=ended", 1)[0]["metadata"]["name"]
        # The end of process 1 may be that of the command, too.
        self.kubectl.run("exec", name, "--", "kill", "-TERM", "1", check=False)
        def restarted():
            status = self.kubectl.get("pod", name)["status"]["containerStatuses"][0]
            return status["restartCount"] == 1 and status["ready"]
        eventually(restarted, timeout=30)


class WhilePodsComeAndGo(ClusterTest):
    COUNT = 20

    def started(self):
        """How many of the pods have a container that runs."""
        return sum(found["status"].get("phase") == "Running" for found in self.kubectl.get("pods", None, "-l", "app=many"))

    def left_since(self, before):
        return sorted(line for node in NODES for line in node_state(node) - before[node])

    def killed_in_the_middle(self, *daemons):
        before = {node: node_state(node) for node in NODES}
        ran = set().union(*map(running, NODES))
        many = json.loads(echo_deployment("many", self.COUNT))
        del many["spec"]["template"]["spec"]["containers"][0]["lifecycle"]
        self.kubectl.apply(json.dumps(many))
        eventually(lambda: self.started() >= 4, interval=0.02)
        kill_daemons(*daemons)
        pods = self.kubectl.ready_pods("app=many", self.COUNT)
        for found in pods:
            status = found["status"]["containerStatuses"][0]
            self.assertEqual((0, {}), (status["restartCount"], status.get("lastState", {})), found["metadata"]["name"])
        self.assertEqual(self.COUNT, len({found["status"]["podIP"] for found in pods}))
        # A sandbox and a container each: nothing that was under way runs a second time.
        self.assertEqual(2 * self.COUNT, len(set().union(*map(running, NODES)) - ran))
        self.kubectl("delete", "deployment", "many", "--wait=false")
        eventually(lambda: self.started() <= self.COUNT - 4, interval=0.02)
        kill_daemons(*daemons)
        eventually(lambda: not self.kubectl.get("pods", None, "-l", "app=many"), timeout=40)
        def nothing_left():
            self.assertEqual([], self.left_since(before))
            return True
        eventually(nothing_left)

    def test_an_agent_killed(self):
        self.killed_in_the_middle("node-1-agent")

    def test_agents_and_controller_killed_together(self):
        self.killed_in_the_middle(*AGENTS, "controller")


if __name__ == "__main__":
    main()
