// SPDX-License-Identifier: Apache-2.0
#include "cli/objects.h"

#include "api/selector.h"

namespace skiff::cli {

std::string full_name(const api::ObjectMeta& meta) {
  return meta.namespace_ + "/" + meta.name;
}

std::pair<std::string, std::string> parse_name(std::string_view text,
                                               const std::string& default_namespace) {
  const size_t slash = text.rfind('/');
  if (slash == std::string_view::npos || slash + 1 == text.size())
    return {default_namespace, std::string(text.substr(0, slash))};
  return {std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
}

bool selects(const api::Service& service, const api::Pod& pod) {
  return !service.spec.selector.empty() && pod.metadata.namespace_ == service.metadata.namespace_ &&
         api::Selector::from(service.spec.selector).matches(pod.metadata.labels);
}

}  // namespace skiff::cli
