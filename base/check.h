// SPDX-License-Identifier: Apache-2.0
// CHECK: a state that cannot be, if the code is right. Dies with the place and the reason; never
// for foreign input.
#pragma once

#include <string_view>

namespace skiff {
[[noreturn]] void check_failed(const char* file, int line, std::string_view what);
}

#define CHECK(condition)                                     \
  do {                                                       \
    if (!(condition)) [[unlikely]]                           \
      ::skiff::check_failed(__FILE__, __LINE__, #condition); \
  } while (false)
