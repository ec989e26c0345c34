// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cli/why/checks.h"

namespace skiff::cli {
namespace {

constexpr size_t kPodsNamed = 3;

std::string selector_text(const std::map<std::string, std::string>& selector) {
  std::vector<std::string> parts;
  for (const auto& [key, value] : selector) parts.push_back(key + "=" + value);
  return join(parts, ",");
}

std::string ports_text(const api::Service& service) {
  std::vector<std::string> parts;
  for (const api::ServicePort& port : service.spec.ports)
    parts.push_back(fmt::format("{}{}{}/{}", port.name, port.name.empty() ? "" : ":", port.port,
                                port.protocol));
  return join(parts);
}

struct EndpointCounts {
  size_t ready = 0, terminating = 0, unready = 0;
  size_t all() const { return ready + terminating + unready; }
};

bool serves(const api::EndpointSlice& slice, const Destination& to) {
  const auto label = slice.metadata.labels.find("kubernetes.io/service-name");
  if (label == slice.metadata.labels.end() || label->second != to.service->metadata.name ||
      slice.metadata.namespace_ != to.service->metadata.namespace_)
    return false;
  if (slice.addressType != (to.address.is_v4() || to.address.is_unspecified() ? "IPv4" : "IPv6"))
    return false;
  return to.service_port == nullptr ||
         std::ranges::any_of(slice.ports, [&](const api::EndpointSlicePort& port) {
           return port.name.value_or("") == to.service_port->name;
         });
}

EndpointCounts count_endpoints(const WhyFacts& facts, const Destination& to) {
  EndpointCounts counts;
  for (const api::EndpointSlice& slice : facts.slices) {
    if (!serves(slice, to)) continue;
    for (const api::Endpoint& endpoint : slice.endpoints) {
      if (endpoint.conditions.ready.value_or(true)) {
        ++counts.ready;
      } else if (endpoint.conditions.terminating.value_or(false) &&
                 endpoint.conditions.serving.value_or(false)) {
        ++counts.terminating;
      } else {
        ++counts.unready;
      }
    }
  }
  return counts;
}

// Why a Service has no endpoint that is ready.
Finding no_endpoints(const WhyFacts& facts, const api::Service& service) {
  const std::string name = full_name(service.metadata);
  Finding finding{Mark::kFail, "endpoints", "", ""};
  if (service.spec.selector.empty()) {
    finding.fact =
        fmt::format("{} has no selector and nobody has written EndpointSlices for it", name);
    finding.advice = "give the Service a selector, or write an EndpointSlice";
    return finding;
  }
  std::vector<std::string> reasons;
  for (const api::Pod& pod : facts.pods) {
    if (!selects(service, pod)) continue;
    const std::string why = not_ready_because(pod);
    reasons.push_back(
        fmt::format("{}: {}", pod.metadata.name, why.empty() ? "ready, but not listed yet" : why));
  }
  if (reasons.empty()) {
    finding.fact = fmt::format("no pod in namespace {} has the labels {}",
                               service.metadata.namespace_, selector_text(service.spec.selector));
    finding.advice =
        fmt::format("compare `kubectl get pods -n {} --show-labels` with the Service's selector",
                    service.metadata.namespace_);
    return finding;
  }
  const size_t count = reasons.size();
  if (reasons.size() > kPodsNamed) reasons.resize(kPodsNamed);
  finding.fact = fmt::format("{} selects {} pod{}, none ready: {}", name, count,
                             count == 1 ? "" : "s", join(reasons, "; "));
  finding.advice = fmt::format("kubectl describe pods -n {} -l {}", service.metadata.namespace_,
                               selector_text(service.spec.selector));
  return finding;
}

}  // namespace

std::string join(const std::vector<std::string>& parts, const char* between) {
  return fmt::format("{}", fmt::join(parts, between));
}

std::string not_ready_because(const api::Pod& pod) {
  if (pod.spec.nodeName.empty()) {
    for (const api::PodCondition& condition : pod.status.conditions)
      if (condition.type == "PodScheduled" && condition.status == "False")
        return "not scheduled: " + condition.message;
    return "not scheduled yet";
  }
  if (pod.metadata.deletionTimestamp) return "being deleted";
  for (const api::ContainerStatus& status : pod.status.containerStatuses) {
    if (status.state.waiting)
      return fmt::format("container {} waits: {}", status.name, status.state.waiting->reason);
    if (status.state.terminated)
      return fmt::format("container {} ended with status {}", status.name,
                         status.state.terminated->exitCode);
  }
  for (const api::ContainerStatus& status : pod.status.containerStatuses)
    if (!status.ready) return fmt::format("container {} fails its readiness probe", status.name);
  for (const api::PodCondition& condition : pod.status.conditions)
    if (condition.type == "Ready" && condition.status == "True") return "";
  return pod.status.phase.empty() ? "not started yet" : "phase " + pod.status.phase;
}

void check_pod(const WhyFacts& facts, Findings& findings) {
  const api::Pod& pod = facts.pod;
  const std::string name = full_name(pod.metadata);
  Finding finding{Mark::kOk, "pod", "", ""};
  const auto source = source_of(pod, facts.target);
  if (!source) {
    finding.mark = Mark::kFail;
    finding.fact = fmt::format("{} has no address: {}", name, not_ready_because(pod));
    finding.advice =
        fmt::format("kubectl describe pod -n {} {}", pod.metadata.namespace_, pod.metadata.name);
  } else {
    finding.fact =
        fmt::format("{} has address {} on {}{}", name, source->to_string(), pod.spec.nodeName,
                    pod.spec.hostNetwork ? ", the node's own (hostNetwork)" : "");
  }
  findings.push_back(std::move(finding));
}

void check_name(const WhyFacts& facts, const Destination& to, Findings& findings) {
  const Target& target = facts.target;
  if (target.address) return;
  Finding finding{Mark::kOk, "name", "", ""};
  if (!target.pod.empty()) {
    if (to.pod != nullptr) return;
    finding.mark = Mark::kFail;
    finding.fact = fmt::format("there is no pod {}/{}", target.namespace_, target.pod);
    finding.advice = fmt::format("kubectl get pods -n {}", target.namespace_);
  } else if (to.service == nullptr) {
    finding.mark = Mark::kFail;
    finding.fact = fmt::format("there is no Service {}/{}", target.namespace_, target.service);
    for (const api::Service& service : facts.services)
      if (service.metadata.name == target.service)
        finding.advice =
            fmt::format("there is one in namespace {}: ask for {}.{}", service.metadata.namespace_,
                        target.service, service.metadata.namespace_);
    if (finding.advice.empty())
      finding.advice = fmt::format(
          "kubectl get services -n {}; of a name outside of the cluster, ask for its address",
          target.namespace_);
  } else if (facts.node && facts.node->name.asked) {
    const trace::NameFact& name = facts.node->name;
    finding.fact = fmt::format("the node's DNS answers {}.{}: {}", target.service,
                               target.namespace_, join(name.addresses));
    if (name.addresses.empty()) {
      finding.mark = Mark::kFail;
      finding.fact = fmt::format("the node's DNS has no address for {}.{}: {}", target.service,
                                 target.namespace_, name.problem);
      finding.advice = "a headless Service has addresses once a pod is ready";
    }
  } else {
    return;
  }
  findings.push_back(std::move(finding));
}

void check_service(const WhyFacts&, const Destination& to, Findings& findings) {
  const api::Service& service = *to.service;
  const std::string name = full_name(service.metadata);
  Finding finding{Mark::kOk, "service", "", ""};
  if (service.spec.type == "ExternalName") {
    finding.mark = Mark::kNote;
    finding.fact =
        fmt::format("{} is a name for {}: DNS alone answers it", name, service.spec.externalName);
  } else if (to.service_port == nullptr) {
    finding.mark = Mark::kFail;
    finding.fact = fmt::format("{} has no such port; it has {}", name, ports_text(service));
    finding.advice = "ask for one of its ports, or add the port to the Service";
  } else {
    finding.fact =
        fmt::format("{} ({}) {}, port {}/{}", name, service.spec.type,
                    service.spec.clusterIP == "None" ? "headless" : service.spec.clusterIP,
                    to.service_port->port, to.service_port->protocol);
  }
  findings.push_back(std::move(finding));
}

void check_endpoints(const WhyFacts& facts, const Destination& to, Findings& findings) {
  if (to.service->spec.type == "ExternalName" || to.service_port == nullptr) return;
  const EndpointCounts counts = count_endpoints(facts, to);
  if (counts.ready == 0 && counts.terminating == 0) {
    findings.push_back(no_endpoints(facts, *to.service));
    return;
  }
  Finding finding{Mark::kOk, "endpoints", "", ""};
  finding.fact = fmt::format("{} ready, {} serving while they terminate, {} not ready",
                             counts.ready, counts.terminating, counts.unready);
  if (counts.ready == 0) finding.mark = Mark::kNote;
  findings.push_back(std::move(finding));
}

void check_target_pod(const Destination& to, Findings& findings) {
  const std::string why = not_ready_because(*to.pod);
  Finding finding{Mark::kOk, "target", "", ""};
  finding.fact =
      fmt::format("{} is ready on {}", full_name(to.pod->metadata), to.pod->spec.nodeName);
  if (to.address.is_unspecified() || !why.empty()) {
    finding.mark = to.address.is_unspecified() ? Mark::kFail : Mark::kNote;
    finding.fact = fmt::format("{} is not ready: {}", full_name(to.pod->metadata), why);
    finding.advice = fmt::format("kubectl describe pod -n {} {}", to.pod->metadata.namespace_,
                                 to.pod->metadata.name);
  }
  findings.push_back(std::move(finding));
}

}  // namespace skiff::cli
