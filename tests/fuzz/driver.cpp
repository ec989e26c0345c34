// SPDX-License-Identifier: Apache-2.0
// libFuzzer's way in. A program has one target.
#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  skiff::fuzz::targets().front().run({reinterpret_cast<const char*>(data), size});
  return 0;
}
