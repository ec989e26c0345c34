// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/apiserver/api_fixture.h"

namespace skiff::apiserver {
namespace {

constexpr const char* kMaps = "/api/v1/namespaces/default/configmaps";

using Create = ApiTest;

TEST_F(Create, FillsInWhatTheServerOwns) {
  const auto made =
      ask("POST", kMaps,
          config_json("a", "1", R"(,"uid":"mine","creationTimestamp":"2001-01-01T00:00:00Z")"));
  EXPECT_EQ(code, 201);
  EXPECT_EQ(at(made, "kind"), "ConfigMap");
  EXPECT_EQ(at(made, "metadata.namespace"), "default");
  EXPECT_NE(at(made, "metadata.uid"), "mine");
  EXPECT_EQ(at(made, "metadata.uid").size(), 36u);
  EXPECT_EQ(at(made, "metadata.creationTimestamp"), "2023-11-14T22:13:20Z");
  EXPECT_EQ(at(made, "metadata.resourceVersion"), std::to_string(store_->revision()));
  EXPECT_EQ(ask("GET", std::string(kMaps) + "/a"), made);
}

TEST_F(Create, RefusesASecondOfTheName) {
  ask("POST", kMaps, config_json("a", "1"));
  const auto refused = ask("POST", kMaps, config_json("a", "2"));
  EXPECT_EQ(code, 409);
  EXPECT_EQ(at(refused, "message"), "configmaps \"a\" already exists");
  EXPECT_EQ(at(refused, "reason"), "AlreadyExists");
}

TEST_F(Create, GeneratesNames) {
  const auto made = ask("POST", kMaps, R"({"metadata":{"generateName":"web-"}})");
  EXPECT_EQ(code, 201);
  EXPECT_EQ(at(made, "metadata.name").size(), 9u);
  EXPECT_TRUE(at(made, "metadata.name").starts_with("web-"));
}

TEST_F(Create, NeedsAName) {
  const auto refused = ask("POST", kMaps, "{}");
  EXPECT_EQ(code, 422);
  EXPECT_EQ(at(refused, "details.causes.0.field"), "metadata.name");
}

TEST_F(Create, RefusesTheNamespaceOfAnother) {
  ask("POST", kMaps, config_json("a", "1", R"(,"namespace":"kube-system")"));
  EXPECT_EQ(code, 400);
}

TEST_F(Create, NeedsTheNamespaceToExist) {
  const auto refused = ask("POST", "/api/v1/namespaces/none/configmaps", config_json("a", "1"));
  EXPECT_EQ(code, 404);
  EXPECT_EQ(at(refused, "message"), "namespaces \"none\" not found");
}

TEST_F(Create, RefusesATerminatingNamespace) {
  create_namespace("going");
  const auto going = ask("DELETE", "/api/v1/namespaces/going");
  EXPECT_EQ(at(going, "status.phase"), "Terminating");
  const auto refused = ask("POST", "/api/v1/namespaces/going/configmaps", config_json("a", "1"));
  EXPECT_EQ(code, 403);
  EXPECT_EQ(at(refused, "details.causes.0.reason"), "NamespaceTerminating");
  EXPECT_EQ(at(refused, "message"),
            "configmaps \"a\" is forbidden: unable to create new content in namespace going "
            "because it is being "
            "terminated");
}

TEST_F(Create, OfADryRunStoresNothing) {
  const int64_t before = store_->revision();
  const auto would = ask("POST", std::string(kMaps) + "?dryRun=All", config_json("a", "1"));
  EXPECT_EQ(code, 201);
  EXPECT_EQ(at(would, "metadata.name"), "a");
  EXPECT_EQ(store_->revision(), before);
}

TEST_F(Create, ReportsUnknownFieldsInDocumentOrder) {
  const std::string body =
      R"({"metadata":{"name":"p"},"spec":{"zzz":1,"containers":[{"name":"c","image":"i","aaa":2}]}})";
  const std::string pods = "/api/v1/namespaces/default/pods";
  const auto refused = ask("POST", pods + "?fieldValidation=Strict", body);
  EXPECT_EQ(code, 400);
  EXPECT_EQ(at(refused, "message"),
            "Pod in version \"v1\" cannot be handled as a Pod: strict decoding error: unknown "
            "field \"spec.zzz\", "
            "unknown field \"spec.containers[0].aaa\"");
  const auto warned = call("POST", pods, body);
  EXPECT_EQ(code, 201);
  EXPECT_EQ(warned.headers.all("warning").size(), 2u);
  EXPECT_EQ(warned.headers.get("warning"), "299 - \"unknown field \\\"spec.zzz\\\"\"");
  call("DELETE", pods + "/p");
  EXPECT_TRUE(call("POST", pods + "?fieldValidation=Ignore", body).headers.get("warning").empty());
}

TEST_F(Create, ReadsYamlAndRefusesOthers) {
  const auto made = ask("POST", kMaps, "metadata:\n  name: y\ndata:\n  on: \"yes\"\n",
                        {{"content-type", "application/yaml"}});
  EXPECT_EQ(code, 201);
  EXPECT_EQ(at(made, "data.on"), "yes");
  const auto refused =
      ask("POST", kMaps, "x", {{"content-type", "application/x-www-form-urlencoded"}});
  EXPECT_EQ(code, 415);
  EXPECT_EQ(at(refused, "reason"), "UnsupportedMediaType");
}

TEST_F(Create, ReadsProtobuf) {
  using namespace std::string_literals;
  // runtime.Unknown{typeMeta{v1, ConfigMap}, raw{metadata{name: "a"}, data{"k": "v"}}}
  const std::string raw =
      "\x0a\x03\x0a\x01"
      "a"
      "\x12\x06\x0a\x01"
      "k"
      "\x12\x01"
      "v";
  const std::string body = "k8s\0"s +
                           "\x0a\x0f\x0a\x02v1\x12\x09"
                           "ConfigMap" +
                           "\x12\x0d" + raw;
  const auto made =
      ask("POST", kMaps, body, {{"content-type", "application/vnd.kubernetes.protobuf"}});
  EXPECT_EQ(code, 201) << made;
  EXPECT_EQ(at(made, "metadata.name"), "a");
  EXPECT_EQ(at(made, "data.k"), "v");
  ask("POST", kMaps, "garbage", {{"content-type", "application/vnd.kubernetes.protobuf"}});
  EXPECT_EQ(code, 400);
}

TEST_F(Create, RefusesWhatIsNotJson) {
  const auto refused = ask("POST", kMaps, "{\"metadata\":");
  EXPECT_EQ(code, 400);
  EXPECT_EQ(at(refused, "reason"), "BadRequest");
  ask("POST", kMaps, R"({"kind":"Secret","apiVersion":"v1","metadata":{"name":"a"}})");
  EXPECT_EQ(code, 400);
}

using Update = ApiTest;

TEST_F(Update, ThatChangesNothingWritesNothing) {
  const auto made = ask("POST", kMaps, config_json("a", "1"));
  const int64_t before = store_->revision();
  const auto same = ask("PUT", std::string(kMaps) + "/a", json::serialize(made));
  EXPECT_EQ(code, 200);
  EXPECT_EQ(same, made);
  EXPECT_EQ(store_->revision(), before);
}

TEST_F(Update, OfAnOldStateIsAConflict) {
  const auto made = ask("POST", kMaps, config_json("a", "1"));
  ask("PUT", std::string(kMaps) + "/a", config_json("a", "2"));
  EXPECT_EQ(code, 200);
  const auto refused = ask("PUT", std::string(kMaps) + "/a", json::serialize(made));
  EXPECT_EQ(code, 409);
  EXPECT_EQ(at(refused, "message"),
            "Operation cannot be fulfilled on configmaps \"a\": the object has been modified; "
            "please apply your "
            "changes to the latest version and try again");
}

TEST_F(Update, OfAnotherUidIsAConflict) {
  ask("POST", kMaps, config_json("a", "1"));
  ask("PUT", std::string(kMaps) + "/a", config_json("a", "2", R"(,"uid":"0-0")"));
  EXPECT_EQ(code, 409);
}

TEST_F(Update, NeedsTheNameOfTheUrl) {
  ask("POST", kMaps, config_json("a", "1"));
  ask("PUT", std::string(kMaps) + "/a", config_json("b", "2"));
  EXPECT_EQ(code, 400);
  ask("PUT", std::string(kMaps) + "/none", config_json("none", "2"));
  EXPECT_EQ(code, 404);
}

TEST_F(Update, OfALeaseNeedsARevision) {
  const std::string leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
  ask("POST", leases, R"({"metadata":{"name":"l"},"spec":{"holderIdentity":"me"}})");
  EXPECT_EQ(code, 201);
  const auto refused =
      ask("PUT", leases + "/l", R"({"metadata":{"name":"l"},"spec":{"holderIdentity":"you"}})");
  EXPECT_EQ(code, 422);
  EXPECT_EQ(at(refused, "message"),
            "Lease.coordination.k8s.io \"l\" is invalid: metadata.resourceVersion: Invalid value: "
            "0x0: must be "
            "specified for an update");
}

TEST_F(Update, KeepsStatusAndSpecApart) {
  const std::string pod = "/api/v1/namespaces/default/pods/p";
  ask("POST", "/api/v1/namespaces/default/pods", pod_json("p"));
  const auto status =
      patch(pod + "/status", "merge-patch+json",
            R"({"spec":{"nodeName":"n"},"status":{"phase":"Running","podIP":"10.0.0.1"}})");
  EXPECT_EQ(code, 200);
  EXPECT_EQ(at(status, "status.phase"), "Running");
  EXPECT_EQ(at(status, "spec.nodeName"), "");
  EXPECT_EQ(at(status, "metadata.generation"), "1");
  const auto main = patch(pod, "merge-patch+json",
                          R"({"metadata":{"labels":{"a":"b"}},"status":{"phase":"Failed"}})");
  EXPECT_EQ(at(main, "status.phase"), "Running");
  EXPECT_EQ(at(main, "metadata.labels.a"), "b");
  EXPECT_EQ(at(main, "metadata.generation"), "1");
}

TEST_F(Update, CountsGenerationsOfTheSpec) {
  const std::string deployments = "/apis/apps/v1/namespaces/default/deployments";
  const auto made = ask(
      "POST", deployments,
      R"({"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":)"
      R"({"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}})");
  EXPECT_EQ(code, 201);
  EXPECT_EQ(at(made, "metadata.generation"), "1");
  EXPECT_EQ(at(made, "spec.replicas"), "1");
  const auto scaled =
      patch(deployments + "/d/scale", "merge-patch+json", R"({"spec":{"replicas":3}})");
  EXPECT_EQ(code, 200);
  EXPECT_EQ(at(scaled, "kind"), "Scale");
  EXPECT_EQ(at(scaled, "status.selector"), "a=b");
  const auto now = ask("GET", deployments + "/d");
  EXPECT_EQ(at(now, "spec.replicas"), "3");
  EXPECT_EQ(at(now, "metadata.generation"), "2");
  const auto labeled =
      patch(deployments + "/d", "merge-patch+json", R"({"metadata":{"labels":{"x":"y"}}})");
  EXPECT_EQ(at(labeled, "metadata.generation"), "2");
}

using Patch = ApiTest;

TEST_F(Patch, OfThreeKinds) {
  ask("POST", "/api/v1/namespaces/default/pods", pod_json("p", R"(,"labels":{"a":"1","b":"2"})"));
  const std::string pod = "/api/v1/namespaces/default/pods/p";
  const auto merged =
      patch(pod, "merge-patch+json", R"({"metadata":{"labels":{"a":null,"c":"3"}}})");
  EXPECT_EQ(json::serialize(merged.at("metadata").at("labels")), R"({"b":"2","c":"3"})");
  const auto jsonp = patch(pod, "json-patch+json",
                           R"([{"op":"replace","path":"/metadata/labels/b","value":"9"}])");
  EXPECT_EQ(at(jsonp, "metadata.labels.b"), "9");
  const auto strategic = patch(pod, "strategic-merge-patch+json",
                               R"({"spec":{"containers":[{"name":"c","image":"nginx:2"}]}})");
  EXPECT_EQ(code, 200);
  EXPECT_EQ(at(strategic, "spec.containers.0.image"), "nginx:2");
  EXPECT_EQ(at(strategic, "spec.containers.0.name"), "c");
}

TEST_F(Patch, FailuresHaveTheirCodes) {
  ask("POST", kMaps, config_json("a", "1"));
  const std::string map = std::string(kMaps) + "/a";
  patch(map, "json-patch+json", R"([{"op":"test","path":"/data/key","value":"9"}])");
  EXPECT_EQ(code, 422);
  patch(map, "merge-patch+json", R"({"metadata":{"resourceVersion":"1"}})");
  EXPECT_EQ(code, 409);
  patch(map, "merge-patch+json", "[");
  EXPECT_EQ(code, 400);
  ask("PATCH", map, "{}", {{"content-type", "application/json"}});
  EXPECT_EQ(code, 415);
  patch(std::string(kMaps) + "/none", "merge-patch+json", "{}");
  EXPECT_EQ(code, 404);
  const auto strict = patch(map + "?fieldValidation=Strict", "merge-patch+json", R"({"x":1})");
  EXPECT_EQ(code, 422);
  EXPECT_NE(at(strict, "message").find("strict decoding error: unknown field \"x\""),
            std::string::npos);
}

// Applies one merge patch in a task of its own.
awaitable<void> patch_once(Server& server, Executor executor, std::string path, std::string body,
                           int& done) {
  LocalTransport transport(executor, server, system_user("test"));
  http::Request request{.method = "PATCH", .path = std::move(path), .body = std::move(body)};
  request.headers.set("content-type", "application/merge-patch+json");
  const auto response = co_await transport.call(std::move(request));
  if (response.ok() && response->status == 200) ++done;
}

TEST_F(Patch, ThatLosesARaceTriesAgain) {
  ask("POST", kMaps, config_json("a", "1"));
  int done = 0;
  for (int i = 0; i < 4; ++i)
    spawn(loop_.get_executor(), "patch",
          patch_once(*server_, loop_.get_executor(), std::string(kMaps) + "/a",
                     R"({"data":{"k)" + std::to_string(i) + R"(":"v"}})", done));
  loop_.restart();
  while (done < 4 && loop_.run_one_for(std::chrono::seconds(5)) > 0) continue;
  EXPECT_EQ(done, 4);
  EXPECT_EQ(ask("GET", std::string(kMaps) + "/a").at("data").as_object().size(), 5u);
}

}  // namespace
}  // namespace skiff::apiserver
