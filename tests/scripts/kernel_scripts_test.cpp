// SPDX-License-Identifier: Apache-2.0
// Every *.script of this folder against the kernel's maps, pinned and loaded as on a node.
#include <gtest/gtest.h>

#include "agent/datapath/datapath.h"
#include "tests/bpf/harness.h"
#include "tests/scripts/scene.h"

namespace skiff::scripts {
namespace {

class Kernel final : public Ground {
 public:
  ~Kernel() override { forget(); }

  Result<datapath::Maps*> clear(std::optional<uint32_t> backend_slots) override {
    forget();
    options_ = {};
    options_.pin_dir = skiff::testing::test_pin_dir("scripts");
    options_.sizes.backends = backend_slots.value_or(4096);
    return reopen();
  }
  Result<datapath::Maps*> reopen() override {
    datapath_.reset();
    ASSIGN_OR_RETURN(datapath_, datapath::Datapath::open(options_));
    return &datapath_->maps();
  }

 private:
  void forget() {
    datapath_.reset();
    if (!options_.pin_dir.empty()) (void)datapath::uninstall(options_.pin_dir);
  }

  datapath::DatapathOptions options_;
  std::unique_ptr<datapath::Datapath> datapath_;
};

class KernelScript : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(KernelScript, LeavesTheMapsAsWritten) {
  if (const auto obstacle = skiff::testing::isolate_process()) GTEST_SKIP() << *obstacle;
  Kernel kernel;
  play(GetParam(), kernel);
}

INSTANTIATE_TEST_SUITE_P(Golden, KernelScript, ::testing::ValuesIn(all_scripts()),
                         [](const auto& info) { return script_name(info.param); });

}  // namespace
}  // namespace skiff::scripts
