// SPDX-License-Identifier: Apache-2.0
#include "base/code_memory.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace skiff {
namespace {

// KiB of program text in memory.
long resident_code() {
  std::ifstream smaps("/proc/self/smaps");
  std::string line, access;
  long sum = 0;
  while (std::getline(smaps, line)) {
    std::istringstream words(line);
    std::string first, second;
    words >> first >> second;
    if (first.find('-') != std::string::npos && first.back() != ':') access = second;
    if (first == "Rss:" && access == "r-xp") sum += std::stol(second);
  }
  return sum;
}

TEST(CodeMemory, OnlyWhatTheFileCanBringBackIsGivenUp) {
  const std::string figures =
      "Rss:                 100 kB\nAnonymous:             0 kB\nSwap:  0 kB\n";
  const std::string file = "7f00-7f10 r--p 00000000 08:01 42   /usr/lib/libm.so.6\n";
  EXPECT_TRUE(holds_only_file_pages(file + figures));
  EXPECT_TRUE(
      holds_only_file_pages("7f00-7f10 r-xp 00001000 08:01 42   /usr/lib/libm.so.6\n" + figures));
  EXPECT_FALSE(
      holds_only_file_pages("7f00-7f10 rw-p 00002000 08:01 42   /usr/lib/libm.so.6\n" + figures));
  EXPECT_FALSE(
      holds_only_file_pages("7f00-7f10 r--s 00000000 08:01 42   /dev/shm/shared\n" + figures));
  EXPECT_FALSE(holds_only_file_pages("7f00-7f10 r--p 00000000 00:00 0 \n" + figures));
  // Relocated at start, in memory or swapped out.
  EXPECT_FALSE(holds_only_file_pages(file + "Anonymous:            16 kB\nSwap:  0 kB\n"));
  EXPECT_FALSE(holds_only_file_pages(file + "Anonymous:             0 kB\nSwap:  8 kB\n"));
}

TEST(CodeMemory, TextLeavesTheResidentSetAndRunsOn) {
  const long before = resident_code();
  ASSERT_TRUE(release_code_pages().ok());
  EXPECT_LT(resident_code(), before);
}

}  // namespace
}  // namespace skiff
