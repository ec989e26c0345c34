// SPDX-License-Identifier: Apache-2.0
#include "cli/local/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "cli/local/spec_file.h"

namespace skiff::cli {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr size_t kMaxDeviceName = 15;

TEST(ClusterSpec, RefusesNamesThatAreNoPartOfADeviceOrDirectoryName) {
  for (const char* name :
       {"", "-x", "a/b", "..", "Upper", "with space", "far-too-long-for-a-name"}) {
    EXPECT_FALSE(validate({.name = name}).ok()) << name;
  }
  EXPECT_TRUE(validate({.name = "t-1"}).ok());
}

// `skiff down --name agent` removed what the machine's own agent keeps in /var/lib/skiff/agent.
TEST(ClusterSpec, RefusesNamesOfWhatTheMachinesOwnAgentAndControllerKeep) {
  for (const char* name : {"agent", "controller", "seccomp", "cni-tombstones", "maps", "links"}) {
    EXPECT_THAT(std::string(message(validate({.name = name}))), HasSubstr("choose another"));
  }
  EXPECT_TRUE(validate({.name = "agents"}).ok());
}

// The last `skiff down` never gave the machine back where an agent of its own had a directory.
TEST(ClusterNames, AreOfDirectoriesWithACluster) {
  namespace fs = std::filesystem;
  const fs::path root = fs::temp_directory_path() / fmt::format("skiff-names-{}", ::getpid());
  for (const char* name : {"lab", "broken", "agent", "half-made"})
    fs::create_directories(root / name);
  std::ofstream(root / "lab/cluster.json") << encode({.name = "lab"});
  std::ofstream(root / "broken/cluster.json") << "{";
  EXPECT_THAT(cluster_names(root), ElementsAre("broken", "lab"));
  fs::remove_all(root);
  EXPECT_THAT(cluster_names(root), ElementsAre());
}

TEST(ClusterSpec, RefusesNoNodes) {
  EXPECT_THAT(std::string(message(validate({.nodes = 0}))), HasSubstr("--nodes 0: want 1 to"));
}

TEST(ClusterSpec, ComesBackFromItsFile) {
  const ClusterSpec spec{.name = "lab",
                         .index = 3,
                         .nodes = 5,
                         .ipv6 = true,
                         .api_port = 6450,
                         .agent_flags = {"--overlay=always"},
                         .controller_flags = {"--log-level=debug"},
                         .runtimes = {"crun=/usr/bin/crun"}};
  auto decoded = decode_spec(encode(spec));
  ASSERT_TRUE(decoded.ok()) << message(decoded.status());
  EXPECT_EQ(*decoded, spec);
}

TEST(ClusterSpec, BrokenFilesAreErrors) {
  for (const char* text :
       {"", "[]", "{}", "{\"name\":\"x\"}", "{\"name\":1,\"index\":0,\"nodes\":1}"}) {
    EXPECT_EQ(decode_spec(text).status().code(), StatusCode::kDataLoss) << text;
  }
}

TEST(Layout, DeviceNamesFitTheKernelAndDifferBetweenClusters) {
  std::set<std::string> devices;
  for (const char* name : {"local", "integration", "integration-2", "a-name-of-20-letters"}) {
    const Layout layout = make_layout({.name = name, .nodes = 50, .segments = 4});
    for (const Segment& segment : layout.segments) {
      for (const std::string& link : {segment.bridge, segment.router_veth}) {
        EXPECT_LE(link.size(), kMaxDeviceName);
        EXPECT_TRUE(devices.insert(link).second) << link;
      }
    }
    for (const NodeLayout& node : layout.nodes) {
      EXPECT_LE(node.veth.size(), kMaxDeviceName);
      EXPECT_TRUE(devices.insert(node.veth).second) << node.veth;
    }
  }
}

// Down and up of one cluster removed the bridge of the other.
TEST(Layout, ASegmentHasNotTheBridgeOfAClusterNamedLikeIt) {
  std::set<std::string> devices;
  for (const char* name : {"lab", "lab-1", "lab-2", "lab-3", "lab-4"})
    for (const Segment& segment : make_layout({.name = name, .segments = 4}).segments)
      EXPECT_TRUE(devices.insert(segment.bridge).second) << segment.bridge << " of " << name;
}

TEST(Layout, NamespacesOfAClusterNamedLikeANodeAreNotTheNodes) {
  const Layout lab = make_layout({.name = "lab", .nodes = 50, .segments = 2});
  const Layout other = make_layout({.name = "lab-node-1", .nodes = 1, .segments = 2});
  EXPECT_TRUE(lab.owns_netns("skiff-lab-node-1"));
  EXPECT_TRUE(lab.owns_netns("skiff-lab-router"));
  EXPECT_FALSE(lab.owns_netns(other.nodes[0].netns));
  EXPECT_FALSE(lab.owns_netns(other.router_netns));
}

TEST(Layout, NodesFollowTheBridgeInItsRange) {
  const Layout layout = make_layout({.index = 7, .ipv6 = true});
  EXPECT_EQ(layout.segments[0].bridge_ips[0].to_string(), "10.89.7.1");
  EXPECT_EQ(layout.nodes[0].ips[0].to_string(), "10.89.7.2");
  EXPECT_EQ(layout.nodes[1].ips[0].to_string(), "10.89.7.3");
  EXPECT_EQ(layout.nodes[1].ips[1].to_string(), "fd00:10:89:7::3");
  EXPECT_EQ(layout.dns[0].to_string(), "10.96.0.10");
  EXPECT_EQ(layout.dns[1].to_string(), "fd00:10:96::a");
}

TEST(Layout, NodesTakeTurnsOnSegments) {
  const Layout layout = make_layout({.nodes = 3, .segments = 2, .ipv6 = true});
  EXPECT_EQ(layout.segments[1].ranges[0].to_string(), "10.89.0.64/26");
  EXPECT_EQ(layout.segments[1].ranges[1].to_string(), "fd00:10:89:0:1::/80");
  EXPECT_EQ(layout.nodes[0].ips[0].to_string(), "10.89.0.2");
  EXPECT_EQ(layout.nodes[1].ips[0].to_string(), "10.89.0.67");
  EXPECT_EQ(layout.nodes[2].ips[0].to_string(), "10.89.0.4");
  EXPECT_EQ(layout.segments[1].router_ips[0].to_string(), "10.89.0.126");
}

TEST(Layout, Ipv4AloneHasNoIpv6Ranges) {
  const Layout layout = make_layout({});
  EXPECT_EQ(layout.node_ranges.size(), 1u);
  EXPECT_EQ(layout.service_ranges.size(), 1u);
  EXPECT_EQ(layout.nodes[0].ips.size(), 1u);
}

TEST(Daemons, EachNodeHasAContainerdAndAnAgentThatWaitsForIt) {
  const Layout layout = make_layout({.nodes = 2});
  const std::vector<Daemon> all = daemons(layout, {.controller = "c", .agent = "a"});
  ASSERT_EQ(all.size(), 5u);
  EXPECT_EQ(all[0].name, "controller");
  EXPECT_FALSE(all[0].node.has_value());
  EXPECT_EQ(all[4].name, "node-2-agent");
  EXPECT_EQ(all[4].node, 1u);
  EXPECT_THAT(all[4].wait_for, Contains(layout.nodes[1].containerd_socket));
  EXPECT_THAT(all[4].argv,
              Contains("--container-runtime=unix://" + layout.nodes[1].containerd_socket));
}

TEST(ContainerdConfig, NeverLowersOomScores) {
  const std::string config = containerd_config("/data", "/run/x", "/bin", "/cni");
  EXPECT_THAT(config, HasSubstr("restrict_oom_score_adj = true"));
  EXPECT_THAT(config, HasSubstr("root = \"/data\""));
  EXPECT_THAT(config, HasSubstr("address = \"/run/x/containerd.sock\""));
}

TEST(ContainerdConfig, HasTheHandlersThatWereAskedFor) {
  const std::string config = containerd_config(
      "/data", "/run/x", "/bin", "/cni", {"crun=/usr/bin/crun", "kata=io.containerd.kata.v2"});
  EXPECT_THAT(config, HasSubstr("containerd.runtimes.crun]\n"
                                "      runtime_type = \"io.containerd.runc.v2\"\n"));
  EXPECT_THAT(config, HasSubstr("BinaryName = \"/usr/bin/crun\""));
  EXPECT_THAT(config, HasSubstr("containerd.runtimes.kata]\n"
                                "      runtime_type = \"io.containerd.kata.v2\"\n"));
}

TEST(Layout, DaemonsGetTheFlagsThatWereAskedFor) {
  const Layout layout = make_layout(
      {.nodes = 1, .agent_flags = {"--overlay=always"}, .controller_flags = {"--log-level=debug"}});
  const auto all = daemons(layout, {});
  EXPECT_EQ(all[0].argv.back(), "--log-level=debug");
  EXPECT_EQ(all[2].argv.back(), "--overlay=always");
}

}  // namespace
}  // namespace skiff::cli
