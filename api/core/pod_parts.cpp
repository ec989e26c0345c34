// SPDX-License-Identifier: Apache-2.0
#include "api/core/pod_parts.h"

#include <algorithm>
#include <set>

#include "api/compare.h"
#include "api/core/qos.h"
#include "api/rules.h"
#include "api/text.h"
#include "api/validation.h"

namespace skiff::api {
namespace {

using rules::at;
using rules::each;

// What an ephemeral container may have; it is no part of what the pod serves.
constexpr std::string_view kEphemeralFields =
    "name,image,command,args,workingDir,envFrom,env,volumeMounts,volumeDevices,"
    "terminationMessagePath,terminationMessagePolicy,imagePullPolicy,securityContext,stdin,"
    "stdinOnce,tty,targetContainerName";

Pod named_as(const Pod& wanted, const Pod& old) {
  Pod pod = old;
  pod.metadata.resourceVersion = wanted.metadata.resourceVersion;
  pod.metadata.uid = wanted.metadata.uid;
  return pod;
}

template <class C>
const C* container_named(const std::vector<C>& all, const std::string& name) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const C& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

void ephemeral_container(const EphemeralContainer& container, const Pod& pod, FieldErrors& errors) {
  const EphemeralContainer empty;
  for (const FieldInfo& field : type_of<EphemeralContainer>().fields)
    if (!is_one_of(field.name, kEphemeralFields) &&
        !equal(*field.type, member(&container, field), member(&empty, field)))
      at(errors, field.name, [&] { errors.forbidden("cannot be set for an Ephemeral Container"); });
  const std::string& target = container.targetContainerName;
  if (!target.empty() && !container_named(pod.spec.containers, target) &&
      !container_named(pod.spec.initContainers, target))
    at(errors, "targetContainerName", [&] { errors.not_found(target); });
}

// Takes over the resources, container by container. Others than those that are there are left to
// the check.
void take_resources(std::vector<Container>& containers, const std::vector<Container>& wanted) {
  for (Container& container : containers) {
    const Container* from = container_named(wanted, container.name);
    if (!from) continue;
    container.resources = from->resources;
    container.resizePolicy = from->resizePolicy;
  }
}

bool lacks_some(const std::map<std::string, Quantity>& now,
                const std::map<std::string, Quantity>& old) {
  return std::any_of(old.begin(), old.end(),
                     [&](const auto& one) { return !now.contains(one.first); });
}

void resized_container(const Container& now, const Container& old, FieldErrors& errors) {
  const auto field = errors.at("resources");
  if (lacks_some(now.resources.requests, old.resources.requests))
    at(errors, "requests", [&] { errors.forbidden("resource requests cannot be removed"); });
  if (lacks_some(now.resources.limits, old.resources.limits))
    at(errors, "limits", [&] { errors.forbidden("resource limits cannot be removed"); });
}

void restore_cpu_and_memory(std::map<std::string, Quantity>& list,
                            const std::map<std::string, Quantity>& old) {
  for (const char* name : {"cpu", "memory"}) {
    list.erase(name);
    if (const auto found = old.find(name); found != old.end()) list.insert(*found);
  }
}

// What is left of a change when that of CPU and memory is taken back.
void restore_resources(std::vector<Container>& containers, const std::vector<Container>& old) {
  for (Container& container : containers) {
    const Container* before = container_named(old, container.name);
    if (!before) continue;
    restore_cpu_and_memory(container.resources.requests, before->resources.requests);
    restore_cpu_and_memory(container.resources.limits, before->resources.limits);
    container.resizePolicy = before->resizePolicy;
  }
}

void append_valid(const Pod& pod, std::vector<FieldError>& all) {
  for (FieldError& error : validate(pod)) all.push_back(std::move(error));
}

}  // namespace

Pod with_ephemeral_containers(const Pod& wanted, const Pod& old) {
  Pod pod = named_as(wanted, old);
  pod.spec.ephemeralContainers = wanted.spec.ephemeralContainers;
  return pod;
}

std::vector<FieldError> check_ephemeral_containers(const Pod& now, const Pod& old) {
  FieldErrors errors;
  const auto spec = errors.at("spec");
  each(errors, "ephemeralContainers", now.spec.ephemeralContainers,
       [&](const EphemeralContainer& one) { ephemeral_container(one, now, errors); });
  const auto field = errors.at("ephemeralContainers");
  for (const EphemeralContainer& before : old.spec.ephemeralContainers) {
    const EphemeralContainer* after = container_named(now.spec.ephemeralContainers, before.name);
    if (!after)
      errors.forbidden(
          fmt::format("existing ephemeral containers \"{}\" may not be removed\n", before.name));
    else if (!equal(*after, before))
      errors.forbidden(fmt::format("existing ephemeral containers \"{}\" may not be changed\n{}",
                                   before.name, fmt::join(differences(*after, before), ", ")));
  }
  auto all = errors.take();
  append_valid(now, all);
  return all;
}

Pod with_resources(const Pod& wanted, const Pod& old) {
  Pod pod = named_as(wanted, old);
  take_resources(pod.spec.containers, wanted.spec.containers);
  take_resources(pod.spec.initContainers, wanted.spec.initContainers);
  return pod;
}

std::vector<FieldError> check_resize(const Pod& now, const Pod& old) {
  FieldErrors errors;
  if (old.metadata.annotations.contains("kubernetes.io/config.mirror"))
    errors.forbidden("static pods cannot be resized");
  if (old.spec.resources) errors.forbidden("pods with pod-level resources cannot be resized");
  const auto spec = errors.at("spec");
  if (qos_class(now) != qos_class(old))
    errors.invalid(to_string(qos_class(now)),
                   "Pod QOS Class may not change as a result of resizing");
  for (const auto& [name, after, before] :
       {std::tuple("containers", &now.spec.containers, &old.spec.containers),
        std::tuple("initContainers", &now.spec.initContainers, &old.spec.initContainers)})
    each(errors, name, *after, [&, &previous = before](const Container& container) {
      if (const Container* same = container_named(*previous, container.name))
        resized_container(container, *same, errors);
    });
  PodSpec rest = now.spec;
  restore_resources(rest.containers, old.spec.containers);
  restore_resources(rest.initContainers, old.spec.initContainers);
  if (!equal(rest, old.spec))
    errors.forbidden(fmt::format("only cpu and memory resources are mutable\nchanged: spec.{}",
                                 fmt::join(differences(rest, old.spec), ", spec.")));
  auto all = errors.take();
  append_valid(now, all);
  return all;
}

}  // namespace skiff::api
