// SPDX-License-Identifier: Apache-2.0
#include "kube/endpoint_slices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/kube/fake_transport.h"

namespace skiff::kube {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using End = FakeStream::End;

constexpr const char* kBetaOnly = R"({"kind":"APIGroup","name":"discovery.k8s.io",
  "versions":[{"groupVersion":"discovery.k8s.io/v1beta1","version":"v1beta1"}]})";
constexpr const char* kBoth = R"({"versions":[{"version":"v1"},{"version":"v1beta1"}]})";
constexpr const char* kStableList =
    R"({"metadata":{"resourceVersion":"5"},"items":[{"metadata":{"namespace":"d","name":"new"},
        "addressType":"IPv4","endpoints":[{"addresses":["10.0.0.1"],"nodeName":"n1"}]}]})";
// As kube-apiserver 1.20 writes it.
constexpr const char* kBetaList =
    R"({"kind":"EndpointSliceList","apiVersion":"discovery.k8s.io/v1beta1",
  "metadata":{"resourceVersion":"5"},"items":[{"metadata":{"namespace":"d","name":"web-abc",
  "labels":{"kubernetes.io/service-name":"web"},"resourceVersion":"4"},"addressType":"IPv4",
  "endpoints":[{"addresses":["10.0.0.1"],"conditions":{"ready":true},"targetRef":{"kind":"Pod","name":"p"},
    "topology":{"kubernetes.io/hostname":"n1","topology.kubernetes.io/zone":"z1","x":"y"}}],
  "ports":[{"name":"","protocol":"TCP","port":80}]}]})";

class EndpointSlices : public testing::Test {
 protected:
  void run() {
    start_endpoint_slices(io_.get_executor(), transport_, store_,
                          {.first_retry = 1ms, .most_retry = 2ms});
    io_.run_for(60ms);
  }
  asio::io_context io_;
  Store<api::EndpointSlice> store_{io_.get_executor()};
  std::shared_ptr<FakeTransport> transport_ = std::make_shared<FakeTransport>(io_.get_executor());
};

TEST_F(EndpointSlices, AreTheStableOnesWhereTheServerHasThem) {
  transport_->answers = {{200, kBoth}, {200, kStableList}};
  run();
  EXPECT_EQ(transport_->asked.at(0), "GET /apis/discovery.k8s.io");
  EXPECT_EQ(transport_->asked.at(1), "GET /apis/discovery.k8s.io/v1/endpointslices");
  ASSERT_EQ(store_.size(), 1u);
}

TEST_F(EndpointSlices, AreReadFromTheBetaWhereThatIsAllThereIs) {
  transport_->answers = {{200, kBetaOnly}, {200, kBetaList}};
  run();
  EXPECT_EQ(transport_->asked.at(1), "GET /apis/discovery.k8s.io/v1beta1/endpointslices");
  ASSERT_TRUE(store_.synced());
  const auto slice = store_.get({"d", "web-abc"});
  ASSERT_TRUE(slice);
  EXPECT_EQ(slice->metadata.labels.at("kubernetes.io/service-name"), "web");
  EXPECT_EQ(slice->ports.at(0).port, 80);
  const api::Endpoint& endpoint = slice->endpoints.at(0);
  EXPECT_EQ(endpoint.nodeName, "n1");
  EXPECT_EQ(endpoint.zone, "z1");
  EXPECT_THAT(endpoint.deprecatedTopology, ElementsAre(testing::Pair("x", "y")));
  EXPECT_EQ(endpoint.conditions.ready, true);
}

TEST_F(EndpointSlices, AreAskedForAgainWhenTheBetaHasGone) {
  transport_->answers = {
      {200, kBetaOnly}, {404, "404 page not found"}, {200, kBoth}, {200, kStableList}};
  run();
  ASSERT_TRUE(store_.get({"d", "new"}));
  EXPECT_EQ(transport_->asked.at(3), "GET /apis/discovery.k8s.io/v1/endpointslices");
}

}  // namespace
}  // namespace skiff::kube
