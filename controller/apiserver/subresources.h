// SPDX-License-Identifier: Apache-2.0
// Subresources: which function answers which verb of `pods/binding`, `*/scale`, `*/status`, ….
#pragma once

#include "controller/apiserver/verbs.h"

namespace skiff::apiserver {

struct SubresourceLookup {
  bool known = false;                         // the resource has it
  Answer (*verb)(Backend&, Call&) = nullptr;  // null: not with this verb
};
// Also a resource's own verb, where it is not the generic one (POST bindings).
SubresourceLookup find_subresource(const Call& call);

// Those that answer by a stream or take over the connection. An error: nothing was answered yet.
using Streamed = awaitable<Status> (*)(Backend&, Call&, http::ResponseWriter&);
Streamed streamed_subresource(const Call& call);

// status: the object, its status alone writable.
Answer get_status(Backend& backend, Call& call);
// scale: autoscaling/v1 Scale of anything with spec.replicas.
Answer get_scale(Backend& backend, Call& call);
Answer update_scale(Backend& backend, Call& call);
Answer patch_scale(Backend& backend, Call& call);
// pods/NAME/binding, and POST bindings with the pod's name in the body.
Answer bind_pod(Backend& backend, Call& call);
Answer evict_pod(Backend& backend, Call& call);
Answer finalize_namespace(Backend& backend, Call& call);
Answer create_token(Backend& backend, Call& call);
awaitable<Status> pod_log(Backend& backend, Call& call, http::ResponseWriter& writer);
// exec, attach, portforward: the connection, tunnelled to the pod's node.
awaitable<Status> pod_stream(Backend& backend, Call& call, http::ResponseWriter& writer);

}  // namespace skiff::apiserver
