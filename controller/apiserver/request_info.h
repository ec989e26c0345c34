// SPDX-License-Identifier: Apache-2.0
// What a URL asks for (the rules of kube-apiserver's requestinfo.go).
#pragma once

#include <string>
#include <string_view>

#include "base/http/message.h"

namespace skiff::apiserver {

struct RequestInfo {
  bool is_resource = false;  // /api/V/… or /apis/G/V/… with a resource
  std::string path;
  // Of a resource: get, list, watch, create, update, patch, delete, deletecollection. Else the
  // method in lower case.
  std::string verb;
  std::string group;
  std::string version;
  std::string namespace_;  // of namespaces themselves: their own name
  std::string resource;
  std::string name;
  std::string subresource;
  std::string rest;  // what follows the subresource (proxy paths), without its leading slash
  // A list or watch of one name by field selector counts as a named request for authorization.
  std::string selected_name;

  std::string_view name_for_authorization() const { return name.empty() ? selected_name : name; }
};

RequestInfo parse_request(const http::Request& request);

// The boolean query parameter `name`: present and neither `0` nor `false`.
bool query_flag(const http::Query& query, std::string_view name);

}  // namespace skiff::apiserver
