// SPDX-License-Identifier: Apache-2.0
// A pod that shall end: stop its containers, take everything of it from the node, and let the API
// forget it.
#pragma once

#include "agent/kubelet/pod_record.h"
#include "kube/reconciler.h"

namespace skiff::kubelet {

// Sets record->ended when nothing is left.
awaitable<Result<kube::Outcome>> end_pod(Parts& parts, RecordPtr record);

}  // namespace skiff::kubelet
