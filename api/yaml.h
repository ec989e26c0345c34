// SPDX-License-Identifier: Apache-2.0
// YAML to and from JSON text, with the scalar types that Kubernetes gives to YAML: quoted is a
// string; yes, on, 0644 and 1_000 are not.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace skiff::api {

// The one document of `yaml`; a JSON object passes as it is. Duplicate keys stay, so that the
// decoder can report them.
Result<std::string> yaml_to_json(std::string_view yaml);

// All documents, empty ones left out.
Result<std::vector<std::string>> yaml_documents_to_json(std::string_view yaml);

// Block style, keys in the order of `json`.
Result<std::string> json_to_yaml(std::string_view json);

}  // namespace skiff::api
