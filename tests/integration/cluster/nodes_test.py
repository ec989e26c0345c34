#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Nodes: registered, Ready, described; what kubectl asks of any cluster."""

from harness import KUBECTLS, ClusterTest, Kubectl, admin_files, is_ready, main, node_ips, on_node, run


class Nodes(ClusterTest):
    namespace = "default"

    def test_two_nodes_are_ready(self):
        nodes = self.kubectl.get("nodes")
        self.assertEqual(["node-1", "node-2"], sorted(node["metadata"]["name"] for node in nodes))
        self.assertTrue(all(is_ready(node) for node in nodes))

    def test_nodes_tell_address_capacity_and_runtime(self):
        for index, node in enumerate(sorted(self.kubectl.get("nodes"), key=lambda node: node["metadata"]["name"])):
            addresses = {a["address"] for a in node["status"]["addresses"] if a["type"] == "InternalIP"}
            self.assertEqual({node_ips()[index], node_ips(family=6)[index]}, addresses)
            self.assertGreater(int(node["status"]["allocatable"]["pods"]), 0)
            self.assertIn("cpu", node["status"]["capacity"])
            self.assertTrue(node["status"]["nodeInfo"]["containerRuntimeVersion"].startswith("containerd://"))
            self.assertEqual(2, len(node["spec"]["podCIDRs"]))

    def test_pod_ranges_of_nodes_differ(self):
        ranges = [node["spec"]["podCIDR"] for node in self.kubectl.get("nodes")]
        self.assertEqual(2, len(set(ranges)))

    def test_each_node_renews_its_lease(self):
        leases = Kubectl(namespace="kube-node-lease").get("leases")
        self.assertEqual(["node-1", "node-2"], sorted(lease["metadata"]["name"] for lease in leases))

    def test_every_kubectl_lists_nodes_as_a_table(self):
        for version in KUBECTLS:
            with self.subTest(kubectl=version):
                table = Kubectl(version)("get", "nodes", "-o", "wide")
                self.assertRegex(table, r"NAME +STATUS +ROLES +AGE +VERSION +INTERNAL-IP")
                self.assertRegex(table, r"node-1 +Ready ")

    def test_every_kubectl_describes_a_node(self):
        for version in KUBECTLS:
            with self.subTest(kubectl=version):
                text = Kubectl(version)("describe", "node", "node-1")
                self.assertIn("Allocatable:", text)
                self.assertRegex(text, r"Ready +True")

    def test_system_namespaces_are_there(self):
        names = {namespace["metadata"]["name"] for namespace in self.kubectl.get("namespaces")}
        self.assertLessEqual({"default", "kube-system", "kube-public", "kube-node-lease"}, names)

    def test_the_kubernetes_service_leads_to_the_api(self):
        service = self.kubectl.get("service", "kubernetes")
        self.assertEqual("10.96.0.1", service["spec"]["clusterIP"])
        answer = on_node("node-2", "curl", "-sk", "--max-time", "3", "https://10.96.0.1/version")
        self.assertIn("gitVersion", answer.stdout)

    def test_a_node_is_a_host_of_its_own(self):
        self.assertEqual("node-2", on_node("node-2", "hostname").stdout.strip())
        links = on_node("node-2", "ls", "/sys/class/net").stdout.split()
        self.assertIn("eth0", links)

    def ask_node(self, path, *options):
        url = f"https://{node_ips()[0]}:10250{path}"
        return run("curl", "-sk", "--max-time", "3", *options, "-w", "%{http_code}", url).stdout

    def test_a_node_serves_health_and_metrics_to_those_it_knows(self):
        certificate, key = admin_files()
        known = ("--cert", certificate, "--key", key)
        self.assertTrue(self.ask_node("/healthz", *known).endswith("200"))
        self.assertIn("# TYPE ", self.ask_node("/metrics", *known))
        self.assertTrue(self.ask_node("/metrics").endswith("401"))
        self.assertTrue(self.ask_node("/pods").endswith("401"))


if __name__ == "__main__":
    main()
