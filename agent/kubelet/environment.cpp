// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/environment.h"

namespace skiff::kubelet {
namespace {

using Variables = std::map<std::string, std::string>;

template <class Objects>
auto find_object(const Objects& objects, const std::string& name) {
  const auto found = objects.find(name);
  return found == objects.end() ? nullptr : found->second;
}

// Names with `=` or control characters cannot be variables; Kubernetes skips them too.
bool is_variable_name(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return c > 0x20 && c < 0x7f && c != '=';
  });
}

Status add_all(const api::EnvFromSource& from, const ConfigObjects& objects, Variables& into) {
  auto add = [&](const std::string& key, const std::string& value) {
    if (is_variable_name(from.prefix + key)) into[from.prefix + key] = value;
  };
  if (from.configMapRef) {
    const auto map = find_object(objects.config_maps, from.configMapRef->name);
    if (!map && !from.configMapRef->optional.value_or(false))
      return not_found("configmap \"{}\" not found", from.configMapRef->name);
    if (map)
      for (const auto& [key, value] : map->data) add(key, value);
  }
  if (from.secretRef) {
    const auto secret = find_object(objects.secrets, from.secretRef->name);
    if (!secret && !from.secretRef->optional.value_or(false))
      return not_found("secret \"{}\" not found", from.secretRef->name);
    if (secret)
      for (const auto& [key, value] : secret->data) add(key, value.value);
  }
  return absl::OkStatus();
}

// Nothing: optional and absent, so the variable is not set.
Result<std::optional<std::string>> key_value(const api::EnvVarSource& source,
                                             const std::string& namespace_,
                                             const ConfigObjects& objects) {
  if (source.configMapKeyRef) {
    const auto& ref = *source.configMapKeyRef;
    const bool optional = ref.optional.value_or(false);
    const auto map = find_object(objects.config_maps, ref.name);
    if (!map && !optional) return not_found("configmap \"{}\" not found", ref.name);
    if (!map) return std::nullopt;
    if (const auto found = map->data.find(ref.key); found != map->data.end()) return found->second;
    if (optional) return std::nullopt;
    return not_found("couldn't find key {} in ConfigMap {}/{}", ref.key, namespace_, ref.name);
  }
  const auto& ref = *source.secretKeyRef;
  const bool optional = ref.optional.value_or(false);
  const auto secret = find_object(objects.secrets, ref.name);
  if (!secret && !optional) return not_found("secret \"{}\" not found", ref.name);
  if (!secret) return std::nullopt;
  if (const auto found = secret->data.find(ref.key); found != secret->data.end())
    return found->second.value;
  if (optional) return std::nullopt;
  return not_found("couldn't find key {} in Secret {}/{}", ref.key, namespace_, ref.name);
}

Result<std::optional<std::string>> source_value(const api::Pod& pod,
                                                const api::Container& container,
                                                const api::EnvVarSource& source,
                                                const ConfigObjects& objects,
                                                const FieldContext& context) {
  if (source.fieldRef) {
    ASSIGN_OR_RETURN(std::string value, field_value(pod, source.fieldRef->fieldPath, context));
    return value;
  }
  if (source.resourceFieldRef) {
    ASSIGN_OR_RETURN(std::string value,
                     resource_value(pod, *source.resourceFieldRef, &container, context.options));
    return value;
  }
  if (source.configMapKeyRef || source.secretKeyRef)
    return key_value(source, pod.metadata.namespace_, objects);
  return invalid_argument("valueFrom names no source that this node knows");
}

}  // namespace

ConfigNames environment_references(const api::Container& container) {
  ConfigNames names;
  for (const auto& from : container.envFrom) {
    if (from.configMapRef) names.config_maps.insert(from.configMapRef->name);
    if (from.secretRef) names.secrets.insert(from.secretRef->name);
  }
  for (const auto& env : container.env) {
    if (!env.valueFrom) continue;
    if (env.valueFrom->configMapKeyRef)
      names.config_maps.insert(env.valueFrom->configMapKeyRef->name);
    if (env.valueFrom->secretKeyRef) names.secrets.insert(env.valueFrom->secretKeyRef->name);
  }
  return names;
}

std::string expand(std::string_view text, const Variables& variables) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$' || i + 1 == text.size()) {
      out += text[i];
    } else if (text[i + 1] == '$') {
      out += '$';
      ++i;
    } else if (const size_t end = text[i + 1] == '(' ? text.find(')', i) : std::string_view::npos;
               end != std::string_view::npos) {
      const std::string name(text.substr(i + 2, end - i - 2));
      const auto found = variables.find(name);
      if (found != variables.end())
        out += found->second;
      else
        out += text.substr(i, end - i + 1);
      i = end;
    } else {
      out += '$';
    }
  }
  return out;
}

Result<std::vector<runtime::EnvVar>> environment(const api::Pod& pod,
                                                 const api::Container& container,
                                                 const ConfigObjects& objects,
                                                 const Services& services,
                                                 const FieldContext& context) {
  Variables result;
  for (const auto& from : container.envFrom) RETURN_IF_ERROR(add_all(from, objects, result));
  const Variables service_variables = service_environment(
      services, pod.metadata.namespace_, pod.spec.enableServiceLinks.value_or(true));
  // A variable may refer to the ones before it and to those of services.
  Variables known = service_variables;
  for (const auto& [name, value] : result) known[name] = value;
  for (const auto& env : container.env) {
    std::string value;
    if (env.valueFrom) {
      ASSIGN_OR_RETURN(auto found, source_value(pod, container, *env.valueFrom, objects, context));
      if (!found) continue;
      value = std::move(*found);
    } else {
      value = expand(env.value, known);
    }
    result[env.name] = value;
    known[env.name] = std::move(value);
  }
  for (const auto& [name, value] : service_variables) result.try_emplace(name, value);
  std::vector<runtime::EnvVar> list;
  list.reserve(result.size());
  for (auto& [name, value] : result) list.push_back({name, std::move(value)});
  return list;
}

}  // namespace skiff::kubelet
