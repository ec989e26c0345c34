// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "bpf/abi/reason.h"

namespace skiff::datapath {

struct ReasonName {
  const char* label;
  const char* text;
};
// By number, below SKIFF_REASON_COUNT.
#define SKIFF_REASON_NAME(id, label, text) {label, text},
inline constexpr ReasonName kReasons[] = {SKIFF_REASONS(SKIFF_REASON_NAME)};
#undef SKIFF_REASON_NAME

// Packets dropped or refused for one reason, over all CPUs.
struct ReasonCount {
  std::string label;  // as in bpf/abi/reason.h: the metric's label
  std::string text;
  uint64_t packets = 0;
  uint64_t bytes = 0;
};

// Every reason but "none", counted or not, from the map pinned under `pin_dir`.
Result<std::vector<ReasonCount>> read_reasons(const std::string& pin_dir);

}  // namespace skiff::datapath
