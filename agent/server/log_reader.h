// SPDX-License-Identifier: Apache-2.0
// Writes a container's log to a client, following it while the container runs and over rotations.
#pragma once

#include <functional>
#include <string>

#include "agent/server/log_line.h"
#include "base/async.h"
#include "base/http/message.h"

namespace skiff::server {

// `running` tells whether more may come. Ends when it says no and all is written, when the limit is
// reached, or when the client goes. NOT_FOUND if the file does not exist.
awaitable<Status> send_log(std::string path, LogOptions options,
                           std::function<awaitable<bool>()> running, http::ResponseWriter& writer);

}  // namespace skiff::server
