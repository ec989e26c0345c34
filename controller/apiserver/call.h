// SPDX-License-Identifier: Apache-2.0
// One request on its way through the server. Lives in the coroutine that serves it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/http/message.h"
#include "controller/apiserver/accept.h"
#include "controller/apiserver/request_info.h"
#include "controller/apiserver/resource.h"
#include "controller/apiserver/user.h"
#include "controller/store/store.h"

namespace skiff::apiserver {

struct Call {
  const http::Request& request;
  RequestInfo info;
  User user;
  std::shared_ptr<const Resource> resource = nullptr;
  Output output = {};
  std::vector<std::string> warnings = {};
  bool applies = false;  // server-side apply: the owners of fields come with the object

  const http::Query& query() const { return request.query; }
  // The namespace of the objects asked for; empty for cluster-scoped ones and for lists over all.
  std::string_view namespace_() const {
    return resource->kind->namespaced ? info.namespace_ : std::string_view();
  }
  std::string key() const {
    return store::registry_key(resource->storage, namespace_(), info.name);
  }
  std::string prefix() const { return store::registry_prefix(resource->storage, namespace_()); }
};

}  // namespace skiff::apiserver
