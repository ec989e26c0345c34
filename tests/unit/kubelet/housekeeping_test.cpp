// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/housekeeping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "agent/kubelet/pod_names.h"
#include "base/file.h"
#include "tests/builders/pod_builder.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_runtime.h"
#include "tests/run_on.h"

namespace skiff::kubelet {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;

class Rotation : public ::testing::Test {
 protected:
  Rotation() {
    options.log_dir = dir;
    options.max_log_bytes = 100;
    options.max_log_files = 3;
    fs::create_directories(logs());
  }
  ~Rotation() override {
    pool.join();
    fs::remove_all(dir);
  }

  fs::path logs() const { return PodPaths(options, pod).logs() / "main"; }
  void write(const std::string& name, const std::string& text) {
    ASSERT_TRUE(write_file_atomic(logs() / name, text, 0644).ok());
  }
  std::vector<std::string> names() const {
    std::vector<std::string> list;
    for (const auto& entry : fs::directory_iterator(logs()))
      list.push_back(entry.path().filename());
    std::sort(list.begin(), list.end());
    return list;
  }
  template <class T>
  T run(awaitable<T> task) {
    return run_on(context, std::move(task));
  }
  // A running container of the pod. Returns its id.
  std::string start_container() {
    runtime::SandboxConfig sandbox;
    sandbox.labels = sandbox_labels(pod);
    runtime::ContainerConfig config;
    config.name = "main";
    config.labels = container_labels(pod, pod.spec.containers[0]);
    const std::string in = *run(runtime.run_sandbox(sandbox));
    const std::string id = *run(runtime.create_container(in, config, sandbox));
    EXPECT_TRUE(run(runtime.start_container(id)).ok());
    return id;
  }

  const fs::path dir = fs::temp_directory_path() / fmt::format("skiff-rotation-{}", ::getpid());
  const api::Pod pod = PodBuilder("web").container("main").build();
  Options options;
  asio::io_context context;
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  asio::thread_pool pool{1};
  FakeClock clock;
  runtime::FakeRuntime runtime{clock};
  Housekeeping housekeeping{options, runtime, pool};
};

TEST_F(Rotation, MovesTheLogAndKeepsTheNewestOnes) {
  for (const char* name : {"0.log", "0.log.20250101-000000", "0.log.20250102-000000", "1.log",
                           "1.log.20240101-000000"})
    write(name, name);
  ASSERT_TRUE(rotate_log(logs() / "0.log", 3, "20250103-000000").ok());
  EXPECT_THAT(names(), ElementsAre("0.log.20250102-000000", "0.log.20250103-000000", "1.log",
                                   "1.log.20240101-000000"));
  EXPECT_EQ(*read_file(logs() / "0.log.20250103-000000"), "0.log");
}

TEST_F(Rotation, NamesALogThatIsNotThere) {
  const Status status = rotate_log(logs() / "0.log", 3, "20250103-000000");
  EXPECT_TRUE(absl::IsNotFound(status)) << message(status);
  EXPECT_TRUE(message(status).starts_with("rotate ")) << message(status);
}

TEST_F(Rotation, RotatesALargeLogAndTellsTheRuntime) {
  const std::string id = start_container();
  write("0.log", std::string(99, 'x'));
  ASSERT_TRUE(run(housekeeping.run()).ok());
  EXPECT_THAT(names(), ElementsAre("0.log"));
  write("0.log", std::string(100, 'x'));
  ASSERT_TRUE(run(housekeeping.run()).ok());
  EXPECT_TRUE(runtime.called("reopen log " + id));
  ASSERT_EQ(names().size(), 1u);
  EXPECT_TRUE(names()[0].starts_with("0.log.20"));
}

TEST_F(Rotation, PutsTheLogBackIfTheRuntimeDoesNotOpenANewOne) {
  start_container();
  write("0.log", std::string(200, 'x'));
  runtime.failures["reopen log"] = unavailable("containerd is gone");
  const Status status = run(housekeeping.run());
  EXPECT_EQ(message(status), "rotate logs: containerd is gone");
  EXPECT_THAT(names(), ElementsAre("0.log"));
}

TEST_F(Rotation, LeavesTheLogOfAnEndedContainerAlone) {
  start_container();
  runtime.exit_container("main", 0);
  write("0.log", std::string(200, 'x'));
  ASSERT_TRUE(run(housekeeping.run()).ok());
  EXPECT_THAT(names(), ElementsAre("0.log"));
}

}  // namespace
}  // namespace skiff::kubelet
