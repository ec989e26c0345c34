// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/grpc_health.h"

#include "agent/runtime/grpc_call.h"
#include "proto/grpc_health.grpc.pb.h"

namespace skiff::runtime {

namespace health = grpc::health::v1;

namespace {

std::string target_of(const GrpcHealthQuestion& question) {
  return question.ip.find(':') == std::string::npos
             ? fmt::format("ipv4:{}:{}", question.ip, question.port)
             : fmt::format("ipv6:[{}]:{}", question.ip, question.port);
}

std::shared_ptr<grpc::Channel> connect(const GrpcHealthQuestion& question) {
  grpc::ChannelArguments arguments;
  arguments.SetUserAgentPrefix("kube-probe/1.34");
  // Each probe dials anew: a shared connection would remember that the last attempt failed.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(target_of(question), grpc::InsecureChannelCredentials(),
                                   arguments);
}

// gRPC 1.51 stops its callback threads with the last channel that used them, and now and then
// aborts in doing so ("prior > 0" in grpc_cq_internal_unref). A channel that never goes keeps them.
void keep_callback_threads() {
  struct Idle {
    std::unique_ptr<health::Health::Stub> stub = health::Health::NewStub(
        grpc::CreateChannel("unix:/nonexistent", grpc::InsecureChannelCredentials()));
    grpc::ClientContext context;
    health::HealthCheckRequest request;
    health::HealthCheckResponse response;
  };
  static Idle* const idle = [] {
    auto* made = new Idle;
    made->stub->async()->Check(&made->context, &made->request, &made->response,
                               [](const grpc::Status&) {});
    return made;
  }();
  (void)idle;
}

std::string seconds(std::chrono::milliseconds duration) {
  return fmt::format("{:g}s", static_cast<double>(duration.count()) / 1000);
}

Status explain(const Status& failed, const GrpcHealthQuestion& question) {
  if (absl::IsUnimplemented(failed))
    return unimplemented(
        "error: this server does not implement the grpc health protocol "
        "(grpc.health.v1.Health): {}",
        message(failed));
  if (absl::IsDeadlineExceeded(failed))
    return deadline_exceeded("timeout: health rpc did not complete within {}",
                             seconds(question.timeout));
  if (absl::IsUnavailable(failed))
    return unavailable("error: failed to connect service at \"{}:{}\": {}", question.ip,
                       question.port, message(failed));
  return annotate(failed, "error: health rpc probe failed");
}

}  // namespace

awaitable<Status> check_grpc_health(GrpcHealthQuestion question) {
  using Stub = health::Health::StubInterface::async_interface;
  keep_callback_threads();
  const auto channel = connect(question);
  const std::unique_ptr<health::Health::StubInterface> stub = health::Health::NewStub(channel);
  health::HealthCheckRequest request;
  request.set_service(question.service);
  const auto answer =
      co_await grpc_call<Stub, health::HealthCheckRequest, health::HealthCheckResponse>(
          stub->async(), &Stub::Check, std::move(request),
          {.operation = "Check", .timeout = question.timeout});
  if (!answer.ok()) co_return explain(answer.status(), question);
  if (answer->status() == health::HealthCheckResponse::SERVING) co_return absl::OkStatus();
  co_return failed_precondition("service unhealthy (responded with \"{}\")",
                                health::HealthCheckResponse::ServingStatus_Name(answer->status()));
}

}  // namespace skiff::runtime
