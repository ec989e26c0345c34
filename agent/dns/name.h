// SPDX-License-Identifier: Apache-2.0
// Domain names as label lists. Comparison in DNS ignores case, so labels are kept in lower case.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"

namespace skiff::dns {

using Labels = std::vector<std::string>;  // leftmost first, the root's empty label left out

Labels split_name(std::string_view name);       // "a.b." or "a.b"
std::string join_labels(const Labels& labels);  // "a.b.", "." for the root

// The labels of `name` left of `zone`, or nothing if it does not lie in it.
std::optional<Labels> below(const Labels& name, const Labels& zone);

// The address of a name in in-addr.arpa or ip6.arpa; nothing if it names a part of one, or anything
// else.
std::optional<IpAddress> reverse_address(const Labels& name);

// "10-244-0-5" and "fd00--5": an address as one label.
std::string dashed(const IpAddress& address);
std::optional<IpAddress> parse_dashed(std::string_view label);

}  // namespace skiff::dns
