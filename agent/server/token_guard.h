// SPDX-License-Identifier: Apache-2.0
// The node's API on somebody else's cluster: who asks is known by a token for the audience
// `skiff-agent`, which the cluster's API server looks at (TokenReview), and may what that server's
// rules say (SubjectAccessReview): `get` on nodes/observe, nodes/capture or nodes/metrics of this
// node. A token that was shown here is of no use anywhere else (ADR 0020). /livez is for everybody.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/async.h"
#include "base/clock.h"
#include "base/http/message.h"
#include "kube/client.h"

namespace skiff::server {

inline constexpr const char* kAudience = "skiff-agent";
// API servers that pass requests on take the Authorization header off.
inline constexpr const char* kTokenHeader = "skiff-token";

// The subresource of nodes that a path needs.
std::string_view right_for(std::string_view path);

// Belongs to the loop. Answers 401 and 403 in one line that says what is missing.
class TokenGuard final : public http::Handler {
 public:
  // All outlive it. `inner` serves who is let in.
  TokenGuard(kube::Client& client, std::string node, http::Handler& inner, const Clock& clock)
      : client_(client), node_(std::move(node)), inner_(inner), clock_(clock) {}

  awaitable<void> serve(http::Request request, http::ResponseWriter& writer) override;

 private:
  // UNAUTHENTICATED, PERMISSION_DENIED, RESOURCE_EXHAUSTED; UNAVAILABLE if the API server cannot be
  // asked.
  struct Verdict {
    Status status;
    std::string user;
    TimePoint until;
  };
  awaitable<Verdict> judge(std::string token, std::string right);
  awaitable<Verdict> ask(std::string token, std::string right);
  void make_room();

  kube::Client& client_;
  std::string node_;
  http::Handler& inner_;
  const Clock& clock_;
  std::map<std::pair<std::string, std::string>, Verdict> verdicts_;  // by token and right
  int asking_ = 0;
};

}  // namespace skiff::server
