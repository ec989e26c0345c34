#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kill -9 of agent, controller and both under traffic: pods and connections stay, everything converges after."""

import os
import signal
import time

from harness import ClusterTest, Traffic, daemon_pid, eventually, main, node_ips, run
from workloads import echo_deployment, service


class Crash(ClusterTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kubectl.apply(echo_deployment("web", 2))
        cls.kubectl.apply(service("web", "web", type="NodePort"))
        cls.kubectl.ready_pods("app=web", 2)

    def kill(self, *daemons):
        """Kills them, and waits until the supervisor started them again."""
        old = {daemon: daemon_pid(daemon) for daemon in daemons}
        for pid in old.values():
            os.kill(pid, signal.SIGKILL)
        for daemon, pid in old.items():
            eventually(lambda daemon=daemon, pid=pid: daemon_pid(daemon) != pid)

    def pod_facts(self):
        """What must not change: names, addresses, container ids, restart counts."""
        return sorted((pod["metadata"]["name"], pod["status"]["podIP"],
                       pod["status"]["containerStatuses"][0]["containerID"],
                       pod["status"]["containerStatuses"][0]["restartCount"]) for pod in self.kubectl.pods("app=web"))

    def converges(self):
        """The cluster still does what it is asked: scales up, is served, scales down."""
        self.kubectl("scale", "deployment/web", "--replicas=3")
        self.kubectl.ready_pods("app=web", 3)
        self.kubectl("scale", "deployment/web", "--replicas=2")
        self.kubectl.ready_pods("app=web", 2)

    def survives(self, *daemons):
        spec = self.kubectl.get("service", "web")["spec"]
        before = self.pod_facts()
        clients = [Traffic("node-1", spec["clusterIP"], 80), Traffic("node-1", spec["clusterIP"], 80, keep=True),
                   Traffic("node-2", spec["clusterIP"], 80, keep=True)]
        time.sleep(0.5)
        self.kill(*daemons)
        eventually(lambda: self.kubectl.run("get", "pods", check=False, timeout=10).returncode == 0)
        time.sleep(2)
        for result in [client.stop() for client in clients]:
            self.assertEqual((0, []), (result["failed"], result["failures"]), result)
            self.assertGreater(result["answered"], 50)
        self.assertEqual(before, self.pod_facts())
        self.converges()

    def test_an_agent_killed_under_traffic(self):
        self.survives("node-1-agent")

    def test_the_controller_killed_under_traffic(self):
        self.survives("controller")

    def test_agents_and_controller_killed_together(self):
        self.survives("node-1-agent", "node-2-agent", "controller")

    def test_node_ports_survive_an_agent(self):
        port = next(p["nodePort"] for p in self.kubectl.get("service", "web")["spec"]["ports"] if p["protocol"] == "TCP")
        self.kill("node-2-agent")
        for _ in range(20):
            run("curl", "-sf", "--max-time", "2", f"http://{node_ips()[1]}:{port}/")

    def test_what_was_acknowledged_is_there_after_the_controller_died(self):
        for number in range(20):
            self.kubectl("create", "configmap", f"kept-{number}", f"--from-literal=n={number}")
        self.kill("controller")
        def all_there():
            names = {found["metadata"]["name"] for found in self.kubectl.get("configmaps")}
            return all(f"kept-{number}" in names for number in range(20))
        eventually(all_there)

    def test_a_container_killed_is_started_again(self):
        pod = self.kubectl.pods("app=web")[0]
        name = pod["metadata"]["name"]
        self.kubectl("exec", name, "--", "kill", "-TERM", "1")
        def restarted():
            status = self.kubectl.get("pod", name)["status"]["containerStatuses"][0]
            return status["restartCount"] == 1 and status["ready"]
        eventually(restarted, timeout=30)

    def test_containerd_killed_keeps_the_pods(self):
        before = self.pod_facts()
        self.kill("node-1-containerd", "node-2-containerd")
        time.sleep(2)
        self.assertEqual(before, self.pod_facts())
        self.converges()


if __name__ == "__main__":
    main()
