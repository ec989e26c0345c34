// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/printers/cells.h"

#include <gtest/gtest.h>

namespace skiff::printers {
namespace {

using namespace std::chrono_literals;

TEST(HumanDuration, ShowsTwoUnitsWhereTheSecondMatters) {
  const std::pair<Duration, const char*> kRows[] = {
      {-5s, "<invalid>"},   {-1s, "0s"},           {0s, "0s"},
      {119s, "119s"},       {120s, "2m"},          {599s, "9m59s"},
      {600s, "10m"},        {10799s, "179m"},      {3h, "3h"},
      {3h + 1min, "3h1m"},  {7h + 59min, "7h59m"}, {8h, "8h"},
      {47h + 59min, "47h"}, {48h, "2d"},           {49h, "2d1h"},
      {24h * 8, "8d"},      {24h * 729, "729d"},   {24h * 730, "2y"},
      {24h * 731, "2y1d"},  {24h * 365 * 8, "8y"}, {24h * 365 * 9, "9y"},
  };
  for (const auto& [duration, text] : kRows) EXPECT_EQ(human_duration(duration), text);
}

TEST(Age, IsUnknownWithoutATime) {
  EXPECT_EQ(age(api::Time(), TimePoint(1h)), "<unknown>");
  EXPECT_EQ(age(api::Time(TimePoint(1h)), TimePoint(1h + 5s)), "5s");
}

TEST(ShortList, CountsWhatItDoesNotShow) {
  ShortList list;
  EXPECT_EQ(list.finish("<none>"), "<none>");
  for (const char* member : {"a", "b", "c"}) list.add(member);
  EXPECT_EQ(list.finish("<none>"), "a,b,c");
  list.add("d");
  list.add("e");
  EXPECT_EQ(list.finish("<none>"), "a,b,c + 2 more...");
}

TEST(Cells, AreAJsonArray) {
  Cells cells;
  cells.text("say \"hi\"");
  cells.number(-3);
  EXPECT_EQ(std::move(cells).finish(), R"(["say \"hi\"",-3])");
}

}  // namespace
}  // namespace skiff::printers
