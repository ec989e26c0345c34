// SPDX-License-Identifier: Apache-2.0
// GET /taps: what a client is told of losses and ends, and that nothing stays when it has gone.
#include "agent/trace/tap_stream.h"

#include <gtest/gtest.h>

#include "agent/datapath/memory_map.h"
#include "agent/trace/tap_wire.h"
#include "tests/fakes/fake_clock.h"
#include "tests/unit/trace/table_names.h"

namespace skiff::trace {
namespace {

using namespace std::chrono_literals;

// A client: keeps the messages, and may do something about each.
class Client final : public http::ResponseWriter {
 public:
  int status = 0;
  bool gone = false;
  std::function<void()> on_start = [] {};
  std::function<void(const TapMessage&)> on_message = [](const TapMessage&) {};
  std::vector<TapTally> tallies;

  awaitable<Status> respond(http::Response response) override {
    status = response.status;
    co_return absl::OkStatus();
  }
  awaitable<Status> start(int code, http::Headers) override {
    status = code;
    on_start();
    co_return absl::OkStatus();
  }
  awaitable<Status> write(std::shared_ptr<const std::string> chunk) override {
    decoder_.add(*chunk);
    for (;;) {
      CO_ASSIGN_OR_RETURN(const auto message, decoder_.next());
      if (!message) co_return absl::OkStatus();
      if (const auto* tally = std::get_if<TapTally>(&*message)) tallies.push_back(*tally);
      on_message(*message);
    }
  }
  bool cancelled() const override { return gone; }
  void on_cancel(std::function<void()>) override {}
  awaitable<Result<std::unique_ptr<http::ByteStream>>> upgrade(http::Headers) override {
    co_return unimplemented("no upgrade in this test");
  }
  awaitable<Result<std::unique_ptr<http::ByteStream>>> hijack() override {
    co_return unimplemented("no connection in this test");
  }

 private:
  TapDecoder decoder_;
};

class TapStreamTest : public ::testing::Test {
 protected:
  void publish(int packets) {
    skiff_tap_event event{};
    event.taps = 1;
    for (int i = 0; i < packets; ++i) taps_.publish(event, "");
  }
  void serve(const TapRequest& request) {
    http::Request asked;
    asked.query = tap_query(request);
    spawn(loop_.get_executor(), "serve", handler_.serve(std::move(asked), client_));
    loop_.run_for(20s);  // ends by itself
  }
  // What every packet of the node reads.
  bool nobody_taps() { return maps_.control->get(0).value()->taps_until_ns == 0; }

  asio::io_context loop_{1};
  asio::thread_pool pool_{1};
  TableNames names_;
  FakeClock clock_;
  datapath::TraceMaps maps_ = datapath::memory_trace_maps();
  Taps taps_{loop_.get_executor(), maps_, clock_};
  Hub hub_{loop_.get_executor(), {.node = "node-1"}, names_, clock_};
  TapHandler handler_{{.taps = taps_, .names = names_, .hub = hub_, .pin_dir = ""}, {}, pool_};
  Client client_;
};

TEST_F(TapStreamTest, AClientIsToldWhatItLosesBeforeItGoes) {
  client_.on_start = [this] { publish(16384 + 100); };
  client_.on_message = [this](const TapMessage& message) {
    if (std::holds_alternative<TapTally>(message)) client_.gone = true;
  };
  serve({});
  ASSERT_FALSE(client_.tallies.empty());
  EXPECT_EQ(client_.tallies.front().lost, 100U);
  EXPECT_EQ(client_.tallies.front().reason, "") << "it went on";
  EXPECT_EQ(taps_.open_taps(), 0U);
  EXPECT_TRUE(nobody_taps());
}

TEST_F(TapStreamTest, EndsAtItsTimeAndSaysSo) {
  client_.on_start = [this] {
    EXPECT_FALSE(nobody_taps());
    publish(3);
  };
  client_.on_message = [this](const TapMessage&) { clock_.advance(61s); };
  serve({.duration = 60s});
  ASSERT_EQ(client_.tallies.size(), 1U) << "nothing was lost";
  EXPECT_EQ(client_.tallies.front().packets, 3U);
  EXPECT_EQ(client_.tallies.front().reason, "its time is over");
  EXPECT_EQ(taps_.open_taps(), 0U);
  EXPECT_TRUE(nobody_taps());
}

TEST_F(TapStreamTest, WaitsForTheTapThatIsLeftWhenTheFirstIsSpent) {
  client_.on_start = [this] { publish(1000000); };  // the budget of the first
  http::Request asked;
  asked.query = tap_query({.expression = parse_expression("host 10.0.0.1 or udp").value()});
  spawn(loop_.get_executor(), "serve", handler_.serve(std::move(asked), client_));
  loop_.run_for(1ms);
  EXPECT_EQ(taps_.open_taps(), 2U);
  EXPECT_LT(loop_.run_for(400ms), 1000U) << "it looks 50 times a second";
  client_.gone = true;
  loop_.run_for(20s);
  EXPECT_TRUE(nobody_taps());
}

TEST_F(TapStreamTest, OnlyTooManyTapsAreTooManyRequests) {
  auto& table = static_cast<datapath::MemoryMap<uint32_t, skiff_tap>&>(*maps_.taps);
  table.refuses_puts = true;
  serve({});
  EXPECT_EQ(client_.status, 500);
  table.refuses_puts = false;
  std::vector<std::unique_ptr<Tap>> all;
  for (int i = 0; i < SKIFF_TAPS; ++i) all.push_back(taps_.open({}).value());
  loop_.restart();
  serve({});
  EXPECT_EQ(client_.status, 429);
}

TEST_F(TapStreamTest, EndsWhenThereWereAsManyAsAskedFor) {
  client_.on_start = [this] { publish(5); };
  serve({.count = 2});
  ASSERT_EQ(client_.tallies.size(), 1U);
  EXPECT_EQ(client_.tallies.front().packets, 2U);
  EXPECT_EQ(client_.tallies.front().reason, "as many as asked for");
  EXPECT_TRUE(nobody_taps());
}

}  // namespace
}  // namespace skiff::trace
