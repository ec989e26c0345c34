// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "api/compare.h"
#include "api/core/rules.h"
#include "api/core/template_rules.h"
#include "api/names.h"
#include "api/text.h"
#include "base/ip.h"

namespace skiff::api::rules {
namespace {

constexpr std::string_view kUpdateRule =
    "pod updates may not change fields other than "
    "`spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";
constexpr size_t kMaxNameservers = 3, kMaxSearches = 32;

// What holds across the containers of a pod: names, host ports.
class ContainerRules {
 public:
  ContainerRules(const PodSpec& spec, FieldErrors& errors) : spec_(spec), errors_(errors) {}

  template <class C>
  void check(const C& c) {
    {
      const auto field = errors_.at("name");
      if (!c.name.empty() && !names_.insert(c.name).second) errors_.duplicate(c.name);
    }
    each(errors_, "ports", c.ports, [&](const ContainerPort& port) { host_port(port); });
  }

 private:
  void host_port(const ContainerPort& port) {
    if (port.hostPort == 0) return;
    const auto field = errors_.at("hostPort");
    if (spec_.hostNetwork && port.hostPort != port.containerPort)
      errors_.invalid(port.hostPort, "must match `containerPort` when `hostNetwork` is true");
    const auto key = fmt::format("{}/{}/{}", port.protocol, port.hostIP, port.hostPort);
    if (!host_ports_.insert(key).second) errors_.duplicate(key);
  }

  const PodSpec& spec_;
  FieldErrors& errors_;
  std::set<std::string> names_, host_ports_;
};

// An init container ends before the pod is up, unless it restarts always (a sidecar).
void init_container(const Container& c, FieldErrors& errors) {
  if (c.restartPolicy && *c.restartPolicy != "Always") {
    const auto field = errors.at("restartPolicy");
    errors.not_supported(*c.restartPolicy, "Always");
  }
  if (c.restartPolicy == "Always") return;
  const auto refuse = [&](std::string_view name, bool given) {
    const auto field = errors.at(name);
    if (given) errors.forbidden("may not be set for init containers without restartPolicy=Always");
  };
  refuse("lifecycle", c.lifecycle.has_value());
  refuse("livenessProbe", c.livenessProbe.has_value());
  refuse("readinessProbe", c.readinessProbe.has_value());
  refuse("startupProbe", c.startupProbe.has_value());
}

void dns(const PodSpec& spec, FieldErrors& errors) {
  const bool none = spec.dnsPolicy == "None";
  if (!spec.dnsConfig && !none) return;
  const auto config = errors.at("dnsConfig");
  if (none && (!spec.dnsConfig || spec.dnsConfig->nameservers.empty())) {
    const auto field = errors.at("nameservers");
    return errors.required("must provide at least one DNS nameserver when `dnsPolicy` is None");
  }
  if (spec.dnsConfig->nameservers.size() > kMaxNameservers) {
    const auto field = errors.at("nameservers");
    errors.too_many(spec.dnsConfig->nameservers.size(), kMaxNameservers);
  }
  if (spec.dnsConfig->searches.size() > kMaxSearches) {
    const auto field = errors.at("searches");
    errors.too_many(spec.dnsConfig->searches.size(), kMaxSearches);
  }
  each(errors, "nameservers", spec.dnsConfig->nameservers, [&](const std::string& server) {
    if (!IpAddress::parse(server).ok())
      errors.invalid(server, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
  });
}

void name_field(std::string_view name, const std::string& value,
                std::string (*check)(std::string_view), FieldErrors& errors) {
  if (value.empty()) return;
  const auto field = errors.at(name);
  errors.unless_empty(value, check(value));
}

void images_as_before(std::vector<Container>& containers, const std::vector<Container>& old) {
  for (size_t i = 0; i < containers.size() && i < old.size(); ++i)
    containers[i].image = old[i].image;
}

// Existing tolerations stay, up to their seconds; new ones may come.
bool only_adds_tolerations(const PodSpec& spec, const PodSpec& old) {
  return std::all_of(old.tolerations.begin(), old.tolerations.end(), [&](Toleration before) {
    before.tolerationSeconds.reset();
    return std::any_of(spec.tolerations.begin(), spec.tolerations.end(), [&](Toleration now) {
      now.tolerationSeconds.reset();
      return equal(now, before);
    });
  });
}

}  // namespace

void pod_spec(const PodSpec& spec, FieldErrors& errors) {
  std::set<std::string> volumes;
  each(errors, "volumes", spec.volumes, [&](const Volume& volume) {
    const auto field = errors.at("name");
    if (!volume.name.empty() && !volumes.insert(volume.name).second) errors.duplicate(volume.name);
  });
  ContainerRules containers(spec, errors);
  if (spec.containers.empty()) {
    const auto field = errors.at("containers");
    errors.required();
  }
  each(errors, "containers", spec.containers, [&](const Container& c) {
    containers.check(c);
    const auto field = errors.at("restartPolicy");
    if (c.restartPolicy) errors.forbidden("may not be set for non-init containers");
  });
  each(errors, "initContainers", spec.initContainers, [&](const Container& c) {
    containers.check(c);
    init_container(c, errors);
  });
  each(errors, "ephemeralContainers", spec.ephemeralContainers,
       [&](const EphemeralContainer& c) { containers.check(c); });
  dns(spec, errors);
  {
    const auto field = errors.at("nodeSelector");
    labels(spec.nodeSelector, errors);
  }
  name_field("nodeName", spec.nodeName, check_dns1123_subdomain, errors);
  name_field("serviceAccountName", spec.serviceAccountName, check_dns1123_subdomain, errors);
  name_field("hostname", spec.hostname, check_dns1123_label, errors);
  name_field("subdomain", spec.subdomain, check_dns1123_label, errors);
  each(errors, "hostAliases", spec.hostAliases, [&](const HostAlias& alias) {
    const auto field = errors.at("ip");
    if (!IpAddress::parse(alias.ip).ok())
      errors.invalid(alias.ip, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
  });
  if (spec.shareProcessNamespace.value_or(false) && spec.hostPID) {
    const auto field = errors.at("shareProcessNamespace");
    errors.invalid_json("true", "ShareProcessNamespace and HostPID cannot both be enabled");
  }
}

void mounts_have_volumes(const PodSpec& spec, const std::vector<PersistentVolumeClaim>& claims,
                         FieldErrors& errors) {
  std::set<std::string> volumes;
  for (const Volume& volume : spec.volumes) volumes.insert(volume.name);
  for (const PersistentVolumeClaim& claim : claims) volumes.insert(claim.metadata.name);
  const auto check = [&](const auto& container) {
    each(errors, "volumeMounts", container.volumeMounts, [&](const VolumeMount& mount) {
      if (!mount.name.empty() && !volumes.contains(mount.name))
        at(errors, "name", [&] { errors.not_found(mount.name); });
    });
  };
  each(errors, "containers", spec.containers, check);
  each(errors, "initContainers", spec.initContainers, check);
  each(errors, "ephemeralContainers", spec.ephemeralContainers, check);
}

void pod(const Pod& pod, FieldErrors& errors) {
  at(errors, "spec", [&] { mounts_have_volumes(pod.spec, {}, errors); });
}

void pod_template(const PodTemplate& stored, FieldErrors& errors) {
  template_mounts(stored.template_, {}, errors);
}

void volume(const Volume& volume, FieldErrors& errors) {
  if (!volume.name.empty()) {
    const auto field = errors.at("name");
    errors.unless_empty(volume.name, check_dns1123_label(volume.name));
  }
  bool first = true;
  for (const FieldInfo& source : type_of<Volume>().fields) {
    if (source.type->form != Form::kBox || !source.type->maybe->get(member(&volume, source)))
      continue;
    const auto field = errors.at(source.name);
    if (!first) errors.forbidden("may not specify more than 1 volume type");
    first = false;
  }
  if (first) errors.required("must specify a volume type");
  if (volume.hostPath && volume.hostPath->path.find("..") != std::string::npos) {
    const auto steps = split(volume.hostPath->path, '/');
    const auto source = errors.at("hostPath");
    const auto field = errors.at("path");
    if (std::find(steps.begin(), steps.end(), "..") != steps.end())
      errors.invalid(volume.hostPath->path, "must not contain '..'");
  }
}

void toleration(const Toleration& toleration, FieldErrors& errors) {
  {
    const auto field = errors.at("key");
    if (!toleration.key.empty())
      errors.unless_empty(toleration.key, check_qualified_name(toleration.key));
  }
  const auto field = errors.at("operator");
  if (toleration.key.empty() && toleration.operator_ != "Exists")
    errors.invalid(toleration.operator_,
                   "operator must be Exists when `key` is empty, which means \"match all values "
                   "and all keys\"");
  if (toleration.operator_ == "Exists" && !toleration.value.empty())
    errors.invalid(toleration.value, "value must be empty when `operator` is 'Exists'");
  if (toleration.tolerationSeconds && toleration.effect != "NoExecute") {
    const auto seconds = errors.at("effect");
    errors.invalid(toleration.effect, "effect must be 'NoExecute' when `tolerationSeconds` is set");
  }
}

void node_selector_requirement(const NodeSelectorRequirement& requirement, FieldErrors& errors) {
  const auto field = errors.at("values");
  const std::string& op = requirement.operator_;
  if (is_one_of(op, "In,NotIn") && requirement.values.empty())
    errors.required("must be specified when `operator` is 'In' or 'NotIn'");
  if (is_one_of(op, "Exists,DoesNotExist") && !requirement.values.empty())
    errors.forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
  if (is_one_of(op, "Gt,Lt") && requirement.values.size() != 1)
    errors.required("must be specified single value when `operator` is 'Lt' or 'Gt'");
}

void pod_update(const Pod& pod, const Pod& old, FieldErrors& errors) {
  const auto field = errors.at("spec");
  if (pod.spec.containers.size() != old.spec.containers.size()) {
    const auto containers = errors.at("containers");
    return errors.forbidden("pod updates may not add or remove containers");
  }
  if (pod.spec.initContainers.size() != old.spec.initContainers.size()) {
    const auto containers = errors.at("initContainers");
    return errors.forbidden("pod updates may not add or remove containers");
  }
  PodSpec allowed = pod.spec;
  images_as_before(allowed.containers, old.spec.containers);
  images_as_before(allowed.initContainers, old.spec.initContainers);
  if (const auto& deadline = pod.spec.activeDeadlineSeconds;
      deadline && (!old.spec.activeDeadlineSeconds || *deadline <= *old.spec.activeDeadlineSeconds))
    allowed.activeDeadlineSeconds = old.spec.activeDeadlineSeconds;
  if (old.spec.terminationGracePeriodSeconds.value_or(0) < 0 &&
      pod.spec.terminationGracePeriodSeconds == 1)
    allowed.terminationGracePeriodSeconds = old.spec.terminationGracePeriodSeconds;
  if (pod.spec.schedulingGates.size() < old.spec.schedulingGates.size())
    allowed.schedulingGates = old.spec.schedulingGates;
  if (!only_adds_tolerations(pod.spec, old.spec)) {
    const auto tolerations = errors.at("tolerations");
    errors.forbidden("existing toleration can not be modified except its tolerationSeconds");
  }
  allowed.tolerations = old.spec.tolerations;
  if (equal(allowed, old.spec)) return;
  const auto changed = differences(allowed, old.spec);
  errors.forbidden(fmt::format("{}\nchanged: spec.{}", kUpdateRule, fmt::join(changed, ", spec.")));
}

}  // namespace skiff::api::rules
