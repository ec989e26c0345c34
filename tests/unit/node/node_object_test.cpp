// SPDX-License-Identifier: Apache-2.0
#include "agent/node/node_object.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skiff::node {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

const TimePoint kNow = TimePoint(1'700'000'000s);

NodeOptions options() {
  return {.name = "n1",
          .addresses = {*IpAddress::parse("10.89.0.2"), *IpAddress::parse("fd00:10:89::2")},
          .labels = {{"tier", "edge"}}};
}

Observed healthy() {
  Observed observed;
  observed.facts.cpus = 2;
  observed.facts.memory_bytes = int64_t{8} << 30;
  observed.facts.disk_bytes = int64_t{100} << 30;
  observed.facts.architecture = "amd64";
  observed.usage.memory_available_bytes = int64_t{4} << 30;
  observed.runtime_version = "containerd://1.6.20";
  observed.runtime = {{"RuntimeReady", true, "", ""}, {"NetworkReady", true, "", ""}};
  return observed;
}

api::NodeCondition find(const api::NodeStatus& status, std::string_view type) {
  for (const api::NodeCondition& condition : status.conditions)
    if (condition.type == type) return condition;
  return {};
}

TEST(NewNode, HasLabelsAddressesAndCapacity) {
  const api::Node node = new_node(options(), healthy().facts);
  EXPECT_EQ(node.metadata.labels.at("kubernetes.io/hostname"), "n1");
  EXPECT_EQ(node.metadata.labels.at("kubernetes.io/arch"), "amd64");
  EXPECT_EQ(node.metadata.labels.at("kubernetes.io/os"), "linux");
  EXPECT_EQ(node.metadata.labels.at("tier"), "edge");
  std::vector<std::string> addresses;
  for (const auto& address : node.status.addresses)
    addresses.push_back(address.type + "=" + address.address);
  EXPECT_THAT(addresses,
              ElementsAre("InternalIP=10.89.0.2", "InternalIP=fd00:10:89::2", "Hostname=n1"));
  EXPECT_EQ(node.status.capacity.at("cpu").to_string(), "2");
  EXPECT_EQ(node.status.capacity.at("memory").value(), int64_t{8} << 30);
  EXPECT_EQ(node.status.allocatable.at("pods").value(), 110);
  EXPECT_EQ(node.status.daemonEndpoints.kubeletEndpoint.Port, 10250);
}

TEST(NodeStatus, IsReadyWhenEverythingIs) {
  const api::NodeStatus status = node_status(options(), {}, healthy(), kNow);
  EXPECT_EQ(find(status, "Ready").status, "True");
  EXPECT_EQ(find(status, "Ready").reason, "KubeletReady");
  for (const char* type : {"MemoryPressure", "DiskPressure", "PIDPressure"})
    EXPECT_EQ(find(status, type).status, "False") << type;
}

TEST(NodeStatus, SaysWhyItIsNotReady) {
  struct {
    const char* message;
    void (*change)(Observed&);
  } cases[] = {
      {"[container runtime is down]", [](Observed& seen) { seen.runtime_version.clear(); }},
      {"[NetworkReady is false: NoCni no network config]",
       [](Observed& seen) {
         seen.runtime[1] = {"NetworkReady", false, "NoCni", "no network config"};
       }},
      {"[datapath is loading]",
       [](Observed& seen) { seen.not_ready_because = "datapath is loading"; }},
      {"[container runtime is down, datapath is loading]",
       [](Observed& seen) {
         seen.runtime_version.clear();
         seen.not_ready_because = "datapath is loading";
       }},
  };
  for (const auto& c : cases) {
    Observed observed = healthy();
    c.change(observed);
    const api::NodeCondition ready = find(node_status(options(), {}, observed, kNow), "Ready");
    EXPECT_EQ(ready.status, "False");
    EXPECT_EQ(ready.reason, "KubeletNotReady");
    EXPECT_EQ(ready.message, c.message);
  }
}

TEST(NodeStatus, TellsPressure) {
  Observed observed = healthy();
  observed.usage.memory_available_bytes = 99 << 20;
  observed.usage.disk_free = 0.09;
  const api::NodeStatus status = node_status(options(), {}, observed, kNow);
  EXPECT_EQ(find(status, "MemoryPressure").status, "True");
  EXPECT_EQ(find(status, "DiskPressure").status, "True");
  observed = healthy();
  observed.usage.inodes_free = 0.04;
  EXPECT_EQ(find(node_status(options(), {}, observed, kNow), "DiskPressure").status, "True");
}

TEST(NodeStatus, ConditionsKeepTheirTransitionTimes) {
  const api::NodeStatus first = node_status(options(), {}, healthy(), kNow);
  const api::NodeStatus second = node_status(options(), first, healthy(), kNow + 10s);
  EXPECT_EQ(find(second, "Ready").lastTransitionTime, api::Time(kNow));
  EXPECT_EQ(find(second, "Ready").lastHeartbeatTime, api::Time(kNow + 10s));
  Observed down = healthy();
  down.runtime_version.clear();
  const api::NodeStatus third = node_status(options(), second, down, kNow + 20s);
  EXPECT_EQ(find(third, "Ready").lastTransitionTime, api::Time(kNow + 20s));
  EXPECT_EQ(find(third, "DiskPressure").lastTransitionTime, api::Time(kNow));
}

TEST(NodeStatus, KeepsConditionsOfOthers) {
  api::NodeStatus present;
  present.conditions.emplace_back().type = "NetworkUnavailable";
  EXPECT_EQ(find(node_status(options(), present, healthy(), kNow), "NetworkUnavailable").type,
            "NetworkUnavailable");
}

TEST(NodeStatus, ListsTheLargestImages) {
  Observed observed = healthy();
  for (uint64_t i = 0; i < 60; ++i)
    observed.images.push_back({.repo_tags = {fmt::format("image:{}", i)},
                               .repo_digests = {"image@sha256:x"},
                               .size_bytes = i});
  const api::NodeStatus status = node_status(options(), {}, observed, kNow);
  ASSERT_EQ(status.images.size(), 50u);
  EXPECT_THAT(status.images[0].names, ElementsAre("image@sha256:x", "image:59"));
  EXPECT_EQ(status.images[0].sizeBytes, 59);
}

TEST(Differs, IgnoresHeartbeats) {
  const api::NodeStatus first = node_status(options(), {}, healthy(), kNow);
  EXPECT_FALSE(differs(node_status(options(), first, healthy(), kNow + 10s), first));
  Observed changed = healthy();
  changed.runtime_version = "containerd://1.7";
  EXPECT_TRUE(differs(node_status(options(), first, changed, kNow), first));
  changed = healthy();
  changed.runtime[1].status = false;
  EXPECT_TRUE(differs(node_status(options(), first, changed, kNow), first));
  EXPECT_TRUE(differs(first, {}));
  EXPECT_TRUE(differs({}, first));
}

TEST(Facts, OfThisMachineAreThere) {
  const auto facts = read_facts("/");
  ASSERT_TRUE(facts.ok()) << message(facts.status());
  EXPECT_GT(facts->cpus, 0);
  EXPECT_GT(facts->memory_bytes, 0);
  EXPECT_GT(facts->disk_bytes, 0);
  EXPECT_FALSE(facts->kernel_version.empty());
  EXPECT_FALSE(facts->architecture.empty());
  const auto usage = read_usage("/");
  ASSERT_TRUE(usage.ok());
  EXPECT_GT(usage->memory_available_bytes, 0);
  EXPECT_LE(usage->disk_free, 1);
  EXPECT_FALSE(read_facts("/does/not/exist").ok());
}

}  // namespace
}  // namespace skiff::node
