// SPDX-License-Identifier: Apache-2.0
// The verbs, each once for all resources. `call.resource` is set and serves the verb; errors are
// answered by the server.
#pragma once

#include "base/async.h"
#include "controller/apiserver/backend.h"
#include "controller/apiserver/call.h"

namespace skiff::apiserver {

using Answer = awaitable<Result<http::Response>>;

Answer get(Backend& backend, Call& call);
Answer list(Backend& backend, Call& call);
Answer create(Backend& backend, Call& call);
Answer update(Backend& backend, Call& call);
Answer patch(Backend& backend, Call& call);
Answer apply(Backend& backend, Call& call);  // the patch that says who owns what
Answer remove(Backend& backend, Call& call);
Answer remove_collection(Backend& backend, Call& call);
// An error: nothing was answered yet. OK: the stream has ended.
awaitable<Status> watch(Backend& backend, Call& call, http::ResponseWriter& writer);

}  // namespace skiff::apiserver
