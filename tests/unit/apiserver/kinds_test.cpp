// SPDX-License-Identifier: Apache-2.0
// What is particular to kinds: pods, services, secrets; and subresources.
#include "controller/apiserver/bootstrap.h"
#include "controller/apiserver/event_sweep.h"
#include "tests/unit/apiserver/api_fixture.h"

namespace skiff::apiserver {
namespace {

TEST_F(ApiTest, TheRowsOfTheGroupsAreTheKindsThatSayTheyAreServed) {
  for (const api::Kind* kind : api::all_kinds()) {
    const auto resource = backend_->registry.find(kind->group, kind->version, kind->plural);
    EXPECT_EQ(resource != nullptr, kind->serving != api::Serving::kTypeOnly) << kind->kind;
    if (resource == nullptr) continue;
    EXPECT_EQ(resource->kind->type, kind->type) << kind->kind;
    EXPECT_EQ(resource->stored, kind->serving == api::Serving::kStored) << kind->kind;
  }
}

constexpr const char* kPods = "/api/v1/namespaces/default/pods";
constexpr const char* kServices = "/api/v1/namespaces/default/services";

std::string service_json(const std::string& name, const std::string& spec) {
  return R"({"metadata":{"name":")" + name + R"("},"spec":{"ports":[{"port":80}])" + spec + "}}";
}

using Pods = ApiTest;

TEST_F(Pods, GetWhatAdmissionAdds) {
  const auto pod = ask("POST", kPods, pod_json("p"));
  EXPECT_EQ(code, 201);
  EXPECT_EQ(at(pod, "status.phase"), "Pending");
  EXPECT_EQ(at(pod, "status.qosClass"), "BestEffort");
  EXPECT_EQ(at(pod, "spec.serviceAccountName"), "default");
  EXPECT_EQ(at(pod, "spec.priority"), "0");
  EXPECT_EQ(at(pod, "spec.enableServiceLinks"), "true");
  EXPECT_EQ(at(pod, "spec.tolerations.0.key"), "node.kubernetes.io/not-ready");
  EXPECT_EQ(at(pod, "spec.tolerations.1.tolerationSeconds"), "300");
  EXPECT_EQ(at(pod, "spec.volumes.0.projected.sources.0.serviceAccountToken.expirationSeconds"),
            "3607");
  EXPECT_EQ(at(pod, "spec.containers.0.volumeMounts.0.mountPath"),
            "/var/run/secrets/kubernetes.io/serviceaccount");
  EXPECT_EQ(at(pod, "spec.containers.0.volumeMounts.0.name"), at(pod, "spec.volumes.0.name"));
  EXPECT_EQ(at(pod, "metadata.generation"), "1");
}

TEST_F(Pods, NeedTheirServiceAccount) {
  const auto refused = ask("POST", kPods, pod_json("p", "", R"(,"serviceAccountName":"none")"));
  EXPECT_EQ(code, 403);
  EXPECT_EQ(at(refused, "message"),
            "pods \"p\" is forbidden: error looking up service account default/none: "
            "serviceaccount \"none\" not found");
}

TEST_F(Pods, OptOutOfTheToken) {
  const auto pod =
      ask("POST", kPods, pod_json("p", "", R"(,"automountServiceAccountToken":false)"));
  EXPECT_EQ(at(pod, "spec.volumes"), "");
}

TEST_F(Pods, HaveAQosClass) {
  struct Case {
    const char* resources;
    const char* expected;
  };
  int number = 0;
  for (const Case& one :
       {Case{R"({"limits":{"cpu":"1","memory":"1Gi"}})", "Guaranteed"},
        Case{R"({"limits":{"cpu":"1","memory":"1Gi"},"requests":{"cpu":"500m"}})", "Burstable"},
        Case{R"({"requests":{"memory":"1Mi"}})", "Burstable"}, Case{"{}", "BestEffort"}}) {
    const std::string name = "p" + std::to_string(++number);
    const auto pod = ask("POST", kPods,
                         R"({"metadata":{"name":")" + name +
                             R"("},"spec":{"containers":[{"name":"c","image":"i","resources":)" +
                             one.resources + "}]}}");
    EXPECT_EQ(at(pod, "status.qosClass"), one.expected) << one.resources;
  }
}

TEST_F(Pods, MayChangeTheirImageButNotTheirNode) {
  ask("POST", kPods, pod_json("p", "", R"(,"nodeName":"n1")"));
  const std::string pod = std::string(kPods) + "/p";
  const auto image = patch(pod, "strategic-merge-patch+json",
                           R"({"spec":{"containers":[{"name":"c","image":"x:2"}]}})");
  EXPECT_EQ(code, 200);
  EXPECT_EQ(at(image, "metadata.generation"), "2");
  const auto refused = patch(pod, "merge-patch+json", R"({"spec":{"nodeName":"n2"}})");
  EXPECT_EQ(code, 422);
  EXPECT_EQ(at(refused, "details.causes.0.reason"), "FieldValueForbidden");
  EXPECT_EQ(at(refused, "details.causes.0.field"), "spec");
  EXPECT_EQ(at(refused, "details.causes.1.field"), "");  // said once
}

TEST_F(Pods, HaveNoEphemeralContainersAtFirst) {
  const auto refused =
      ask("POST", kPods, pod_json("p", "", R"(,"ephemeralContainers":[{"name":"d","image":"i"}])"));
  EXPECT_EQ(code, 422);
  EXPECT_EQ(at(refused, "details.causes.0.field"), "spec.ephemeralContainers");
  EXPECT_EQ(at(refused, "details.causes.0.message"), "Forbidden: cannot be set on create");
}

TEST_F(Pods, AreBoundOnce) {
  ask("POST", kPods, pod_json("p"));
  const std::string binding = std::string(kPods) + "/p/binding";
  const std::string body = R"({"metadata":{"name":"p"},"target":{"kind":"Node","name":"n1"}})";
  EXPECT_EQ(at(ask("POST", binding, body), "status"), "Success");
  EXPECT_EQ(code, 201);
  const auto pod = ask("GET", std::string(kPods) + "/p");
  EXPECT_EQ(at(pod, "spec.nodeName"), "n1");
  EXPECT_EQ(at(pod, "status.conditions.0.type"), "PodScheduled");
  const auto again = ask("POST", "/api/v1/namespaces/default/bindings", body);
  EXPECT_EQ(code, 409);
  EXPECT_EQ(at(again, "message"),
            "Operation cannot be fulfilled on pods/binding \"p\": pod p is already assigned to "
            "node \"n1\"");
}

// kubectl 1.20 asks under the version that came before.
TEST_F(Pods, AreEvicted) {
  for (const std::string version : {"policy/v1", "policy/v1beta1"}) {
    ask("POST", kPods, pod_json("p"));
    ask("POST", std::string(kPods) + "/p/eviction",
        R"({"apiVersion":")" + version + R"(","kind":"Eviction","metadata":{"name":"p"}})");
    EXPECT_EQ(code, 201) << version;
    ask("GET", std::string(kPods) + "/p");
    EXPECT_EQ(code, 404) << version;
  }
}

TEST_F(Pods, WithoutANodeHaveNoLogs) {
  ask("POST", kPods, pod_json("p"));
  call("GET", std::string(kPods) + "/p/log");
  EXPECT_EQ(code, 503);  // this server has no way to nodes
  call("GET", std::string(kPods) + "/p/exec");
  EXPECT_EQ(code, 400);
}

using Services = ApiTest;

TEST_F(Services, GetAnAddress) {
  const auto service = ask("POST", kServices, service_json("web", ""));
  EXPECT_EQ(code, 201);
  EXPECT_TRUE(at(service, "spec.clusterIP").starts_with("10.96."));
  EXPECT_EQ(at(service, "spec.clusterIPs.0"), at(service, "spec.clusterIP"));
  EXPECT_EQ(json::serialize(service.at("spec").at("ipFamilies")), R"(["IPv4"])");
  EXPECT_EQ(at(service, "spec.ipFamilyPolicy"), "SingleStack");
  EXPECT_EQ(at(service, "spec.type"), "ClusterIP");
}

TEST_F(Services, HoldAddressesUntilTheyGo) {
  const std::string wish = R"(,"clusterIP":"10.96.7.7")";
  ask("POST", kServices, service_json("a", wish));
  EXPECT_EQ(code, 201);
  const auto refused = ask("POST", kServices, service_json("b", wish));
  EXPECT_EQ(code, 422);
  EXPECT_EQ(at(refused, "details.causes.0.field"), "spec.clusterIPs");
  EXPECT_NE(at(refused, "message")
                .find("failed to allocate IP 10.96.7.7: provided IP is already allocated"),
            std::string::npos);
  call("DELETE", std::string(kServices) + "/a");
  ask("POST", kServices, service_json("b", wish));
  EXPECT_EQ(code, 201);
  ask("POST", kServices, service_json("c", R"(,"clusterIP":"10.200.0.1")"));
  EXPECT_EQ(code, 422);
}

TEST_F(Services, GiveBackWhatARefusedWriteTook) {
  ask("POST", std::string(kServices) + "?dryRun=All",
      service_json("a", R"(,"clusterIP":"10.96.7.7")"));
  EXPECT_EQ(code, 201);
  ask("POST", kServices, service_json("b", R"(,"clusterIP":"10.96.7.7")"));
  EXPECT_EQ(code, 201);
}

TEST_F(Services, ShareNoNodePort) {
  const std::string spec = R"(,"type":"NodePort")";
  const auto first = ask("POST", kServices, service_json("a", spec));
  const std::string port = at(first, "spec.ports.0.nodePort");
  EXPECT_GE(std::stoi(port), 30000);
  const std::string body =
      R"({"metadata":{"name":"b"},"spec":{"type":"NodePort","ports":[{"port":80,"nodePort":)" +
      port + "}]}}";
  const auto refused = ask("POST", kServices, body);
  EXPECT_EQ(code, 422);
  EXPECT_EQ(at(refused, "message"),
            "Service \"b\" is invalid: spec.ports[0].nodePort: Invalid value: " + port +
                ": provided port is already allocated");
  const auto closed =
      patch(std::string(kServices) + "/a", "merge-patch+json", R"({"spec":{"type":"ClusterIP"}})");
  EXPECT_EQ(code, 200) << closed;
  ask("POST", kServices, body);
  EXPECT_EQ(code, 201);
}

TEST_F(Services, MayUseOnePortForTwoProtocols) {
  ask("POST", kServices,
      R"({"metadata":{"name":"dns"},"spec":{"type":"NodePort","ports":[{"name":"u","port":53,"protocol":"UDP",)"
      R"("nodePort":30053},{"name":"t","port":53,"nodePort":30053}]}})");
  EXPECT_EQ(code, 201);
}

TEST_F(Services, OfTwoFamiliesGetTwoAddresses) {
  const auto service =
      ask("POST", kServices, service_json("d", R"(,"ipFamilyPolicy":"PreferDualStack")"));
  EXPECT_EQ(code, 201);
  EXPECT_TRUE(at(service, "spec.clusterIPs.1").starts_with("fd00:10:96::"));
  const auto single =
      patch(std::string(kServices) + "/d", "merge-patch+json",
            R"({"spec":{"ipFamilyPolicy":"SingleStack","ipFamilies":null,"clusterIPs":null}})");
  EXPECT_EQ(code, 200);
  EXPECT_EQ(at(single, "spec.clusterIPs.1"), "");
}

TEST_F(Services, MayBeHeadlessOrExternal) {
  const auto headless = ask("POST", kServices, service_json("h", R"(,"clusterIP":"None")"));
  EXPECT_EQ(at(headless, "spec.clusterIPs.0"), "None");
  const auto external = ask(
      "POST", kServices,
      R"({"metadata":{"name":"e"},"spec":{"type":"ExternalName","externalName":"example.com"}})");
  EXPECT_EQ(code, 201);
  EXPECT_EQ(at(external, "spec.clusterIP"), "");
}

TEST_F(Services, AreRememberedByTheNextServer) {
  ask("POST", kServices,
      R"({"metadata":{"name":"a"},"spec":{"type":"NodePort","clusterIP":"10.96.7.7","ports":[{"port":80,"nodePort":30123}]}})");
  EXPECT_EQ(code, 201);
  ServiceAllocator allocator{.ranges = {AddressRange(*Cidr::parse("10.96.0.0/16"))}};
  ASSERT_TRUE(allocator.restore(*store_).ok());
  EXPECT_EQ(allocator.ports.take(30123), "provided port is already allocated");
  EXPECT_EQ(allocator.ranges[0].take(*IpAddress::parse("10.96.7.7")),
            "provided IP is already allocated");
}

TEST_F(Services, ChangeTheirTypeAndBack) {
  ask("POST", kServices, service_json("a", R"(,"type":"NodePort")"));
  const std::string service = std::string(kServices) + "/a";
  for (const char* spec :
       {R"({"type":"ExternalName","externalName":"example.com"})",
        R"({"type":"ClusterIP","externalName":null})", R"({"type":"LoadBalancer"})",
        R"({"type":"ClusterIP"})", R"({"type":"NodePort"})"}) {
    const auto changed =
        patch(service, "merge-patch+json", std::string(R"({"spec":)") + spec + "}");
    EXPECT_EQ(code, 200) << changed;
    EXPECT_EQ(at(changed, "spec.clusterIP").empty(), at(changed, "spec.type") == "ExternalName")
        << changed;
  }
}

TEST_F(Services, KeepTheirAddressThroughAnUpdateThatOmitsIt) {
  const auto made = ask("POST", kServices, service_json("a", R"(,"type":"NodePort")"));
  const auto same =
      ask("PUT", std::string(kServices) + "/a", service_json("a", R"(,"type":"NodePort")"));
  EXPECT_EQ(code, 200);
  EXPECT_EQ(at(same, "spec.clusterIP"), at(made, "spec.clusterIP"));
  EXPECT_EQ(at(same, "spec.ports.0.nodePort"), at(made, "spec.ports.0.nodePort"));
  ask("PUT", std::string(kServices) + "/a", service_json("a", R"(,"clusterIP":"10.96.9.9")"));
  EXPECT_EQ(code, 422);
}

using Secrets = ApiTest;

TEST_F(Secrets, TurnStringsIntoData) {
  const auto secret = ask("POST", "/api/v1/namespaces/default/secrets",
                          R"({"metadata":{"name":"s"},"stringData":{"a":"hello"}})");
  EXPECT_EQ(at(secret, "data.a"), "aGVsbG8=");
  EXPECT_EQ(at(secret, "stringData"), "");
  EXPECT_EQ(at(secret, "type"), "Opaque");
}

class Cluster : public ApiTest {};

TEST_F(Cluster, IsBootstrappedTwiceWithoutHarm) {
  kube::Client client(
      std::make_shared<LocalTransport>(loop_.get_executor(), *server_, system_user("test")));
  const BootstrapOptions options{
      .advertise = {*IpAddress::parse("10.89.0.1")},
      .api_service = *IpAddress::parse("10.96.0.1"),
      .dns_service = {*IpAddress::parse("10.96.0.10"), *IpAddress::parse("fd00:10:96::a")}};
  for (int i = 0; i < 2; ++i) {
    const Status done = run(bootstrap(client, options));
    EXPECT_TRUE(done.ok()) << message(done);
  }
  EXPECT_EQ(at(ask("GET", std::string(kServices) + "/kubernetes"), "spec.clusterIP"), "10.96.0.1");
  EXPECT_EQ(at(ask("GET", "/api/v1/namespaces/kube-system/services/kube-dns"), "spec.clusterIPs.1"),
            "fd00:10:96::a");
  EXPECT_EQ(at(ask("GET", "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes"),
               "endpoints.0.addresses.0"),
            "10.89.0.1");
}

TEST_F(Cluster, GetsBackTheServicesThatSomebodyDeleted) {
  kube::Client client(
      std::make_shared<LocalTransport>(loop_.get_executor(), *server_, system_user("test")));
  const BootstrapOptions options{.advertise = {*IpAddress::parse("10.89.0.1")},
                                 .api_service = *IpAddress::parse("10.96.0.1"),
                                 .dns_service = {*IpAddress::parse("10.96.0.10")}};
  ASSERT_TRUE(run(bootstrap(client, options)).ok());
  const std::string dns = "/api/v1/namespaces/kube-system/services/kube-dns";
  for (const std::string& path : {std::string(kServices) + "/kubernetes", dns}) {
    ask("DELETE", path);
    EXPECT_EQ(code, 200) << path;
  }
  EXPECT_TRUE(is_bootstrapped({"kube-system", "kube-dns"}));
  EXPECT_FALSE(is_bootstrapped({"default", "kube-dns"}));
  ASSERT_TRUE(run(bootstrap(client, options)).ok());
  EXPECT_EQ(at(ask("GET", dns), "spec.clusterIP"), "10.96.0.10");
}

TEST_F(Cluster, ForgetsOldEvents) {
  ask("POST", "/api/v1/namespaces/default/events",
      R"({"metadata":{"name":"e"},"involvedObject":{"namespace":"default"},"lastTimestamp":"2023-11-14T22:13:20Z"})");
  EXPECT_EQ(code, 201);
  const auto events = store_->list({.prefix = store::registry_prefix("events")});
  ASSERT_TRUE(events.ok());
  EXPECT_TRUE(expired_events(events->records, clock_.now() + std::chrono::minutes(59)).empty());
  EXPECT_EQ(expired_events(events->records, clock_.now() + std::chrono::minutes(61)).size(), 1u);
}

TEST_F(Cluster, AnswersReviews) {
  const std::string reviews = "/apis/authorization.k8s.io/v1/";
  const auto may = ask(
      "POST", reviews + "selfsubjectaccessreviews",
      R"({"spec":{"resourceAttributes":{"verb":"delete","resource":"pods","namespace":"default"}}})");
  EXPECT_EQ(code, 201);
  EXPECT_EQ(at(may, "status.allowed"), "true");
  EXPECT_EQ(at(may, "metadata.uid"), "");
  const auto stranger =
      ask("POST", reviews + "subjectaccessreviews",
          R"({"spec":{"user":"eve","resourceAttributes":{"verb":"get","resource":"pods"}}})");
  EXPECT_EQ(at(stranger, "status.allowed"), "false");
  ask("POST", reviews + "subjectaccessreviews", R"({"spec":{"user":"eve"}})");
  EXPECT_EQ(code, 422);
  const auto me = ask("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}");
  EXPECT_EQ(at(me, "status.userInfo.username"), "test");
  const auto token =
      ask("POST", "/apis/authentication.k8s.io/v1/tokenreviews", R"({"spec":{"token":"x"}})");
  EXPECT_EQ(at(token, "status.error"), "invalid bearer token");
  ask("POST", reviews + "selfsubjectaccessreviews", "{}",
      {{"accept", "application/json;as=Table;v=v1;g=meta.k8s.io"}});
  EXPECT_EQ(code, 406);
  call("GET", reviews + "selfsubjectaccessreviews");
  EXPECT_EQ(code, 405);
}

TEST_F(Cluster, AnswersPathsThatAreNoResource) {
  EXPECT_EQ(call("GET", "/healthz").body_text(), "ok");
  EXPECT_EQ(at(ask("GET", "/version"), "minor"), "34");
  EXPECT_EQ(at(ask("GET", "/version/"), "minor"), "34");
  EXPECT_EQ(call("GET", "/nonsense").body_text(), "404 page not found\n");
  EXPECT_EQ(code, 404);
  EXPECT_EQ(call("GET", "/apis/example.com/v1/things").status, 404);
  const auto refused = ask("POST", "/api/v1/namespaces/default/pods/p/log", "{}");
  EXPECT_EQ(code, 405);
  ask("PUT", "/api/v1/namespaces/default/pods", "{}");
  EXPECT_NE(code, 200);
}

TEST_F(Cluster, LetsStrangersSeeItsHealthOnly) {
  LocalTransport stranger(loop_.get_executor(), *server_, anonymous_user());
  EXPECT_EQ(run(stranger.call({.path = "/readyz"}))->status, 200);
  EXPECT_EQ(at(json::parse(run(stranger.call({.path = "/apis"}))->body_text()), "message"),
            "forbidden: User \"system:anonymous\" cannot get path \"/apis\"");
  const auto refused = run(stranger.call({.path = "/api/v1/namespaces/default/secrets"}));
  EXPECT_EQ(refused->status, 403);
  EXPECT_EQ(at(json::parse(refused->body_text()), "message"),
            "secrets is forbidden: User \"system:anonymous\" cannot list resource \"secrets\" in "
            "API group \"\" in the "
            "namespace \"default\"");
}

}  // namespace
}  // namespace skiff::apiserver
