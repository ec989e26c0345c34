// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/taps.h"

#include <gtest/gtest.h>

#include "agent/datapath/memory_map.h"
#include "tests/fakes/fake_clock.h"

namespace skiff::trace {
namespace {

using namespace std::chrono_literals;

class TapsTest : public ::testing::Test {
 protected:
  asio::io_context loop_{1};
  FakeClock clock_;
  datapath::TraceMaps maps_ = datapath::memory_trace_maps();
  Taps taps_{loop_.get_executor(), maps_, clock_};
};

TEST_F(TapsTest, APlanIsBoundedInTimeAndNumber) {
  TapSpec spec{.source = Cidr::parse("10.244.0.0/24").value(),
               .destination_port = 80,
               .protocol = 6,
               .snap = 128,
               .budget = 10,
               .duration = 5s};
  const auto tap = Taps::plan(spec, 1'000);
  ASSERT_TRUE(tap.ok());
  EXPECT_EQ(tap->until_ns, 5'000'001'000u);
  EXPECT_EQ(tap->budget, 10);
  EXPECT_EQ(tap->snap, 128);
  EXPECT_EQ(datapath::from_abi(tap->source).to_string(), "10.244.0.0");
  EXPECT_EQ(datapath::from_abi(tap->source_mask).to_string(),
            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ff00");
  EXPECT_EQ(tap->destination_port, datapath::port_be(80));

  EXPECT_FALSE(Taps::plan({.duration = 0s}, 0).ok());
  EXPECT_FALSE(Taps::plan({.duration = 3601s}, 0).ok());
  EXPECT_FALSE(Taps::plan({.budget = 0}, 0).ok());
  EXPECT_FALSE(Taps::plan({.snap = SKIFF_TAP_SNAP + 1}, 0).ok());
}

TEST_F(TapsTest, NobodyPaysAfterTheLastTapHasGone) {
  auto first = taps_.open({.duration = 5s});
  auto second = taps_.open({.duration = 60s});
  ASSERT_TRUE(first.ok() && second.ok());
  const uint64_t both = maps_.control->get(0).value()->taps_until_ns;
  EXPECT_EQ(both, maps_.taps->get((*second)->slot()).value()->until_ns);
  second->reset();
  EXPECT_LT(maps_.control->get(0).value()->taps_until_ns, both);
  first->reset();
  EXPECT_EQ(maps_.control->get(0).value()->taps_until_ns, 0u);
  EXPECT_EQ(maps_.taps->get(0).value()->until_ns, 0u);
}

TEST_F(TapsTest, ATapThatCouldNotBeWrittenLeavesNoFilterInForce) {
  const TapSpec filtered{.filter = parse_pcap_filter("1,6 0 0 65535").value()};
  auto& taps = dynamic_cast<datapath::MemoryMap<uint32_t, skiff_tap>&>(*maps_.taps);
  taps.fail_next = 1;
  EXPECT_FALSE(taps_.open(filtered).ok());
  const auto plain = taps_.open({});  // in the same slot
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ((*plain)->slot(), 0u);
  EXPECT_EQ(maps_.control->get(0).value()->filtered, 0u);
}

TEST_F(TapsTest, ThereAreOnlySoMany) {
  std::vector<std::unique_ptr<Tap>> open;
  for (int i = 0; i < SKIFF_TAPS; ++i) open.push_back(taps_.open({}).value());
  EXPECT_EQ(taps_.open({}).status().code(), StatusCode::kResourceExhausted);
  open.pop_back();
  EXPECT_TRUE(taps_.open({}).ok());
}

TEST_F(TapsTest, PacketsGoToTheTapsTheyMatched) {
  auto first = taps_.open({.budget = 1}).value();
  auto second = taps_.open({}).value();
  skiff_tap_event event{};
  event.taps = 1U << first->slot() | 1U << second->slot();
  taps_.publish(event, "abc");
  event.taps = 1U << second->slot();
  taps_.publish(event, "def");
  std::string seen;
  const auto read = [](Tap& tap, std::string& into) -> awaitable<void> {
    while (const TapRecordPtr record = co_await tap.next(0ns)) into += record->bytes;
  };
  spawn(loop_.get_executor(), "first", read(*first, seen));
  loop_.run();
  EXPECT_EQ(seen, "abc");
  EXPECT_TRUE(first->ended());
  spawn(loop_.get_executor(), "second", read(*second, seen));
  loop_.restart();
  loop_.run();
  EXPECT_EQ(seen, "abcabcdef");
  clock_.advance(601s);
  EXPECT_TRUE(second->ended());
}

}  // namespace
}  // namespace skiff::trace
