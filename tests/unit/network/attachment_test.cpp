// SPDX-License-Identifier: Apache-2.0
#include "agent/network/attachment.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "agent/network/journal.h"

namespace skiff::network {
namespace {

Attachment example(const std::string& container = "c1") {
  return {.container_id = container,
          .interface = "eth0",
          .netns = "/run/netns/x",
          .pod_namespace = "shop",
          .pod_name = "web-0",
          .pod_uid = "4711",
          .addresses = {*IpAddress::parse("10.244.1.2"), *IpAddress::parse("fd00::2")},
          .host_interface = host_interface_of(container + "@eth0"),
          .host_mac = host_mac_of(container + "@eth0"),
          .pod_mac = pod_mac_of(container + "@eth0"),
          .mtu = 1500,
          .host_index = 7,
          .pod_index = 2,
          .port_mappings = {{8080, 80, "TCP", ""}, {53, 5353, "UDP", "10.0.0.1"}},
          .bandwidth = {1000, 2000, 3000, 4000},
          .created = TimePoint(std::chrono::seconds(1'700'000'000)),
          .attached = true};
}

class JournalTest : public ::testing::Test {
 protected:
  JournalTest() {
    char path[] = "/tmp/skiff-journal-XXXXXX";
    directory_ = ::mkdtemp(path);
  }
  ~JournalTest() override { std::filesystem::remove_all(directory_); }

  std::filesystem::path directory_;
};

TEST(Attachment, ReadsWhatItWrites) {
  const auto decoded = decode_attachment(encode(example()));
  ASSERT_TRUE(decoded.ok()) << message(decoded.status());
  EXPECT_EQ(*decoded, example());
}

TEST(Attachment, RefusesGarbage) {
  const std::string whole = encode(example());
  for (size_t size = 0; size + 2 < whole.size(); size += 7)
    EXPECT_FALSE(decode_attachment(whole.substr(0, size)).ok()) << size;
  for (const char* text :
       {"{}", "[]", "null", "\0\0\0", R"({"containerID":1})",
        R"({"containerID":"a","interface":"b","hostInterface":"c","addresses":[1]})",
        R"({"containerID":"a","interface":"b","hostInterface":"c","addresses":["x"]})"})
    EXPECT_FALSE(decode_attachment(text).ok()) << text;
}

TEST(Attachment, NamesItsHostInterfaceInFifteenCharacters) {
  const std::string name = host_interface_of("0123456789abcdef@eth0");
  EXPECT_EQ(name.size(), 15u);
  EXPECT_TRUE(name.starts_with("skiff"));
  EXPECT_NE(name, host_interface_of("0123456789abcdef@eth1"));
  EXPECT_NE(host_mac_of("x@eth0"), pod_mac_of("x@eth0"));
}

TEST_F(JournalTest, ReadsBackAllThatWasWritten) {
  const Journal journal(directory_ / "a" / "b");
  ASSERT_TRUE(journal.prepare().ok());
  ASSERT_TRUE(journal.write(example("c1")).ok());
  ASSERT_TRUE(journal.write(example("c2")).ok());
  ASSERT_TRUE(journal.write(example("c2")).ok());
  int discarded = 0;
  EXPECT_EQ(journal.read_all(discarded)->size(), 2u);
  ASSERT_TRUE(journal.remove("c1@eth0").ok());
  ASSERT_TRUE(journal.remove("c1@eth0").ok());
  const auto left = journal.read_all(discarded);
  ASSERT_EQ(left->size(), 1u);
  EXPECT_EQ(left->front(), example("c2"));
  EXPECT_EQ(discarded, 0);
}

TEST(Attachment, ReadsTheLargestBandwidthItWrites) {
  Attachment attachment = example();
  attachment.bandwidth.egress_burst = UINT64_MAX;
  EXPECT_EQ(*decode_attachment(encode(attachment)), attachment);
}

TEST_F(JournalTest, DiscardsWhatACrashOfTheMachineLeft) {
  const Journal journal(directory_);
  ASSERT_TRUE(journal.write(example()).ok());
  std::ofstream(directory_ / "c2@eth0.json") << "";
  std::ofstream(directory_ / "c3@eth0.json.new") << "{\"contai";
  std::ofstream(directory_ / "other@eth0.json") << encode(example("c4"));
  int discarded = 0;
  EXPECT_EQ(journal.read_all(discarded)->size(), 1u);
  EXPECT_EQ(discarded, 3);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_), {}), 1);
}

TEST_F(JournalTest, NamesTheFileThatCannotBeWritten) {
  const Journal journal(directory_ / "absent");
  EXPECT_TRUE(std::string(message(journal.write(example()))).find("c1@eth0.json") !=
              std::string::npos);
}

TEST_F(JournalTest, TakesTombstonesOnce) {
  std::ofstream(directory_ / "c1@eth0") << "";
  EXPECT_EQ(take_tombstones(directory_), std::vector<std::string>{"c1@eth0"});
  EXPECT_TRUE(take_tombstones(directory_).empty());
  EXPECT_TRUE(take_tombstones(directory_ / "absent").empty());
}

}  // namespace
}  // namespace skiff::network
