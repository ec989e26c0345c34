// SPDX-License-Identifier: Apache-2.0
#include "api/defaults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/objects.h"
#include "api/random.h"

namespace skiff::api {
namespace {

template <class T>
T defaulted(std::string_view json) {
  auto object = decode_json<T>(json);
  EXPECT_TRUE(object.ok()) << message(object.status());
  set_defaults(*object);
  return *object;
}

TEST(Defaults, FillAPod) {
  EXPECT_EQ(
      encode_json(defaulted<Pod>(R"({"metadata":{"name":"a"},"spec":{"serviceAccountName":"sa",
        "volumes":[{"name":"v"},{"name":"c","configMap":{"name":"x"}},{"name":"h","hostPath":{"path":"/x"}},
          {"name":"p","projected":{"sources":[{"serviceAccountToken":{"path":"t"}}]}}],
        "containers":[{"name":"c","image":"nginx","ports":[{"containerPort":80}],
          "resources":{"limits":{"cpu":"0.1","memory":"1Gi"},"requests":{"memory":"1Mi"}},
          "livenessProbe":{"httpGet":{"port":80}},
          "env":[{"name":"A","valueFrom":{"fieldRef":{"fieldPath":"status.podIP"}}}]}]}})")),
      R"({"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"},"spec":{)"
      R"("volumes":[{"name":"v","emptyDir":{}},{"name":"c","configMap":{"name":"x","defaultMode":420}},)"
      R"({"name":"h","hostPath":{"path":"/x","type":""}},)"
      R"({"name":"p","projected":{"sources":[{"serviceAccountToken":{"expirationSeconds":3600,"path":"t"}}],"defaultMode":420}}],)"
      R"("containers":[{"name":"c","image":"nginx","ports":[{"containerPort":80,"protocol":"TCP"}],)"
      R"("env":[{"name":"A","valueFrom":{"fieldRef":{"apiVersion":"v1","fieldPath":"status.podIP"}}}],)"
      R"("resources":{"limits":{"cpu":"100m","memory":"1Gi"},"requests":{"cpu":"100m","memory":"1Mi"}},)"
      R"("livenessProbe":{"httpGet":{"path":"/","port":80,"scheme":"HTTP"},"timeoutSeconds":1,"periodSeconds":10,"successThreshold":1,"failureThreshold":3},)"
      R"("terminationMessagePath":"/dev/termination-log","imagePullPolicy":"Always","terminationMessagePolicy":"File"}],)"
      R"("restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","serviceAccountName":"sa","serviceAccount":"sa",)"
      R"("securityContext":{},"schedulerName":"default-scheduler","enableServiceLinks":true},"status":{}})");
}

TEST(Defaults, PullLatestImagesAlways) {
  const std::pair<const char*, const char*> cases[] = {
      {"nginx", "Always"},
      {"nginx:latest", "Always"},
      {"nginx:1.25", "IfNotPresent"},
      {"registry:5000/nginx", "Always"},
      {"registry:5000/nginx:1", "IfNotPresent"},
      {"nginx@sha256:0000", "IfNotPresent"},
      {"nginx:latest@sha256:0000", "IfNotPresent"},
  };
  for (const auto& [image, policy] : cases) {
    Pod pod;
    pod.spec.containers = {{.name = "c", .image = image}};
    set_defaults(pod);
    EXPECT_EQ(pod.spec.containers[0].imagePullPolicy, policy) << image;
  }
}

TEST(Defaults, DoNotTouchWhatIsSet) {
  const auto pod =
      defaulted<Pod>(R"({"spec":{"enableServiceLinks":false,"terminationGracePeriodSeconds":0,
      "containers":[{"name":"a","image":"x","imagePullPolicy":"Never"}]}})");
  EXPECT_EQ(pod.spec.enableServiceLinks, false);
  EXPECT_EQ(pod.spec.terminationGracePeriodSeconds, 0);
  EXPECT_EQ(pod.spec.containers[0].imagePullPolicy, "Never");
}

TEST(Defaults, TreatTemplatesApartFromPods) {
  const auto deployment =
      defaulted<Deployment>(R"({"spec":{"template":{"spec":{"hostNetwork":true,"containers":[
      {"name":"a","ports":[{"containerPort":80}],"resources":{"limits":{"cpu":"1"}}}]}}}})");
  const PodSpec& spec = deployment.spec.template_.spec;
  EXPECT_EQ(spec.dnsPolicy, "ClusterFirst");
  EXPECT_FALSE(spec.enableServiceLinks.has_value());
  EXPECT_TRUE(spec.containers[0].resources.requests.empty());
  EXPECT_EQ(spec.containers[0].ports[0].hostPort, 0);
  EXPECT_EQ(deployment.spec.replicas, 1);
  EXPECT_EQ(deployment.spec.strategy.rollingUpdate->maxSurge, IntOrString("25%"));
  EXPECT_EQ(deployment.spec.progressDeadlineSeconds, 600);
}

TEST(Defaults, FillServices) {
  auto service = defaulted<Service>(R"({"spec":{"ports":[{"port":80}]}})");
  EXPECT_EQ(service.spec.type, "ClusterIP");
  EXPECT_EQ(service.spec.ports[0].targetPort, IntOrString(80));
  EXPECT_EQ(service.spec.internalTrafficPolicy, "Cluster");
  EXPECT_EQ(service.spec.externalTrafficPolicy, "");
  service = defaulted<Service>(
      R"({"spec":{"type":"NodePort","sessionAffinity":"ClientIP","ports":[{"port":80,"targetPort":"web"}]}})");
  EXPECT_EQ(service.spec.ports[0].targetPort, IntOrString("web"));
  EXPECT_EQ(service.spec.externalTrafficPolicy, "Cluster");
  EXPECT_EQ(service.spec.sessionAffinityConfig->clientIP->timeoutSeconds, 10800);
}

TEST(Defaults, FillNetworkPolicies) {
  auto policy = defaulted<NetworkPolicy>(R"({"spec":{"podSelector":{}}})");
  EXPECT_EQ(policy.spec.policyTypes, std::vector<std::string>{"Ingress"});
  policy = defaulted<NetworkPolicy>(R"({"spec":{"egress":[{"ports":[{"port":53}]}]}})");
  EXPECT_EQ(policy.spec.policyTypes, (std::vector<std::string>{"Ingress", "Egress"}));
  EXPECT_EQ(policy.spec.egress[0].ports[0].protocol, "TCP");
  policy = defaulted<NetworkPolicy>(R"({"spec":{"policyTypes":["Egress"],"egress":[{}]}})");
  EXPECT_EQ(policy.spec.policyTypes, std::vector<std::string>{"Egress"});
}

TEST(Defaults, MoveStringDataIntoData) {
  const auto secret =
      defaulted<Secret>(R"({"data":{"a":"MQ==","b":"Mg=="},"stringData":{"a":"3"}})");
  EXPECT_EQ(secret.type, "Opaque");
  EXPECT_EQ(secret.data.at("a").value, "3");
  EXPECT_EQ(secret.data.at("b").value, "2");
  EXPECT_TRUE(secret.stringData.empty());
}

TEST(Defaults, RoundQuantitiesUpToMilli) {
  const auto node = defaulted<Node>(R"({"status":{"capacity":{"cpu":"100u"}}})");
  EXPECT_EQ(node.status.capacity.at("cpu").to_string(), "1m");
  EXPECT_EQ(node.status.allocatable.at("cpu").to_string(), "1m");
}

TEST(Defaults, AreIdempotent) {
  std::mt19937_64 random(11);
  for (const Kind* each : all_kinds()) {
    const Kind& kind = *each;
    for (int i = 0; i < 5; ++i) {
      AnyObject object(kind);
      randomize(object.type(), object.data(), random);
      set_defaults(object);
      const std::string once = object.to_json();
      set_defaults(object);
      EXPECT_EQ(object.to_json(), once) << kind.kind;
    }
  }
}

}  // namespace
}  // namespace skiff::api
