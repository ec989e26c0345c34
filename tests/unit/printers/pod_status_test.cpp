// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/printers/pod_status.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "api/codec.h"

namespace skiff::printers {
namespace {

// A pod with containers `a` and `b`, init container `i` and sidecar `s`, and the rest of its
// status.
api::Pod pod(const std::string& status, const std::string& metadata = "{}") {
  auto decoded = api::decode_json<api::Pod>(fmt::format(
      R"({{"metadata":{},"spec":{{"containers":[{{"name":"a"}},{{"name":"b"}}],"initContainers":)"
      R"([{{"name":"i"}},{{"name":"s","restartPolicy":"Always"}}]}},"status":{}}})",
      metadata, status));
  EXPECT_TRUE(decoded.ok()) << decoded.status();
  return *std::move(decoded);
}

constexpr const char* kRunning = R"("ready":true,"state":{"running":{}})";

struct Row {
  const char* what;
  const char* status;
  const char* word;
  int ready;
  int restarts;
};

const Row kRows[] = {
    {"nothing known yet", R"({"phase":"Pending"})", "Pending", 0, 0},
    {"reason before phase", R"({"phase":"Failed","reason":"Evicted"})", "Evicted", 0, 0},
    {"scheduling gate",
     R"({"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False",)"
     R"("reason":"SchedulingGated"}]})",
     "SchedulingGated", 0, 0},
    {"waiting for the first init container",
     R"({"phase":"Pending","initContainerStatuses":[{"name":"i","state":{"running":{}}},)"
     R"({"name":"s","state":{"waiting":{"reason":"PodInitializing"}}}]})",
     "Init:0/2", 0, 0},
    {"the sidecar starts",
     R"({"phase":"Pending","initContainerStatuses":[{"name":"i",)"
     R"("state":{"terminated":{"exitCode":0}}},{"name":"s",)"
     R"("state":{"waiting":{"reason":"PodInitializing"}}}]})",
     "Init:1/2", 0, 0},
    {"failed init container",
     R"({"phase":"Pending","initContainerStatuses":[{"name":"i","restartCount":2,)"
     R"("state":{"terminated":{"exitCode":3}}}]})",
     "Init:ExitCode:3", 0, 2},
    {"init container killed",
     R"({"phase":"Pending","initContainerStatuses":[{"name":"i",)"
     R"("state":{"terminated":{"exitCode":137,"signal":9}}}]})",
     "Init:Signal:9", 0, 0},
    {"init container crash loop",
     R"({"phase":"Pending","initContainerStatuses":[{"name":"i","restartCount":4,)"
     R"("state":{"waiting":{"reason":"CrashLoopBackOff"}}}]})",
     "Init:CrashLoopBackOff", 0, 4},
    {"restarts of finished init containers do not count",
     R"({"phase":"Running","initContainerStatuses":[{"name":"i","restartCount":4,)"
     R"("state":{"terminated":{"exitCode":0}}},{"name":"s","restartCount":1,"started":true,)"
     R"("ready":true,"state":{"running":{}}}],"containerStatuses":[{"name":"a","restartCount":2,)"
     R"("ready":true,"state":{"running":{}}}]})",
     "Running", 2, 3},
    {"the first container with a word has it",
     R"({"phase":"Running","containerStatuses":[{"name":"a",)"
     R"("state":{"waiting":{"reason":"ImagePullBackOff"}}},{"name":"b",)"
     R"("state":{"terminated":{"exitCode":1,"reason":"Error"}}}]})",
     "ImagePullBackOff", 0, 0},
    {"terminated without a reason",
     R"({"phase":"Failed","containerStatuses":[{"name":"a",)"
     R"("state":{"terminated":{"exitCode":7}}}]})",
     "ExitCode:7", 0, 0},
};

TEST(PodStatus, IsThatOfKubectl) {
  for (const Row& row : kRows) {
    const PodSummary summary = summarize(pod(row.status));
    EXPECT_EQ(summary.status, row.word) << row.what;
    EXPECT_EQ(summary.ready, row.ready) << row.what;
    EXPECT_EQ(summary.restarts, row.restarts) << row.what;
    EXPECT_EQ(summary.containers, 3) << row.what;  // a, b and the sidecar
  }
}

TEST(PodStatus, OfAHalfCompletedPodDependsOnItsReadiness) {
  const std::string containers =
      fmt::format(R"("containerStatuses":[{{"name":"a","state":{{"terminated":{{"exitCode":0,)"
                  R"("reason":"Completed"}}}}}},{{"name":"b",{}}}])",
                  kRunning);
  EXPECT_EQ(summarize(pod("{\"phase\":\"Running\"," + containers + "}")).status, "NotReady");
  EXPECT_EQ(summarize(pod("{\"phase\":\"Running\",\"conditions\":[{\"type\":\"Ready\",\"status\":"
                          "\"True\"}]," +
                          containers + "}"))
                .status,
            "Running");
}

TEST(PodStatus, OfADeletedPodIsTerminatingUntilItHasEnded) {
  const std::string deleted = R"({"deletionTimestamp":"2026-01-01T00:00:00Z"})";
  EXPECT_EQ(summarize(pod(R"({"phase":"Running"})", deleted)).status, "Terminating");
  EXPECT_EQ(summarize(pod(R"({"phase":"Succeeded"})", deleted)).status, "Succeeded");
  EXPECT_EQ(summarize(pod(R"({"phase":"Running","reason":"NodeLost"})", deleted)).status,
            "Unknown");
}

TEST(PodStatus, KnowsWhenTheLastRestartWas) {
  const PodSummary summary = summarize(
      pod(R"({"phase":"Running","containerStatuses":[{"name":"a","restartCount":1,)"
          R"("lastState":{"terminated":{"exitCode":1,"finishedAt":"2026-01-01T00:00:00Z"}}},)"
          R"({"name":"b","restartCount":1,"lastState":{"terminated":{"exitCode":1,)"
          R"("finishedAt":"2026-01-01T00:05:00Z"}}}]})"));
  EXPECT_EQ(summary.restarts, 2);
  EXPECT_EQ(summary.last_restart.to_string(), "2026-01-01T00:05:00Z");
}

}  // namespace
}  // namespace skiff::printers
