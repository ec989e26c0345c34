// SPDX-License-Identifier: Apache-2.0
#include "agent/socket_lb.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skiff::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SocketLbTest : public ::testing::Test {
 protected:
  SocketLb::Options options() {
    return {.handlers = {"runc", "crun"},
            .handler_of = [this](const network::Attachment& pod) -> std::optional<std::string> {
              const auto handler = handlers_.find(pod.pod_name);
              return handler == handlers_.end() ? std::nullopt : std::optional(handler->second);
            },
            .cookie_of = [this](const std::string& netns) -> Result<uint64_t> {
              const auto cookie = cookies_.find(netns);
              if (cookie == cookies_.end()) return not_found("open netns {}", netns);
              return cookie->second;
            }};
  }
  static network::Attachment pod(const char* name) {
    network::Attachment attachment;
    attachment.container_id = attachment.pod_name = attachment.netns = name;
    attachment.pod_namespace = "shop";
    attachment.interface = "eth0";
    return attachment;
  }
  Status attach(const char* name) {
    Status status;
    asio::io_context loop;
    const auto attaching = [&]() -> awaitable<void> {
      status = co_await socket_lb_.attach(pod(name));
    };
    spawn(loop.get_executor(), "attach", attaching());
    loop.run();
    return status;
  }
  std::vector<uint64_t> off() {
    std::vector<uint64_t> cookies;
    EXPECT_TRUE(
        maps_.socket_lb_off->for_each([&](uint64_t cookie, uint32_t) { cookies.push_back(cookie); })
            .ok());
    return cookies;
  }

  std::map<std::string, std::string> handlers_ = {
      {"plain", ""}, {"crun", "crun"}, {"kata", "kata-qemu"}, {"gvisor", "runsc"}};
  std::map<std::string, uint64_t> cookies_ = {
      {"plain", 1}, {"crun", 2}, {"kata", 3}, {"gvisor", 4}, {"late", 5}};
  datapath::Maps maps_ = datapath::memory_maps();
  asio::thread_pool pool_{1};
  SocketLb socket_lb_{maps_, pool_, options()};
};

TEST_F(SocketLbTest, IsOffForPodsOfOtherRuntimesAsLongAsTheyAreThere) {
  for (const char* name : {"plain", "crun", "kata", "gvisor"}) ASSERT_TRUE(attach(name).ok());
  EXPECT_THAT(off(), ElementsAre(3, 4));
  socket_lb_.detach(pod("kata"));
  socket_lb_.detach(pod("kata"));
  socket_lb_.detach(pod("never-attached"));
  EXPECT_THAT(off(), ElementsAre(4));
}

TEST_F(SocketLbTest, ANamespaceUsedAgainGetsWhatItsNewPodNeeds) {
  ASSERT_TRUE(maps_.socket_lb_off->put(1, 1).ok());
  ASSERT_TRUE(attach("plain").ok());
  EXPECT_THAT(off(), IsEmpty());
}

TEST_F(SocketLbTest, WhatCannotBeKnownStaysAsItWasUntilItCan) {
  ASSERT_TRUE(maps_.socket_lb_off->put(5, 1).ok());  // an earlier agent's
  ASSERT_TRUE(maps_.socket_lb_off->put(9, 1).ok());  // of a pod that has ended meanwhile
  ASSERT_TRUE(attach("late").ok());
  ASSERT_TRUE(attach("kata").ok());
  EXPECT_THAT(off(), ElementsAre(3, 5, 9));
  ASSERT_TRUE(socket_lb_.settle().ok());
  EXPECT_THAT(off(), ElementsAre(3, 5)) << "nobody knows its runtime yet";
  handlers_["late"] = "runc";
  ASSERT_TRUE(socket_lb_.settle().ok());
  EXPECT_THAT(off(), ElementsAre(3));
}

TEST_F(SocketLbTest, APodWithoutANamespaceIsNotAttached) {
  EXPECT_FALSE(attach("gone").ok());
}

}  // namespace
}  // namespace skiff::agent
