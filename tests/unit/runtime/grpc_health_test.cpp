// SPDX-License-Identifier: Apache-2.0
// Against gRPC's own health server.
#include "agent/runtime/grpc_health.h"

#include <gmock/gmock.h>
#include <grpcpp/ext/health_check_service_server_builder_option.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <gtest/gtest.h>

namespace skiff::runtime {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class GrpcHealth : public ::testing::Test {
 protected:
  ~GrpcHealth() override {
    if (server) server->Shutdown();
  }
  void serve(const std::string& address, bool health = true) {
    grpc::EnableDefaultHealthCheckService(health);
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
    // A server without any service is refused.
    other = std::make_unique<grpc::CallbackGenericService>();
    builder.RegisterCallbackGenericService(other.get());
    server = builder.BuildAndStart();
    ASSERT_TRUE(server);
  }
  Status check(const std::string& service = "", const std::string& ip = "127.0.0.1",
               std::chrono::milliseconds timeout = std::chrono::seconds(10)) {
    asio::io_context context;
    Status answer = internal_error("no answer");
    GrpcHealthQuestion question{
        .ip = ip, .port = static_cast<uint16_t>(port), .service = service, .timeout = timeout};
    spawn(context.get_executor(), "check",
          [](GrpcHealthQuestion asked, Status& out) -> awaitable<void> {
            out = co_await check_grpc_health(std::move(asked));
          }(question, answer));
    context.run();
    return answer;
  }

  int port = 0;
  std::unique_ptr<grpc::CallbackGenericService> other;  // answers Unimplemented to everything
  std::unique_ptr<grpc::Server> server;
};

TEST_F(GrpcHealth, TakesAServerThatServes) {
  serve("127.0.0.1:0");
  EXPECT_EQ(message(check()), "");
}

TEST_F(GrpcHealth, AsksOverIpv6) {
  serve("[::1]:0");
  if (port == 0) GTEST_SKIP() << "this machine has no ::1";
  EXPECT_EQ(message(check("", "::1")), "");
}

TEST_F(GrpcHealth, RefusesWhatDoesNotServe) {
  serve("127.0.0.1:0");
  server->GetHealthCheckService()->SetServingStatus("shop.Cart", false);
  EXPECT_EQ(message(check("shop.Cart")), "service unhealthy (responded with \"NOT_SERVING\")");
  server->GetHealthCheckService()->SetServingStatus("shop.Cart", true);
  EXPECT_EQ(message(check("shop.Cart")), "");
}

TEST_F(GrpcHealth, NamesAServiceThatTheServerDoesNotKnow) {
  serve("127.0.0.1:0");
  EXPECT_THAT(std::string(message(check("no.Such"))),
              StartsWith("error: health rpc probe failed: "));
}

TEST_F(GrpcHealth, SaysThatAServerHasNoHealthService) {
  serve("127.0.0.1:0", false);
  EXPECT_THAT(std::string(message(check())),
              StartsWith("error: this server does not implement the grpc health protocol"));
}

TEST_F(GrpcHealth, SaysThatNobodyListensAndComesBack) {
  serve("127.0.0.1:0");
  server->Shutdown();
  server.reset();
  EXPECT_THAT(
      std::string(message(check())),
      StartsWith(fmt::format("error: failed to connect service at \"127.0.0.1:{}\": ", port)));
  serve(fmt::format("127.0.0.1:{}", port));
  EXPECT_EQ(message(check()), "");  // at once, without the connection's back-off
}

// Accepts and says nothing.
TEST_F(GrpcHealth, GivesUpInTime) {
  asio::io_context silent;
  asio::ip::tcp::acceptor acceptor(silent, {asio::ip::make_address("127.0.0.1"), 0});
  port = acceptor.local_endpoint().port();
  EXPECT_EQ(message(check("", "127.0.0.1", std::chrono::milliseconds(200))),
            "timeout: health rpc did not complete within 0.2s");
}

}  // namespace
}  // namespace skiff::runtime
