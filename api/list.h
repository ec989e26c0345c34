// SPDX-License-Identifier: Apache-2.0
// List<T>: what a LIST request returns.
#pragma once

#include <vector>

#include "api/meta.h"

namespace skiff::api {

// Objects of one kind with the revision they were read at.
template <class T>
struct List {
  ListMeta metadata;
  std::vector<T> items;
};

template <class T>
struct Describe<List<T>> {
  using Self = List<T>;
  SKIFF_OFFSETS_BEGIN
  static constexpr FieldInfo rows[] = {KUBE_FIELD(metadata, 1, .required = true),
                                       KUBE_FIELD(items, 2, .required = true)};
  SKIFF_OFFSETS_END
  static constexpr TypeInfo type = {
      .form = Form::kStruct, .name = "List", .fields = rows, .value = &detail::kValueOps<List<T>>};
};

}  // namespace skiff::api
