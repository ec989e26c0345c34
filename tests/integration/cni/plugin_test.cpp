// SPDX-License-Identifier: Apache-2.0
// The plugin's binary as a runtime starts it, against the agent's socket.
#include <gmock/gmock.h>
#include <sys/wait.h>

#include <fstream>
#include <thread>

#include "base/file.h"
#include "tests/integration/cni/node.h"

namespace skiff::network {
namespace {

using ::testing::HasSubstr;

class PluginTest : public skiff::testing::NodeTest {
 protected:
  // Runs the plugin while the loop runs.
  CniAnswer plugin(const std::string& command, const std::string& container,
                   const std::string& netns) {
    const std::string input =
        fmt::format(R"({{"cniVersion":"1.0.0","name":"skiff","type":"skiff-cni","socket":"{}"}})",
                    (options_.run_directory / "cni.sock").string());
    std::ofstream(directory_ / "stdin") << input;
    const std::string line = fmt::format(
        "CNI_COMMAND={} CNI_CONTAINERID={} CNI_NETNS={} CNI_IFNAME=eth0 CNI_PATH=/opt/cni/bin {} "
        "< {}/stdin > {}/stdout 2> {}/stderr",
        command, container, netns, SKIFF_CNI, directory_.string(), directory_.string(),
        directory_.string());
    std::atomic<bool> done = false;
    int status = 0;
    std::thread runtime([&] {
      status = std::system(line.c_str());
      done = true;
    });
    while (!done) {
      if (io_) io_->run_for(std::chrono::milliseconds(1));
    }
    runtime.join();
    return {.exit_code = WEXITSTATUS(status), .output = *read_file(directory_ / "stdout")};
  }
};

TEST_F(PluginTest, AddsAndDeletesThroughTheSocket) {
  start_with_ranges();
  const std::string netns = make_pod();
  const CniAnswer added = plugin("ADD", "c1", netns);
  EXPECT_EQ(added.exit_code, 0) << added.output;
  EXPECT_THAT(added.output, HasSubstr("10.244.0.2/32"));
  const CniAnswer again = plugin("ADD", "c1", netns);
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.output, HasSubstr("\"code\":100"));
  EXPECT_EQ(plugin("DEL", "c1", netns).exit_code, 0);
  EXPECT_TRUE(pod_links().empty());
}

TEST_F(PluginTest, ADeletionWhileTheAgentIsDownIsCarriedOutLater) {
  start_with_ranges();
  const std::string netns = make_pod();
  ASSERT_EQ(plugin("ADD", "c1", netns).exit_code, 0);
  stop();
  EXPECT_THAT(plugin("ADD", "c2", netns).output, HasSubstr("\"code\":11"));
  EXPECT_EQ(plugin("DEL", "c1", netns).exit_code, 0);
  EXPECT_EQ(pod_links().size(), 1u);
  start_with_ranges();
  EXPECT_TRUE(pod_links().empty());
}

TEST_F(PluginTest, GarbageOnTheSocketHarmsNobody) {
  start_with_ranges();
  for (const std::string& garbage :
       {std::string("\xff\xff\xff\xff"), std::string("GET / HTTP/1.1\r\n\r\n"),
        std::string("\0\0", 2), std::string("\0\0\0\5abcde", 9), std::string("\0\0\0\2{}", 6)}) {
    asio::local::stream_protocol::socket socket(*io_);
    socket.connect((options_.run_directory / "cni.sock").string());
    asio::write(socket, asio::buffer(garbage));
    io_->run_for(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(plugin("ADD", "c1", make_pod()).exit_code, 0);
}

}  // namespace
}  // namespace skiff::network
