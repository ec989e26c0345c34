// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/request_info.h"

#include <cctype>
#include <vector>

namespace skiff::apiserver {
namespace {

std::vector<std::string_view> split_path(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (!part.empty()) parts.push_back(part);
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  return parts;
}

std::string verb_of(std::string_view method) {
  if (method == "POST") return "create";
  if (method == "GET" || method == "HEAD") return "get";
  if (method == "PUT") return "update";
  if (method == "PATCH") return "patch";
  if (method == "DELETE") return "delete";
  return "";
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

// The name in `metadata.name=x`, when the field selector says nothing else about names.
std::string selected_name(std::string_view selector) {
  constexpr std::string_view kName = "metadata.name=";
  while (!selector.empty()) {
    const size_t comma = selector.find(',');
    std::string_view part = selector.substr(0, comma);
    if (part.starts_with(kName)) {
      part.remove_prefix(kName.size());
      if (part.starts_with('=')) part.remove_prefix(1);
      return std::string(part);
    }
    if (comma == std::string_view::npos) break;
    selector.remove_prefix(comma + 1);
  }
  return "";
}

// `parts` begin with the resource, or with `namespaces/NS`.
void read_resource(RequestInfo& info, std::vector<std::string_view> parts) {
  size_t at = 0;
  if (parts[0] == "namespaces" && parts.size() > 1) {
    info.namespace_ = parts[1];
    if (parts.size() > 2 && parts[2] != "status" && parts[2] != "finalize") at = 2;
  }
  info.resource = parts[at];
  if (parts.size() > at + 1) info.name = parts[at + 1];
  if (parts.size() > at + 2) info.subresource = parts[at + 2];
  for (size_t i = at + 3; i < parts.size(); ++i) {
    if (i > at + 3) info.rest += '/';
    info.rest += parts[i];
  }
}

}  // namespace

bool query_flag(const http::Query& query, std::string_view name) {
  if (!query.has(name)) return false;
  const std::string_view value = query.get(name);
  return value != "0" && value != "false";
}

RequestInfo parse_request(const http::Request& request) {
  RequestInfo info{.path = request.path, .verb = lower(request.method)};
  std::vector<std::string_view> parts = split_path(request.path);
  size_t prefix = 0;  // how many parts name group and version
  if (parts.size() >= 3 && parts[0] == "api") {
    prefix = 2;
  } else if (parts.size() >= 4 && parts[0] == "apis") {
    info.group = parts[1];
    prefix = 3;
  } else {
    return info;
  }
  info.version = parts[prefix - 1];
  parts.erase(parts.begin(), parts.begin() + static_cast<ptrdiff_t>(prefix));
  info.verb = verb_of(request.method);
  bool watch_path = false;
  if (parts.size() > 1 &&
      parts[0] == "watch") {  // the deprecated form, which some clients still use
    parts.erase(parts.begin());
    watch_path = true;
  }
  info.is_resource = true;
  read_resource(info, std::move(parts));
  if (info.verb == "get" && info.subresource.empty() && (info.name.empty() || watch_path)) {
    info.verb = watch_path || query_flag(request.query, "watch") ? "watch" : "list";
    info.selected_name =
        info.name.empty() ? selected_name(request.query.get("fieldSelector")) : info.name;
    info.name.clear();
  } else if (info.verb == "delete" && info.name.empty()) {
    info.verb = "deletecollection";
  }
  return info;
}

}  // namespace skiff::apiserver
