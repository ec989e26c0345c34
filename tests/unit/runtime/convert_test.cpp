// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/convert.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/runtime/cri_runtime.h"

namespace skiff::runtime {
namespace {

TEST(Convert, TellsTheRuntimeWhatASandboxIs) {
  SandboxConfig config;
  config.metadata = {"web", "u1", "shop", 2};
  config.dns = DnsConfig{{"10.96.0.10"}, {"svc"}, {"ndots:5"}};
  config.ports = {{"UDP", 53, 5353, "10.0.0.1"}};
  config.labels["a"] = "b";
  config.cgroup_parent = "/kubepods/podu1";
  config.security.namespaces.network = NamespaceMode::Node;
  config.security.run_as_user = 0;
  config.sysctls["net.ipv4.ip_forward"] = "1";
  const cri::PodSandboxConfig out = to_cri(config);
  EXPECT_EQ(out.metadata().namespace_(), "shop");
  EXPECT_EQ(out.metadata().attempt(), 2u);
  EXPECT_EQ(out.dns_config().options(0), "ndots:5");
  EXPECT_EQ(out.port_mappings(0).protocol(), cri::UDP);
  EXPECT_EQ(out.port_mappings(0).host_port(), 5353);
  EXPECT_EQ(out.labels().at("a"), "b");
  EXPECT_EQ(out.linux().cgroup_parent(), "/kubepods/podu1");
  EXPECT_EQ(out.linux().security_context().namespace_options().network(), cri::NODE);
  EXPECT_TRUE(out.linux().security_context().has_run_as_user());  // 0 is not absent
  EXPECT_FALSE(out.linux().security_context().has_run_as_group());
  EXPECT_EQ(out.linux().sysctls().at("net.ipv4.ip_forward"), "1");
}

TEST(Convert, TellsTheRuntimeWhatAContainerIs) {
  ContainerConfig config;
  config.name = "main";
  config.attempt = 1;
  config.command = {"run"};
  config.envs = {{"A", "1"}};
  config.mounts = {{"/in", "/out", true, MountPropagation::HostToContainer}};
  config.stdin_open = true;
  config.resources.memory_limit_bytes = 1024;
  config.security.add_capabilities = {"NET_ADMIN"};
  config.security.seccomp.type = SecurityProfile::Type::RuntimeDefault;
  const cri::ContainerConfig out = to_cri(config);
  EXPECT_EQ(out.metadata().name(), "main");
  EXPECT_EQ(out.command(0), "run");
  EXPECT_EQ(out.envs(0).value(), "1");
  EXPECT_TRUE(out.mounts(0).readonly());
  EXPECT_EQ(out.mounts(0).propagation(), cri::PROPAGATION_HOST_TO_CONTAINER);
  EXPECT_TRUE(out.stdin());
  EXPECT_EQ(out.linux().resources().memory_limit_in_bytes(), 1024);
  EXPECT_EQ(out.linux().security_context().capabilities().add_capabilities(0), "NET_ADMIN");
  EXPECT_EQ(out.linux().security_context().seccomp().profile_type(),
            cri::SecurityProfile::RuntimeDefault);
}

TEST(Convert, ReadsEveryAddressOfASandbox) {
  cri::PodSandboxStatus status;
  status.set_state(cri::SANDBOX_READY);
  status.mutable_network()->set_ip("10.244.1.2");
  status.mutable_network()->add_additional_ips()->set_ip("fd00::2");
  const Sandbox sandbox = from_cri(status);
  EXPECT_EQ(sandbox.state, SandboxState::Ready);
  EXPECT_THAT(sandbox.ips, ::testing::ElementsAre("10.244.1.2", "fd00::2"));
}

TEST(Convert, ReadsNanosecondsAsTimes) {
  cri::ContainerStatus status;
  status.set_state(cri::CONTAINER_EXITED);
  status.set_exit_code(3);
  status.set_finished_at(1'700'000'000'123'456'789);
  const ContainerStatus out = from_cri(status);
  EXPECT_EQ(out.state, ContainerState::Exited);
  EXPECT_EQ(out.exit_code, 3);
  EXPECT_EQ(
      std::chrono::duration_cast<std::chrono::microseconds>(out.finished_at.time_since_epoch())
          .count(),
      1'700'000'000'123'456);
  EXPECT_EQ(out.started_at, TimePoint{});
}

TEST(CriRuntime, NamesTheOperationWhenNobodyAnswers) {
  asio::io_context context;
  auto runtime = make_cri_runtime(
      context.get_executor(),
      {.socket = "/nonexistent/containerd.sock", .list_timeout = std::chrono::seconds(1)});
  Status status;
  spawn(context.get_executor(), "ask", [](Runtime& r, Status& s) -> awaitable<void> {
    s = (co_await r.version()).status();
  }(*runtime, status));
  context.run();
  EXPECT_TRUE(absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status)) << message(status);
  EXPECT_TRUE(message(status).starts_with("runtime version: ")) << message(status);
}

}  // namespace
}  // namespace skiff::runtime
