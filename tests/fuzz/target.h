// SPDX-License-Identifier: Apache-2.0
// Parsers of foreign bytes under test. Each *_fuzz.cpp registers one; it runs under libFuzzer in a
// program of its own, and with all others in the unit test.
#pragma once

#include <string_view>
#include <vector>

namespace skiff::fuzz {

// Reads any bytes; dies (CHECK, a sanitizer) where the parser breaks a promise.
struct Target {
  const char* name;  // also of its folder in corpus/
  void (*run)(std::string_view input);
};

// Those that are linked in.
std::vector<Target>& targets();

struct Registration {
  Registration(const char* name, void (*run)(std::string_view)) {
    targets().push_back({name, run});
  }
};

// What stands before the first `separator`, and what follows it (nothing if there is none).
struct Halves {
  std::string_view first;
  std::string_view second;
};
Halves split(std::string_view input, std::string_view separator);

}  // namespace skiff::fuzz
