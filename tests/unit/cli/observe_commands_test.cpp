// SPDX-License-Identifier: Apache-2.0
#include "cli/observe_commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

namespace skiff::cli {
namespace {

using ::testing::HasSubstr;

// What a command line comes to, on a machine without a cluster.
std::string outcome_of(const std::string& line) {
  CLI::App app;
  std::function<Status()> action;
  add_observe_commands(app, action);
  app.parse(line);
  const Status status = action();
  EXPECT_FALSE(status.ok());
  return std::string(message(status));
}

TEST(DropsCommand, CountsRefuseTheFiltersOfSinglePackets) {
  for (const char* flag :
       {"--pod web", "--namespace shop", "--service web", "--ip 10.0.0.1", "--port 80",
        "--protocol tcp", "--reason no_endpoints", "--last 3", "--since 5m"}) {
    const std::string name(flag, std::string_view(flag).find(' '));
    const std::string said = outcome_of(fmt::format("drops --kubeconfig /none {}", flag));
    EXPECT_THAT(said, HasSubstr(name + ": ")) << flag;
    EXPECT_THAT(said, HasSubstr("--list")) << flag;
  }
  EXPECT_THAT(outcome_of("drops --kubeconfig /none -n shop"), HasSubstr("--namespace: "));
}

TEST(DropsCommand, CountsRefuseOutputsTheyDoNotHave) {
  for (const char* output : {"wide", "yaml"})
    EXPECT_THAT(outcome_of(fmt::format("drops --kubeconfig /none -o {}", output)),
                HasSubstr(fmt::format("-o {}: ", output)));
  for (const char* output : {"json", "compact"})
    EXPECT_THAT(outcome_of(fmt::format("drops --kubeconfig /none -o {}", output)),
                HasSubstr("/none"));
}

TEST(ObserveCommand, AFilterThatCannotBeReadIsSaidBeforeAnybodyIsAsked) {
  EXPECT_THAT(outcome_of("observe --kubeconfig /none --port 99999"), HasSubstr("1 to 65535"));
  EXPECT_THAT(outcome_of("observe --kubeconfig /none --ip 10.0.0.0/99"), HasSubstr("CIDR"));
  EXPECT_THAT(outcome_of("observe --kubeconfig /none --since 5x"), HasSubstr("s, m, h or d"));
  CLI::App app;
  std::function<Status()> action;
  add_observe_commands(app, action);
  EXPECT_THROW(app.parse("observe --last -3"), CLI::ValidationError);
}

TEST(DropsCommand, StacksAreWideOnlyWhereNothingElseIsSaid) {
  EXPECT_THAT(outcome_of("drops --kubeconfig /none --stack -o yaml"), HasSubstr("-o yaml: "));
  EXPECT_THAT(outcome_of("drops --kubeconfig /none --stack --pod web"), HasSubstr("/none"));
}

}  // namespace
}  // namespace skiff::cli
