// SPDX-License-Identifier: Apache-2.0
// Running other programs.
#pragma once

#include "base/command.h"

namespace skiff::cli {

using skiff::c_arguments;
using skiff::run_command;

}  // namespace skiff::cli
