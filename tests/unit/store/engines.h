// SPDX-License-Identifier: Apache-2.0
// Runs a suite over every engine of the store.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/unit/store/loop.h"

namespace skiff::store {

enum class Engine { kMemory, kRocks };
inline constexpr Engine kEngines[] = {Engine::kMemory, Engine::kRocks};

inline std::string engine_name(const testing::TestParamInfo<Engine>& info) {
  return info.param == Engine::kMemory ? "Memory" : "Rocks";
}

class EngineTest : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override { open({}); }

  void open(const HistoryLimits& history) {
    store_.reset();
    if (GetParam() == Engine::kMemory) {
      store_ = memory_store(loop_.executor, history);
      return;
    }
    auto opened = open_rocks_store(
        loop_.executor, {.directory = (directory_.path() / "db").string(), .history = history});
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
  }

  RecordPtr create(std::string key, std::string_view data) {
    const auto created = loop_.run(store_->create(std::move(key), object(data)));
    EXPECT_TRUE(created.ok()) << created.status();
    return created.ok() ? *created : nullptr;
  }

  Loop loop_;
  TemporaryDirectory directory_;
  std::unique_ptr<Store> store_;
};

}  // namespace skiff::store
