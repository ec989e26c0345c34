// SPDX-License-Identifier: Apache-2.0
// Quality of service: how sure a pod is of what it asked for. Pure; the API server writes it, the
// kubelet sets control groups and OOM scores by it.
#pragma once

#include <string>

#include "api/core/pod.h"

namespace skiff::api {

enum class QosClass { Guaranteed, Burstable, BestEffort };

// Guaranteed: every container has equal requests and limits of CPU and memory; BestEffort: none has
// any. A zero counts as absent, a missing request as the limit.
QosClass qos_class(const Pod& pod);
std::string to_string(QosClass qos);

// What a container requests of `resource` in thousandths: its request, else its limit; 0 without
// both.
int64_t request_milli(const Container& container, const std::string& resource);
// The amount of `resource` in `list` in thousandths; 0 if absent.
int64_t milli_amount(const std::map<std::string, Quantity>& list, const std::string& resource);

}  // namespace skiff::api
