// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/subresources.h"

#include <array>

namespace skiff::apiserver {
namespace {

struct Row {
  std::string_view resource;  // empty: any that has the subresource
  std::string_view subresource;
  std::string_view verb;
  Answer (*function)(Backend&, Call&);
};

constexpr std::array kRows = {
    Row{"", "status", "get", get_status},
    Row{"", "status", "update", update},
    Row{"", "status", "patch", patch},
    Row{"", "scale", "get", get_scale},
    Row{"", "scale", "update", update_scale},
    Row{"", "scale", "patch", patch_scale},
    Row{"pods", "ephemeralcontainers", "get", get_status},
    Row{"pods", "ephemeralcontainers", "update", update},
    Row{"pods", "ephemeralcontainers", "patch", patch},
    Row{"certificatesigningrequests", "approval", "get", get_status},
    Row{"certificatesigningrequests", "approval", "update", update},
    Row{"certificatesigningrequests", "approval", "patch", patch},
    Row{"pods", "resize", "get", get_status},
    Row{"pods", "resize", "update", update},
    Row{"pods", "resize", "patch", patch},
    Row{"pods", "binding", "create", bind_pod},
    Row{"bindings", "", "create", bind_pod},
    Row{"pods", "eviction", "create", evict_pod},
    Row{"namespaces", "finalize", "update", finalize_namespace},
    Row{"serviceaccounts", "token", "create", create_token},
};

struct StreamedRow {
  std::string_view resource;
  std::string_view subresource;
  Streamed function;
};

constexpr std::array kStreamed = {
    StreamedRow{"pods", "log", pod_log},
    StreamedRow{"pods", "exec", pod_stream},
    StreamedRow{"pods", "attach", pod_stream},
    StreamedRow{"pods", "portforward", pod_stream},
};

}  // namespace

SubresourceLookup find_subresource(const Call& call) {
  const std::string& name = call.info.subresource;
  SubresourceLookup lookup{.known = name.empty() || call.resource->subresource(name) != nullptr};
  if (!lookup.known) return lookup;
  for (const Row& row : kRows) {
    const bool resource =
        (row.resource.empty() && !name.empty()) || row.resource == call.info.resource;
    if (resource && row.subresource == name && row.verb == call.info.verb)
      lookup.verb = row.function;
  }
  return lookup;
}

Streamed streamed_subresource(const Call& call) {
  if (!call.info.group.empty()) return nullptr;
  for (const StreamedRow& row : kStreamed)
    if (row.resource == call.info.resource && row.subresource == call.info.subresource)
      return row.function;
  return nullptr;
}

Answer get_status(Backend& backend, Call& call) {
  return get(backend, call);
}

}  // namespace skiff::apiserver
