// SPDX-License-Identifier: Apache-2.0
#include "cli/agent_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skiff::cli {
namespace {

using testing::HasSubstr;

TEST(AgentStatus, FindsAMetricByItsWholeName) {
  const std::string text =
      "# HELP process_resident_memory_bytes Memory in use.\n"
      "# TYPE process_resident_memory_bytes gauge\n"
      "process_resident_memory_bytes_max 7\n"
      "process_resident_memory_bytes 41943040\n"
      "last 1\n";
  EXPECT_EQ(metric_of(text, "process_resident_memory_bytes"), 41943040);
  EXPECT_EQ(metric_of(text, "last"), 1);
  EXPECT_EQ(metric_of(text, "resident"), std::nullopt);
  EXPECT_EQ(metric_of("", "x"), std::nullopt);
}

TEST(AgentStatus, ALineSaysHowTheAgentIs) {
  const std::string well = agent_row(
      {.node = "node-1", .ready = true, .pod = "skiff-agent-x", .memory = 41943040, .says = "ok"});
  EXPECT_THAT(well, HasSubstr("node-1               yes       skiff-agent-x"));
  EXPECT_THAT(well, HasSubstr("  40.0 MiB  ok"));
  const std::string silent = agent_row({.node = "node-2", .says = "no agent runs on node node-2"});
  EXPECT_THAT(silent, HasSubstr("node-2               no        -"));
  EXPECT_THAT(silent, HasSubstr("-  no agent runs on node node-2"));
}

}  // namespace
}  // namespace skiff::cli
