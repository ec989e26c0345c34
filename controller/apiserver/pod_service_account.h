// SPDX-License-Identifier: Apache-2.0
// The service account of a pod, and the volume with its token (what Kubernetes' ServiceAccount
// admission adds).
#pragma once

#include <string>

#include "api/core/pod.h"
#include "base/async.h"
#include "controller/store/store.h"

namespace skiff::apiserver {

// Waits up to a second for the account (default if empty): it is made a moment after its namespace.
awaitable<void> await_service_account(const store::Store& store, std::string namespace_,
                                      std::string account);

// 403 if the account does not exist.
Status add_service_account(api::Pod& pod, const store::Store& store);

}  // namespace skiff::apiserver
