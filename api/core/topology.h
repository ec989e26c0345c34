// SPDX-License-Identifier: Apache-2.0
// Which nodes a volume may be for.
#pragma once

#include <string>
#include <vector>

#include "api/scalars.h"

namespace skiff::api {

// A label that has one of these values.
struct TopologySelectorLabelRequirement {
  std::string key;
  std::vector<std::string> values;
};
KUBE_TYPE(TopologySelectorLabelRequirement)

// Labels that all must fit.
struct TopologySelectorTerm {
  std::vector<TopologySelectorLabelRequirement> matchLabelExpressions;
};
KUBE_TYPE(TopologySelectorTerm)

}  // namespace skiff::api
