// SPDX-License-Identifier: Apache-2.0
// Who owns which field, and server-side apply.
#include <fmt/format.h>

#include "tests/unit/apiserver/api_fixture.h"

namespace skiff::apiserver {
namespace {

constexpr const char* kMaps = "/api/v1/namespaces/default/configmaps";
constexpr const char* kDeployments = "/apis/apps/v1/namespaces/default/deployments";

class Apply : public ApiTest {
 protected:
  json::value apply(const std::string& path, const std::string& manager, const std::string& yaml,
                    const std::string& options = "") {
    return ask("PATCH", path + "?fieldManager=" + manager + options, yaml,
               {{"content-type", "application/apply-patch+yaml"}});
  }
  // `manager operation subresource fields` of each owner.
  static std::vector<std::string> owners(const json::value& object) {
    std::vector<std::string> lines;
    const json::value* entries = object.at("metadata").as_object().if_contains("managedFields");
    if (entries == nullptr) return lines;
    for (const json::value& entry : entries->as_array())
      lines.push_back(fmt::format("{} {} {}{}", at(entry, "manager"), at(entry, "operation"),
                                  at(entry, "subresource"), json::serialize(entry.at("fieldsV1"))));
    return lines;
  }
  static std::string config(const std::string& data) {
    return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: s}\ndata: {" + data + "}\n";
  }
  std::string deployment(const std::string& spec) {
    return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n"
           "  selector: {matchLabels: {app: web}}\n"
           "  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: "
           "i}]}}\n" +
           spec;
  }

  const std::string map_ = std::string(kMaps) + "/s";
  const std::string web_ = std::string(kDeployments) + "/web";
};

using Lines = std::vector<std::string>;

TEST_F(Apply, CreatesAndOwnsWhatItSays) {
  const auto made = apply(map_, "me", config("a: '1'"));
  EXPECT_EQ(code, 201);
  EXPECT_EQ(owners(made), Lines({R"(me Apply {"f:data":{"f:a":{}}})"}));
  const json::value& entry = made.at("metadata").at("managedFields").at(0);
  EXPECT_EQ(at(entry, "apiVersion"), "v1");
  EXPECT_EQ(at(entry, "fieldsType"), "FieldsV1");
  EXPECT_EQ(at(entry, "time"), "2023-11-14T22:13:20Z");
}

TEST_F(Apply, TakesAwayWhatItNoLongerSays) {
  apply(map_, "me", config("a: '1', b: '1'"));
  const auto next = apply(map_, "me", config("b: '2', c: '3'"));
  EXPECT_EQ(code, 200);
  EXPECT_EQ(json::serialize(next.at("data")), R"({"b":"2","c":"3"})");
  EXPECT_EQ(owners(next), Lines({R"(me Apply {"f:data":{"f:b":{},"f:c":{}}})"}));
}

TEST_F(Apply, LeavesWhatOthersOwnToo) {
  apply(map_, "me", config("a: '1', b: '1'"));
  apply(map_, "you", config("b: '1'"));
  EXPECT_EQ(json::serialize(apply(map_, "me", config("a: '1'")).at("data")),
            R"({"a":"1","b":"1"})");
  EXPECT_EQ(json::serialize(apply(map_, "you", config("")).at("data")), R"({"a":"1"})");
}

TEST_F(Apply, RefusesToChangeWhatAnotherOwns) {
  apply(map_, "me", config("a: '1'"));
  const auto refused = apply(map_, "you", config("a: '2'"));
  EXPECT_EQ(code, 409);
  EXPECT_EQ(at(refused, "reason"), "Conflict");
  EXPECT_EQ(at(refused, "message"), R"(Apply failed with 1 conflict: conflict with "me": .data.a)");
  EXPECT_EQ(at(refused, "details.causes.0.reason"), "FieldManagerConflict");
  EXPECT_EQ(at(refused, "details.causes.0.message"), R"(conflict with "me")");
  EXPECT_EQ(at(refused, "details.causes.0.field"), ".data.a");
  EXPECT_EQ(at(ask("GET", map_), "data.a"), "1");

  const auto forced = apply(map_, "you", config("a: '2'"), "&force=true");
  EXPECT_EQ(code, 200);
  EXPECT_EQ(owners(forced), Lines({R"(you Apply {"f:data":{"f:a":{}}})"}));
}

TEST_F(Apply, NamesEveryConflictByManager) {
  apply(map_, "me", config("a: '1', b: '1'"));
  ask("PATCH", map_ + "?fieldManager=edit", R"({"data":{"c":"1"}})",
      {{"content-type", "application/merge-patch+json"}});
  EXPECT_EQ(at(apply(map_, "you", config("a: '2', b: '2', c: '2'")), "message"),
            "Apply failed with 3 conflicts: conflicts with \"edit\" using v1:\n- .data.c\n"
            "conflicts with \"me\":\n- .data.a\n- .data.b");
}

TEST_F(Apply, ChangesNothingTheSecondTime) {
  apply(web_, "me", deployment("  replicas: 2"));
  const int64_t revision = store_->revision();
  clock_.advance(std::chrono::minutes(1));
  const auto again = apply(web_, "me", deployment("  replicas: 2"));
  EXPECT_EQ(code, 200);
  EXPECT_EQ(store_->revision(), revision);
  EXPECT_EQ(at(again, "metadata.managedFields.0.time"), "2023-11-14T22:13:20Z");
}

TEST_F(Apply, GivesBackADefaultWhereItOwnedTheField) {
  apply(web_, "me", deployment("  replicas: 2"));
  EXPECT_EQ(at(apply(web_, "me", deployment("")), "spec.replicas"), "1");
}

TEST_F(Apply, OwnsNoStatusAndWhatIsTheServersOwn) {
  const auto made = apply(web_, "me", deployment("  replicas: 2\nstatus: {replicas: 7}"));
  EXPECT_EQ(owners(made)[0].find("status"), std::string::npos);
  EXPECT_EQ(owners(made)[0].find("f:name\":{}},\"f:spec"), std::string::npos);
  const auto status = apply(web_ + "/status", "counter",
                            "apiVersion: apps/v1\nkind: Deployment\nstatus: {replicas: 7}");
  EXPECT_EQ(code, 200);
  EXPECT_EQ(at(status, "status.replicas"), "7");
  EXPECT_EQ(owners(status)[0], R"(counter Apply status{"f:status":{"f:replicas":{}}})");
}

TEST_F(Apply, RefusesWhatItCannotPlace) {
  apply(map_, "", config("a: '1'"));
  EXPECT_EQ(code, 422);
  ask("PATCH", map_ + "?fieldManager=me&force=true", R"({"data":{}})",
      {{"content-type", "application/merge-patch+json"}});
  EXPECT_EQ(code, 422);
  apply(map_, std::string(129, 'm'), config("a: '1'"));
  EXPECT_EQ(code, 422);
  apply(map_, "me", "metadata: {managedFields: []}");
  EXPECT_EQ(code, 400);
  EXPECT_EQ(at(apply(web_, "me", deployment("  replica: 2")), "message"),
            "failed to create typed patch object (default/web; apps/v1, Kind=Deployment): "
            ".spec.replica: field not declared in schema");
  apply(map_, "me", "apiVersion: v1\nkind: ConfigMap\nmetadata: {uid: gone}");
  EXPECT_EQ(code, 409);
}

TEST_F(Apply, FindsOwnersOfAnObjectThatNobodyTracked) {
  apply(map_, "me", config("a: '1', b: '1'"));
  ask("PATCH", map_, R"({"metadata":{"managedFields":[{}]}})",
      {{"content-type", "application/merge-patch+json"}});
  EXPECT_EQ(owners(ask("GET", map_)), Lines());
  ask("PATCH", map_, R"({"data":{"c":"1"}})", {{"content-type", "application/merge-patch+json"}});
  EXPECT_EQ(owners(ask("GET", map_)), Lines());
  EXPECT_EQ(owners(apply(map_, "you", config("a: '1'"))),
            Lines({R"(you Apply {"f:data":{"f:a":{}}})",
                   R"(before-first-apply Update {"f:data":{"f:a":{},"f:b":{},"f:c":{}}})"}));
}

// kubectl 1.20 leaves the change from one to the other to the server.
TEST_F(Apply, OfKubectlTakesOverWhatItAppliedItself) {
  const std::string said = R"({\"data\":{\"a\":\"1\",\"b\":\"1\"},\"kind\":\"ConfigMap\"})";
  ask("POST", std::string(kMaps) + "?fieldManager=kubectl-client-side-apply",
      R"({"metadata":{"name":"s","annotations":{"kubectl.kubernetes.io/last-applied-configuration":")" +
          said + R"("}},"data":{"a":"1","b":"1"}})");
  ask("PATCH", map_ + "?fieldManager=edit", R"({"data":{"b":"2"}})",
      {{"content-type", "application/merge-patch+json"}});
  apply(map_, "other", config("a: '3'"));
  EXPECT_EQ(code, 409);
  EXPECT_EQ(at(apply(map_, "kubectl", config("a: '3', b: '3'")), "message"),
            R"(Apply failed with 1 conflict: conflict with "edit" using v1: .data.b)");
  const auto taken = apply(map_, "kubectl", config("a: '3'"));
  EXPECT_EQ(code, 200);
  EXPECT_EQ(
      taken.at("metadata").at("annotations").at("kubectl.kubernetes.io/last-applied-configuration"),
      R"({"apiVersion":"v1","kind":"ConfigMap","data":{"a":"3"},"metadata":{"name":"s"}})"
      "\n");
}

using Owners = Apply;

TEST_F(Owners, AreThoseWhoWroteAField) {
  ask("POST", std::string(kMaps) + "?fieldManager=maker", config_json("s", "1"));
  const auto changed =
      ask("PATCH", map_, R"({"data":{"other":"2"}})",
          {{"content-type", "application/merge-patch+json"}, {"user-agent", "tool/1.0 (x)"}});
  const auto lines = owners(changed);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0], R"(maker Update {"f:data":{".":{},"f:key":{}}})");
  EXPECT_EQ(lines[1], R"(tool Update {"f:data":{"f:other":{}}})");
}

TEST_F(Owners, LoseWhatAnotherChanges) {
  apply(map_, "me", config("a: '1'"));
  const auto changed = ask("PATCH", map_ + "?fieldManager=edit", R"({"data":{"a":"2"}})",
                           {{"content-type", "application/merge-patch+json"}});
  EXPECT_EQ(owners(changed), Lines({R"(edit Update {"f:data":{"f:a":{}}})"}));
}

TEST_F(Owners, StayWhenAClientSendsNone) {
  auto object = apply(map_, "me", config("a: '1'"));
  object.at("metadata").as_object().erase("managedFields");
  object.at("metadata").as_object()["labels"] = {{"x", "y"}};
  EXPECT_EQ(owners(ask("PUT", map_ + "?fieldManager=edit", json::serialize(object))),
            Lines({R"(me Apply {"f:data":{"f:a":{}}})",
                   R"(edit Update {"f:metadata":{"f:labels":{".":{},"f:x":{}}}})"}));
}

TEST_F(Owners, OfAScaleAreKeptBesideThoseOfTheObject) {
  apply(web_, "me", deployment("  replicas: 2"));
  ask("PATCH", web_ + "/scale?fieldManager=scaler", R"({"spec":{"replicas":5}})",
      {{"content-type", "application/merge-patch+json"}});
  EXPECT_EQ(owners(ask("GET", web_))[1], R"(scaler Update scale{"f:spec":{"f:replicas":{}}})");
  EXPECT_EQ(
      at(apply(web_, "me", deployment("  replicas: 2")), "message"),
      "Apply failed with 1 conflict: conflict with \"scaler\" with subresource \"scale\" using "
      "apps/v1: .spec.replicas");
}

TEST_F(Owners, ThatUpdateAreTenAtMost) {
  ask("POST", std::string(kMaps) + "?fieldManager=maker", config_json("s", "1"));
  json::value last;
  for (int i = 0; i < 15; ++i) {
    clock_.advance(std::chrono::seconds(1));
    last = ask("PATCH", fmt::format("{}?fieldManager=m{}", map_, i),
               fmt::format(R"({{"data":{{"k{}":"v"}}}})", i),
               {{"content-type", "application/merge-patch+json"}});
  }
  const auto lines = owners(last);
  EXPECT_EQ(lines.size(), 10u);
  EXPECT_EQ(std::ranges::count_if(
                lines, [](const auto& line) { return line.starts_with("ancient-changes"); }),
            1);
}

}  // namespace
}  // namespace skiff::apiserver
