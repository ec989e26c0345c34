// SPDX-License-Identifier: Apache-2.0
// A node for tests: a namespace of its own that the test's thread is in, directories, and a Network
// on a loop.
#pragma once

#include <sched.h>

#include <filesystem>
#include <optional>

#include "agent/net/address.h"
#include "agent/net/link.h"
#include "agent/network/network.h"
#include "tests/integration/cni/root.h"
#include "tests/run_on.h"

namespace skiff::testing {

// Counts, and fails on demand.
class CountingAttacher final : public network::Attacher {
 public:
  awaitable<Status> attach(network::Attachment) override {
    ++attached;
    co_return failure;
  }
  awaitable<Status> detach(network::Attachment) override {
    ++detached;
    co_return absl::OkStatus();
  }
  awaitable<Status> set_overlay(network::Overlay told) override {
    overlay = std::move(told);
    co_return absl::OkStatus();
  }
  network::Overlay overlay;
  int attached = 0;
  int detached = 0;
  Status failure;
};

class NodeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_NETNS();
    home_.emplace(*net::Netns::current());
    node_.emplace(*net::Netns::create_anonymous());
    ASSERT_EQ(::setns(node_->fd(), CLONE_NEWNET), 0);
    char path[] = "/tmp/skiff-network-XXXXXX";
    directory_ = ::mkdtemp(path);
    options_ = {.node_name = "a",
                .run_directory = directory_ / "run",
                .data_directory = directory_ / "data",
                .conf_directory = directory_ / "net.d"};
  }
  void TearDown() override {
    stop();
    pods_.clear();
    if (home_) ASSERT_EQ(::setns(home_->fd(), CLONE_NEWNET), 0);
    if (!directory_.empty()) std::filesystem::remove_all(directory_);
  }

  template <class T>
  T wait(awaitable<T> task) {
    return run_on(*io_, std::move(task));
  }

  void make_network() {
    io_.emplace();
    network_.emplace(io_->get_executor(), options_, clock_, &attacher_);
  }
  void start() {
    make_network();
    ASSERT_OK(wait(network_->start()));
  }
  void start_with_ranges() {
    start();
    ASSERT_OK(wait(network_->set_ranges({cidr("10.244.0.0/24"), cidr("fd00:10:244::/64")})));
  }
  void stop() {
    network_.reset();
    io_.reset();
  }

  // The path of a new pod's namespace, which lives as long as the test, or until close_pod.
  std::string make_pod() {
    pods_.push_back(std::make_unique<net::Netns>(*net::Netns::create_anonymous()));
    return pod_path(pods_.size() - 1);
  }
  std::string pod_path(size_t pod) const {
    return fmt::format("/proc/{}/fd/{}", ::getpid(), pods_[pod]->fd());
  }
  const net::Netns& pod(size_t index) const { return *pods_[index]; }
  void close_pod(size_t index) { pods_[index].reset(); }

  static network::CniCall cni(const std::string& command, const std::string& container,
                              const std::string& netns, const std::string& more = "") {
    return {.environment = {{"CNI_COMMAND", command},
                            {"CNI_CONTAINERID", container},
                            {"CNI_NETNS", netns},
                            {"CNI_IFNAME", "eth0"},
                            {"CNI_ARGS",
                             "IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=" + container}},
            .input = R"({"cniVersion":"1.1.0","name":"skiff","type":"skiff-cni")" + more + "}"};
  }
  network::CniAnswer call(const std::string& command, const std::string& container,
                          const std::string& netns, const std::string& more = "") {
    return wait(network_->call(cni(command, container, netns, more)));
  }

  // Names of the links of pods on the node.
  std::vector<std::string> pod_links() {
    std::vector<std::string> names;
    net::Netlink netlink = *net::Netlink::open();
    const auto links = *net::list_links(netlink);
    for (const net::Link& link : links)
      if (link.name.starts_with("skiff")) names.push_back(link.name);
    return names;
  }
  size_t journal_files() const {
    return static_cast<size_t>(std::distance(
        std::filesystem::directory_iterator(directory_ / "data/network/attachments"), {}));
  }

  SystemClock clock_;
  CountingAttacher attacher_;
  network::Options options_;
  std::filesystem::path directory_;
  std::optional<net::Netns> home_;
  std::optional<net::Netns> node_;
  std::vector<std::unique_ptr<net::Netns>> pods_;
  std::optional<asio::io_context> io_;
  std::optional<network::Network> network_;
};

}  // namespace skiff::testing
