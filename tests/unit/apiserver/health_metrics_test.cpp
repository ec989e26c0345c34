// SPDX-License-Identifier: Apache-2.0
// What the server says of itself: health, and figures under kube-apiserver's names.
#include <gmock/gmock.h>

#include "controller/store/local_store.h"
#include "tests/unit/apiserver/api_fixture.h"

namespace skiff::apiserver {
namespace {

using testing::HasSubstr;
using testing::Not;

// A disk that does what the test says.
class FakeDisk final : public store::Journal {
 public:
  struct State {
    Status commits;
    Status space;
  };
  explicit FakeDisk(std::shared_ptr<State> state) : state_(std::move(state)) {}
  Status commit(std::span<const store::EventPtr>) override { return state_->commits; }
  Status check_space() const override { return state_->space; }

 private:
  std::shared_ptr<State> state_;
};

class Health : public ApiTest {
 protected:
  Health() {
    server_.reset();
    store_ = std::make_unique<store::LocalStore>(loop_.get_executor(), store::HistoryLimits{},
                                                 store::Recovered{},
                                                 std::make_unique<FakeDisk>(disk_), &registry_);
    auto resources = builtin_resources(*store_, {.service_ranges = {*Cidr::parse("10.96.0.0/16")}});
    backend_ = std::make_unique<Backend>(Backend{.executor = loop_.get_executor(),
                                                 .store = *store_,
                                                 .clock = clock_,
                                                 .registry = *std::move(resources),
                                                 .printer = plain_table_printer(),
                                                 .nodes = {},
                                                 .tokens = {},
                                                 .metrics = &registry_});
    server_ = std::make_unique<Server>(*backend_, std::vector<std::unique_ptr<Authenticator>>(),
                                       simple_authorizer());
    create_namespace("default");
  }
  std::string asked(const std::string& path) {
    const auto answer = call("GET", path);
    return fmt::format("{} {}", code, answer.body_text());
  }
  std::string shown() const { return metrics::text(registry_); }

  std::shared_ptr<FakeDisk::State> disk_ = std::make_shared<FakeDisk::State>();
  metrics::Registry registry_;
};

constexpr const char* kMaps = "/api/v1/namespaces/default/configmaps";

TEST_F(Health, IsReadyWhileTheStoreTakesWrites) {
  EXPECT_EQ(asked("/readyz"), "200 ok");
  EXPECT_EQ(asked("/readyz?verbose"), "200 [+]ping ok\n[+]store ok\nreadyz check passed\n");
  disk_->space = resource_exhausted("the disk is full");
  EXPECT_EQ(asked("/readyz"),
            "500 [+]ping ok\n[-]store failed: the disk is full\nreadyz check failed\n");
  EXPECT_EQ(asked("/readyz/store").substr(0, 4), "500 ");
  EXPECT_EQ(asked("/readyz/ping"), "200 ok");
  EXPECT_EQ(asked("/readyz?exclude=store"), "200 ok");
  EXPECT_EQ(asked("/readyz/nothing"), "404 404 page not found\n");
  EXPECT_EQ(asked("/livez"), "200 ok");  // a restart would make no room
  disk_->space = absl::OkStatus();
  EXPECT_EQ(asked("/readyz"), "200 ok");
}

TEST_F(Health, IsDeadWhenOnlyARestartWouldHelp) {
  disk_->commits = unavailable("write: input/output error; restart to recover");
  ask("POST", kMaps, config_json("a", "1"));
  EXPECT_NE(code, 201);
  for (const char* path : {"/livez", "/healthz", "/readyz"})
    EXPECT_THAT(asked(path), HasSubstr("[-]store failed: write: input/output error")) << path;
}

TEST_F(Health, CountsRequestsByVerbResourceAndCode) {
  ask("POST", kMaps, config_json("a", "1"));
  ask("POST", kMaps, config_json("a", "1"));
  ask("GET", std::string(kMaps) + "/a");
  ask("GET", kMaps);
  ask("GET", std::string(kMaps) + "/none");
  const std::string text = shown();
  const auto line = [](const char* code, const char* scope, const char* verb, int count) {
    return fmt::format(
        "apiserver_request_total{{code=\"{}\",component=\"apiserver\",dry_run=\"\",group=\"\","
        "resource=\"configmaps\",scope=\"{}\",subresource=\"\",verb=\"{}\",version=\"v1\"}} {}\n",
        code, scope, verb, count);
  };
  EXPECT_THAT(text, HasSubstr(line("201", "namespace", "POST", 1)));
  EXPECT_THAT(text, HasSubstr(line("409", "namespace", "POST", 1)));
  EXPECT_THAT(text, HasSubstr(line("200", "resource", "GET", 1)));
  EXPECT_THAT(text, HasSubstr(line("404", "resource", "GET", 1)));
  EXPECT_THAT(text, HasSubstr(line("200", "namespace", "LIST", 1)));
  EXPECT_THAT(text, HasSubstr("apiserver_request_duration_seconds_count{"));
  EXPECT_THAT(text,
              HasSubstr("apiserver_current_inflight_requests{request_kind=\"mutating\"} 0\n"));
}

TEST_F(Health, CountsOpenWatchesAndNotHowLongTheyLast) {
  auto watch = stream(std::string(kMaps) + "?watch=1");
  EXPECT_THAT(shown(), HasSubstr("apiserver_longrunning_requests{resource=\"configmaps\","
                                 "verb=\"WATCH\"} 1\n"));
  watch.reset();
  for (int i = 0; i < 100 && shown().find("verb=\"WATCH\"} 1\n") != std::string::npos; ++i)
    loop_.run_one_for(std::chrono::milliseconds(100));
  EXPECT_THAT(shown(), HasSubstr("verb=\"WATCH\"} 0\n"));
  EXPECT_THAT(shown(), Not(testing::ContainsRegex("duration_seconds_count.*WATCH")));
}

// Anybody may ask for anything; what nobody knows has one name.
TEST_F(Health, DoesNotNameWhatItDoesNotKnow) {
  for (const char* path : {"/secret-1", "/apis/no.such/v1/things", "/api/v1/pods/p/no-such",
                           "/api/v1/namespaces/default/pods/p/another"})
    call("GET", path);
  EXPECT_THAT(shown(), Not(testing::ContainsRegex("secret-1|no.such|things|no-such|another")));
  EXPECT_THAT(shown(), HasSubstr("subresource=\"other\""));
}

TEST_F(Health, TimesTheStore) {
  ask("POST", kMaps, config_json("a", "1"));
  EXPECT_THAT(shown(), HasSubstr("etcd_request_duration_seconds_count{operation=\"create\"} "));
  EXPECT_THAT(shown(), HasSubstr("etcd_disk_wal_fsync_duration_seconds_count "));
  EXPECT_THAT(shown(), HasSubstr("skiff_store_group_writes_count "));
}

}  // namespace
}  // namespace skiff::apiserver
