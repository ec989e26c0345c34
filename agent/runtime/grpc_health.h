// SPDX-License-Identifier: Apache-2.0
// What a gRPC server says of its health: the probe of kind `grpc`. Here because this folder speaks
// gRPC; it has nothing to do with the container runtime.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/async.h"
#include "base/result.h"

namespace skiff::runtime {

struct GrpcHealthQuestion {
  std::string ip;
  uint16_t port = 0;
  std::string service;  // empty: the server as a whole
  std::chrono::milliseconds timeout{1000};
};

// Calls grpc.health.v1.Health/Check on a connection of its own, without TLS. OK if it answers
// SERVING; any other answer, or none, is an error in the words of Kubernetes' events.
awaitable<Status> check_grpc_health(GrpcHealthQuestion question);

}  // namespace skiff::runtime
