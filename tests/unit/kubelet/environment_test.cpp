// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/builders/pod_builder.h"

namespace skiff::kubelet {
namespace {

const Options kOptions = {.node_name = "node-1",
                          .node_ips = {"10.89.0.2", "fd00::2"},
                          .allocatable_millicores = 2000,
                          .allocatable_memory_bytes = 1 << 30,
                          .allocatable_disk_bytes = 8LL << 30};

std::map<std::string, std::string> to_map(const std::vector<runtime::EnvVar>& list) {
  std::map<std::string, std::string> map;
  for (const auto& env : list) map[env.name] = env.value;
  return map;
}

std::shared_ptr<const api::Service> service(const std::string& namespace_, const std::string& name,
                                            const std::string& ip,
                                            std::vector<api::ServicePort> ports) {
  auto made = std::make_shared<api::Service>();
  made->metadata.namespace_ = namespace_;
  made->metadata.name = name;
  made->spec.clusterIP = ip;
  made->spec.ports = std::move(ports);
  return made;
}

struct ExpandCase {
  const char* text;
  const char* result;
};
class Expand : public ::testing::TestWithParam<ExpandCase> {};

TEST_P(Expand, ReplacesKnownNames) {
  EXPECT_EQ(expand(GetParam().text, {{"A", "one"}, {"B", "two"}}), GetParam().result);
}
INSTANTIATE_TEST_SUITE_P(
    Table, Expand,
    ::testing::Values(ExpandCase{"", ""}, ExpandCase{"plain", "plain"}, ExpandCase{"$(A)", "one"},
                      ExpandCase{"x$(A)y$(B)z", "xoneytwoz"}, ExpandCase{"$$(A)", "$(A)"},
                      ExpandCase{"$$$(A)", "$one"}, ExpandCase{"$(C)", "$(C)"},
                      ExpandCase{"$(A", "$(A"}, ExpandCase{"$A", "$A"}, ExpandCase{"a$", "a$"},
                      ExpandCase{"$()", "$()"}, ExpandCase{"$(A)$", "one$"}));

TEST(Environment, RefersToEarlierVariablesAndServices) {
  const api::Pod pod = PodBuilder("web")
                           .container("main")
                           .env("A", "1")
                           .env("B", "$(A)-$(KUBERNETES_SERVICE_HOST)-$(LATER)")
                           .env("LATER", "x")
                           .build();
  const Services services = {
      service("default", "kubernetes", "10.96.0.1", {{"https", "TCP", 443}})};
  const auto env =
      to_map(*environment(pod, pod.spec.containers[0], {}, services, {kOptions, {"10.244.1.2"}}));
  EXPECT_EQ(env.at("B"), "1-10.96.0.1-$(LATER)");
  EXPECT_EQ(env.at("KUBERNETES_PORT_443_TCP_ADDR"), "10.96.0.1");
}

TEST(Environment, SetsServiceLinksOfTheOwnNamespaceOnly) {
  const Services services = {service("default", "kubernetes", "10.96.0.1", {{"https", "TCP", 443}}),
                             service("shop", "my-db", "fd00::5", {{"", "UDP", 53}}),
                             service("shop", "headless", "None", {{"", "TCP", 80}}),
                             service("other", "web", "10.96.0.9", {{"", "TCP", 80}})};
  auto variables = service_environment(services, "shop", true);
  EXPECT_EQ(variables.at("MY_DB_SERVICE_HOST"), "fd00::5");
  EXPECT_EQ(variables.at("MY_DB_SERVICE_PORT"), "53");
  EXPECT_EQ(variables.at("MY_DB_PORT_53_UDP"), "udp://[fd00::5]:53");
  EXPECT_EQ(variables.at("KUBERNETES_SERVICE_PORT_HTTPS"), "443");
  EXPECT_FALSE(variables.contains("WEB_SERVICE_HOST"));
  EXPECT_FALSE(variables.contains("HEADLESS_SERVICE_HOST"));
  variables = service_environment(services, "shop", false);
  EXPECT_FALSE(variables.contains("MY_DB_SERVICE_HOST"));
  EXPECT_TRUE(variables.contains("KUBERNETES_SERVICE_HOST"));
}

TEST(Environment, TakesKeysOfConfigMapsAndSecrets) {
  api::Pod pod = PodBuilder("web").container("main").env("OWN", "own").build();
  api::Container& main = pod.spec.containers[0];
  api::EnvFromSource from;
  from.prefix = "P_";
  from.configMapRef.emplace().name = "config";
  main.envFrom.push_back(from);
  api::EnvVar password;
  password.name = "PASSWORD";
  password.valueFrom.emplace().secretKeyRef.emplace();
  password.valueFrom->secretKeyRef->name = "db";
  password.valueFrom->secretKeyRef->key = "password";
  main.env.push_back(password);

  EXPECT_EQ(environment_references(main).config_maps, std::set<std::string>{"config"});
  EXPECT_EQ(environment_references(main).secrets, std::set<std::string>{"db"});

  ConfigObjects objects;
  objects.config_maps["config"] = nullptr;
  auto env = environment(pod, main, objects, {}, {kOptions, {}});
  EXPECT_EQ(message(env.status()), "configmap \"config\" not found");

  auto config = std::make_shared<api::ConfigMap>();
  config->data = {{"region", "north"}, {"bad name", "skipped"}};
  objects.config_maps["config"] = config;
  auto secret = std::make_shared<api::Secret>();
  objects.secrets["db"] = secret;
  env = environment(pod, main, objects, {}, {kOptions, {}});
  EXPECT_EQ(message(env.status()), "couldn't find key password in Secret default/db");

  secret = std::make_shared<api::Secret>();
  secret->data["password"] = {"secret"};
  objects.secrets["db"] = secret;
  const auto map = to_map(*environment(pod, main, objects, {}, {kOptions, {}}));
  EXPECT_EQ(map, (std::map<std::string, std::string>{
                     {"OWN", "own"}, {"P_region", "north"}, {"PASSWORD", "secret"}}));
}

TEST(Environment, LeavesOutOptionalKeysThatAreMissing) {
  api::Pod pod = PodBuilder("web").container("main").build();
  api::EnvVar variable;
  variable.name = "MAYBE";
  variable.valueFrom.emplace().configMapKeyRef.emplace();
  variable.valueFrom->configMapKeyRef->name = "none";
  variable.valueFrom->configMapKeyRef->optional = true;
  pod.spec.containers[0].env.push_back(variable);
  const auto env = environment(pod, pod.spec.containers[0], {}, {}, {kOptions, {}});
  ASSERT_TRUE(env.ok());
  EXPECT_TRUE(env->empty());
}

struct FieldCase {
  const char* path;
  const char* value;
};
class FieldRef : public ::testing::TestWithParam<FieldCase> {};

TEST_P(FieldRef, ReadsThePod) {
  api::Pod pod =
      PodBuilder("web").label("app", "shop").label("tier", "a\"b").container("m").build();
  pod.metadata.annotations["note"] = "hi";
  const auto value = field_value(pod, GetParam().path, {kOptions, {"10.244.1.2", "fd01::2"}});
  ASSERT_TRUE(value.ok()) << message(value.status());
  EXPECT_EQ(*value, GetParam().value);
}
INSTANTIATE_TEST_SUITE_P(
    Table, FieldRef,
    ::testing::Values(
        FieldCase{"metadata.name", "web"}, FieldCase{"metadata.namespace", "default"},
        FieldCase{"metadata.uid", "uid-web"}, FieldCase{"metadata.labels['app']", "shop"},
        FieldCase{"metadata.labels['none']", ""},
        FieldCase{"metadata.labels", "app=\"shop\"\ntier=\"a\\\"b\""},
        FieldCase{"metadata.annotations['note']", "hi"}, FieldCase{"spec.nodeName", "node-1"},
        FieldCase{"spec.serviceAccountName", "default"}, FieldCase{"status.hostIP", "10.89.0.2"},
        FieldCase{"status.hostIPs", "10.89.0.2,fd00::2"}, FieldCase{"status.podIP", "10.244.1.2"},
        FieldCase{"status.podIPs", "10.244.1.2,fd01::2"}));

TEST(FieldRef, RefusesWhatItDoesNotKnow) {
  EXPECT_FALSE(field_value(PodBuilder("web").build(), "spec.color", {kOptions, {}}).ok());
}

// For the first container.
std::string value_of(const api::Pod& pod, const char* resource, const char* divisor) {
  api::ResourceFieldSelector selector;
  selector.resource = resource;
  selector.divisor = *api::Quantity::parse(divisor);
  return *resource_value(pod, selector, &pod.spec.containers[0], kOptions);
}

TEST(ResourceFieldRef, DividesAndRoundsUp) {
  const api::Pod pod =
      PodBuilder("web").container("m").limit("cpu", "250m").request("memory", "65Mi").build();
  EXPECT_EQ(value_of(pod, "limits.cpu", "0"), "1");
  EXPECT_EQ(value_of(pod, "limits.cpu", "1m"), "250");
  EXPECT_EQ(value_of(pod, "requests.memory", "1Mi"), "65");
}

TEST(ResourceFieldRef, ALimitThatIsNotSetIsTheNodes) {
  const api::Pod pod = PodBuilder("web").container("m").limit("cpu", "0").build();
  EXPECT_EQ(value_of(pod, "limits.cpu", "1m"), "2000");
  EXPECT_EQ(value_of(pod, "limits.memory", "1Mi"), "1024");
  EXPECT_EQ(value_of(pod, "limits.ephemeral-storage", "1Gi"), "8");
  EXPECT_EQ(value_of(pod, "requests.ephemeral-storage", "1"), "0");
  EXPECT_EQ(value_of(pod, "limits.hugepages-2Mi", "1"), "0");
}

}  // namespace
}  // namespace skiff::kubelet
