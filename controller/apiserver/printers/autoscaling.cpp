// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/printers/tables.h"

namespace skiff::printers {

std::vector<KindTable> autoscaling_tables() {
  return {};
}

}  // namespace skiff::printers
