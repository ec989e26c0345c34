// SPDX-License-Identifier: Apache-2.0
// The environment of a container. Pure: what it refers to is fetched before.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "agent/kubelet/field_ref.h"
#include "agent/runtime/types.h"
#include "api/core/config.h"
#include "api/core/pod.h"
#include "api/core/service.h"

namespace skiff::kubelet {

// ConfigMaps and Secrets of the pod's namespace by name; null: there is none.
struct ConfigObjects {
  std::map<std::string, std::shared_ptr<const api::ConfigMap>> config_maps;
  std::map<std::string, std::shared_ptr<const api::Secret>> secrets;
};

// The names of what a container's environment refers to.
struct ConfigNames {
  std::set<std::string> config_maps;
  std::set<std::string> secrets;
};
ConfigNames environment_references(const api::Container& container);

using Services = std::vector<std::shared_ptr<const api::Service>>;

// `$(NAME)` becomes the value of NAME, `$$` a dollar; an unknown name stays as it is.
std::string expand(std::string_view text, const std::map<std::string, std::string>& variables);

// The variables that tell a pod of `namespace_` the services it may use: all of its namespace if
// `links`, and always the API server's.
std::map<std::string, std::string> service_environment(const Services& services,
                                                       const std::string& namespace_, bool links);

// NOT_FOUND names the ConfigMap, Secret or key that is missing and not optional.
Result<std::vector<runtime::EnvVar>> environment(const api::Pod& pod,
                                                 const api::Container& container,
                                                 const ConfigObjects& objects,
                                                 const Services& services,
                                                 const FieldContext& context);

}  // namespace skiff::kubelet
