// SPDX-License-Identifier: Apache-2.0
// What every connection of ours has in common.
#pragma once

#include <string>

#include "base/async.h"

namespace skiff::http {

// No delay; a peer that is gone is noticed after about a minute, even where we never write. Nothing
// to do for unix sockets, whose peers cannot vanish unseen.
void watch_liveness(asio::generic::stream_protocol::socket& socket);

// "connection refused": fits the end of our messages.
std::string error_text(const boost::system::error_code& error);

}  // namespace skiff::http
