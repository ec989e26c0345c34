// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/grpc_call.h"

#include <gtest/gtest.h>

namespace skiff::runtime {
namespace {

// Keeps the callback as gRPC's thread does, which destroys it some time after it has called it.
struct FakeStub {
  void ask(grpc::ClientContext*, const std::string* request, std::string* response,
           std::function<void(grpc::Status)> done) {
    *response = *request + " answered";
    callback = std::move(done);
  }
  std::function<void(grpc::Status)> callback;
};

TEST(GrpcCall, TheLoopEndsWithTheAnswerWhateverIsLeftOnTheOthersThread) {
  FakeStub stub;
  std::string answer;
  {
    asio::io_context loop;
    const auto asking = [&]() -> awaitable<void> {
      const auto got = co_await grpc_call<FakeStub, std::string, std::string>(
          &stub, &FakeStub::ask, "question",
          {.operation = "Ask", .timeout = std::chrono::seconds(1)});
      answer = got.value_or("none");
    };
    spawn(loop.get_executor(), "ask", asking());
    loop.run_one();
    ASSERT_TRUE(stub.callback);
    EXPECT_FALSE(loop.stopped()) << "it waits for the answer";
    stub.callback(grpc::Status::OK);
    loop.run_for(std::chrono::seconds(5));
    EXPECT_TRUE(loop.stopped()) << "the callback keeps it from its end";
  }
  stub.callback = nullptr;  // the loop has gone
  EXPECT_EQ(answer, "question answered");
}

}  // namespace
}  // namespace skiff::runtime
