// SPDX-License-Identifier: Apache-2.0
// Images for the nodes of a local cluster, without a registry. Importing takes a second and many
// fsyncs, so it is done once into a containerd directory (the seed) that every node starts from.
#pragma once

#include <filesystem>
#include <vector>

#include "base/result.h"
#include "cli/local/layout.h"

namespace skiff::cli {

// The OCI archives in `directory`, sorted by name.
std::vector<std::filesystem::path> image_archives(const std::filesystem::path& directory);

// Brings `directory`/seed up to the archives beside it: starts a containerd there, imports, ends
// it. Does nothing if the archives are those of the last time.
Status prepare_image_seed(const std::filesystem::path& directory, const Programs& programs);

// Gives a node the seed as its containerd's data.
Status plant_images(const std::filesystem::path& directory, const NodeLayout& node);

// Imports one archive into a running node.
Status load_image(const std::filesystem::path& archive, const NodeLayout& node);

}  // namespace skiff::cli
