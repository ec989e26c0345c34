// SPDX-License-Identifier: Apache-2.0
// Pods' control groups where v2 is the only hierarchy, as on a stock Debian 12:
// tools/test_kernels.py boots one.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>

#include "agent/kubelet/cgroup.h"
#include "base/file.h"
#include "tests/builders/pod_builder.h"

namespace skiff::kubelet {
namespace {

namespace fs = std::filesystem;

class CgroupV2Test : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto controllers = read_file("/sys/fs/cgroup/cgroup.controllers");
    if (::geteuid() != 0 || !controllers.ok() || controllers->find("memory") == std::string::npos)
      GTEST_SKIP() << "control groups of this machine are not v2 alone";
    options_.cgroup_mount = "/sys/fs/cgroup";
    options_.cgroup_root = fmt::format("/skiff-test-{}/node-1", ::getpid());
  }
  void TearDown() override {
    if (IsSkipped()) return;
    const fs::path root = options_.cgroup_mount / fs::path(options_.cgroup_root).relative_path();
    for (const char* below : {"kubepods/burstable", "kubepods", "", ".."})
      (void)::rmdir((root / below).lexically_normal().c_str());
  }
  fs::path group() const {
    return options_.cgroup_mount / fs::path(pod_cgroup(options_, pod_)).relative_path();
  }
  std::string setting(const char* file) const { return read_file(group() / file).value_or(""); }

  Options options_;
  const api::Pod pod_ = PodBuilder("web")
                            .container("main")
                            .limit("cpu", "500m")
                            .limit("memory", "64Mi")
                            .request("cpu", "100m")
                            .build();
};

TEST_F(CgroupV2Test, ThePodHasItsLimits) {
  const Status made = make_pod_cgroup(options_, pod_);
  ASSERT_TRUE(made.ok()) << message(made);
  EXPECT_EQ(setting("memory.max"), "67108864\n");
  EXPECT_EQ(setting("cpu.max"), "50000 100000\n");
  EXPECT_EQ(setting("cpu.weight"), "4\n");
  EXPECT_TRUE(make_pod_cgroup(options_, pod_).ok()) << "again";
  ASSERT_TRUE(remove_pod_cgroup(options_, pod_.metadata.uid).ok());
  EXPECT_FALSE(fs::exists(group()));
}

TEST_F(CgroupV2Test, WhatNeedsMoreMemoryIsKilled) {
  ASSERT_TRUE(make_pod_cgroup(options_, pod_).ok());
  const pid_t child = ::fork();
  if (child == 0) {
    constexpr size_t kMore = 128 << 20;
    if (!(std::ofstream(group() / "cgroup.procs") << ::getpid() << std::flush)) ::_exit(1);
    char* bytes = static_cast<char*>(std::malloc(kMore));
    std::memset(bytes, 1, kMore);
    ::_exit(bytes[kMore / 2]);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
  EXPECT_TRUE(remove_pod_cgroup(options_, pod_.metadata.uid).ok());
}

}  // namespace
}  // namespace skiff::kubelet
