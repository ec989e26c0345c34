// SPDX-License-Identifier: Apache-2.0
// Sandbox and container configuration, resources, DNS, hosts file, images.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/kubelet/container_config.h"
#include "agent/kubelet/dns_config.h"
#include "agent/kubelet/housekeeping.h"
#include "agent/kubelet/images.h"
#include "agent/kubelet/pod_names.h"
#include "agent/kubelet/resources.h"
#include "agent/kubelet/sandbox_config.h"
#include "agent/kubelet/security_context.h"
#include "agent/kubelet/status_writer.h"
#include "tests/builders/pod_builder.h"

namespace skiff::kubelet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

Options options() {
  Options o;
  o.node_name = "node-1";
  o.log_dir = "/logs";
  o.cluster_dns = {"10.96.0.10"};
  o.allocatable_memory_bytes = 4LL << 30;
  return o;
}

TEST(Qos, TurnsCpuIntoSharesAndQuota) {
  EXPECT_EQ(cpu_shares(0), 2);
  EXPECT_EQ(cpu_shares(1000), 1024);
  EXPECT_EQ(cpu_shares(1'000'000), 262144);
  EXPECT_EQ(cpu_quota_us(0), 0);
  EXPECT_EQ(cpu_quota_us(250), 25'000);
  EXPECT_EQ(cpu_quota_us(1), 1000);
}

TEST(Qos, ScoresByTheShareOfMemoryRequested) {
  const api::Pod pod = PodBuilder("a").container("m").request("memory", "1Gi").build();
  EXPECT_EQ(oom_score_adjust(pod, pod.spec.containers[0], 4LL << 30), 750);
  const api::Pod best = PodBuilder("a").container("m").build();
  EXPECT_EQ(oom_score_adjust(best, best.spec.containers[0], 4LL << 30), 1000);
}

TEST(Qos, LimitsThePodOnlyIfEveryContainerIsLimited) {
  PodBuilder builder("a");
  builder.init("i").limit("memory", "300Mi").container("m").limit("memory", "100Mi");
  EXPECT_EQ(pod_resources(builder.build()).memory_limit_bytes, 300LL << 20);
  EXPECT_EQ(pod_resources(builder.container("n").build()).memory_limit_bytes, 0);
}

TEST(SandboxConfig, NamesLabelsAndPlacesThePod) {
  api::Pod pod = PodBuilder("web").label("app", "shop").container("m").build();
  pod.spec.containers[0].ports = {{"http", 8080, 80, "", ""}};
  const auto config =
      sandbox_config({.pod = pod, .options = options(), .attempt = 2, .cgroup_parent = "/k/p"});
  EXPECT_EQ(config.metadata, (runtime::SandboxMetadata{"web", "uid-web", "default", 2}));
  EXPECT_EQ(config.labels.at("io.kubernetes.pod.uid"), "uid-web");
  EXPECT_EQ(config.labels.at("app"), "shop");
  EXPECT_EQ(config.log_directory, "/logs/default_web_uid-web");
  EXPECT_EQ(config.hostname, "web");
  EXPECT_EQ(config.cgroup_parent, "/k/p");
  ASSERT_EQ(config.ports.size(), 1u);
  EXPECT_EQ(config.ports[0], (runtime::PortMapping{"TCP", 80, 8080, ""}));
}

TEST(SandboxConfig, JoinsTheNodesNamespacesWhenAsked) {
  api::Pod pod = PodBuilder("web").container("m").build();
  pod.spec.hostNetwork = true;
  pod.spec.shareProcessNamespace = true;
  const auto config = sandbox_config({.pod = pod, .options = options()});
  EXPECT_EQ(config.security.namespaces.network, runtime::NamespaceMode::Node);
  EXPECT_EQ(config.security.namespaces.pid, runtime::NamespaceMode::Pod);
  EXPECT_EQ(config.hostname, "");
}

TEST(DnsConfig, AsksTheClusterFirst) {
  const api::Pod pod = PodBuilder("web").in("shop").container("m").build();
  const auto dns = dns_config(pod, options(), "nameserver 1.1.1.1\nsearch corp.example\n");
  EXPECT_THAT(dns.servers, ElementsAre("10.96.0.10"));
  EXPECT_THAT(dns.searches, ElementsAre("shop.svc.cluster.local", "svc.cluster.local",
                                        "cluster.local", "corp.example"));
  EXPECT_THAT(dns.options, ElementsAre("ndots:5"));
}

TEST(DnsConfig, FollowsThePolicy) {
  const std::string host = "nameserver 1.1.1.1\noptions rotate\n";
  api::Pod pod = PodBuilder("web").container("m").build();
  pod.spec.dnsPolicy = "Default";
  EXPECT_THAT(dns_config(pod, options(), host).servers, ElementsAre("1.1.1.1"));
  pod.spec.dnsPolicy = "ClusterFirst";
  pod.spec.hostNetwork = true;
  EXPECT_THAT(dns_config(pod, options(), host).servers, ElementsAre("1.1.1.1"));
  pod.spec.dnsPolicy = "ClusterFirstWithHostNet";
  EXPECT_THAT(dns_config(pod, options(), host).servers, ElementsAre("10.96.0.10"));
  pod.spec.dnsPolicy = "None";
  EXPECT_THAT(dns_config(pod, options(), host).servers, IsEmpty());
}

TEST(DnsConfig, AddsThePodsOwnAndReplacesOptions) {
  api::Pod pod = PodBuilder("web").container("m").build();
  auto& own = pod.spec.dnsConfig.emplace();
  own.nameservers = {"10.0.0.1", "10.96.0.10"};
  own.searches = {"example.org"};
  own.options = {{"ndots", "2"}, {"edns0", std::nullopt}};
  const auto dns = dns_config(pod, options(), "");
  EXPECT_THAT(dns.servers, ElementsAre("10.96.0.10", "10.0.0.1"));
  EXPECT_EQ(dns.searches.back(), "example.org");
  EXPECT_THAT(dns.options, ElementsAre("ndots:2", "edns0"));
}

TEST(DnsConfig, SaysWhatTheResolversLimitsCutOff) {
  api::Pod pod = PodBuilder("web").container("m").build();
  EXPECT_THAT(dns_omissions(pod, options(), "nameserver 1.1.1.1\n"), IsEmpty());
  auto& own = pod.spec.dnsConfig.emplace();
  own.nameservers = {"10.0.0.1", "10.0.0.2", "10.0.0.3"};
  EXPECT_THAT(dns_omissions(pod, options(), ""),
              ElementsAre("Nameserver limits were exceeded, some nameservers have been omitted, "
                          "the applied nameserver line is: 10.96.0.10 10.0.0.1 10.0.0.2"));
  own.nameservers.clear();
  for (int i = 0; i < 40; ++i) own.searches.push_back(fmt::format("s{}.example", i));
  const auto messages = dns_omissions(pod, options(), "");
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_THAT(messages[0], ::testing::StartsWith("Search Line limits were exceeded"));
  EXPECT_EQ(dns_config(pod, options(), "").searches.size(), 32u);
}

TEST(SecurityContext, CarriesLabelsOfTheKernelsSecurityModules) {
  api::Pod pod = PodBuilder("web").container("m").build();
  auto& of_pod = pod.spec.securityContext.emplace();
  of_pod.seLinuxOptions.emplace().level = "s0:c1,c2";
  of_pod.appArmorProfile.emplace().type = "RuntimeDefault";
  auto security = container_security(pod, pod.spec.containers[0], {}, options());
  ASSERT_TRUE(security.ok());
  EXPECT_EQ(security->selinux, (runtime::SelinuxLabel{.level = "s0:c1,c2"}));
  EXPECT_EQ(security->apparmor->type, runtime::SecurityProfile::Type::RuntimeDefault);
  EXPECT_EQ(sandbox_config({.pod = pod, .options = options()}).security.selinux->level, "s0:c1,c2");
  auto& own = pod.spec.containers[0].securityContext.emplace().appArmorProfile.emplace();
  own.type = "Localhost";
  own.localhostProfile = "tight";
  security = container_security(pod, pod.spec.containers[0], {}, options());
  EXPECT_EQ(security->apparmor->localhost_ref, "tight");
}

TEST(HostsFile, HoldsThePodAndItsAliases) {
  api::Pod pod = PodBuilder("web").container("m").build();
  pod.spec.subdomain = "sub";
  pod.spec.hostAliases = {{"10.1.1.1", {"db", "db.local"}}};
  const std::string text = hosts_file(pod, options(), {"10.244.1.2", "fd00::2"}, "");
  EXPECT_THAT(text, HasSubstr("10.244.1.2\tweb.sub.default.svc.cluster.local\tweb\n"));
  EXPECT_THAT(text, HasSubstr("fd00::2\tweb.sub.default.svc.cluster.local\tweb\n"));
  EXPECT_THAT(text, HasSubstr("10.1.1.1\tdb\tdb.local\n"));
  pod.spec.hostNetwork = true;
  EXPECT_THAT(hosts_file(pod, options(), {}, "1.2.3.4 node"), HasSubstr("1.2.3.4 node\n"));
}

runtime::Image image_of(std::optional<int64_t> uid, const std::string& user = "") {
  runtime::Image image;
  image.id = "sha256:1";
  image.uid = uid;
  image.username = user;
  return image;
}

TEST(SecurityContext, PrefersTheContainersOwn) {
  api::Pod pod = PodBuilder("web").container("m").build();
  auto& of_pod = pod.spec.securityContext.emplace();
  of_pod.runAsUser = 1;
  of_pod.fsGroup = 7;
  of_pod.seccompProfile.emplace().type = "RuntimeDefault";
  auto& own = pod.spec.containers[0].securityContext.emplace();
  own.runAsUser = 2;
  own.allowPrivilegeEscalation = false;
  own.capabilities.emplace().add = {"CAP_NET_ADMIN"};
  const auto security = container_security(pod, pod.spec.containers[0], image_of({}), options());
  ASSERT_TRUE(security.ok());
  EXPECT_EQ(security->run_as_user, 2);
  EXPECT_TRUE(security->no_new_privs);
  EXPECT_THAT(security->add_capabilities, ElementsAre("NET_ADMIN"));
  EXPECT_THAT(security->supplemental_groups, ElementsAre(7));
  EXPECT_EQ(security->seccomp.type, runtime::SecurityProfile::Type::RuntimeDefault);
  EXPECT_THAT(security->masked_paths, Not(IsEmpty()));
}

TEST(SecurityContext, RefusesRootWhereRootIsForbidden) {
  api::Pod pod = PodBuilder("web").container("m").build();
  pod.spec.securityContext.emplace().runAsNonRoot = true;
  auto check = [&](const runtime::Image& image) {
    return container_security(pod, pod.spec.containers[0], image, options()).status();
  };
  EXPECT_THAT(std::string(message(check(image_of(0)))), HasSubstr("image will run as root"));
  EXPECT_THAT(std::string(message(check(image_of({}, "app")))),
              HasSubstr("cannot verify user is non-root"));
  EXPECT_TRUE(check(image_of(1000)).ok());
}

TEST(ContainerConfig, ExpandsCommandAndArguments) {
  api::Pod pod = PodBuilder("web").container("m").limit("cpu", "250m").build();
  pod.spec.containers[0].command = {"run", "$(NAME)"};
  pod.spec.containers[0].args = {"$$(NAME)", "$(NONE)"};
  const auto config = container_config({.pod = pod,
                                        .container = pod.spec.containers[0],
                                        .options = options(),
                                        .attempt = 3,
                                        .image = image_of({}),
                                        .envs = {{"NAME", "value"}}});
  ASSERT_TRUE(config.ok());
  EXPECT_THAT(config->command, ElementsAre("run", "value"));
  EXPECT_THAT(config->args, ElementsAre("$(NAME)", "$(NONE)"));
  EXPECT_EQ(config->log_path, "m/3.log");
  EXPECT_EQ(config->image, "sha256:1");
  EXPECT_EQ(config->resources.cpu_quota_us, 25'000);
  EXPECT_EQ(config->annotations.at(kHashAnnotation), container_hash(pod.spec.containers[0]));
}

TEST(PullPolicy, IsAlwaysForLatest) {
  auto policy = [](const std::string& image) {
    api::Container container;
    container.image = image;
    return pull_policy(container);
  };
  EXPECT_EQ(policy("nginx"), PullPolicy::Always);
  EXPECT_EQ(policy("nginx:latest"), PullPolicy::Always);
  EXPECT_EQ(policy("host:5000/nginx"), PullPolicy::Always);
  EXPECT_EQ(policy("nginx:1"), PullPolicy::IfNotPresent);
  EXPECT_EQ(policy("nginx@sha256:0"), PullPolicy::IfNotPresent);
}

TEST(PullSecret, IsFoundByRegistry) {
  const std::string config =
      R"({"auths":{"https://index.docker.io/v1/":{"auth":"hub"},"reg.example:5000":{"username":"u","password":"p"}}})";
  EXPECT_EQ(find_auth(config, "nginx")->auth, "hub");
  EXPECT_EQ(find_auth(config, "reg.example:5000/a/b:1")->username, "u");
  EXPECT_FALSE(find_auth(config, "other.example/a"));
  EXPECT_FALSE(find_auth("no json", "nginx"));
}

TEST(Housekeeping, RemovesTheLargestUnusedImages) {
  auto image = [](const std::string& id, uint64_t size, bool pinned = false) {
    runtime::Image made;
    made.id = id;
    made.repo_tags = {id + ":1"};
    made.size_bytes = size;
    made.pinned = pinned;
    return made;
  };
  runtime::Container container;
  container.image_ref = "used";
  const auto remove = plan_image_removal(
      {image("used", 9), image("small", 1), image("large", 5), image("pinned", 9, true)},
      {container}, 3);
  EXPECT_THAT(remove, ElementsAre("large"));
}

TEST(StatusPatch, ClearsWhatIsNotSet) {
  api::PodStatus status;
  status.phase = "Running";
  const std::string patch = status_patch("u1", status);
  EXPECT_THAT(patch, HasSubstr(R"("metadata":{"uid":"u1"})"));
  EXPECT_THAT(patch, HasSubstr(R"("podIP":null)"));
  EXPECT_THAT(patch, HasSubstr(R"("phase":"Running")"));
}

}  // namespace
}  // namespace skiff::kubelet
