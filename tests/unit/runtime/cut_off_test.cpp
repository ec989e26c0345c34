// SPDX-License-Identifier: Apache-2.0
// What containerd 1.6 says of containers whose start died with the agent that asked for it.
#include <gtest/gtest.h>

#include "agent/runtime/types.h"

namespace skiff::runtime {
namespace {

ContainerStatus ended(std::string message, TimePoint started = {}) {
  ContainerStatus status;
  status.state = ContainerState::Exited;
  status.exit_code = 128;
  status.reason = "StartError";
  status.message = std::move(message);
  status.started_at = started;
  return status;
}

TEST(CutOff, IsAStartThatWasCanceledOrWhoseShimWasKilled) {
  EXPECT_TRUE(
      was_cut_off(ended("failed to create containerd task: failed to create shim task: "
                        "context canceled: unknown")));
  EXPECT_TRUE(
      was_cut_off(ended("failed to create containerd task: failed to start shim: start "
                        "failed: : signal: killed: unknown")));
}

TEST(CutOff, IsAContainerThatNobodyStarted) {
  ContainerStatus status;
  status.state = ContainerState::Created;
  EXPECT_TRUE(was_cut_off(status));
}

TEST(CutOff, IsNoCommandThatIsMissingAndNothingThatRan) {
  EXPECT_FALSE(was_cut_off(ended("failed to create containerd task: exec: \"no\": not found")));
  EXPECT_FALSE(was_cut_off(ended("context canceled", TimePoint(std::chrono::seconds(5)))));
  ContainerStatus running;
  running.state = ContainerState::Running;
  EXPECT_FALSE(was_cut_off(running));
}

}  // namespace
}  // namespace skiff::runtime
