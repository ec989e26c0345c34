// SPDX-License-Identifier: Apache-2.0
// Objects of the API as people write and read them. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "api/core/pod.h"
#include "api/core/service.h"

namespace skiff::cli {

// "shop/web-1"
std::string full_name(const api::ObjectMeta& meta);
// Namespace and name of "web" or "shop/web".
std::pair<std::string, std::string> parse_name(std::string_view text,
                                               const std::string& default_namespace);
// Without a selector it selects none.
bool selects(const api::Service& service, const api::Pod& pod);

}  // namespace skiff::cli
