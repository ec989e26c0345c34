// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace skiff::openapi {

std::string gzip(std::string_view plain);
// Of what gzip() returned.
std::string gunzip(std::string_view compressed);

}  // namespace skiff::openapi
