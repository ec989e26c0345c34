// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/apiserver/api_fixture.h"

namespace skiff::apiserver {
namespace {

constexpr const char* kMaps = "/api/v1/namespaces/default/configmaps";
constexpr const char* kTable = "application/json;as=Table;v=v1;g=meta.k8s.io";
constexpr const char* kPartial = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io";

class Lists : public ApiTest {
 protected:
  void make(const std::vector<std::string>& wanted) {
    for (const std::string& name : wanted) {
      ask("POST", kMaps, config_json(name, "1", R"(,"labels":{"name":")" + name + "\"}"));
      EXPECT_EQ(code, 201);
    }
  }
};
using List = Lists;
using Watch = Lists;

TEST_F(List, HasKindRevisionAndItems) {
  make({"b", "a"});
  const auto list = ask("GET", kMaps);
  EXPECT_EQ(at(list, "kind"), "ConfigMapList");
  EXPECT_EQ(at(list, "apiVersion"), "v1");
  EXPECT_EQ(at(list, "metadata.resourceVersion"), std::to_string(store_->revision()));
  EXPECT_EQ(names(list), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(at(ask("GET", "/api/v1/nodes"), "items"), "[]");
}

TEST_F(List, PassesStoredBytesOn) {
  make({"a"});
  const http::Response response = call("GET", kMaps);
  const auto record = store_->get(store::registry_key("configmaps", "default", "a"));
  ASSERT_TRUE(record.ok());
  EXPECT_EQ(response.body.at(1).get(), (*record)->value.get());
}

TEST_F(List, SelectsByLabelsAndFields) {
  make({"a", "b", "c"});
  struct Case {
    const char* query;
    std::vector<std::string> expected;
  };
  for (const Case& one :
       {Case{"labelSelector=name=b", {"b"}}, Case{"labelSelector=name in (a,c)", {"a", "c"}},
        Case{"labelSelector=!name", {}}, Case{"fieldSelector=metadata.name=c", {"c"}},
        Case{"fieldSelector=metadata.name!=c", {"a", "b"}},
        Case{"fieldSelector=metadata.name=c&labelSelector=name=b", {}}}) {
    EXPECT_EQ(names(ask("GET", std::string(kMaps) + "?" + one.query)), one.expected) << one.query;
    EXPECT_EQ(names(ask("GET", std::string("/api/v1/configmaps?") + one.query)), one.expected)
        << one.query;
  }
  const auto refused = ask("GET", std::string(kMaps) + "?fieldSelector=data.key=1");
  EXPECT_EQ(code, 400);
  EXPECT_EQ(
      at(refused, "message"),
      "\"data.key\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"");
  EXPECT_EQ(at(ask("GET", "/api/v1/pods?fieldSelector=spec.foo=1"), "message"),
            "field label not supported: spec.foo");
}

TEST_F(List, SelectsPodsOfANode) {
  ask("POST", "/api/v1/namespaces/default/pods", pod_json("p", "", R"(,"nodeName":"n1")"));
  ask("POST", "/api/v1/namespaces/default/pods", pod_json("q"));
  EXPECT_EQ(names(ask("GET", "/api/v1/pods?fieldSelector=spec.nodeName=n1")),
            (std::vector<std::string>{"p"}));
  EXPECT_EQ(names(ask("GET", "/api/v1/pods?fieldSelector=spec.nodeName=,status.phase!=Failed")),
            (std::vector<std::string>{"q"}));
  EXPECT_EQ(names(ask("GET", "/api/v1/pods?fieldSelector=status.podIPs=1")),
            (std::vector<std::string>{}));
}

TEST_F(List, PagesKeepTheirRevision) {
  make({"a", "b", "c", "d", "e"});
  const auto first = ask("GET", std::string(kMaps) + "?limit=2");
  EXPECT_EQ(names(first), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(at(first, "metadata.remainingItemCount"), "3");
  make({"bb"});
  const auto second =
      ask("GET", std::string(kMaps) + "?limit=2&continue=" + at(first, "metadata.continue"));
  EXPECT_EQ(names(second), (std::vector<std::string>{"c", "d"}));
  EXPECT_EQ(at(second, "metadata.resourceVersion"), at(first, "metadata.resourceVersion"));
  const auto last =
      ask("GET", std::string(kMaps) + "?limit=2&continue=" + at(second, "metadata.continue"));
  EXPECT_EQ(names(last), (std::vector<std::string>{"e"}));
  EXPECT_EQ(at(last, "metadata.continue"), "");
}

TEST_F(List, PagesOfASelectionDoNotCountTheRest) {
  make({"a", "b", "c", "d"});
  const auto first = ask("GET", std::string(kMaps) + "?limit=1&labelSelector=name in (b,d)");
  EXPECT_EQ(names(first), (std::vector<std::string>{"b"}));
  EXPECT_EQ(at(first, "metadata.remainingItemCount"), "");
  const auto second = ask(
      "GET", std::string(kMaps) +
                 "?limit=1&labelSelector=name in (b,d)&continue=" + at(first, "metadata.continue"));
  EXPECT_EQ(names(second), (std::vector<std::string>{"d"}));
}

TEST_F(List, ATokenTooOldComesWithANewOne) {
  make({"a", "b", "c"});
  const auto first = ask("GET", std::string(kMaps) + "?limit=1");
  make({"d"});
  store_->compact(store_->revision());
  const auto expired =
      ask("GET", std::string(kMaps) + "?limit=1&continue=" + at(first, "metadata.continue"));
  EXPECT_EQ(code, 410);
  EXPECT_EQ(at(expired, "reason"), "Expired");
  const auto rest =
      ask("GET", std::string(kMaps) + "?continue=" + at(expired, "metadata.continue"));
  EXPECT_EQ(names(rest), (std::vector<std::string>{"b", "c", "d"}));
}

TEST_F(List, FollowsTheRulesOfRevisions) {
  make({"a"});
  const std::string then = std::to_string(store_->revision());
  make({"b"});
  const std::string list = std::string(kMaps) + "?resourceVersion=" + then;
  EXPECT_EQ(names(ask("GET", list)).size(), 2u);
  EXPECT_EQ(names(ask("GET", list + "&resourceVersionMatch=NotOlderThan")).size(), 2u);
  EXPECT_EQ(names(ask("GET", list + "&resourceVersionMatch=Exact")).size(), 1u);
  struct Case {
    const char* query;
    int code;
  };
  for (const Case& one :
       {Case{"resourceVersionMatch=Exact", 422},
        Case{"resourceVersion=0&resourceVersionMatch=Exact", 422},
        Case{"resourceVersion=0&resourceVersionMatch=NotOlderThan", 200},
        Case{"resourceVersion=0", 200}, Case{"resourceVersion=x", 422},
        Case{"resourceVersion=1&resourceVersionMatch=Some", 422},
        Case{"sendInitialEvents=true", 422}, Case{"limit=x", 400}, Case{"continue=x", 400}}) {
    call("GET", std::string(kMaps) + "?" + one.query);
    EXPECT_EQ(code, one.code) << one.query;
  }
}

TEST_F(List, OfTheFutureTimesOut) {
  backend_->freshness = std::chrono::milliseconds(10);
  const auto refused = ask("GET", std::string(kMaps) + "?resourceVersion=9999");
  EXPECT_EQ(code, 504);
  EXPECT_EQ(at(refused, "message"),
            "Too large resource version: 9999, current: " + std::to_string(store_->revision()));
  EXPECT_EQ(at(refused, "details.causes.0.reason"), "ResourceVersionTooLarge");
}

TEST_F(List, ComesAsTableAndAsMetadata) {
  make({"a"});
  const auto table = ask("GET", kMaps, "", {{"accept", kTable}});
  EXPECT_EQ(at(table, "kind"), "Table");
  EXPECT_EQ(at(table, "columnDefinitions.0.name"), "Name");
  EXPECT_EQ(at(table, "rows.0.cells.0"), "a");
  EXPECT_EQ(at(table, "rows.0.object.kind"), "PartialObjectMetadata");
  EXPECT_EQ(at(table, "metadata.resourceVersion"), std::to_string(store_->revision()));
  const auto partial = ask("GET", kMaps, "", {{"accept", kPartial}});
  EXPECT_EQ(at(partial, "kind"), "PartialObjectMetadataList");
  EXPECT_EQ(at(partial, "items.0.metadata.name"), "a");
  EXPECT_EQ(at(partial, "items.0.data"), "");
  EXPECT_EQ(at(ask("GET", std::string(kMaps) + "/a", "", {{"accept", kPartial}}), "kind"),
            "PartialObjectMetadata");
}

TEST_F(List, ComesAsYaml) {
  make({"a"});
  const http::Response response =
      call("GET", std::string(kMaps) + "/a", "", {{"accept", "application/yaml"}});
  EXPECT_EQ(response.headers.get("content-type"), "application/yaml");
  EXPECT_NE(response.body_text().find("kind: ConfigMap"), std::string::npos);
}

TEST_F(Watch, TellsWhatHappens) {
  const auto watch =
      stream(std::string(kMaps) + "?watch=1&resourceVersion=" + std::to_string(store_->revision()));
  EXPECT_EQ(code, 200);
  make({"a"});
  auto event = next(*watch);
  EXPECT_EQ(at(event, "type"), "ADDED");
  EXPECT_EQ(at(event, "object.metadata.name"), "a");
  ask("PUT", std::string(kMaps) + "/a", config_json("a", "2"));
  event = next(*watch);
  EXPECT_EQ(at(event, "type"), "MODIFIED");
  EXPECT_EQ(at(event, "object.data.key"), "2");
  call("DELETE", std::string(kMaps) + "/a");
  event = next(*watch);
  EXPECT_EQ(at(event, "type"), "DELETED");
  EXPECT_EQ(at(event, "object.data.key"), "2");
  EXPECT_EQ(at(event, "object.metadata.resourceVersion"), std::to_string(store_->revision()));
}

TEST_F(Watch, WithoutRevisionBeginsWithWhatIsThere) {
  make({"a", "b"});
  const auto watch = stream(std::string(kMaps) + "?watch=true");
  EXPECT_EQ(at(next(*watch), "object.metadata.name"), "a");
  EXPECT_EQ(at(next(*watch), "object.metadata.name"), "b");
}

TEST_F(Watch, SeesObjectsEnterAndLeaveItsSelection) {
  const auto watch = stream(std::string(kMaps) + "?watch=1&labelSelector=in=yes&resourceVersion=" +
                            std::to_string(store_->revision()));
  const std::string map = std::string(kMaps) + "/a";
  ask("POST", kMaps, config_json("a", "1", R"(,"labels":{"in":"no"})"));
  patch(map, "merge-patch+json", R"({"metadata":{"labels":{"in":"yes"}}})");
  auto event = next(*watch);
  EXPECT_EQ(at(event, "type"), "ADDED");
  patch(map, "merge-patch+json", R"({"data":{"key":"2"}})");
  EXPECT_EQ(at(next(*watch), "type"), "MODIFIED");
  patch(map, "merge-patch+json", R"({"metadata":{"labels":{"in":"no"}}})");
  event = next(*watch);
  EXPECT_EQ(at(event, "type"), "DELETED");
  EXPECT_EQ(at(event, "object.metadata.labels.in"), "yes");
  EXPECT_EQ(at(event, "object.metadata.resourceVersion"), std::to_string(store_->revision()));
}

TEST_F(Watch, OfOneNameSeesNoOther) {
  const auto watch =
      stream(std::string(kMaps) + "?watch=1&fieldSelector=metadata.name=web&resourceVersion=" +
             std::to_string(store_->revision()));
  make({"web2", "web"});
  EXPECT_EQ(at(next(*watch), "object.metadata.name"), "web");
}

TEST_F(Watch, SendsInitialEventsAndTheirEnd) {
  make({"a"});
  const auto watch = stream(std::string(kMaps) +
                            "?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&"
                            "allowWatchBookmarks=true");
  EXPECT_EQ(at(next(*watch), "object.metadata.name"), "a");
  const auto end = next(*watch);
  EXPECT_EQ(at(end, "type"), "BOOKMARK");
  EXPECT_EQ(at(end, "object.kind"), "ConfigMap");
  EXPECT_EQ(json::serialize(end.at("object").at("metadata").at("annotations")),
            R"({"k8s.io/initial-events-end":"true"})");
  EXPECT_EQ(at(end, "object.metadata.resourceVersion"), std::to_string(store_->revision()));
  make({"b"});
  EXPECT_EQ(at(next(*watch), "object.metadata.name"), "b");
}

TEST_F(Watch, RefusesInitialEventsWithoutTheirMatch) {
  const auto refused = ask("GET", std::string(kMaps) + "?watch=true&sendInitialEvents=true");
  EXPECT_EQ(code, 422);
  EXPECT_EQ(at(refused, "details.causes.0.field"), "resourceVersionMatch");
}

TEST_F(Watch, FromTooFarBackEndsWith410) {
  make({"a", "b"});
  store_->compact(store_->revision());
  const auto watch = stream(std::string(kMaps) + "?watch=1&resourceVersion=1");
  EXPECT_EQ(code, 200);
  const auto event = next(*watch);
  EXPECT_EQ(at(event, "type"), "ERROR");
  EXPECT_EQ(at(event, "object.code"), "410");
  EXPECT_EQ(at(event, "object.reason"), "Expired");
  EXPECT_TRUE(next(*watch).is_null());
}

TEST_F(Watch, EndsWithABookmarkWhenItsTimeIsOver) {
  const auto watch = stream(std::string(kMaps) +
                            "?watch=1&timeoutSeconds=1&allowWatchBookmarks=true&resourceVersion=" +
                            std::to_string(store_->revision()));
  EXPECT_EQ(at(next(*watch), "type"), "BOOKMARK");
  EXPECT_TRUE(next(*watch).is_null());
}

TEST_F(Watch, AsATableSendsColumnsOnce) {
  LocalTransport transport(loop_.get_executor(), *server_, system_user("test"));
  http::Request request{.path = std::string(kMaps) + "?watch=1"};
  request.headers.set("accept", kTable);
  make({"a", "b"});
  const auto watch = run(transport.stream(std::move(request)));
  ASSERT_TRUE(watch.ok());
  EXPECT_NE(at(next(**watch), "object.columnDefinitions"), "[]");
  const auto second = next(**watch);
  EXPECT_EQ(at(second, "object.columnDefinitions"), "[]");
  EXPECT_EQ(at(second, "object.rows.0.cells.0"), "b");
}

}  // namespace
}  // namespace skiff::apiserver
