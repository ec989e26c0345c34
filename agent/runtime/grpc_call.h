// SPDX-License-Identifier: Apache-2.0
// One unary gRPC call as a coroutine: gRPC's thread posts the answer to the caller's loop.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "base/async.h"
#include "base/result.h"

namespace skiff::runtime {

// gRPC's and abseil's codes have the same numbers.
inline Status status_from(const grpc::Status& status) {
  return Status(static_cast<StatusCode>(status.error_code()), status.error_message());
}

// A runtime answers NOT_FOUND for what is already gone; for stop and remove that is success.
inline Status ignore_missing(const Status& status) {
  return absl::IsNotFound(status) ? absl::OkStatus() : status;
}

struct GrpcCall {
  std::string operation;  // names the call in errors
  std::chrono::milliseconds timeout;
  std::string containerd_namespace = {};  // for containerd's own services; CRI has one of its own
};

// `Async` is the stub's async_interface, `method` one of its unary methods.
template <class Async, class Request, class Response>
awaitable<Result<Response>> grpc_call(Async* stub,
                                      void (Async::*method)(grpc::ClientContext*, const Request*,
                                                            Response*,
                                                            std::function<void(grpc::Status)>),
                                      Request request, GrpcCall options) {
  struct Call {
    grpc::ClientContext context;
    Request request;
    Response response;
  };
  auto call = std::make_shared<Call>();
  call->request = std::move(request);
  call->context.set_deadline(std::chrono::system_clock::now() + options.timeout);
  if (!options.containerd_namespace.empty())
    call->context.AddMetadata("containerd-namespace", options.containerd_namespace);
  auto home = co_await asio::this_coro::executor;
  grpc::Status status =
      co_await asio::async_initiate<decltype(asio::use_awaitable), void(grpc::Status)>(
          [&](auto handler) {
            // std::function must be copyable, the handler is not.
            auto shared = std::make_shared<decltype(handler)>(std::move(handler));
            (stub->*method)(
                &call->context, &call->request, &call->response,
                [home, call, shared, work = asio::make_work_guard(home)](grpc::Status s) mutable {
                  // Nothing of the loop stays on gRPC's thread: it may end once it has run this.
                  asio::post(home,
                             [shared = std::move(shared), call, work = std::move(work),
                              s = std::move(s)]() mutable { std::move (*shared)(std::move(s)); });
                });
          },
          asio::use_awaitable);
  if (!status.ok()) co_return annotate(status_from(status), options.operation);
  co_return std::move(call->response);
}

}  // namespace skiff::runtime
