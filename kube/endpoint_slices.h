// SPDX-License-Identifier: Apache-2.0
// EndpointSlices from any API server since 1.19: v1 where it has that, else v1beta1.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "api/discovery/endpoint_slice.h"
#include "kube/reflector.h"

namespace skiff::kube {

// Whether the APIGroup document `group` of discovery.k8s.io offers v1.
bool has_stable_slices(std::string_view group);

// The Service that `slice` is of, by its label.
std::optional<ObjectKey> service_of(const api::EndpointSlice& slice);

// Names of indexes: "namespace/name" of the Service; addresses of endpoints, each in its canonical
// spelling.
inline constexpr const char* kSlicesByService = "service";
inline constexpr const char* kSlicesByAddress = "address";
// Adds both to `store`; once more is a no-op.
void index_slices(Store<api::EndpointSlice>& store);

// Reflects into `store`, which must outlive the loop. Asks again which version there is when the
// one in use has gone (the server was upgraded).
void start_endpoint_slices(const Executor& executor, std::shared_ptr<Transport> transport,
                           Store<api::EndpointSlice>& store, ReflectorOptions options = {},
                           Trim<api::EndpointSlice> trim = nullptr);

// All of them, once.
awaitable<Result<std::vector<api::EndpointSlice>>> list_endpoint_slices(
    std::shared_ptr<Transport> transport);

}  // namespace skiff::kube
