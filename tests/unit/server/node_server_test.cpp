// SPDX-License-Identifier: Apache-2.0
#include "agent/server/node_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "agent/server/log_reader.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_runtime.h"
#include "tests/run_on.h"
#include "tests/unit/server/answer.h"

namespace skiff::server {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

awaitable<void> mark(awaitable<void> task, bool& done) {
  co_await std::move(task);
  done = true;
}

awaitable<bool> stopped() {
  co_return false;
}

class NodeServerTest : public testing::Test {
 protected:
  NodeServerTest() : directory_(testing::TempDir() + "skiff_node_server") {
    std::filesystem::create_directories(directory_);
  }
  ~NodeServerTest() override { std::filesystem::remove_all(directory_); }

  template <class T>
  T run(awaitable<T> task) {
    return run_on(io_, std::move(task));
  }
  Answer ask(const std::string& path, const std::string& query = "") {
    NodeServer server({.runtime = runtime_,
                       .pods = [] { return std::string("{\"kind\":\"PodList\"}"); },
                       .pod_uid =
                           [this](const std::string& ns, const std::string& pod) {
                             return ns == "shop" && pod == "web" ? uid_ : std::string();
                           },
                       .metrics = [] { return std::string("a 1\n"); },
                       .services = []() -> awaitable<Result<std::string>> { co_return "{}"; },
                       .not_ready_because = [this] { return not_ready_; }},
                      clock_);
    Answer answer;
    bool done = false;
    http::Request request{.path = path, .query = http::Query::parse(query)};
    spawn(io_.get_executor(), "serve", mark(server.serve(std::move(request), answer), done));
    io_.restart();
    io_.run_for(5s);
    EXPECT_TRUE(done);
    return answer;
  }
  // A container of pod shop/web whose log is the file `log`.
  std::string add_container(const std::string& log, uint32_t attempt = 0) {
    const runtime::StringMap labels = {{"io.kubernetes.pod.namespace", "shop"},
                                       {"io.kubernetes.pod.name", "web"},
                                       {"io.kubernetes.pod.uid", uid_},
                                       {"io.kubernetes.container.name", "main"}};
    runtime::SandboxConfig sandbox;
    sandbox.labels = labels;
    sandbox.log_directory = directory_.string();
    const std::string in = *run(fake_.run_sandbox(sandbox));
    runtime::ContainerConfig config;
    config.name = "main";
    config.attempt = attempt;
    config.labels = labels;
    config.log_path = log;
    const std::string id = *run(fake_.create_container(in, config, sandbox));
    EXPECT_TRUE(run(fake_.start_container(id)).ok());
    return id;
  }
  std::string path(const std::string& name) const { return (directory_ / name).string(); }
  void append(const std::string& name, std::initializer_list<const char*> texts) {
    std::ofstream file(path(name), std::ios::app);
    for (const char* text : texts)
      file << "2023-11-14T22:13:20.100000000Z stdout F " << text << "\n";
  }

  asio::io_context io_;
  FakeClock clock_;
  runtime::FakeRuntime fake_{clock_};
  runtime::Runtime* runtime_ = &fake_;
  std::string not_ready_;
  std::string uid_ = "u1";  // of pod shop/web
  std::filesystem::path directory_;
};

TEST_F(NodeServerTest, TellsItsHealth) {
  EXPECT_EQ(ask("/healthz").body, "ok");
  not_ready_ = "datapath is loading";
  EXPECT_EQ(ask("/healthz").status, 503);
  EXPECT_EQ(ask("/readyz").body, "datapath is loading\n");
}

TEST_F(NodeServerTest, ServesPodsAndMetrics) {
  EXPECT_EQ(ask("/pods").body, "{\"kind\":\"PodList\"}");
  EXPECT_EQ(ask("/metrics").body, "a 1\n");
  EXPECT_EQ(ask("/services").body, "{}");
  EXPECT_EQ(ask("/").status, 404);
  EXPECT_EQ(ask("/nothing").status, 404);
}

TEST_F(NodeServerTest, WithoutARuntimeThereAreNoStreams) {
  runtime_ = nullptr;
  EXPECT_EQ(ask("/containerLogs/shop/web/main").status, 404);
  EXPECT_EQ(ask("/healthz").status, 200);
}

TEST_F(NodeServerTest, ServesLogs) {
  append("0.log", {"one", "two", "three"});
  add_container("0.log");
  EXPECT_EQ(ask("/containerLogs/shop/web/main").body, "one\ntwo\nthree\n");
  EXPECT_EQ(ask("/containerLogs/shop/web/main", "tailLines=1").body, "three\n");
  EXPECT_EQ(ask("/containerLogs/shop/web/main", "tailLines=0").body, "");
  EXPECT_EQ(ask("/containerLogs/shop/web/main", "limitBytes=5").body, "one\nt");
  EXPECT_EQ(ask("/containerLogs/shop/web/main", "tailLines=x").status, 400);
  EXPECT_EQ(ask("/containerLogs/shop/web").status, 404);
}

TEST_F(NodeServerTest, SaysWhichContainerHasNoLog) {
  Answer answer = ask("/containerLogs/shop/web/main");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body,
            "container \"main\" in pod \"web\" is waiting to start: ContainerCreating\n");
  append("0.log", {"old"});
  add_container("0.log");
  answer = ask("/containerLogs/shop/web/main", "previous=true");
  EXPECT_EQ(answer.body, "previous terminated container \"main\" in pod \"web\" not found\n");
  append("1.log", {"new"});
  add_container("1.log", 1);
  EXPECT_EQ(ask("/containerLogs/shop/web/main", "previous=true").body, "old\n");
  EXPECT_EQ(ask("/containerLogs/shop/web/main").body, "new\n");
}

// Its containers are still there while the new pod's are not yet.
TEST_F(NodeServerTest, DoesNotTakeAnEarlierPodOfTheSameNameForIt) {
  append("0.log", {"of the earlier pod"});
  add_container("0.log");
  EXPECT_EQ(ask("/containerLogs/shop/web/main").status, 200);
  uid_ = "u2";
  EXPECT_EQ(ask("/containerLogs/shop/web/main").status, 400);
  EXPECT_EQ(ask("/exec/shop/web/main", "command=ls").status, 404);
  EXPECT_EQ(ask("/portForward/shop/web", "port=80").status, 404);
  append("1.log", {"of the new pod"});
  add_container("1.log");
  EXPECT_EQ(ask("/containerLogs/shop/web/main").body, "of the new pod\n");
  EXPECT_EQ(ask("/containerLogs/shop/web/u2/main").body, "of the new pod\n");
  EXPECT_EQ(ask("/containerLogs/shop/web/u1/main").status, 404);
  EXPECT_EQ(ask("/containerLogs/shop/other/main").body,
            "pod \"other\" not found in namespace \"shop\" on this node\n");
}

TEST_F(NodeServerTest, FollowsUntilTheContainerEnds) {
  append("0.log", {"one"});
  add_container("0.log");
  fake_.exit_container("main", 0);
  EXPECT_EQ(ask("/containerLogs/shop/web/main", "follow=true").body, "one\n");
}

TEST_F(NodeServerTest, ChecksWhatStreamsAskFor) {
  EXPECT_EQ(ask("/exec/shop/web/main").status, 400);
  EXPECT_EQ(ask("/exec/shop/web/main", "command=ls").status, 404);
  EXPECT_EQ(ask("/exec/shop", "command=ls").status, 404);
  EXPECT_EQ(ask("/attach/shop/web/main").status, 404);
  EXPECT_EQ(ask("/portForward/shop/web").status, 404);
  const Answer port = ask("/portForward/shop/web", "port=70000");
  EXPECT_EQ(port.status, 400);
  EXPECT_EQ(port.body, "port: \"70000\" is not a port number\n");
}

class FollowTest : public NodeServerTest {
 protected:
  void follow(const std::string& name) {
    LogOptions options;
    options.follow = true;
    spawn(io_.get_executor(), "follow",
          mark_status(send_log(path(name), options, [this] { return is_running(); }, answer_)));
  }
  awaitable<void> mark_status(awaitable<Status> task) { done_ = co_await std::move(task); }
  awaitable<bool> is_running() { co_return running_; }
  bool until(const std::string& body) {
    for (int i = 0; i < 1000 && answer_.body != body; ++i) {
      io_.restart();
      io_.run_for(10ms);
    }
    return answer_.body == body;
  }
  Answer answer_;
  bool running_ = true;
  std::optional<Status> done_;
};

TEST_F(FollowTest, GoesOnOverARotation) {
  append("0.log", {"one"});
  follow("0.log");
  ASSERT_TRUE(until("one\n"));
  append("0.log", {"two"});
  ASSERT_TRUE(until("one\ntwo\n"));
  std::filesystem::rename(path("0.log"), path("0.log.1"));
  append("0.log", {"three"});
  ASSERT_TRUE(until("one\ntwo\nthree\n"));
  running_ = false;
  EXPECT_TRUE(until("one\ntwo\nthree\n"));
  io_.run_for(2s);
  ASSERT_TRUE(done_);
  EXPECT_TRUE(done_->ok());
}

TEST_F(FollowTest, ReadsWhatIsWrittenBetweenRenameAndReopening) {
  append("0.log", {"one"});
  follow("0.log");
  ASSERT_TRUE(until("one\n"));
  std::filesystem::rename(path("0.log"), path("0.log.1"));
  io_.restart();
  io_.run_for(250ms);  // the reader sees that the file is gone
  append("0.log.1", {"late"});
  append("0.log", {"new"});
  EXPECT_TRUE(until("one\nlate\nnew\n"));
}

TEST_F(FollowTest, ALineIsShownWhenItIsWhole) {
  append("0.log", {"one"});
  follow("0.log");
  ASSERT_TRUE(until("one\n"));
  {
    std::ofstream file(path("0.log"), std::ios::app);
    file << "2023-11-14T22:13:20.100000000Z stdout F tw";
  }
  io_.restart();
  io_.run_for(250ms);
  EXPECT_EQ(answer_.body, "one\n");
  {
    std::ofstream file(path("0.log"), std::ios::app);
    file << "o\n";
  }
  EXPECT_TRUE(until("one\ntwo\n"));
}

TEST_F(FollowTest, EndsWhenTheClientGoes) {
  append("0.log", {"one"});
  follow("0.log");
  ASSERT_TRUE(until("one\n"));
  answer_.gone = true;
  io_.restart();
  io_.run_for(1s);
  EXPECT_TRUE(done_);
}

TEST_F(NodeServerTest, ATailBeginsInAnyBlock) {
  constexpr const char* kStamp = "2023-11-14T22:13:20.100000000Z stdout F ";
  // Lines of 100 bytes do not divide the block of 64 KiB; lines of 64 do.
  for (const size_t length : {size_t{100}, size_t{64}, size_t{70'000}}) {
    const std::string text(length - std::string_view(kStamp).size() - 1, 'x');
    const int count = length > 1000 ? 5 : 3000;
    {
      std::ofstream file(path("big.log"), std::ios::trunc);
      for (int i = 0; i < count; ++i) file << kStamp << text << "\n";
    }
    for (const int64_t lines : {1, 4, 655, 1024, 1025, 2999, 5000}) {
      LogOptions options;
      options.tail_lines = lines;
      Answer answer;
      ASSERT_TRUE(run(send_log(path("big.log"), options, [] { return stopped(); }, answer)).ok());
      EXPECT_EQ(std::count(answer.body.begin(), answer.body.end(), '\n'),
                std::min<int64_t>(lines, count))
          << length << " " << lines;
    }
  }
}

TEST_F(NodeServerTest, AMissingLogIsNotFound) {
  Answer answer;
  EXPECT_EQ(run(send_log(
                    path("none.log"), {}, [] { return stopped(); }, answer))
                .code(),
            StatusCode::kNotFound);
}

}  // namespace
}  // namespace skiff::server
