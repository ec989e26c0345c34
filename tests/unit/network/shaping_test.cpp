// SPDX-License-Identifier: Apache-2.0
#include "agent/network/shaping.h"

#include <gtest/gtest.h>

namespace skiff::network {
namespace {

constexpr uint64_t kMega = 1'000'000, kContainerd = 0xffffffff;

TEST(TokenBucket, HoldsTenMillisecondsAndAtLeastTwoOfTheLargestPackets) {
  EXPECT_EQ(token_bucket(10 * kMega, 0).bytes_per_second, 1'250'000u);
  EXPECT_EQ(token_bucket(10 * kMega, 0).burst, 131'072u);
  EXPECT_EQ(token_bucket(1000 * kMega, 0).burst, 1'250'000u);
  EXPECT_EQ(token_bucket(1000 * kMega, kContainerd).burst, 1'250'000u) << "nobody asked for that";
}

TEST(TokenBucket, HoldsWhatIsAskedForIfAPacketFits) {
  EXPECT_EQ(token_bucket(10 * kMega, 8 * 50'000).burst, 50'000u);
  EXPECT_EQ(token_bucket(10 * kMega, 8).burst, 4096u);
  EXPECT_EQ(token_bucket(10 * kMega, UINT64_MAX).burst, 1U << 31) << "what the kernel can count";
}

TEST(TokenBucket, LetsFiftyMillisecondsWait) {
  EXPECT_EQ(token_bucket(1000 * kMega, 0).limit, 1'250'000u + 6'250'000u);
  EXPECT_EQ(token_bucket(kMega, 0).limit, 131'072u + 131'072u);
}

TEST(TokenBucket, TheSmallestAndTheLargestRateAreRates) {
  EXPECT_EQ(token_bucket(1, 0).bytes_per_second, 1u);
  EXPECT_EQ(token_bucket(1'000'000'000'000'000, 0).bytes_per_second, 125'000'000'000'000u);
}

}  // namespace
}  // namespace skiff::network
