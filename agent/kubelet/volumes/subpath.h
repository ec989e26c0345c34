// SPDX-License-Identifier: Apache-2.0
// subPath: a part of a volume, found without following a link out of it.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace skiff::kubelet {

// Opens `subpath` below `volume`, making missing directories, and binds it to `target`, whose path
// the runtime then gets: a link put in its place later cannot lead elsewhere (CVE-2017-1002101,
// CVE-2021-25741). Idempotent. Blocks.
Status bind_subpath(const std::filesystem::path& volume, const std::string& subpath,
                    const std::filesystem::path& target);

}  // namespace skiff::kubelet
