// SPDX-License-Identifier: Apache-2.0
// The rules for names: each returns what is wrong, in Kubernetes' words, or "" if nothing is.
#pragma once

#include <string>
#include <string_view>

namespace skiff::api {

// 63 characters of a-z, 0-9 and '-': namespaces, containers, volumes.
std::string check_dns1123_label(std::string_view name);
// Labels joined by dots, 253 characters: most objects.
std::string check_dns1123_subdomain(std::string_view name);
// A label that begins with a letter: Services.
std::string check_dns1035_label(std::string_view name);
// `example.com/name` or `name`: keys of labels, annotations and resources; finalizers.
std::string check_qualified_name(std::string_view name);
std::string check_label_value(std::string_view value);
// A port's name: 15 characters of a-z, 0-9 and '-', with a letter.
std::string check_port_name(std::string_view name);
// A key of a ConfigMap or Secret.
std::string check_config_key(std::string_view key);
std::string check_env_name(std::string_view name);
// A name that can be one path segment, as RBAC and ControllerRevision allow.
std::string check_path_segment(std::string_view name);

}  // namespace skiff::api
