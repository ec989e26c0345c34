// SPDX-License-Identifier: Apache-2.0
// Rows of the tables of kinds. Kind, list kind and singular follow from the name of the type.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "api/kind.h"

namespace skiff::api {

inline constexpr bool kNamespaced = true, kCluster = false;

using KindWords = std::vector<std::string>;

// A resource with all verbs: `stored<Pod>("", "pods", kNamespaced, {"po"}, {"all"})`.
template <class T>
Kind stored(std::string group, std::string plural, bool namespaced, KindWords short_names = {},
            KindWords categories = {}) {
  Kind kind{.group = std::move(group),
            .version = "v1",
            .kind = std::string(Describe<T>::type.name),
            .listKind = {},
            .plural = std::move(plural),
            .singular = {},
            .namespaced = namespaced,
            .shortNames = std::move(short_names),
            .categories = std::move(categories),
            .type = &Describe<T>::type,
            .serving = Serving::kStored};
  kind.listKind = kind.kind + "List";
  kind.singular = kind.kind;
  std::transform(kind.singular.begin(), kind.singular.end(), kind.singular.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return kind;
}

// A kind whose type is known and which the API server does not serve yet.
template <class T>
Kind later(std::string group, std::string plural, bool namespaced, KindWords short_names = {},
           KindWords categories = {}) {
  Kind kind = stored<T>(std::move(group), std::move(plural), namespaced, std::move(short_names),
                        std::move(categories));
  kind.serving = Serving::kTypeOnly;
  return kind;
}

// The same kind in a version that is not v1.
inline Kind in_version(std::string version, Kind kind) {
  kind.version = std::move(version);
  return kind;
}

// A kind that shows the objects of another one.
inline Kind alias(Kind kind) {
  kind.alias = true;
  return kind;
}

// A kind that nobody writes.
template <class T>
Kind read_only(std::string group, std::string plural, bool namespaced, KindWords short_names = {}) {
  Kind kind = stored<T>(std::move(group), std::move(plural), namespaced, std::move(short_names));
  kind.serving = Serving::kVirtual;
  return kind;
}

// A question: created, answered, forgotten.
template <class T>
Kind question(std::string group, std::string plural, bool namespaced) {
  Kind kind = stored<T>(std::move(group), std::move(plural), namespaced);
  kind.listKind.clear();
  kind.serving = Serving::kVirtual;
  return kind;
}

// A message, or a kind behind a subresource.
template <class T>
Kind message(std::string group) {
  Kind kind = later<T>(std::move(group), "", kCluster);
  kind.listKind.clear();
  kind.singular.clear();
  return kind;
}

// The same kind with a rule for its names that is not that of most (a DNS subdomain).
inline Kind named(std::string (*check_name)(std::string_view), Kind kind) {
  kind.check_name = check_name;
  return kind;
}

}  // namespace skiff::api
