// SPDX-License-Identifier: Apache-2.0
// The tests with real sockets: a live network with the datapath attached, by either kind of hook.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/bpf/live_network.h"

namespace skiff::testing {

using datapath::Datapath;
using datapath::DatapathOptions;
using datapath::TcHook;
using datapath::to_abi;

inline constexpr uint16_t kPort = 80, kTarget = 8080, kNodePort = 30080;

inline IpAddress vip(bool v4, int last) {
  return IpAddress::parse(fmt::format("{}{}", v4 ? "10.96.0." : "fd00:10:96::", last)).value();
}

// A cgroup v2 directory of the test's own, with the whole process in it.
class TestCgroup {
 public:
  TestCgroup() {
    for (const char* root : {"/sys/fs/cgroup/unified", "/sys/fs/cgroup"}) {
      if (!std::filesystem::exists(fmt::format("{}/cgroup.procs", root))) continue;
      root_ = root;
      path_ = fmt::format("{}/skiff-test-{}", root, ::getpid());
      std::error_code error;
      std::filesystem::create_directory(path_, error);
      if (!error && move_to(path_)) return;
    }
    path_.clear();
  }
  ~TestCgroup() {
    if (path_.empty()) return;
    move_to(root_);
    ::rmdir(path_.c_str());
  }
  const std::string& path() const { return path_; }

 private:
  static bool move_to(const std::string& directory) {
    std::ofstream procs(directory + "/cgroup.procs");
    procs << ::getpid();
    return static_cast<bool>(procs.flush());
  }
  std::string root_, path_;
};

class LiveTest : public ::testing::TestWithParam<TcHook> {
 protected:
  void SetUp() override {
    if (const auto reason = isolate_process()) GTEST_SKIP() << *reason;
    auto network = LiveNetwork::create();
    ASSERT_TRUE(network.ok()) << network.status();
    network_ = std::move(*network);
    options_.pin_dir = test_pin_dir("live");
    options_.tc_hook = GetParam();
    ASSERT_NO_FATAL_FAILURE(open());
  }
  void TearDown() override {
    datapath_.reset();
    if (network_) {
      EXPECT_TRUE(datapath::uninstall(options_.pin_dir).ok());
    }
  }
  void open() {
    datapath_.reset();
    auto opened = Datapath::open(options_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    datapath_ = std::move(*opened);
    const Status attached = network_->attach(*datapath_);
    ASSERT_TRUE(attached.ok()) << attached;
  }
  // A Service of both families and transports in front of (pod, kTarget), ClusterIP and NodePort.
  void expose(int last, const Host* backend, uint16_t node_port, uint32_t affinity = 0) {
    uint32_t id = static_cast<uint32_t>(last) * 10;
    for (const bool v4 : {true, false}) {
      for (const uint8_t protocol : {6, 17}) {
        const uint32_t base = ++id;
        if (backend != nullptr) {
          ASSERT_TRUE(datapath_->maps()
                          .backends
                          ->put(base, {.address = to_abi(backend->address(v4)),
                                       .port = datapath::port_be(kTarget)})
                          .ok());
        }
        const datapath::Frontend frontend = {.service_id = id,
                                             .base = base,
                                             .count = backend != nullptr ? 1u : 0u,
                                             .generation = 1,
                                             .affinity_seconds = affinity};
        put({.address = to_abi(vip(v4, last)),
             .port = datapath::port_be(kPort),
             .protocol = protocol},
            frontend);
        put({.address = datapath::node_port_address(v4),
             .port = datapath::port_be(node_port),
             .protocol = protocol},
            frontend);
      }
    }
  }
  void put(const datapath::FrontendKey& key, const datapath::Frontend& frontend) {
    ASSERT_TRUE(datapath_->maps().frontends->put(key, frontend).ok());
  }
  void serve(const Host& host) {
    for (const Transport transport : {Transport::kTcp, Transport::kUdp}) {
      auto server = Server::start(host.netns, transport, kTarget, host.name);
      ASSERT_TRUE(server.ok()) << server.status();
      servers_.push_back(std::move(*server));
    }
  }
  void expect_answer(const net::Netns& from, Transport transport, const IpAddress& address,
                     uint16_t port, const std::string& expected) {
    const auto answer = ask(from, transport, address, port);
    ASSERT_TRUE(answer.ok()) << address.to_string() << ": " << answer.status();
    EXPECT_EQ(*answer, expected) << address.to_string();
  }
  template <class Check>
  void each(const Check& check) {
    for (const bool v4 : {true, false}) {
      for (const Transport transport : {Transport::kTcp, Transport::kUdp}) {
        SCOPED_TRACE(fmt::format("{} {}", v4 ? "IPv4" : "IPv6",
                                 transport == Transport::kTcp ? "TCP" : "UDP"));
        check(v4, transport);
      }
    }
  }

  std::unique_ptr<LiveNetwork> network_;
  std::vector<std::unique_ptr<Server>> servers_;
  DatapathOptions options_;
  std::unique_ptr<Datapath> datapath_;
};

inline std::string hook_name(const ::testing::TestParamInfo<TcHook>& info) {
  return info.param == TcHook::kClsact ? "Clsact" : "Automatic";
}

}  // namespace skiff::testing
