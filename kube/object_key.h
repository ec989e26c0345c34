// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <compare>
#include <functional>
#include <string>

namespace skiff::kube {

// Names one object of a kind. `namespace_` is empty for cluster-scoped kinds.
struct ObjectKey {
  std::string namespace_;
  std::string name;

  auto operator<=>(const ObjectKey&) const = default;
  std::string to_string() const { return namespace_.empty() ? name : namespace_ + "/" + name; }
};

// The key of a typed object.
template <class T>
ObjectKey key_of(const T& object) {
  return {object.metadata.namespace_, object.metadata.name};
}

}  // namespace skiff::kube

template <>
struct std::hash<skiff::kube::ObjectKey> {
  size_t operator()(const skiff::kube::ObjectKey& key) const noexcept {
    return std::hash<std::string>{}(key.namespace_) * 31 + std::hash<std::string>{}(key.name);
  }
};

template <>
struct fmt::formatter<skiff::kube::ObjectKey> : fmt::formatter<std::string> {
  auto format(const skiff::kube::ObjectKey& key, fmt::format_context& context) const {
    return fmt::formatter<std::string>::format(key.to_string(), context);
  }
};
