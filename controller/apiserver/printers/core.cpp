// SPDX-License-Identifier: Apache-2.0
// core has many kinds: a file for each few of them.
#include "controller/apiserver/printers/tables.h"

namespace skiff::printers {

std::vector<KindTable> core_tables() {
  std::vector<KindTable> all;
  for (auto part : {pod_tables(), template_tables(), service_tables(), cluster_tables(),
                    quota_tables(), volume_tables(), configuration_tables(), event_tables()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace skiff::printers
