// SPDX-License-Identifier: Apache-2.0
// A daemon runs most of its code once, at start, and then waits: those pages need not stay.
#pragma once

#include <string_view>

#include "base/result.h"

namespace skiff {

// Takes the process's program text and constants out of its resident set; what still runs is mapped
// again from the page cache as it runs. Only of files and never written: of others a private change
// would be lost.
Status release_code_pages();

// Whether a mapping as /proc/PID/smaps describes it (its line and those that follow) is such a one:
// of a file, private, not writable, and no page of it is a copy of the process's own, as those that
// relocation has changed are.
bool holds_only_file_pages(std::string_view mapping);

}  // namespace skiff
