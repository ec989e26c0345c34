// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/layout.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>

namespace skiff::datapath {
namespace {

Field number(const char* path, uint32_t offset, uint32_t size) {
  return {.path = path, .offset = offset, .size = size, .count = 1, .network_order = false};
}

template <class T>
std::span<const std::byte> bytes(const T& value) {
  return {reinterpret_cast<const std::byte*>(&value), sizeof(value)};
}

TEST(Conversion, EqualLayoutsAreCopied) {
  const Layout layout{.size = 8, .fields = {number("id", 0, 4), number("count", 4, 4)}};
  const auto plan = Conversion::plan(layout, layout);
  ASSERT_TRUE(plan.ok());
  EXPECT_TRUE(plan->is_copy());
  EXPECT_FALSE(plan->adds_fields() || plan->drops_fields());
}

TEST(Conversion, FieldsMoveByNameAndNewOnesAreZero) {
  const Layout old{.size = 8, .fields = {number("id", 0, 4), number("count", 4, 4)}};
  const Layout now{.size = 12,
                   .fields = {number("count", 0, 4), number("flags", 4, 4), number("id", 8, 4)}};
  const auto plan = Conversion::plan(old, now);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_TRUE(plan->adds_fields());
  std::array<uint32_t, 3> after{9, 9, 9};
  plan->apply(bytes(std::array<uint32_t, 2>{7, 3}), std::as_writable_bytes(std::span(after)));
  EXPECT_EQ(after, (std::array<uint32_t, 3>{3, 0, 7}));
}

TEST(Conversion, NumbersMayGetWider) {
  const Layout old{.size = 4, .fields = {number("packets", 0, 4)}};
  const Layout now{.size = 8, .fields = {number("packets", 0, 8)}};
  const auto plan = Conversion::plan(old, now);
  ASSERT_TRUE(plan.ok()) << plan.status();
  uint64_t after = ~0ull;
  plan->apply(bytes(uint32_t{0xfffffffe}), {reinterpret_cast<std::byte*>(&after), sizeof(after)});
  EXPECT_EQ(after, 0xfffffffeull);
}

TEST(Conversion, NarrowerNumbersAndWiderPortsAreRefused) {
  const Layout wide{.size = 8, .fields = {number("packets", 0, 8)}};
  const Layout narrow{.size = 4, .fields = {number("packets", 0, 4)}};
  EXPECT_FALSE(Conversion::plan(wide, narrow).ok());
  Layout port{.size = 2, .fields = {number("port", 0, 2)}};
  Layout wider{.size = 4, .fields = {number("port", 0, 4)}};
  port.fields[0].network_order = wider.fields[0].network_order = true;
  EXPECT_FALSE(Conversion::plan(port, wider).ok());
}

TEST(Conversion, ArraysKeepWhatFits) {
  Layout old{.size = 4, .fields = {number("slots", 0, 2)}};
  old.fields[0].count = 2;
  Layout now{.size = 6, .fields = {number("slots", 0, 2)}};
  now.fields[0].count = 3;
  const auto plan = Conversion::plan(old, now);
  ASSERT_TRUE(plan.ok()) << plan.status();
  std::array<uint16_t, 3> after{9, 9, 9};
  plan->apply(bytes(std::array<uint16_t, 2>{1, 2}), std::as_writable_bytes(std::span(after)));
  EXPECT_EQ(after, (std::array<uint16_t, 3>{1, 2, 0}));
}

TEST(Conversion, PaddingMayBecomeAField) {
  const Layout old{.size = 8, .fields = {number("id", 0, 4), number("pad", 4, 4)}};
  const Layout now{.size = 8, .fields = {number("id", 0, 4), number("weight", 4, 4)}};
  const auto plan = Conversion::plan(old, now);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_FALSE(plan->drops_fields());
  std::array<uint32_t, 2> after{9, 9};
  plan->apply(bytes(std::array<uint32_t, 2>{7, 0}), std::as_writable_bytes(std::span(after)));
  EXPECT_EQ(after, (std::array<uint32_t, 2>{7, 0}));
}

TEST(Conversion, UnknownLayoutsAreCopiedIfTheirSizesAgree) {
  EXPECT_TRUE(Conversion::plan({.size = 16, .fields = {}}, {.size = 16, .fields = {}})->is_copy());
  EXPECT_FALSE(Conversion::plan({.size = 16, .fields = {}}, {.size = 24, .fields = {}}).ok());
}

}  // namespace
}  // namespace skiff::datapath
