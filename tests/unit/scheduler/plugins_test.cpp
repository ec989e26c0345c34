// SPDX-License-Identifier: Apache-2.0
#include "controller/scheduler/plugins/plugins.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/scheduler/cycle.h"
#include "tests/unit/scheduler/builders.h"

namespace skiff::scheduler {
namespace {

std::string refusal(const FilterPlugin& plugin, const api::Pod& pod, const api::Node& node,
                    const std::vector<api::Pod>& present = {}) {
  Cluster cluster({node}, present);
  const PodInfo info(std::make_shared<const api::Pod>(pod));
  const Nodes nodes = cluster.nodes();
  const StatePtr state = plugin.pre_filter(info, nodes);
  return plugin.filter(info, *nodes.at(0), state.get()).reason;
}

TEST(NodeResourcesFit, NamesWhatIsShort) {
  const api::Node node = make_node("n1", "2", "4Gi", 3);
  const auto asks = [](const char* resource, const char* amount) {
    return PodBuilder("p").container("c").request(resource, amount).build();
  };
  const api::Pod present = PodBuilder("x").on("n1").container("c").request("cpu", "500m").build();
  struct {
    api::Pod pod;
    const char* reason;
  } cases[] = {
      {asks("cpu", "1500m"), ""},
      {asks("cpu", "1501m"), "Insufficient cpu"},
      {asks("memory", "4Gi"), ""},
      {asks("memory", "5Gi"), "Insufficient memory"},
      {asks("ephemeral-storage", "1Gi"), "Insufficient ephemeral-storage"},
      {asks("example.com/gpu", "1"), "Insufficient example.com/gpu"},
      {asks("cpu", "0"), ""},
  };
  const auto plugin = node_resources_fit();
  for (const auto& c : cases) EXPECT_EQ(refusal(*plugin, c.pod, node, {present}), c.reason);
  EXPECT_EQ(refusal(*plugin, asks("cpu", "0"), make_node("n1", "2", "4Gi", 1), {present}),
            "Too many pods");
}

TEST(NodeResourcesFit, PrefersEmptierNodes) {
  Cluster cluster({make_node("n1"), make_node("n2")},
                  {PodBuilder("x").on("n1").container("c").request("cpu", "1").build()});
  const PodInfo pod(PodBuilder("p").container("c").share());
  const Nodes nodes = cluster.nodes();
  const auto plugin = node_resources_fit();
  EXPECT_LT(plugin->score(pod, *nodes[0], nullptr), plugin->score(pod, *nodes[1], nullptr));
}

TEST(BalancedAllocation, PrefersNodesWhoseResourcesAreUsedAlike) {
  // What the node uses of CPU and memory (of 4 and 8Gi), and what the pod asks for.
  const struct {
    const char* node_cpu;
    const char* node_memory;
    const char* pod_cpu;
    const char* pod_memory;
    int64_t score;
  } cases[] = {
      {"0", "0", "1", "2Gi", 100},  // a quarter of each
      {"1", "0", "0", "2Gi", 100},  // the pod evens it out
      {"0", "0", "4", "0", 50},     // all of one, nothing of the other
      {"0", "0", "2", "0", 75},      {"2", "0", "1", "2Gi", 75},  // three quarters against one
      {"3", "6Gi", "2", "4Gi", 100},  // more than there is counts as all of it
  };
  const auto plugin = balanced_allocation();
  for (const auto& c : cases) {
    Cluster cluster({make_node("n1")}, {PodBuilder("x")
                                            .on("n1")
                                            .container("c")
                                            .request("cpu", c.node_cpu)
                                            .request("memory", c.node_memory)
                                            .build()});
    const PodInfo pod(PodBuilder("p")
                          .container("c")
                          .request("cpu", c.pod_cpu)
                          .request("memory", c.pod_memory)
                          .share());
    EXPECT_EQ(plugin->score(pod, *cluster.nodes()[0], nullptr), c.score)
        << c.node_cpu << " " << c.node_memory << " + " << c.pod_cpu << " " << c.pod_memory;
  }
}

TEST(BalancedAllocation, ANodeWithoutAResourceIsFullOfIt) {
  Cluster cluster({make_node("n1", "0", "8Gi")}, {});
  const PodInfo pod(PodBuilder("p").container("c").share());
  EXPECT_EQ(balanced_allocation()->score(pod, *cluster.nodes()[0], nullptr), 50);
}

TEST(Resources, InitContainersCountAtTheirGreediest) {
  const api::Pod pod = PodBuilder("p")
                           .container("a")
                           .request("cpu", "100m")
                           .request("memory", "100Mi")
                           .container("b")
                           .request("cpu", "200m")
                           .init("i1")
                           .request("cpu", "600m")
                           .sidecar("s")
                           .request("cpu", "50m")
                           .init("i2")
                           .request("memory", "1Gi")
                           .build();
  const Resources requests = requests_of(pod.spec);
  EXPECT_EQ(requests.millicpu, 600);
  EXPECT_EQ(requests.memory_bytes, 1 << 30);
  const Resources running = requests_of(PodBuilder("p")
                                            .container("a")
                                            .request("cpu", "1")
                                            .sidecar("s")
                                            .request("cpu", "50m")
                                            .build()
                                            .spec);
  EXPECT_EQ(running.millicpu, 1050);
  EXPECT_EQ(scoring_requests_of(PodBuilder("p").container("a").build().spec).millicpu, 100);
  EXPECT_EQ(scoring_requests_of(PodBuilder("p").container("a").build().spec).memory_bytes,
            200 << 20);
}

TEST(TaintToleration, NamesTheTaint) {
  api::Node node = make_node("n1");
  node.spec.taints = {taint("k", "v", "NoSchedule")};
  const auto plugin = taint_toleration();
  const auto with = [](api::Toleration toleration) {
    return PodBuilder("p")
        .with([&](api::Pod& pod) { pod.spec.tolerations = {toleration}; })
        .build();
  };
  const char* refused = "node(s) had untolerated taint {k: v}";
  EXPECT_EQ(refusal(*plugin, PodBuilder("p").build(), node), refused);
  EXPECT_EQ(refusal(*plugin, with(toleration("k", "Equal", "v", "NoSchedule")), node), "");
  EXPECT_EQ(refusal(*plugin, with(toleration("k", "", "v", "")), node), "");
  EXPECT_EQ(refusal(*plugin, with(toleration("k", "Exists", "", "")), node), "");
  EXPECT_EQ(refusal(*plugin, with(toleration("", "Exists", "", "")), node), "");
  EXPECT_EQ(refusal(*plugin, with(toleration("k", "Equal", "w", "")), node), refused);
  EXPECT_EQ(refusal(*plugin, with(toleration("", "Equal", "v", "")), node), refused);
  EXPECT_EQ(refusal(*plugin, with(toleration("k", "Exists", "", "NoExecute")), node), refused);
  node.spec.taints = {taint("k", "v", "PreferNoSchedule")};
  EXPECT_EQ(refusal(*plugin, PodBuilder("p").build(), node), "");
  std::vector<int64_t> scores = {0, 2};
  plugin->normalize(scores);
  EXPECT_EQ(scores, (std::vector<int64_t>{100, 0}));
}

TEST(NodeAffinity, ChecksSelectorAndExpressions) {
  api::Node node = make_node("n1");
  node.metadata.labels["disk"] = "ssd";
  node.metadata.labels["cores"] = "8";
  struct {
    const char* key;
    const char* op;
    std::vector<std::string> values;
    bool fits;
  } cases[] = {{"disk", "In", {"ssd", "nvme"}, true}, {"disk", "In", {"hdd"}, false},
               {"disk", "NotIn", {"hdd"}, true},      {"absent", "NotIn", {"x"}, true},
               {"disk", "Exists", {}, true},          {"absent", "Exists", {}, false},
               {"absent", "DoesNotExist", {}, true},  {"disk", "DoesNotExist", {}, false},
               {"cores", "Gt", {"4"}, true},          {"cores", "Gt", {"8"}, false},
               {"cores", "Lt", {"9"}, true},          {"disk", "Lt", {"9"}, false}};
  const auto plugin = node_affinity();
  for (const auto& c : cases) {
    const api::Pod pod =
        PodBuilder("p")
            .with([&](api::Pod& made) {
              auto& required = made.spec.affinity.ensure()
                                   .nodeAffinity.ensure()
                                   .requiredDuringSchedulingIgnoredDuringExecution.ensure();
              auto& expression =
                  required.nodeSelectorTerms.emplace_back().matchExpressions.emplace_back();
              expression.key = c.key;
              expression.operator_ = c.op;
              expression.values = c.values;
            })
            .build();
    EXPECT_EQ(refusal(*plugin, pod, node),
              c.fits ? "" : "node(s) didn't match Pod's node affinity/selector")
        << c.key << " " << c.op;
  }
  const auto selecting = [](const char* value) {
    return PodBuilder("p")
        .with([&](api::Pod& pod) { pod.spec.nodeSelector["disk"] = value; })
        .build();
  };
  EXPECT_EQ(refusal(*plugin, selecting("ssd"), node), "");
  EXPECT_NE(refusal(*plugin, selecting("hdd"), node), "");
}

TEST(NodePorts, HostPortsAreTakenOnce) {
  const auto with_port = [](const char* name, int32_t port, const char* protocol, const char* ip) {
    return PodBuilder(name)
        .on("n1")
        .container("c")
        .with([&](api::Pod& pod) {
          api::ContainerPort& host = pod.spec.containers[0].ports.emplace_back();
          host.hostPort = port;
          host.protocol = protocol;
          host.hostIP = ip;
        })
        .build();
  };
  const char* taken = "node(s) didn't have free ports for the requested pod ports";
  const auto plugin = node_ports();
  const api::Node node = make_node("n1");
  const std::vector<api::Pod> present = {with_port("x", 80, "TCP", "10.0.0.1")};
  EXPECT_EQ(refusal(*plugin, with_port("p", 80, "TCP", ""), node, present), taken);
  EXPECT_EQ(refusal(*plugin, with_port("p", 80, "TCP", "10.0.0.1"), node, present), taken);
  EXPECT_EQ(refusal(*plugin, with_port("p", 80, "TCP", "10.0.0.2"), node, present), "");
  EXPECT_EQ(refusal(*plugin, with_port("p", 80, "UDP", ""), node, present), "");
  EXPECT_EQ(refusal(*plugin, with_port("p", 81, "TCP", ""), node, present), "");
}

TEST(NodeUnschedulable, KeepsPodsOffCordonedNodes) {
  api::Node node = make_node("n1");
  node.spec.unschedulable = true;
  EXPECT_EQ(refusal(*node_unschedulable(), PodBuilder("p").build(), node),
            "node(s) were unschedulable");
  const api::Pod tolerant = PodBuilder("p")
                                .with([](api::Pod& pod) {
                                  pod.spec.tolerations = {toleration(
                                      "node.kubernetes.io/unschedulable", "Exists", "", "")};
                                })
                                .build();
  EXPECT_EQ(refusal(*node_unschedulable(), tolerant, node), "");
}

TEST(NodeName, TakesTheNodeThatThePodNames) {
  const auto plugin = node_name();
  const api::Node node = make_node("n1");
  EXPECT_EQ(refusal(*plugin, PodBuilder("p").on("").container("c").build(), node), "");
  EXPECT_EQ(refusal(*plugin, PodBuilder("p").on("n1").container("c").build(), node), "");
  EXPECT_EQ(refusal(*plugin, PodBuilder("p").on("n2").container("c").build(), node),
            "node(s) didn't match the requested node name");
}

TEST(SchedulingGates, AreNamed) {
  api::Pod pod = PodBuilder("p").build();
  EXPECT_TRUE(scheduling_gates()->pre_enqueue(pod).ok());
  pod.spec.schedulingGates.emplace_back().name = "a";
  pod.spec.schedulingGates.emplace_back().name = "b";
  EXPECT_EQ(scheduling_gates()->pre_enqueue(pod).reason, "waiting for scheduling gates: [a b]");
}

TEST(PodTopologySpread, HoldsTheSkew) {
  const api::Pod pod = PodBuilder("p")
                           .label("app", "web")
                           .with([](api::Pod& made) {
                             auto& constraint = made.spec.topologySpreadConstraints.emplace_back();
                             constraint.maxSkew = 1;
                             constraint.topologyKey = "kubernetes.io/hostname";
                             constraint.whenUnsatisfiable = "DoNotSchedule";
                             constraint.labelSelector.ensure().matchLabels["app"] = "web";
                           })
                           .build();
  api::Node bare = make_node("n3");
  bare.metadata.labels.clear();
  Cluster cluster({make_node("n1"), make_node("n2"), bare},
                  {PodBuilder("x").on("n1").label("app", "web").build()});
  const PodInfo info(std::make_shared<const api::Pod>(pod));
  const Nodes nodes = cluster.nodes();
  const auto plugin = pod_topology_spread();
  const StatePtr state = plugin->pre_filter(info, nodes);
  EXPECT_EQ(plugin->filter(info, *nodes[0], state.get()).reason,
            "node(s) didn't match pod topology spread constraints");
  EXPECT_TRUE(plugin->filter(info, *nodes[1], state.get()).ok());
  EXPECT_EQ(plugin->filter(info, *nodes[2], state.get()).reason,
            "node(s) didn't match pod topology spread constraints (missing required label)");
}

TEST(ImageLocality, PrefersNodesThatHoldTheImage) {
  api::Node with = make_node("n1");
  auto& image = with.status.images.emplace_back();
  image.names = {"docker.io/library/nginx:latest"};
  image.sizeBytes = 900 << 20;
  Cluster cluster({with, make_node("n2")}, {});
  const PodInfo pod(PodBuilder("p").container("c", "nginx").share());
  const Nodes nodes = cluster.nodes();
  const auto plugin = image_locality();
  const StatePtr state = plugin->pre_score(pod, nodes);
  EXPECT_GT(plugin->score(pod, *nodes[0], state.get()), 0);
  EXPECT_EQ(plugin->score(pod, *nodes[1], state.get()), 0);
}

TEST(Decide, CountsTheReasonsInKubernetesWords) {
  api::Node tainted = make_node("n2");
  tainted.spec.taints = {taint("k", "v", "NoSchedule")};
  Cluster cluster({make_node("n1"), tainted}, {});
  const PodInfo pod(PodBuilder("p").on("").container("c").request("cpu", "64").share());
  const Decision decision = decide(default_profile(), pod, cluster.nodes(), 0);
  EXPECT_EQ(decision.node, "");
  EXPECT_EQ(decision.message(),
            "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint {k: v}. "
            "preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.");
  EXPECT_EQ(decide(default_profile(), pod, {}, 0).message(), "no nodes available to schedule pods");
}

TEST(Decide, TellsEveryResourceThatANodeLacks) {
  const api::Pod present = PodBuilder("q").on("n1").container("c").request("cpu", "3").build();
  Cluster cluster({make_node("n1")}, {present});
  const auto told = [&](api::Pod pod) {
    const PodInfo info(std::make_shared<const api::Pod>(std::move(pod)));
    return decide(default_profile(), info, cluster.nodes(), 0).message();
  };
  api::Pod pod = PodBuilder("p").on("").container("c").request("cpu", "2").build();
  EXPECT_EQ(
      told(pod),
      "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No "
      "preemption victims found for incoming pod.");
  pod.spec.preemptionPolicy = "Never";
  EXPECT_EQ(told(pod),
            "0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to "
            "preemptionPolicy=Never.");
  EXPECT_EQ(told(PodBuilder("p")
                     .on("")
                     .container("c")
                     .request("cpu", "2")
                     .request("memory", "64Gi")
                     .build()),
            "0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory. preemption: 0/1 "
            "nodes are available: 1 Preemption is not helpful for scheduling.");
}

TEST(Decide, SpreadsIdenticalPods) {
  Cluster cluster({make_node("n1"), make_node("n2"), make_node("n3")}, {});
  std::map<std::string, int> count;
  for (int i = 0; i < 12; ++i) {
    const auto info = std::make_shared<const PodInfo>(
        PodBuilder(fmt::format("p{}", i)).on("").label("app", "web").container("c").share());
    const Decision decision =
        decide(default_profile(), *info, cluster.nodes(), static_cast<uint64_t>(i));
    ++count[decision.node];
    cluster.cache.assume(info, decision.node);
  }
  EXPECT_EQ(count, (std::map<std::string, int>{{"n1", 4}, {"n2", 4}, {"n3", 4}}));
}

TEST(Cache, AnEndedPodHoldsNothing) {
  Cluster cluster({make_node("n1")},
                  {PodBuilder("x").on("n1").container("c").request("cpu", "1").build()});
  EXPECT_EQ(cluster.nodes()[0]->requested.millicpu, 1000);
  cluster.cache.set_pod(
      PodBuilder("x").on("n1").with([](api::Pod& pod) { pod.status.phase = "Failed"; }).share());
  EXPECT_EQ(cluster.nodes()[0]->requested.millicpu, 0);
  EXPECT_TRUE(cluster.nodes()[0]->pods.empty());
}

TEST(Cache, PodsKnownBeforeTheirNodeCount) {
  Cluster cluster({}, {PodBuilder("x").on("n1").container("c").request("cpu", "1").build()});
  EXPECT_TRUE(cluster.nodes().empty());
  cluster.cache.set_node(std::make_shared<const api::Node>(make_node("n1")));
  EXPECT_EQ(cluster.nodes().at(0)->requested.millicpu, 1000);
}

}  // namespace
}  // namespace skiff::scheduler
