// SPDX-License-Identifier: Apache-2.0
// Every *.script of this folder against maps in memory.
#include <gtest/gtest.h>

#include "agent/datapath/memory_map.h"
#include "tests/scripts/scene.h"

namespace skiff::scripts {
namespace {

class Memory final : public Ground {
 public:
  Result<datapath::Maps*> clear(std::optional<uint32_t> backend_slots) override {
    maps_ = datapath::memory_maps();
    if (backend_slots)
      maps_.backends =
          std::make_unique<datapath::MemoryMap<uint32_t, datapath::Backend>>(*backend_slots);
    return &maps_;
  }
  Result<datapath::Maps*> reopen() override { return &maps_; }

 private:
  datapath::Maps maps_;
};

class Script : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(Script, LeavesTheMapsAsWritten) {
  Memory memory;
  play(GetParam(), memory);
}

INSTANTIATE_TEST_SUITE_P(Golden, Script, testing::ValuesIn(all_scripts()),
                         [](const auto& info) { return script_name(info.param); });

}  // namespace
}  // namespace skiff::scripts
