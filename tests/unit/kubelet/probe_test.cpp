// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/probe.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "agent/kubelet/action.h"
#include "agent/kubelet/cgroup.h"
#include "agent/kubelet/termination_message.h"
#include "base/file.h"
#include "tests/builders/pod_builder.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_runtime.h"

namespace skiff::kubelet {
namespace {

namespace fs = std::filesystem;

// "+" a success, "-" a failure; the verdict after each: S, F or U.
struct RowCase {
  ProbeKind kind;
  int success_threshold;
  int failure_threshold;
  std::string results;
  std::string verdicts;
};
class ProbeRow : public ::testing::TestWithParam<RowCase> {};

TEST_P(ProbeRow, GivesTheVerdict) {
  api::Probe probe;
  probe.successThreshold = GetParam().success_threshold;
  probe.failureThreshold = GetParam().failure_threshold;
  ProbeState state(probe_timing(probe), initial_verdict(GetParam().kind));
  std::string verdicts;
  for (char result : GetParam().results) {
    state.observe(result == '+');
    verdicts += state.verdict() == Verdict::Success   ? 'S'
                : state.verdict() == Verdict::Failure ? 'F'
                                                      : 'U';
  }
  EXPECT_EQ(verdicts, GetParam().verdicts);
}
INSTANTIATE_TEST_SUITE_P(Table, ProbeRow,
                         ::testing::Values(RowCase{ProbeKind::Liveness, 0, 0, "+--+---", "SSSSSSF"},
                                           RowCase{ProbeKind::Readiness, 0, 0, "--+-", "FFSS"},
                                           RowCase{ProbeKind::Readiness, 2, 1, "+-++-", "FFFSF"},
                                           RowCase{ProbeKind::Startup, 0, 3, "--+", "UUS"},
                                           RowCase{ProbeKind::Startup, 0, 3, "---", "UUF"}));

TEST(ProbeState, TellsOnlyChanges) {
  ProbeState state({}, Verdict::Failure);
  EXPECT_TRUE(state.observe(true));
  EXPECT_FALSE(state.observe(true));
}

TEST(ProbeTiming, HasTheDefaultsOfKubernetes) {
  const ProbeTiming timing = probe_timing({});
  EXPECT_EQ(timing.period, std::chrono::seconds(10));
  EXPECT_EQ(timing.timeout, std::chrono::seconds(1));
  EXPECT_EQ(timing.success_threshold, 1);
  EXPECT_EQ(timing.failure_threshold, 3);
}

TEST(FirstProbe, WaitsForTheInitialDelayAndIsSpreadAfterAnAgentsRestart) {
  const auto at = [](int64_t second) { return TimePoint(std::chrono::seconds(1000 + second)); };
  ProbeTiming timing;
  timing.initial_delay = std::chrono::seconds(5);
  timing.period = std::chrono::seconds(10);
  const struct {
    int64_t now, container, agent;
    double random;
    int64_t waits;
  } cases[] = {
      {0, 0, -100, 0.5, 5},   // a new container
      {3, 0, -100, 0.5, 2},   // a look that came late
      {60, 0, -100, 0.5, 0},  // probes of a container that started long ago, by the same agent
      {60, 0, 60, 0.5, 5},    // … by a new agent: half a period
      {60, 0, 60, 0.0, 0},    //
      {61, 59, 60, 0.5, 3 + 5},
  };
  for (const auto& [now, container, agent, random, waits] : cases)
    EXPECT_EQ(first_delay(timing, {.now = at(now),
                                   .container_started = at(container),
                                   .agent_started = at(agent),
                                   .random = random}),
              std::chrono::seconds(waits))
        << now << " " << container << " " << agent << " " << random;
}

class Action : public ::testing::Test {
 protected:
  // What a server that answers `answer` to one connection makes of the probe.
  ActionOutcome probe(const api::Probe& probe, const std::string& answer = "") {
    asio::io_context context;
    asio::ip::tcp::acceptor acceptor(context, {asio::ip::make_address("127.0.0.1"), 0});
    api::Container container;
    container.name = "main";
    container.ports = {{"web", 0, acceptor.local_endpoint().port(), "", ""}};
    ActionOutcome outcome;
    bool done = false;
    spawn(context.get_executor(), "server", serve(acceptor, answer));
    spawn(context.get_executor(), "probe",
          [](runtime::Runtime& r, const api::Probe& p, const api::Container& c, ActionOutcome& o,
             bool& d) -> awaitable<void> {
            o = co_await run_probe(r, p, {c, "id", "127.0.0.1"}, std::chrono::seconds(1));
            d = true;
          }(runtime, probe, container, outcome, done));
    while (!done) context.run_one();
    return outcome;
  }
  static awaitable<void> serve(asio::ip::tcp::acceptor& acceptor, std::string answer) {
    auto socket = co_await acceptor.async_accept(asio::use_awaitable);
    if (answer.empty()) co_return;
    std::string request;
    co_await asio::async_read_until(socket, asio::dynamic_buffer(request), "\r\n\r\n",
                                    asio::use_awaitable);
    co_await asio::async_write(socket, asio::buffer(answer), asio::use_awaitable);
  }
  static api::Probe http() {
    api::Probe probe;
    auto& get = probe.httpGet.emplace();
    get.port = api::IntOrString("web");
    get.path = "/health";
    return probe;
  }

  FakeClock clock;
  runtime::FakeRuntime runtime{clock};
};

TEST_F(Action, TakesAnHttpAnswerBelow400) {
  EXPECT_TRUE(probe(http(), "HTTP/1.1 204 No Content\r\n\r\n").success);
  const ActionOutcome outcome = probe(http(), "HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n");
  EXPECT_FALSE(outcome.success);
  EXPECT_EQ(outcome.message, "HTTP probe failed with statuscode: 500");
}

TEST_F(Action, ConnectsByTcp) {
  api::Probe by_tcp;
  by_tcp.tcpSocket.emplace().port = api::IntOrString("web");
  EXPECT_TRUE(probe(by_tcp).success);
  by_tcp.tcpSocket->port = api::IntOrString(1);
  EXPECT_FALSE(probe(by_tcp).success);
}

// runtime/grpc_health_test.cpp has the answers of a real server.
TEST_F(Action, AsksByGrpcAndSaysWhatIsWrong) {
  api::Probe by_grpc;
  by_grpc.grpc.emplace().port = 1;
  const ActionOutcome outcome = probe(by_grpc);
  EXPECT_FALSE(outcome.success);
  EXPECT_TRUE(outcome.conclusive);
  EXPECT_TRUE(outcome.message.starts_with("error: failed to connect service at \"127.0.0.1:1\": "))
      << outcome.message;
}

TEST_F(Action, RunsACommand) {
  api::Probe by_exec;
  by_exec.exec.emplace().command = {"check"};
  EXPECT_TRUE(probe(by_exec).success);
  runtime.exec_results["check"] = {"", "broken", 1};
  EXPECT_EQ(probe(by_exec).message, "broken");
}

// A container that just ends cannot be entered: its successor must not pay for that.
TEST_F(Action, DrawsNoConclusionFromACommandThatCouldNotBeRun) {
  api::Probe by_exec;
  by_exec.exec.emplace().command = {"check"};
  runtime.failures["exec id"] = internal_error("setns: no such process");
  const ActionOutcome outcome = probe(by_exec);
  EXPECT_FALSE(outcome.success);
  EXPECT_FALSE(outcome.conclusive);
  runtime.failures.clear();
  runtime.exec_results["check"] = {"", "broken", 1};
  EXPECT_TRUE(probe(by_exec).conclusive);
}

TEST(ResolvePort, TakesNumbersAndNames) {
  api::Container container;
  container.ports = {{"web", 0, 8080, "", ""}};
  EXPECT_EQ(*resolve_port(api::IntOrString(80), container), 80);
  EXPECT_EQ(*resolve_port(api::IntOrString("web"), container), 8080);
  EXPECT_EQ(*resolve_port(api::IntOrString("81"), container), 81);
  EXPECT_FALSE(resolve_port(api::IntOrString("none"), container).ok());
  EXPECT_FALSE(resolve_port(api::IntOrString(0), container).ok());
}

TEST(TerminationMessage, ReadsTheEndOfTheLog) {
  EXPECT_EQ(log_tail("T stdout F one\nT stderr P tw\nT stderr F o\n", 80, 2048), "one\ntwo\n");
  EXPECT_EQ(log_tail("T stdout F one\nT stdout F two\n", 1, 2048), "two\n");
  EXPECT_EQ(log_tail("T stdout F abcdef\n", 80, 3), "ef\n");
}

class Cgroup : public ::testing::Test {
 protected:
  ~Cgroup() override {
    std::error_code error;
    fs::remove_all(dir, error);
  }
  void touch(const fs::path& path) {
    fs::create_directories(path.parent_path());
    std::ofstream(path).put('\n');
  }
  const fs::path dir = fs::temp_directory_path() / fmt::format("skiff-cgroup-{}", ::getpid());
};

TEST_F(Cgroup, IsMadeWhereItMattersAndRemovedEverywhere) {
  for (const char* hierarchy : {"cpu", "memory", "freezer", "unified"})
    touch(dir / hierarchy / "cgroup.procs");
  Options options;
  options.cgroup_mount = dir;
  options.cgroup_root = "/skiff/node-1";
  const api::Pod pod = PodBuilder("web").container("m").limit("memory", "64Mi").build();
  EXPECT_EQ(pod_cgroup(options, pod), "/skiff/node-1/kubepods/burstable/poduid-web");
  ASSERT_TRUE(make_pod_cgroup(options, pod).ok());
  const std::string below = "skiff/node-1/kubepods/burstable/poduid-web";
  EXPECT_TRUE(fs::exists(dir / "cpu" / below));
  EXPECT_TRUE(fs::exists(dir / "memory" / below));
  EXPECT_TRUE(fs::exists(dir / "unified" / below));
  EXPECT_FALSE(fs::exists(dir / "freezer" / below));
  fs::create_directories(dir / "freezer" / below / "container");  // the runtime's
  ASSERT_TRUE(remove_pod_cgroup(options, "uid-web").ok());
  for (const char* hierarchy : {"cpu", "memory", "freezer", "unified"})
    EXPECT_FALSE(fs::exists(dir / hierarchy / below)) << hierarchy;
}

TEST_F(Cgroup, HasSettingsForBothVersions) {
  runtime::LinuxResources resources;
  resources.cpu_shares = 1024;
  resources.cpu_quota_us = 25'000;
  resources.cpu_period_us = 100'000;
  resources.memory_limit_bytes = 1024;
  EXPECT_EQ(
      cgroup_settings_v2(resources),
      (CgroupSettings{{"cpu.weight", "39"}, {"cpu.max", "25000 100000"}, {"memory.max", "1024"}}));
  EXPECT_EQ(cgroup_settings_v1(resources, "memory"),
            (CgroupSettings{{"memory.limit_in_bytes", "1024"}}));
  EXPECT_TRUE(cgroup_settings_v1(resources, "freezer").empty());
}

}  // namespace
}  // namespace skiff::kubelet
