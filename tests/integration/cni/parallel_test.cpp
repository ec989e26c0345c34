// SPDX-License-Identifier: Apache-2.0
// 64 and 250 ADDs at once: all different, all right, and what our part of each costs.
#include <mutex>
#include <set>

#include "tests/integration/cni/node.h"

namespace skiff::network {
namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;
constexpr int kPods = 250;  // what a /24 and a large node take

class ParallelTest : public skiff::testing::NodeTest, public ::testing::WithParamInterface<int> {
 protected:
  ParallelTest() : started_(kPods), ended_(kPods) {}

  void SetUp() override {
    NodeTest::SetUp();
    options_.on_step = [this](AddStep step, const std::string& key) {
      const std::lock_guard lock(mutex_);
      steps_[key][step] = Clock::now();
    };
  }

  static std::string container(int pod) { return fmt::format("c{}", pod); }

  awaitable<void> add(int pod, int& pending) {
    started_[static_cast<size_t>(pod)] = Clock::now();
    const CniAnswer answer =
        co_await network_->call(cni("ADD", container(pod), pod_path(static_cast<size_t>(pod))));
    ended_[static_cast<size_t>(pod)] = Clock::now();
    EXPECT_EQ(answer.exit_code, 0) << answer.output;
    --pending;
  }

  // Everything but the two stretches that are kernel calls and the wait for a worker before the
  // first of them.
  Milliseconds own_part(int pod) {
    auto& steps = steps_[container(pod) + "@eth0"];
    const size_t i = static_cast<size_t>(pod);
    return (steps[AddStep::kAllocated] - started_[i]) +
           (steps[AddStep::kCommitted] - steps[AddStep::kProgrammed]);
  }

  static std::string percentiles(std::vector<Milliseconds> values) {
    std::ranges::sort(values);
    return fmt::format("p50 {:.2f} ms, p99 {:.2f} ms", values[values.size() / 2].count(),
                       values[values.size() * 99 / 100].count());
  }

  std::mutex mutex_;
  std::map<std::string, std::map<AddStep, Clock::time_point>> steps_;
  std::vector<Clock::time_point> started_;
  std::vector<Clock::time_point> ended_;
};

TEST_P(ParallelTest, ManyAddsAtOnce) {
  const int pods = GetParam();
  start_with_ranges();
  for (int pod = 0; pod < pods; ++pod) make_pod();
  int pending = pods;
  const auto begun = Clock::now();
  for (int pod = 0; pod < pods; ++pod) spawn(io_->get_executor(), "add", add(pod, pending));
  while (pending > 0) io_->run_one();
  const Milliseconds whole = Clock::now() - begun;

  std::set<IpAddress> addresses;
  for (const Attachment& attachment : network_->pods())
    addresses.insert(attachment.addresses.begin(), attachment.addresses.end());
  EXPECT_EQ(addresses.size(), 2u * static_cast<size_t>(pods));
  EXPECT_EQ(pod_links().size(), static_cast<size_t>(pods));

  std::vector<Milliseconds> own;
  std::vector<Milliseconds> all;
  for (int pod = 0; pod < pods; ++pod) {
    own.push_back(own_part(pod));
    all.push_back(ended_[static_cast<size_t>(pod)] - started_[static_cast<size_t>(pod)]);
    EXPECT_EQ(
        call("CHECK", container(pod), pod_path(static_cast<size_t>(pod)), R"(,"prevResult":{})")
            .exit_code,
        0);
  }
  fmt::print(
      "[ measured ] {} ADDs at once: our part {}; with kernel and waiting {}; all {:.0f} ms\n",
      pods, percentiles(own), percentiles(all), whole.count());
}

INSTANTIATE_TEST_SUITE_P(Pods, ParallelTest, ::testing::Values(64, 250));

class SerialTest : public ParallelTest {};
TEST_P(SerialTest, OneAddAfterTheOther) {
  start_with_ranges();
  std::vector<Milliseconds> all;
  std::vector<Milliseconds> own;
  for (int pod = 0; pod < GetParam(); ++pod) {
    make_pod();
    int pending = 1;
    spawn(io_->get_executor(), "add", add(pod, pending));
    while (pending > 0) io_->run_one();
    own.push_back(own_part(pod));
    all.push_back(ended_[static_cast<size_t>(pod)] - started_[static_cast<size_t>(pod)]);
  }
  fmt::print("[ measured ] one ADD at a time: our part {}; with the kernel {}\n", percentiles(own),
             percentiles(all));
}

INSTANTIATE_TEST_SUITE_P(Pods, SerialTest, ::testing::Values(64));

}  // namespace
}  // namespace skiff::network
