// SPDX-License-Identifier: Apache-2.0
// exec, attach and port-forward: the client's upgraded connection is tunnelled, byte by byte, to
// the streaming server that the runtime opened for it on loopback. No protocol of ours: SPDY and
// WebSocket are between the client and the runtime.
#pragma once

#include <string>

#include "base/async.h"
#include "base/http/message.h"

namespace skiff::server {

// Connects to `url` (http://HOST:PORT/PATH), sends it `request`'s method and headers, and splices
// until both sides ended.
awaitable<Status> tunnel_to(std::string url, http::Request request, http::ResponseWriter& writer);

}  // namespace skiff::server
