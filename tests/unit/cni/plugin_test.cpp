// SPDX-License-Identifier: Apache-2.0
#include "cni/plugin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace skiff::cni {
namespace {

using ::testing::HasSubstr;

class PluginTest : public ::testing::Test {
 protected:
  PluginTest() {
    char path[] = "/tmp/skiff-cni-XXXXXX";
    directory_ = ::mkdtemp(path);
  }
  ~PluginTest() override { std::filesystem::remove_all(directory_); }

  Outcome call(const std::string& command) const {
    return run({{"CNI_COMMAND", command},
                {"CNI_CONTAINERID", "c1"},
                {"CNI_NETNS", "/run/netns/x"},
                {"CNI_IFNAME", "eth0"}},
               R"({"cniVersion":"1.0.0","name":"skiff","type":"skiff-cni","socket":")" +
                   directory_ + R"(/cni.sock"})");
  }

  std::string directory_;
};

TEST_F(PluginTest, AnswersVersionWithoutTheAgent) {
  const Outcome outcome = run({{"CNI_COMMAND", "VERSION"}}, R"({"cniVersion":"0.4.0"})");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.output,
            "{\"cniVersion\":\"0.4.0\",\"supportedVersions\":[\"0.3.1\",\"0.4.0\",\"1.0.0\","
            "\"1.1.0\"]}\n");
}

TEST_F(PluginTest, SaysWhatItIsWhenStartedByHand) {
  const Outcome outcome = run({}, "");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.output, "");
  EXPECT_THAT(outcome.remark, HasSubstr("skiff-cni"));
}

TEST_F(PluginTest, NamesMissingVariables) {
  const Outcome outcome =
      run({{"CNI_COMMAND", "ADD"}, {"CNI_CONTAINERID", "c1"}}, R"({"cniVersion":"1.0.0"})");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(
      outcome.output,
      "{\"cniVersion\":\"1.0.0\",\"code\":4,\"msg\":\"required environment variables missing: "
      "CNI_NETNS, CNI_IFNAME\",\"details\":\"\"}\n");
}

TEST_F(PluginTest, WantsASocketInItsConfiguration) {
  const Outcome outcome = run({{"CNI_COMMAND", "STATUS"}}, "not json");
  EXPECT_THAT(outcome.output, HasSubstr("\"code\":7"));
}

TEST_F(PluginTest, TellsToTryAgainWhileTheAgentIsDown) {
  const Outcome outcome = call("ADD");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.output, HasSubstr("\"code\":11"));
  EXPECT_THAT(outcome.output, HasSubstr("No such file or directory"));
  EXPECT_THAT(call("STATUS").output, HasSubstr("\"code\":50"));
}

TEST_F(PluginTest, LeavesATombstoneForADeletionWhileTheAgentIsDown) {
  for (int round = 0; round < 2; ++round) {
    const Outcome outcome = call("DEL");
    EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
    EXPECT_EQ(outcome.output, "");
  }
  EXPECT_TRUE(std::filesystem::exists(directory_ + "/cni-tombstones/c1@eth0"));
}

TEST_F(PluginTest, TombstonesStayInTheirDirectory) {
  const std::string config = R"({"cniVersion":"1.0.0","socket":")" + directory_ + R"(/cni.sock"})";
  const Outcome outcome =
      run({{"CNI_COMMAND", "DEL"}, {"CNI_CONTAINERID", "../../x"}, {"CNI_IFNAME", "eth0"}}, config);
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.output, HasSubstr("\"code\":4"));
}

}  // namespace
}  // namespace skiff::cni
