// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "api/core/rules.h"
#include "api/names.h"
#include "api/scalars.h"
#include "api/text.h"

namespace skiff::api::rules {
namespace {

// What the downward API serves to an environment variable.
constexpr std::string_view kEnvFields =
    "metadata.name,metadata.namespace,metadata.uid,spec.nodeName,spec.serviceAccountName,status."
    "hostIP,status.hostIPs,"
    "status.podIP,status.podIPs";

size_t count(std::initializer_list<bool> given) {
  return static_cast<size_t>(std::count(given.begin(), given.end(), true));
}

void port_number_or_name(const IntOrString& port, FieldErrors& errors) {
  const auto field = errors.at("port");
  if (port.is_string())
    errors.unless_empty(port.text, check_port_name(port.text));
  else if (port.number < 1 || port.number > 65535)
    errors.invalid(port.number, "must be between 1 and 65535, inclusive");
}

void one_handler(size_t handlers, FieldErrors& errors) {
  if (handlers == 0) errors.required("must specify a handler type");
  if (handlers > 1) errors.forbidden("may not specify more than 1 handler type");
}

bool is_standard_resource(std::string_view name) {
  return is_one_of(name, "cpu,memory,ephemeral-storage") || name.starts_with("hugepages-");
}

void quantity(const std::string& name, const Quantity& value, FieldErrors& errors) {
  const auto field = errors.at_key(name);
  if (std::string problem = check_qualified_name(name); !problem.empty())
    errors.invalid(name, problem);
  else if (name.find('/') == std::string::npos && !is_standard_resource(name))
    errors.invalid(name, "must be a standard resource type or fully qualified");
  if (value.is_negative()) errors.invalid(value.to_string(), "must be greater than or equal to 0");
  if (!is_standard_resource(name) && value.milli_value() % 1000 != 0)
    errors.invalid(value.to_string(), "must be an integer");
}

}  // namespace

void container(const Container& container, FieldErrors& errors) {
  if (!container.name.empty()) {
    const auto field = errors.at("name");
    errors.unless_empty(container.name, check_dns1123_label(container.name));
  }
  {
    const auto field = errors.at("image");
    if (container.image.empty())
      errors.required();
    else if (trim(container.image) != container.image)
      errors.invalid(container.image, "must not have leading or trailing whitespace");
  }
  std::set<std::string> names;
  each(errors, "ports", container.ports, [&](const ContainerPort& port) {
    const auto field = errors.at("name");
    if (!port.name.empty() && !names.insert(port.name).second) errors.duplicate(port.name);
  });
  std::set<std::string> paths;
  each(errors, "volumeMounts", container.volumeMounts, [&](const VolumeMount& mount) {
    const auto field = errors.at("mountPath");
    if (!mount.mountPath.empty() && !paths.insert(mount.mountPath).second)
      errors.invalid(mount.mountPath, "must be unique");
  });
  for (const auto& [name, probe] : {std::pair("livenessProbe", &container.livenessProbe),
                                    std::pair("startupProbe", &container.startupProbe)}) {
    if (!*probe || (*probe)->successThreshold <= 1) continue;
    const auto field = errors.at(name);
    const auto threshold = errors.at("successThreshold");
    errors.invalid((*probe)->successThreshold, "must be 1");
  }
}

void env_var(const EnvVar& env, FieldErrors& errors) {
  if (!env.name.empty()) {
    const auto field = errors.at("name");
    errors.unless_empty(env.name, check_env_name(env.name));
  }
  if (!env.valueFrom) return;
  const auto field = errors.at("valueFrom");
  const EnvVarSource& source = *env.valueFrom;
  const size_t sources = count({source.fieldRef.has_value(), source.resourceFieldRef.has_value(),
                                source.configMapKeyRef.has_value(), source.secretKeyRef.has_value(),
                                source.fileKeyRef.has_value()});
  if (sources == 0)
    errors.invalid(
        "",
        "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`");
  if (sources > 0 && !env.value.empty())
    errors.invalid("", "may not be specified when `value` is not empty");
  if (sources > 1) errors.invalid("", "may not have more than one field specified at a time");
  if (source.fieldRef && !source.fieldRef->fieldPath.empty()) {
    const std::string& path = source.fieldRef->fieldPath;
    const bool by_key =
        path.starts_with("metadata.labels['") || path.starts_with("metadata.annotations['");
    const auto ref = errors.at("fieldRef");
    const auto scope = errors.at("fieldPath");
    if (!by_key && !is_one_of(path, kEnvFields)) errors.not_supported(path, kEnvFields);
  }
}

void env_from(const EnvFromSource& source, FieldErrors& errors) {
  const size_t sources = count({source.configMapRef.has_value(), source.secretRef.has_value()});
  if (sources == 0) errors.invalid("", "must specify one of: `configMapRef` or `secretRef`");
  if (sources > 1) errors.invalid("", "may not have more than one field specified at a time");
  if (source.prefix.empty()) return;
  const auto field = errors.at("prefix");
  errors.unless_empty(source.prefix, check_env_name(source.prefix));
}

void container_port(const ContainerPort& port, FieldErrors& errors) {
  if (port.name.empty()) return;
  const auto field = errors.at("name");
  errors.unless_empty(port.name, check_port_name(port.name));
}

void volume_mount(const VolumeMount& mount, FieldErrors& errors) {
  const auto check_path = [&](std::string_view name, const std::string& path) {
    if (path.empty()) return;
    const auto field = errors.at(name);
    if (path.starts_with('/')) errors.invalid(path, "must be a relative path");
    const auto steps = split(path, '/');
    if (std::find(steps.begin(), steps.end(), "..") != steps.end())
      errors.invalid(path, "must not contain '..'");
  };
  check_path("subPath", mount.subPath);
  check_path("subPathExpr", mount.subPathExpr);
  if (!mount.subPath.empty() && !mount.subPathExpr.empty()) {
    const auto field = errors.at("subPathExpr");
    errors.invalid(mount.subPathExpr, "subPathExpr and subPath are mutually exclusive");
  }
}

void resources(const ResourceRequirements& resources, FieldErrors& errors) {
  {
    const auto field = errors.at("limits");
    for (const auto& [name, value] : resources.limits) quantity(name, value, errors);
  }
  const auto field = errors.at("requests");
  for (const auto& [name, value] : resources.requests) {
    quantity(name, value, errors);
    const auto limit = resources.limits.find(name);
    if (limit == resources.limits.end()) continue;
    if (!is_standard_resource(name) && value != limit->second)
      errors.invalid(value.to_string(), fmt::format("must be equal to {} limit of {}", name,
                                                    limit->second.to_string()));
    else if (value > limit->second)
      errors.invalid(value.to_string(), fmt::format("must be less than or equal to {} limit of {}",
                                                    name, limit->second.to_string()));
  }
}

void probe(const Probe& probe, FieldErrors& errors) {
  one_handler(count({probe.exec.has_value(), probe.httpGet.has_value(), probe.tcpSocket.has_value(),
                     probe.grpc.has_value()}),
              errors);
  if (probe.exec && probe.exec->command.empty()) {
    const auto exec = errors.at("exec");
    const auto field = errors.at("command");
    errors.required();
  }
}

void lifecycle_handler(const LifecycleHandler& handler, FieldErrors& errors) {
  one_handler(count({handler.exec.has_value(), handler.httpGet.has_value(),
                     handler.tcpSocket.has_value(), handler.sleep.has_value()}),
              errors);
}

void http_get(const HTTPGetAction& action, FieldErrors& errors) {
  port_number_or_name(action.port, errors);
}

void tcp_socket(const TCPSocketAction& action, FieldErrors& errors) {
  port_number_or_name(action.port, errors);
}

}  // namespace skiff::api::rules
