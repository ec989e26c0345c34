#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rolling updates under traffic that never stops: no request fails."""

import time

from harness import MANIFESTS, ClusterTest, Traffic, main
from workloads import echo_deployment, service


class Rollout(ClusterTest):
    def clients(self, address, port=80):
        """One client on each node, a new connection per request."""
        return [Traffic(node, address, port) for node in ("node-1", "node-2")]

    def assert_unharmed(self, clients):
        for result in [client.stop() for client in clients]:
            self.assertEqual((0, []), (result["failed"], result["failures"]), result)
            self.assertGreater(result["answered"], 50)

    def test_the_nginx_manifests_roll_forth_and_back_without_a_failed_request(self):
        self.kubectl("apply", "-f", MANIFESTS / "07-nginx-deployment-v1.yaml")
        self.kubectl("expose", "deployment", "nginx", "--port=80")
        self.kubectl.ready_pods("app=nginx", 2)
        address = self.kubectl.get("service", "nginx")["spec"]["clusterIP"]
        clients = self.clients(address)
        self.kubectl("apply", "-f", MANIFESTS / "08-nginx-deployment-v2.yaml")
        self.kubectl("rollout", "status", "deployment/nginx", "--timeout=60s", timeout=70)
        self.kubectl("rollout", "undo", "deployment/nginx")
        self.kubectl("rollout", "status", "deployment/nginx", "--timeout=60s", timeout=70)
        time.sleep(1)  # the last old pods end
        self.assert_unharmed(clients)

    def test_scaling_up_and_down_fails_no_request(self):
        self.kubectl.apply(echo_deployment("web", 2))
        self.kubectl.apply(service("web", "web"))
        self.kubectl.ready_pods("app=web", 2)
        clients = self.clients(self.kubectl.get("service", "web")["spec"]["clusterIP"])
        for replicas in (4, 2):
            self.kubectl("scale", "deployment/web", f"--replicas={replicas}")
            self.kubectl.ready_pods("app=web", replicas)
        time.sleep(1)
        self.assert_unharmed(clients)

    def test_a_broken_image_stops_the_rollout_and_keeps_the_old_pods(self):
        self.kubectl.apply(echo_deployment("steady", 2))
        self.kubectl.ready_pods("app=steady", 2)
        self.kubectl("set", "image", "deployment/steady", "echo=not-there:9")
        stuck = self.kubectl.run("rollout", "status", "deployment/steady", "--timeout=4s", check=False)
        self.assertNotEqual(0, stuck.returncode)
        available = self.kubectl.get("deployment", "steady")["status"]["availableReplicas"]
        self.assertGreaterEqual(available, 2)
        self.assertRegex(self.kubectl("get", "pods", "-l", "app=steady"), r"ErrImagePull|ImagePullBackOff")
        self.kubectl("rollout", "undo", "deployment/steady")
        self.kubectl("rollout", "status", "deployment/steady", "--timeout=60s", timeout=70)

    def test_recreate_ends_the_old_pods_first(self):
        self.kubectl.apply(echo_deployment("recreate", 2, strategy={"type": "Recreate"}))
        old = {pod["metadata"]["name"] for pod in self.kubectl.ready_pods("app=recreate", 2)}
        self.kubectl("rollout", "restart", "deployment/recreate")
        self.kubectl("rollout", "status", "deployment/recreate", "--timeout=60s", timeout=70)
        new = {pod["metadata"]["name"] for pod in self.kubectl.ready_pods("app=recreate", 2)}
        self.assertFalse(old & new)


if __name__ == "__main__":
    main()
