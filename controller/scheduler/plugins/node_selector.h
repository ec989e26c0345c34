// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/core/node.h"
#include "api/core/pod.h"

namespace skiff::scheduler {

// All of the term's expressions and fields hold for `node`. A term without any matches nothing.
bool matches(const api::NodeSelectorTerm& term, const api::Node& node);

// `nodeSelector` and the required node affinity of `spec`, both.
bool matches_node(const api::PodSpec& spec, const api::Node& node);

}  // namespace skiff::scheduler
