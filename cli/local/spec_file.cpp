// SPDX-License-Identifier: Apache-2.0
#include "cli/local/spec_file.h"

#include <boost/json.hpp>

#include <algorithm>

#include "base/file.h"

namespace skiff::cli {
namespace {

// Nothing where an older release wrote none.
std::vector<std::string> texts(const boost::json::object& object, const char* name) {
  const boost::json::value* list = object.if_contains(name);
  if (list == nullptr) return {};
  return boost::json::value_to<std::vector<std::string>>(*list);
}

}  // namespace

std::string encode(const ClusterSpec& spec) {
  const boost::json::object object = {
      {"name", spec.name},
      {"index", spec.index},
      {"nodes", spec.nodes},
      {"segments", spec.segments},
      {"ipv6", spec.ipv6},
      {"apiPort", spec.api_port},
      {"agentFlags", boost::json::value_from(spec.agent_flags)},
      {"controllerFlags", boost::json::value_from(spec.controller_flags)},
      {"runtimes", boost::json::value_from(spec.runtimes)}};
  return boost::json::serialize(object) + "\n";
}

Result<ClusterSpec> decode_spec(std::string_view text) {
  boost::json::error_code error;
  const boost::json::value value = boost::json::parse({text.data(), text.size()}, error);
  if (error || !value.is_object()) return data_loss("not a JSON object");
  try {
    const boost::json::object& object = value.as_object();
    ClusterSpec spec{
        .name = std::string(object.at("name").as_string()),
        .index = object.at("index").to_number<int>(),
        .nodes = object.at("nodes").to_number<int>(),
        .segments = object.at("segments").to_number<int>(),
        .ipv6 = object.at("ipv6").as_bool(),
        .api_port = object.at("apiPort").to_number<uint16_t>(),
        .agent_flags = texts(object, "agentFlags"),
        .controller_flags = texts(object, "controllerFlags"),
        .runtimes = texts(object, "runtimes"),
    };
    RETURN_IF_ERROR(validate(spec));
    return spec;
  } catch (const std::exception& exception) {
    return data_loss("{}", exception.what());
  }
}

Result<ClusterSpec> load_spec(const std::string& name) {
  ClusterSpec asked{.name = name};
  RETURN_IF_ERROR(validate(asked));
  const std::string path = make_layout(asked).spec_file;
  auto text = read_file(path);
  if (!text.ok()) return not_found("there is no cluster {}", name);
  ASSIGN_OR_RETURN(ClusterSpec spec, decode_spec(*text), "{}", path);
  return spec;
}

std::vector<std::string> cluster_names(const std::filesystem::path& root) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(root, error))
    if (std::filesystem::exists(entry.path() / kSpecFile, error))
      names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace skiff::cli
