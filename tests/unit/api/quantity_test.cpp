// SPDX-License-Identifier: Apache-2.0
#include "api/quantity.h"

#include <gtest/gtest.h>

namespace skiff::api {
namespace {

Quantity q(std::string_view text) {
  auto parsed = Quantity::parse(text);
  EXPECT_TRUE(parsed.ok()) << text << ": " << message(parsed.status());
  return parsed.ok() ? *parsed : Quantity();
}

TEST(Quantity, WritesTheCanonicalForm) {
  const std::pair<const char*, const char*> cases[] = {
      {"0", "0"},
      {"100m", "100m"},
      {"1000m", "1"},
      {"0.5", "500m"},
      {"1", "1"},
      {"1000", "1k"},
      {"1024", "1024"},
      {"1024Ki", "1Mi"},
      {"1024Mi", "1Gi"},
      {"1.5Gi", "1536Mi"},
      {"0.5Gi", "512Mi"},
      {"1Ki", "1Ki"},
      {"1Ei", "1Ei"},
      {"2Ti", "2Ti"},
      {"3Pi", "3Pi"},
      {"5u", "5u"},
      {"7n", "7n"},
      {"2500u", "2500u"},
      {"1k", "1k"},
      {"1M", "1M"},
      {"1500M", "1500M"},
      {"1G", "1G"},
      {"1T", "1T"},
      {"1P", "1P"},
      {"1E", "1E"},
      {"1e3", "1e3"},
      {"12e6", "12e6"},
      {"1E3", "1e3"},
      {"1500e-3", "1500e-3"},
      {"-1", "-1"},
      {"-500m", "-500m"},
      {"+3", "3"},
      {".5", "500m"},
      {"1.", "1"},
      {"0.1n", "1n"},
      {"500Ki", "500Ki"},
      {"0.3Ki", "307200m"},
      {"123456789", "123456789"},
  };
  for (const auto& [in, out] : cases) EXPECT_EQ(q(in).to_string(), out) << in;
}

TEST(Quantity, RefusesWhatIsNoNumber) {
  for (const char* text : {"", "abc", "1x", "1 Gi", "1KiB", "--1", ".", "m", "1e", "1e400", "0x10"})
    EXPECT_FALSE(Quantity::parse(text).ok()) << text;
}

TEST(Quantity, ComparesByValue) {
  EXPECT_EQ(q("1"), q("1000m"));
  EXPECT_EQ(q("1Gi"), q("1073741824"));
  EXPECT_LT(q("999m"), q("1"));
  EXPECT_GT(q("1Gi"), q("1G"));
  EXPECT_TRUE(q("-1").is_negative());
}

TEST(Quantity, RoundsUpToWholeAndMilliUnits) {
  EXPECT_EQ(q("1001m").value(), 2);
  EXPECT_EQ(q("100u").milli_value(), 1);
  EXPECT_EQ(q("1Gi").value(), 1073741824);
  EXPECT_EQ(q("2").milli_value(), 2000);
  auto fine = q("1500u");
  fine.round_up_to_milli();
  EXPECT_EQ(fine.to_string(), "2m");
}

TEST(Quantity, AddsAndSubtracts) {
  EXPECT_EQ((q("500m") + q("500m")).to_string(), "1");
  EXPECT_EQ((q("1Gi") + q("512Mi")).to_string(), "1536Mi");
  EXPECT_EQ((q("1Gi") - q("1Gi")).to_string(), "0");
  EXPECT_EQ((Quantity() + q("1Gi")).to_string(), "1Gi");
  EXPECT_EQ((q("1") - q("250m")).to_string(), "750m");
}

TEST(Quantity, SaturatesInsteadOfOverflowing) {
  EXPECT_EQ(q("9999999999999999999999Ei").value(), std::numeric_limits<int64_t>::max());
  auto huge = q("8E");
  for (int i = 0; i < 100; ++i) huge += q("8E");
  EXPECT_EQ(huge.value(), std::numeric_limits<int64_t>::max());
}

}  // namespace
}  // namespace skiff::api
