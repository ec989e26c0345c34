// SPDX-License-Identifier: Apache-2.0
#include "agent/map_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skiff::agent {
namespace {

using datapath::MapUsage;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class MapWatchTest : public ::testing::Test {
 protected:
  WatchedMaps parts() {
    WatchedMaps maps;
    maps.count = [this]() -> Result<std::vector<MapUsage>> { return usages_; };
    maps.look = [this] {
      std::vector<MapUsage> seen = usages_;
      for (MapUsage& usage : seen) usage.entries.reset();
      return seen;
    };
    maps.grow = [this](const auto& sizes) {
      for (const auto& [name, size] : sizes) grown_.push_back(fmt::format("{} {}", name, size));
      return grows_;
    };
    maps.waits_for_sync = [this] { return waits_; };
    maps.synced = [this] { return synced_; };
    maps.finish_upgrade = [this] {
      waits_ = false;
      return absl::OkStatus();
    };
    maps.tell = [this](bool warning, const char* reason, std::string text) {
      told_.push_back(fmt::format("{} {}: {}", warning ? "Warning" : "Normal", reason, text));
    };
    return maps;
  }
  void step(bool count) {
    asio::io_context loop;
    spawn(loop.get_executor(), "step", watch_.step(count));
    loop.run();
  }
  std::vector<std::string> take_told() { return std::exchange(told_, {}); }
  std::string metrics() { return metrics::text(registry_); }

  std::vector<MapUsage> usages_ = {{.name = "pods", .entries = 10, .capacity = 100}};
  bool waits_ = false;
  bool synced_ = true;
  Status grows_;
  std::vector<std::string> grown_;
  std::vector<std::string> told_;
  metrics::Registry registry_;
  asio::thread_pool pool_{1};
  MapWatch watch_{parts(), pool_, registry_};
};

TEST_F(MapWatchTest, ShowsWhatItCounts) {
  step(true);
  EXPECT_THAT(metrics(), HasSubstr("skiff_map_entries{map=\"pods\"} 10"));
  EXPECT_THAT(metrics(), HasSubstr("skiff_map_capacity{map=\"pods\"} 100"));
  EXPECT_THAT(metrics(), HasSubstr("skiff_map_full_total{map=\"pods\"} 0"));
  EXPECT_THAT(told_, IsEmpty());
}

TEST_F(MapWatchTest, TellsOnceOfAMapThatIsNearlyFullAndMakesItLarger) {
  usages_[0].entries = 80;
  step(true);
  EXPECT_THAT(take_told(),
              ElementsAre("Warning DatapathMapNearlyFull: Map pods of the datapath has 80 of 100 "
                          "entries",
                          "Normal DatapathMapGrown: Map pods of the datapath has room for 200 "
                          "entries now"));
  EXPECT_THAT(grown_, ElementsAre("pods 200"));
  usages_[0].capacity = 100;  // as if it had not helped
  usages_[0].grows = false;
  step(true);
  EXPECT_THAT(take_told(), IsEmpty());
  usages_[0].entries = 79;
  step(true);
  usages_[0].entries = 90;
  step(true);
  EXPECT_EQ(take_told().size(), 1u) << "it had been below in between";
}

TEST_F(MapWatchTest, ARefusedWriteIsCountedToldAndMakesTheMapLarger) {
  step(true);
  usages_[0].refused = 3;
  step(false);
  EXPECT_THAT(
      take_told(),
      ElementsAre("Warning DatapathMapFull: Map pods of the datapath was full (100 entries)",
                  "Normal DatapathMapGrown: Map pods of the datapath has room for 200 "
                  "entries now"));
  EXPECT_THAT(metrics(), HasSubstr("skiff_map_full_total{map=\"pods\"} 3"));
  step(false);
  EXPECT_THAT(take_told(), IsEmpty()) << "no write was refused since";
}

TEST_F(MapWatchTest, AMapThatCannotGrowSaysWhy) {
  step(true);
  grows_ = resource_exhausted("no memory");
  usages_[0].refused = 1;
  step(false);
  EXPECT_THAT(take_told(), ::testing::Contains(HasSubstr("cannot grow to 200 entries: no memory")));
}

TEST_F(MapWatchTest, AnUpgradeIsFinishedOnceEverythingIsWritten) {
  waits_ = true;
  synced_ = false;
  usages_[0].entries = 90;
  step(true);
  EXPECT_TRUE(waits_);
  EXPECT_THAT(grown_, IsEmpty()) << "not while an upgrade is under way";
  synced_ = true;
  step(true);
  EXPECT_FALSE(waits_);
  EXPECT_THAT(grown_, ElementsAre("pods 200"));
}

}  // namespace
}  // namespace skiff::agent
