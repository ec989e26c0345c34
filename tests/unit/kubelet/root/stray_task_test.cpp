// SPDX-License-Identifier: Apache-2.0
// A start whose caller gives up, or dies, at every moment of it: what containerd then says and what
// then runs are two things.
#include <gtest/gtest.h>

#include <thread>

#include "agent/runtime/cri_runtime.h"
#include "tests/run_on.h"
#include "tests/unit/kubelet/root/containerd.h"

namespace skiff::kubelet {
namespace {

using std::chrono::milliseconds;

class StrayTaskTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string obstacle = Containerd::obstacle(); !obstacle.empty())
      GTEST_SKIP() << obstacle;
    ASSERT_EQ(message(containerd.start()), "");
    ASSERT_EQ(message(containerd.import_image("busybox")), "");
    runtime = runtime::make_cri_runtime(context.get_executor(), {.socket = containerd.socket()});
    sandbox.metadata = {.name = "pod", .uid = "uid", .namespace_ = "default"};
    sandbox.security.namespaces.network = runtime::NamespaceMode::Node;
    auto made = run(runtime->run_sandbox(sandbox));
    ASSERT_TRUE(made.ok()) << made.status();
    sandbox_id = *made;
  }
  void TearDown() override {
    if (!sandbox_id.empty()) {
      EXPECT_EQ(message(run(runtime->stop_sandbox(sandbox_id))), "");
      EXPECT_EQ(message(run(runtime->remove_sandbox(sandbox_id))), "");
    }
  }

  template <class T>
  T run(awaitable<T> task) {
    return run_on(context, std::move(task));
  }

  Containerd containerd{std::filesystem::path("/tmp") / fmt::format("skiff-stray-{}", ::getpid())};
  asio::io_context context;
  std::unique_ptr<runtime::Runtime> runtime;
  runtime::SandboxConfig sandbox;
  std::string sandbox_id;
};

TEST_F(StrayTaskTest, AContainerWhoseStartWasCutOffCanBeRemoved) {
  for (uint32_t attempt = 0; attempt < 12; ++attempt) {
    const milliseconds patience(10 * (attempt + 1));
    SCOPED_TRACE(patience.count());
    runtime::ContainerConfig config{.name = "main", .attempt = attempt, .image = "busybox"};
    config.command = {"sleep", "60"};
    const auto id = run(runtime->create_container(sandbox_id, config, sandbox));
    ASSERT_TRUE(id.ok()) << id.status();
    const auto hasty = runtime::make_cri_runtime(
        context.get_executor(), {.socket = containerd.socket(), .timeout = patience});
    (void)run(hasty->start_container(*id));
    const auto status = run(runtime->container_status(*id));
    ASSERT_TRUE(status.ok()) << status.status();
    if (status->state == runtime::ContainerState::Running) {
      EXPECT_EQ(message(run(runtime->stop_container(*id, std::chrono::seconds(0)))), "");
    }
    Status removed = unavailable("not tried");  // refused while it is still starting
    for (int tries = 0; tries < 100 && !removed.ok(); ++tries) {
      removed = run(runtime->remove_container(*id));
      if (!removed.ok()) std::this_thread::sleep_for(milliseconds(50));
    }
    EXPECT_EQ(message(removed), "");
  }
  EXPECT_TRUE(run(runtime->list_containers({}))->empty());
}

}  // namespace
}  // namespace skiff::kubelet
