// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"
#include "tests/unit/trace/table_names.h"

namespace skiff::trace {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

class MetricsTest : public ::testing::Test {
 protected:
  void use(const std::vector<std::string>& labels = {}) {
    metrics_ = std::make_unique<Metrics>(registry_, hub_, names_, clock_,
                                         parse_metric_labels(labels).value());
  }
  std::string text() {
    metrics_->refresh();
    return metrics::text(registry_);
  }
  FlowEvent flow(uint8_t kind, uint8_t hook, const skiff_tuple& original) {
    FlowEvent event{};
    event.header.kind = kind;
    event.header.hook = hook;
    event.header.netns_cookie = 1;
    event.original = event.translated = original;
    return event;
  }

  asio::io_context loop_{1};
  FakeClock clock_;
  TableNames names_;
  metrics::Registry registry_;
  Hub hub_{loop_.get_executor(), {.node = "node-1", .history = 16}, names_, clock_};
  std::unique_ptr<Metrics> metrics_;
};

TEST_F(MetricsTest, FlowsSayWhereTheyWent) {
  use();
  const skiff_tuple to_remote = tuple("10.244.0.5", 40000, "10.244.1.7", 8080);
  const skiff_tuple to_world = tuple("10.244.0.5", 40000, "203.0.113.9", 443);
  names_.overlay.insert(TableNames::ip("10.244.1.7"));
  hub_.publish(flow(SKIFF_TRACE_NEW, SKIFF_HOOK_FROM_POD, to_remote));
  hub_.publish(flow(SKIFF_TRACE_NEW, SKIFF_HOOK_FROM_DEVICE, to_remote));
  FlowEvent stack = flow(SKIFF_TRACE_NEW, SKIFF_HOOK_FROM_POD, to_world);
  stack.flags = SKIFF_TRACE_STACK;
  hub_.publish(stack);
  hub_.publish(flow(SKIFF_TRACE_CLOSED, SKIFF_HOOK_FROM_POD, to_world));
  for (const char* subtype : {"to-overlay", "to-endpoint", "to-stack", "to-network"})
    EXPECT_THAT(text(), HasSubstr(fmt::format("hubble_flows_processed_total{{protocol=\"TCP\","
                                              "subtype=\"{}\",type=\"Trace\",verdict="
                                              "\"FORWARDED\"}} 1",
                                              subtype)));
  EXPECT_THAT(text(), HasSubstr("hubble_flows_to_world_total{protocol=\"TCP\",verdict="
                                "\"FORWARDED\"} 1"));
  EXPECT_THAT(text(), HasSubstr("hubble_port_distribution_total{port=\"443\",protocol=\"TCP\"} 1"));
}

TEST_F(MetricsTest, FlagsAndEchosHaveTheNamesOfHubble) {
  use();
  FlowEvent event =
      flow(SKIFF_TRACE_NEW, SKIFF_HOOK_FROM_POD, tuple("10.244.0.5", 40000, "10.244.1.7", 8080));
  event.header.tcp_flags = 0x12;
  hub_.publish(event);
  hub_.publish(
      flow(SKIFF_TRACE_NEW, SKIFF_HOOK_FROM_POD, tuple("10.244.0.5", 77, "10.244.1.7", 0, 1)));
  EXPECT_THAT(text(), HasSubstr("hubble_tcp_flags_total{family=\"IPv4\",flag=\"SYN-ACK\"} 1"));
  EXPECT_THAT(text(), HasSubstr("hubble_icmp_total{family=\"IPv4\",type=\"EchoRequest\"} 1"));
}

TEST_F(MetricsTest, DnsIsCountedByQuestionAndAnswer) {
  use();
  hub_.publish(DnsEvent{.client = TableNames::ip("10.244.0.5"),
                        .server = TableNames::ip("10.96.0.10"),
                        .name = "wbe.shop.",
                        .type = "A",
                        .rcode = "NXDOMAIN"});
  EXPECT_THAT(text(), HasSubstr("hubble_dns_queries_total{ips_returned=\"0\",qtypes=\"A\",rcode="
                                "\"\"} 1"));
  EXPECT_THAT(text(), HasSubstr("hubble_dns_responses_total{ips_returned=\"0\",qtypes=\"A\",rcode="
                                "\"Non-Existent Domain\"} 1"));
}

TEST_F(MetricsTest, ServicesSayWhyTheyChoseAndRefused) {
  use();
  FlowEvent event =
      flow(SKIFF_TRACE_REFUSED, SKIFF_HOOK_FROM_POD, tuple("10.244.0.5", 40000, "10.96.0.20", 80));
  event.reason = SKIFF_REASON_NO_ENDPOINTS;
  event.lb_reason = SKIFF_LB_NO_BACKEND;
  hub_.publish(event);
  EXPECT_THAT(text(), HasSubstr("skiff_service_refusals_total{namespace=\"shop\",reason="
                                "\"no-backend\",service=\"web\"} 1"));
  EXPECT_THAT(text(), HasSubstr("hubble_drop_total{protocol=\"TCP\",reason=\"no_endpoints\"} 1"));
}

TEST_F(MetricsTest, LabelsThatWereAskedForSayWhoseFlowsTheseAre) {
  use({"source_namespace", "destination_pod", "source_ip"});
  hub_.publish(
      flow(SKIFF_TRACE_NEW, SKIFF_HOOK_FROM_POD, tuple("10.244.0.5", 40000, "10.244.1.7", 8080)));
  EXPECT_THAT(text(), HasSubstr("destination_pod=\"web-7f9c\""));
  EXPECT_THAT(text(), HasSubstr("source_ip=\"10.244.0.5\",source_namespace=\"default\""));
  metrics_->pod_gone("web-7f9c");
  clock_.advance(61s);
  EXPECT_THAT(text(), Not(HasSubstr("destination_pod=\"web-7f9c\"")));
}

TEST_F(MetricsTest, EveryPlaceWhereSomethingCanBeLostIsCounted) {
  use();
  hub_.set_losses(3, 4);
  hub_.set_tap_losses(5, 6);
  const auto slow = hub_.subscribe(nullptr, {.capacity = 1});
  for (int i = 0; i < 3; ++i)
    hub_.publish(
        flow(SKIFF_TRACE_NEW, SKIFF_HOOK_FROM_POD, tuple("10.244.0.5", 40000, "10.244.1.7", 80)));
  for (const char* line : {"hubble_lost_events_total{source=\"perf_event_ring_buffer\"} 3",
                           "hubble_lost_events_total{source=\"observer_events_queue\"} 4",
                           "hubble_lost_events_total{source=\"hubble_ring_buffer\"} 2",
                           "skiff_tap_packets_lost_total{place=\"ring\"} 5",
                           "skiff_tap_packets_lost_total{place=\"limit\"} 6"})
    EXPECT_THAT(text(), HasSubstr(line));
}

TEST_F(MetricsTest, SeriesNobodyAddsToAreForgotten) {
  use({"source_ip"});
  hub_.publish(
      flow(SKIFF_TRACE_NEW, SKIFF_HOOK_FROM_POD, tuple("10.244.0.5", 40000, "10.244.1.7", 8080)));
  EXPECT_THAT(text(), HasSubstr("source_ip=\"10.244.0.5\""));
  clock_.advance(11min);
  EXPECT_THAT(text(), Not(HasSubstr("source_ip=\"10.244.0.5\"")));
}

TEST(MetricSeries, IsBounded) {
  metrics::Registry registry;
  MetricSeries series(registry, {.name = "x_total", .help = "x", .labels = {"a"}, .most = 3});
  for (int i = 0; i < 10; ++i) series.add({std::to_string(i)}, 1, TimePoint());
  EXPECT_EQ(series.size(), 4U);
  EXPECT_THAT(metrics::text(registry), HasSubstr("x_total{a=\"overflow\"} 7"));
}

TEST(MetricLabels, AnUnknownOneIsNamedWithThoseThereAre) {
  const auto labels = parse_metric_labels({"source_namespace", "from_pod"});
  EXPECT_THAT(std::string(message(labels.status())), HasSubstr("\"from_pod\": want source_ or"));
}

}  // namespace
}  // namespace skiff::trace
