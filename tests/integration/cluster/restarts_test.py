#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The agents of all nodes killed and started again and again, under TCP, UDP and NodePort traffic: no packet is lost, no connection
is reset. SKIFF_RESTARTS rounds (10, as for the figures of docs/BENCHMARKS.md).
"""

import os
import random
import signal
import time

from harness import ClusterTest, Traffic, daemon_pid, eventually, main, node_ips
from workloads import echo_deployment, service

ROUNDS = int(os.environ.get("SKIFF_RESTARTS", "10"))
AGENTS = ("node-1-agent", "node-2-agent")


class Restarts(ClusterTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kubectl.apply(echo_deployment("web", 4))
        cls.kubectl.apply(service("web", "web", type="NodePort"))
        cls.kubectl.ready_pods("app=web", 4)

    def clients(self):
        """By what they do: each asks every 5 ms."""
        spec = self.kubectl.get("service", "web")["spec"]
        ports = {port["protocol"]: port["nodePort"] for port in spec["ports"]}
        first, second = node_ips()[:2]
        return {
            "new TCP connections to the ClusterIP": Traffic("node-1", spec["clusterIP"], 80),
            "one TCP connection to the ClusterIP": Traffic("node-1", spec["clusterIP"], 80, "--keep"),
            "the same from the other node": Traffic("node-2", spec["clusterIP"], 80, "--keep"),
            "UDP to the ClusterIP": Traffic("node-2", spec["clusterIP"], 80, "--udp"),
            "new TCP connections to a NodePort, from outside": Traffic(None, first, ports["TCP"]),
            "one TCP connection to a NodePort, from outside": Traffic(None, second, ports["TCP"], "--keep"),
            "UDP to a NodePort, from outside": Traffic(None, first, ports["UDP"], "--udp"),
        }

    def test_no_packet_is_lost(self):
        clients = self.clients()
        chance = random.Random(1)
        begun = time.monotonic()
        killed = {agent: 0 for agent in AGENTS}
        for number in range(ROUNDS):
            agent = AGENTS[number % 2]
            # The supervisor waits longer and longer before it starts again what ends at once: up to 10 s without an agent.
            eventually(lambda agent=agent: daemon_pid(agent) != killed[agent], interval=0.02)
            # Half of them die while they are still starting.
            time.sleep(chance.uniform(0.02, 0.3) if number % 4 < 2 else chance.uniform(0.5, 1.5))
            killed[agent] = daemon_pid(agent)
            os.kill(killed[agent], signal.SIGKILL)
        for agent, pid in killed.items():
            eventually(lambda agent=agent, pid=pid: daemon_pid(agent) != pid)
        time.sleep(2)
        results = {what: client.stop() for what, client in clients.items()}
        print(f"\n{ROUNDS} restarts in {time.monotonic() - begun:.0f} s")
        for what, result in results.items():
            print(f"  {what}: {result['answered']} answered, {result['failed']} failed, slowest {result['slowest']} s")
        for what, result in results.items():
            with self.subTest(what):
                self.assertEqual((0, []), (result["failed"], result["failures"]))
                self.assertGreater(result["answered"], 10 * ROUNDS)


if __name__ == "__main__":
    main()
