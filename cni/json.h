// SPDX-License-Identifier: Apache-2.0
// The little JSON the plugin needs: a member of an object, and a string in quotes. Never fails on
// foreign bytes, only finds nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace skiff::cni {

// The string member `name` of the object `text`, unescaped. Nested objects are passed over.
std::optional<std::string> find_string(std::string_view text, std::string_view name);
// The integer member `name` of the object `text`.
std::optional<long> find_integer(std::string_view text, std::string_view name);
// `text` as a JSON string, with its quotes.
std::string quote(std::string_view text);

}  // namespace skiff::cni
