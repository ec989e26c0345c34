// SPDX-License-Identifier: Apache-2.0
// One call to the agent over its unix socket: a frame each way, a frame being four bytes of length,
// big-endian, and JSON (agent/network/cni_server.h).
#pragma once

#include <string>

namespace skiff::cni {

struct AgentAnswer {
  enum class Outcome {
    kAnswered,
    kUnreachable,  // nobody listens, or the connection broke before an answer: the agent is down or
                   // went down
    kTimedOut,     // the agent is there, and busy for too long
  };
  Outcome outcome = Outcome::kUnreachable;
  std::string body;    // kAnswered
  std::string reason;  // otherwise
};

AgentAnswer call_agent(const std::string& socket_path, const std::string& body);

}  // namespace skiff::cni
