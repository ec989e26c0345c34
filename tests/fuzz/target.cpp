// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/target.h"

namespace skiff::fuzz {

std::vector<Target>& targets() {
  static std::vector<Target> all;
  return all;
}

Halves split(std::string_view input, std::string_view separator) {
  const size_t at = input.find(separator);
  if (at == std::string_view::npos) return {input, {}};
  return {input.substr(0, at), input.substr(at + separator.size())};
}

}  // namespace skiff::fuzz
