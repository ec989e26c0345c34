// SPDX-License-Identifier: Apache-2.0
// A pod that shall run: observe, plan, carry out, again, until there is nothing to do now.
#pragma once

#include "agent/kubelet/pod_plan.h"
#include "agent/kubelet/pod_record.h"
#include "kube/reconciler.h"

namespace skiff::kubelet {

awaitable<Result<kube::Outcome>> sync_pod(Parts& parts, RecordPtr record);

}  // namespace skiff::kubelet
