// SPDX-License-Identifier: Apache-2.0
#include "base/http/request_target.h"

#include <algorithm>

namespace skiff::http {

void set_target(Request& request, std::string_view target) {
  std::string origin;
  if (!target.starts_with('/') && request.method != "CONNECT") {
    const size_t authority = target.find("://");
    if (authority != std::string_view::npos) {
      const size_t end = std::min(target.find_first_of("/?", authority + 3), target.size());
      target.remove_prefix(end);
      if (!target.starts_with('/')) target = origin = "/" + std::string(target);
    }
  }
  request.raw_target = std::string(target);
  const size_t question = target.find('?');
  request.path = percent_decode(target.substr(0, question));
  if (question != std::string_view::npos) {
    request.query = Query::parse(target.substr(question + 1));
  }
}

std::string target_of(const Request& request) {
  if (!request.raw_target.empty()) return request.raw_target;
  std::string target;
  for (const char c : request.path) {
    // What RFC 3986 allows within a path stays as it is.
    if (std::string_view("/:@!$&'()*+,;=").find(c) != std::string_view::npos) {
      target += c;
    } else {
      target += percent_encode({&c, 1});
    }
  }
  if (target.empty()) target = "/";
  if (!request.query.fields().empty()) target += "?" + request.query.encode();
  return target;
}

}  // namespace skiff::http
