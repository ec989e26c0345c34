// SPDX-License-Identifier: Apache-2.0
#include "agent/server/certificate_guard.h"

#include <algorithm>

namespace skiff::server {

awaitable<void> CertificateGuard::serve(http::Request request, http::ResponseWriter& writer) {
  const http::Peer& peer = request.peer;
  if (peer.common_name.empty()) {
    (void)co_await writer.respond(
        http::Response::text(401, "Unauthorized: show a client certificate of the cluster's CA\n"));
    co_return;
  }
  if (std::ranges::find(peer.organizations, "system:masters") == peer.organizations.end()) {
    (void)co_await writer.respond(http::Response::text(
        403, fmt::format("Forbidden: {} is not in system:masters\n", peer.common_name)));
    co_return;
  }
  co_await inner_.serve(std::move(request), writer);
}

}  // namespace skiff::server
