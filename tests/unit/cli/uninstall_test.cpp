// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "cli/uninstall/run_files.h"

namespace skiff::cli {
namespace {

namespace fs = std::filesystem;
using testing::UnorderedElementsAre;

struct RunDirectory {
  fs::path path = fs::temp_directory_path() / fmt::format("skiff-run-{}", ::getpid());

  RunDirectory() { fs::create_directories(path); }
  ~RunDirectory() { fs::remove_all(path); }

  void add(const char* name) const {
    fs::create_directories((path / name).parent_path());
    std::ofstream(path / name) << "x";
  }
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(path)) found.push_back(entry.path().filename());
    return found;
  }
};

constexpr const char* kOfAgent[] = {"agent.sock", "cni.sock", "hubble.sock", "cni-tombstones/abc"};

// What tells the last `skiff down` how the machine was before went with the agent.
TEST(Uninstall, LeavesTheMarksOfLocalClustersInTheRunDirectory) {
  const RunDirectory run;
  for (const char* name : kOfAgent) run.add(name);
  for (const char* name : {".bpffs", ".sysctls", ".netns-mount", "lab/controller.pid"})
    run.add(name);
  ASSERT_TRUE(remove_run_files(run.path).ok());
  EXPECT_THAT(run.names(), UnorderedElementsAre(".bpffs", ".sysctls", ".netns-mount", "lab"));
}

TEST(Uninstall, TakesTheRunDirectoryWhereNobodyElseIsInIt) {
  const RunDirectory run;
  for (const char* name : kOfAgent) run.add(name);
  ASSERT_TRUE(remove_run_files(run.path).ok());
  EXPECT_FALSE(fs::exists(run.path));
  EXPECT_TRUE(remove_run_files(run.path).ok()) << "idempotent";
}

}  // namespace
}  // namespace skiff::cli
