// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/pcapng.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "agent/trace/synthetic.h"

namespace skiff::trace {
namespace {

uint32_t word(const std::string& bytes, size_t at) {
  uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  return value;
}

const TimePoint kTime = TimePoint(std::chrono::nanoseconds(1'600'000'000'123'456'789));

std::string sample_file() {
  const std::string frame = make_frame({.source = IpAddress::parse("10.244.0.5").value(),
                                        .destination = IpAddress::parse("10.96.0.10").value(),
                                        .source_port = 40000,
                                        .destination_port = 80});
  std::string file = encode(PcapngHeader{.application = "skiff capture", .comment = "a test"});
  file +=
      encode(std::vector<PcapngName>{{IpAddress::parse("10.244.0.5").value(), "client.shop.pod"},
                                     {IpAddress::parse("10.96.0.10").value(), "web.shop.svc"}});
  file += encode(PcapngInterface{.name = "node-1/shop/client:veth1", .description = "pod"});
  PcapngPacket packet{.interface = 0, .time = kTime, .bytes = frame, .length = 1500};
  packet.direction = PcapngDirection::kInbound;
  packet.comment = "from pod: redirected";
  packet.id = 0x7f3a;
  packet.tc_verdict = 2;
  file += encode(packet);
  return file + encode(PcapngStatistics{.interface = 0, .time = kTime, .received = 1});
}

TEST(Pcapng, BlocksSayTheirLengthAtBothEnds) {
  const std::string file = sample_file();
  size_t blocks = 0;
  for (size_t at = 0; at < file.size(); ++blocks) {
    const uint32_t length = word(file, at + 4);
    ASSERT_EQ(length % 4, 0U);
    ASSERT_LE(at + length, file.size());
    EXPECT_EQ(word(file, at + length - 4), length);
    at += length;
  }
  EXPECT_EQ(blocks, 5U);
}

TEST(Pcapng, TimesAreNanosecondsWithTheHighHalfFirst) {
  const std::string block = encode(PcapngPacket{.interface = 3, .time = kTime, .bytes = "abc"});
  EXPECT_EQ(word(block, 8), 3U);
  EXPECT_EQ((static_cast<uint64_t>(word(block, 12)) << 32) | word(block, 16),
            1'600'000'000'123'456'789U);
  EXPECT_EQ(word(block, 20), 3U) << "captured";
  EXPECT_EQ(word(block, 24), 3U) << "on the wire: not less than captured";
}

std::string run(const std::string& command) {
  std::string output;
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return output;
  for (char buffer[512]; std::fgets(buffer, sizeof(buffer), pipe) != nullptr;) output += buffer;
  ::pclose(pipe);
  return output;
}

TEST(Pcapng, TsharkReadsNamesCommentsAndVerdicts) {
  if (run("command -v tshark").empty()) GTEST_SKIP() << "tshark is not installed";
  const auto path =
      std::filesystem::temp_directory_path() / fmt::format("skiff-pcapng-{}.pcapng", ::getpid());
  std::ofstream(path, std::ios::binary) << sample_file();
  const std::string fields = run(fmt::format(
      "tshark -N n -r {} -T fields -E separator='|' -e frame.interface_name -e frame.packet_id "
      "-e frame.comment -e frame.time_epoch -e frame.len -e ip.src_host -e ip.dst_host -e "
      "tcp.dstport -e tcp.checksum.status 2>/dev/null",
      path.string()));
  std::filesystem::remove(path);
  EXPECT_EQ(fields,
            "node-1/shop/client:veth1|32570|from pod: redirected|1600000000.123456789|1500|"
            "client.shop.pod|web.shop.svc|80|2\n");
}

}  // namespace
}  // namespace skiff::trace
