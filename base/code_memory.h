// SPDX-License-Identifier: Apache-2.0
// A daemon runs most of its code once, at start, and then waits: those pages need not stay.
#pragma once

#include "base/result.h"

namespace skiff {

// Takes the process's program text out of its resident set; what still runs is mapped again from
// the page cache as it runs. Only executable file mappings, which are never written: of others a
// private change would be lost.
Status release_code_pages();

}  // namespace skiff
