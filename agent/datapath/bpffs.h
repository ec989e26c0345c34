// SPDX-License-Identifier: Apache-2.0
// The directory tree of pins: PIN_DIR/maps/NAME, PIN_DIR/links/NAME, and PIN_DIR/next/NAME while a
// map is replaced.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace skiff::datapath {

// Makes `pin_dir` with maps/, links/ and next/, on a bpffs. Where there is none, one is mounted: at
// /sys/fs/bpf for directories below it, else at `pin_dir` itself.
Status prepare_pin_dir(const std::string& pin_dir);
// Names in a directory; empty if there is no such directory.
std::vector<std::string> list_pins(const std::string& directory);
// Removing a pin that is not there succeeds.
Status remove_pin(const std::string& path);

}  // namespace skiff::datapath
