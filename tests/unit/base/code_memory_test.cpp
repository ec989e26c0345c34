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

TEST(CodeMemory, TextLeavesTheResidentSetAndRunsOn) {
  const long before = resident_code();
  ASSERT_TRUE(release_code_pages().ok());
  EXPECT_LT(resident_code(), before);
}

}  // namespace
}  // namespace skiff
