// SPDX-License-Identifier: Apache-2.0
// The node's API on a cluster of ours: only clients with a certificate of the cluster's CA and the
// group system:masters are let in: the API server (and an administrator); everybody else gets 401
// or 403.
#pragma once

#include "base/http/message.h"

namespace skiff::server {

class CertificateGuard final : public http::Handler {
 public:
  // `inner` serves who is let in; it outlives this.
  explicit CertificateGuard(http::Handler& inner) : inner_(inner) {}
  awaitable<void> serve(http::Request request, http::ResponseWriter& writer) override;

 private:
  http::Handler& inner_;
};

}  // namespace skiff::server
