// SPDX-License-Identifier: Apache-2.0
// Weights of endpoints (ADR 0031): what the controller copies from pods to slices, and agents read
// from slices.
#pragma once

#include <charconv>
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace skiff::kube {

// On a pod: its share of the new clients of its Services, relative to the other endpoints'. On an
// EndpointSlice: that of each of its endpoints. 0: no new clients, those it has stay.
inline constexpr const char* kEndpointWeight = "skiff.io/weight";
inline constexpr uint32_t kDefaultWeight = 100;
inline constexpr uint32_t kLargestWeight = 1000;

// INVALID_ARGUMENT says what would be right.
inline Result<uint32_t> parse_weight(std::string_view text) {
  uint32_t weight = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), weight);
  if (error != std::errc() || end != text.data() + text.size() || weight > kLargestWeight)
    return invalid_argument("\"{}\": want a number from 0 to {}", text, kLargestWeight);
  return weight;
}

}  // namespace skiff::kube
