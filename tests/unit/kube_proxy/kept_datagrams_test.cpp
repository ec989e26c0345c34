// SPDX-License-Identifier: Apache-2.0
#include "agent/kube_proxy/kept_datagrams.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

namespace skiff::kube_proxy {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

struct Family {
  const char *client, *service, *node, *near, *far;
};

class KeptDatagramsTest : public ::testing::TestWithParam<Family> {
 protected:
  const Family& w = GetParam();

  void SetUp() override {
    serve(ip(w.service), 53, SKIFF_SCOPE_INTERNAL, {w.near, w.far}, 0);
    const auto any = datapath::from_abi(datapath::node_port_address(ip(w.node).is_v4()));
    serve(any, 30053, SKIFF_SCOPE_EXTERNAL, {w.near, w.far}, 10);
  }
  void serve(const IpAddress& address, uint16_t port, uint8_t scope,
             const std::vector<const char*>& backends, uint32_t base, uint32_t generation = 1,
             uint32_t draining = 0, uint16_t flags = 0) {
    for (uint32_t i = 0; i < backends.size(); ++i) {
      datapath::Backend backend{};
      backend.address = datapath::to_abi(ip(backends[i]));
      backend.port = datapath::port_be(8053);
      backend.flags = flags;
      ASSERT_TRUE(maps_.backends->put(base + i, backend).ok());
    }
    datapath::Frontend frontend{};
    frontend.base = base;
    frontend.count = static_cast<uint32_t>(backends.size()) - draining;
    frontend.draining = draining;
    frontend.generation = generation;
    ASSERT_TRUE(maps_.frontends
                    ->put({.address = datapath::to_abi(address),
                           .port = datapath::port_be(port),
                           .protocol = IPPROTO_UDP,
                           .scope = scope},
                          frontend)
                    .ok());
  }
  net::TranslatedFlow flow(const char* to, uint16_t port, const char* backend) {
    return {.source = {ip(w.client), 40000},
            .destination = {ip(to), port},
            .backend = {ip(backend), 8053}};
  }
  KeptDatagrams plan(const std::vector<net::TranslatedFlow>& flows,
                     const WatchedFrontends& watched = {}) {
    return plan_kept(flows, maps_, watched).value();
  }

  datapath::Maps maps_ = datapath::memory_maps();
};

INSTANTIATE_TEST_SUITE_P(
    Families, KeptDatagramsTest,
    ::testing::Values(Family{"10.244.0.5", "10.96.0.10", "10.89.0.2", "10.244.0.6", "10.244.1.7"},
                      Family{"fd00::5", "fd00:96::10", "fd00:89::2", "fd00::6", "fd00:1::7"}),
    [](const auto& family) { return ip(family.param.client).is_v4() ? "V4" : "V6"; });

TEST_P(KeptDatagramsTest, StayWhileTheirEndpointServes) {
  const auto kept = plan({flow(w.service, 53, w.near), flow(w.node, 30053, w.far)});
  EXPECT_THAT(kept.stale, IsEmpty());
  EXPECT_THAT(kept.watched, SizeIs(2));
  EXPECT_FALSE(have_changed(kept.watched, maps_));
}

TEST_P(KeptDatagramsTest, AreForgottenWhenTheirEndpointHasGone) {
  const std::vector flows = {flow(w.service, 53, w.near), flow(w.service, 53, w.far)};
  const auto before = plan(flows);
  serve(ip(w.service), 53, SKIFF_SCOPE_INTERNAL, {w.near}, 0, 2);
  EXPECT_TRUE(have_changed(before.watched, maps_));
  const auto after = plan(flows, before.watched);
  EXPECT_THAT(after.stale,
              ElementsAre(Field(&net::TranslatedFlow::backend, net::FlowEnd{ip(w.far), 8053})));
  EXPECT_THAT(after.watched, SizeIs(1));
}

TEST_P(KeptDatagramsTest, AreForgottenWithTheirService) {
  const auto before = plan({flow(w.service, 53, w.near)});
  ASSERT_TRUE(maps_.frontends->erase(before.watched.begin()->first).ok());
  EXPECT_TRUE(have_changed(before.watched, maps_));
  EXPECT_THAT(plan({flow(w.service, 53, w.near)}, before.watched).stale, SizeIs(1));
}

TEST_P(KeptDatagramsTest, StayWithAnEndpointThatEndsButServes) {
  serve(ip(w.service), 53, SKIFF_SCOPE_INTERNAL, {w.near, w.far}, 0, 2, 1);
  EXPECT_THAT(plan({flow(w.service, 53, w.far)}).stale, IsEmpty());
  serve(ip(w.service), 53, SKIFF_SCOPE_INTERNAL, {w.near, w.far}, 0, 3, 1, SKIFF_BACKEND_UNREADY);
  EXPECT_THAT(plan({flow(w.service, 53, w.far)}).stale, SizeIs(1));
}

TEST_P(KeptDatagramsTest, WhatOthersTranslateIsTheirs) {
  const auto kept = plan({flow(w.service, 54, w.near), flow(w.far, 53, w.near)});
  EXPECT_THAT(kept.stale, IsEmpty());
  EXPECT_THAT(kept.watched, IsEmpty());
}

}  // namespace
}  // namespace skiff::kube_proxy
