// SPDX-License-Identifier: Apache-2.0
// What the kubelet does to ask a container how it is, and at its start and end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/scalars.h"

namespace skiff::api {

// A command run in the container; exit code 0 is success.
struct ExecAction {
  std::vector<std::string> command;
};
KUBE_TYPE(ExecAction)

// One header of a probe's request.
struct HTTPHeader {
  std::string name;
  std::string value;
};
KUBE_TYPE(HTTPHeader)

// An HTTP request; 200 to 399 is success.
struct HTTPGetAction {
  std::string path;
  IntOrString port;
  std::string host;
  std::string scheme;
  std::vector<HTTPHeader> httpHeaders;
};
KUBE_TYPE(HTTPGetAction)

// A TCP connection; being accepted is success.
struct TCPSocketAction {
  IntOrString port;
  std::string host;
};
KUBE_TYPE(TCPSocketAction)

// A call of the gRPC health service; SERVING is success.
struct GRPCAction {
  int32_t port = 0;
  std::optional<std::string> service;
};
KUBE_TYPE(GRPCAction)

// A pause before the container is stopped.
struct SleepAction {
  int64_t seconds = 0;
};
KUBE_TYPE(SleepAction)

// A check of a container, repeated.
struct Probe {
  Box<ExecAction> exec;
  Box<HTTPGetAction> httpGet;
  Box<TCPSocketAction> tcpSocket;
  Box<GRPCAction> grpc;
  int32_t initialDelaySeconds = 0;
  int32_t timeoutSeconds = 0;
  int32_t periodSeconds = 0;
  int32_t successThreshold = 0;
  int32_t failureThreshold = 0;
  std::optional<int64_t> terminationGracePeriodSeconds;
};
KUBE_TYPE(Probe)

// What to do at one event of a container's life.
struct LifecycleHandler {
  Box<ExecAction> exec;
  Box<HTTPGetAction> httpGet;
  Box<TCPSocketAction> tcpSocket;
  Box<SleepAction> sleep;
};
KUBE_TYPE(LifecycleHandler)

// What to do right after a container's start and before its stop.
struct Lifecycle {
  Box<LifecycleHandler> postStart;
  Box<LifecycleHandler> preStop;
  std::optional<std::string> stopSignal;
};
KUBE_TYPE(Lifecycle)

}  // namespace skiff::api
