// SPDX-License-Identifier: Apache-2.0
// Services: cluster addresses of one or two families, node ports, and what happens to them when the
// type changes.
#include <fmt/format.h>

#include <algorithm>

#include "controller/apiserver/json_text.h"
#include "controller/apiserver/strategies.h"

namespace skiff::apiserver {
namespace {

using api::Service;
using api::ServicePort;

bool is_external_name(const Service& service) {
  return service.spec.type == "ExternalName";
}
bool is_headless(const Service& service) {
  return service.spec.clusterIP == "None";
}
bool needs_node_ports(const Service& service) {
  if (service.spec.type == "NodePort") return true;
  return service.spec.type == "LoadBalancer" &&
         service.spec.allocateLoadBalancerNodePorts.value_or(true);
}
bool is_reached_from_outside(const Service& service) {
  return service.spec.type == "NodePort" || service.spec.type == "LoadBalancer" ||
         !service.spec.externalIPs.empty();
}
// Load balancers ask there which nodes have endpoints.
bool needs_health_port(const Service& service) {
  return service.spec.type == "LoadBalancer" && service.spec.externalTrafficPolicy == "Local";
}
bool needs_addresses(const Service& service) {
  return !is_external_name(service) && !is_headless(service);
}

bool contains(const std::vector<std::string>& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

std::string json_list(const std::vector<std::string>& values) {
  std::string out = "[";
  for (const std::string& value : values) out += (out.size() > 1 ? "," : "") + json_quoted(value);
  return out + "]";
}

// One write: what it takes is given back if the write does not happen.
class Allocation {
 public:
  Allocation(ServiceAllocator& allocator, WriteContext& context)
      : allocator_(allocator), context_(context) {}

  // The write must hold no address or port afterwards that `service` does not have.
  Status run(Service& service, const Service* old) {
    if (Cause refused = addresses(service, old); !refused.message.empty())
      return invalid(service, refused);
    if (Cause refused = node_ports(service, old); !refused.message.empty())
      return invalid(service, refused);
    if (Cause refused = health_port(service, old); !refused.message.empty())
      return invalid(service, refused);
    return absl::OkStatus();
  }

 private:
  static Status invalid(const Service& service, Cause cause) {
    return errors::invalid({"", "Service"}, service.metadata.name, {std::move(cause)});
  }

  Cause addresses(Service& service, const Service* old) {
    if (!needs_addresses(service)) return {};
    auto& ips = service.spec.clusterIPs;
    for (size_t i = 0; i < service.spec.ipFamilies.size(); ++i) {
      if (i < ips.size() && !ips[i].empty()) {
        if (old != nullptr && contains(old->spec.clusterIPs, ips[i])) continue;
        if (Refusal why = take(ips[i], service.spec.ipFamilies[i]); !why.empty())
          return cause::invalid("spec.clusterIPs", json_list(ips),
                                fmt::format("failed to allocate IP {}: {}", ips[i], why));
        continue;
      }
      AddressRange* range = allocator_.range_of(service.spec.ipFamilies[i]);
      if (range == nullptr)
        return cause::invalid(fmt::format("spec.ipFamilies[{}]", i),
                              json_quoted(service.spec.ipFamilies[i]),
                              "not configured on this cluster");
      const auto address = range->take_any();
      if (!address)
        return cause::invalid("spec.clusterIPs", json_list(ips),
                              "failed to allocate a serviceIP: range is full");
      ips.resize(std::max(ips.size(), i + 1));
      ips[i] = address->to_string();
      give_back(*range, *address);
    }
    service.spec.clusterIP = ips.empty() ? "" : ips[0];
    return {};
  }

  Refusal take(const std::string& text, const std::string& family) {
    const auto address = IpAddress::parse(text);
    if (!address.ok()) return "not a valid IP address";
    AddressRange* range = allocator_.range_of(family);
    if (range == nullptr || family != family_of(*address))
      return fmt::format("not an address of family {}", family);
    Refusal why = range->take(*address);
    if (why.empty()) give_back(*range, *address);
    return why;
  }
  void give_back(AddressRange& range, const IpAddress& address) {
    context_.on_rollback.emplace_back([&range, address] { range.release(address); });
  }

  Cause node_ports(Service& service, const Service* old) {
    if (!needs_node_ports(service)) return {};
    std::set<int32_t> held;  // of the old state, or taken here: TCP and UDP may share a number
    if (old != nullptr)
      for (const ServicePort& port : old->spec.ports) held.insert(port.nodePort);
    for (size_t i = 0; i < service.spec.ports.size(); ++i) {
      ServicePort& port = service.spec.ports[i];
      if (port.nodePort != 0) {
        if (!held.insert(port.nodePort).second) continue;
        if (Refusal why = allocator_.ports.take(port.nodePort); !why.empty())
          return cause::invalid(fmt::format("spec.ports[{}].nodePort", i),
                                std::to_string(port.nodePort), why);
      } else {
        const auto any = allocator_.ports.take_any();
        if (!any)
          return cause::invalid(fmt::format("spec.ports[{}].nodePort", i), "0",
                                "no free node port is left");
        port.nodePort = *any;
        held.insert(*any);
      }
      context_.on_rollback.emplace_back(
          [&ports = allocator_.ports, number = port.nodePort] { ports.release(number); });
    }
    return {};
  }

  Cause health_port(Service& service, const Service* old) {
    int32_t& port = service.spec.healthCheckNodePort;
    if (!needs_health_port(service)) return {};
    if (port != 0) {
      if (old != nullptr && old->spec.healthCheckNodePort == port) return {};
      if (Refusal why = allocator_.ports.take(port); !why.empty())
        return cause::invalid("spec.healthCheckNodePort", std::to_string(port), why);
    } else {
      const auto any = allocator_.ports.take_any();
      if (!any) return cause::invalid("spec.healthCheckNodePort", "0", "no free node port is left");
      port = *any;
    }
    context_.on_rollback.emplace_back(
        [&ports = allocator_.ports, number = port] { ports.release(number); });
    return {};
  }

  ServiceAllocator& allocator_;
  WriteContext& context_;
};

// clusterIP and clusterIPs say the same; whichever the client set wins.
void align_cluster_ips(Service& service) {
  auto& spec = service.spec;
  if (spec.clusterIPs.empty() && !spec.clusterIP.empty()) spec.clusterIPs = {spec.clusterIP};
  if (spec.clusterIP.empty() && !spec.clusterIPs.empty()) spec.clusterIP = spec.clusterIPs[0];
}

// What an update that does not mention it keeps.
void keep_allocated(Service& service, const Service& old) {
  auto& spec = service.spec;
  if (needs_addresses(old) && !is_external_name(service) && spec.clusterIP.empty()) {
    spec.clusterIP = old.spec.clusterIP;
    if (spec.clusterIPs.empty()) spec.clusterIPs = old.spec.clusterIPs;
  }
  if (needs_health_port(service) && spec.healthCheckNodePort == 0)
    spec.healthCheckNodePort = old.spec.healthCheckNodePort;
  if (needs_node_ports(old) && needs_node_ports(service)) {
    for (ServicePort& port : spec.ports)
      for (const ServicePort& before : old.spec.ports)
        if (port.nodePort == 0 && port.port == before.port && port.protocol == before.protocol)
          port.nodePort = before.nodePort;
  }
}

// A type that has no use for them drops what the old type had given.
void drop_unused(Service& service, const Service& old) {
  auto& spec = service.spec;
  if (is_external_name(service)) {
    spec.clusterIP.clear();
    spec.clusterIPs.clear();
    spec.ipFamilies.clear();
    spec.ipFamilyPolicy.reset();
  }
  if (needs_node_ports(old) && !needs_node_ports(service))
    for (ServicePort& port : spec.ports) port.nodePort = 0;
  if (!is_reached_from_outside(service) &&
      spec.externalTrafficPolicy == old.spec.externalTrafficPolicy)
    spec.externalTrafficPolicy.clear();
  if (!needs_health_port(service)) spec.healthCheckNodePort = 0;
  if (spec.type != "LoadBalancer") spec.allocateLoadBalancerNodePorts.reset();
}

class ServiceStrategy final : public TypedStrategy<Service> {
 public:
  explicit ServiceStrategy(std::shared_ptr<ServiceAllocator> allocator)
      : allocator_(std::move(allocator)) {}

 protected:
  Status create(Service& service, WriteContext& context) const override {
    align_cluster_ips(service);
    RETURN_IF_ERROR(choose_families(service));
    return Allocation(*allocator_, context).run(service, nullptr);
  }

  Status update(Service& service, const Service& old, WriteContext& context) const override {
    align_cluster_ips(service);
    keep_allocated(service, old);
    drop_unused(service, old);
    RETURN_IF_ERROR(choose_families(service));
    RETURN_IF_ERROR(Allocation(*allocator_, context).run(service, &old));
    release_dropped(service, old, context);
    return absl::OkStatus();
  }

  void check_update(const Service& service, const Service& old, Causes& causes) const override {
    const bool both = needs_addresses(old) && !is_external_name(service);
    if (both && !old.spec.clusterIPs.empty() && service.spec.clusterIP != old.spec.clusterIP)
      causes.push_back(cause::invalid("spec.clusterIPs[0]", json_list(service.spec.clusterIPs),
                                      "may not change once set"));
  }

  void gone(const Service& service) const override { allocator_->release(service); }

 private:
  // ipFamilyPolicy and ipFamilies, from what the client said and what the cluster has.
  Status choose_families(Service& service) const {
    auto& spec = service.spec;
    if (is_external_name(service)) return absl::OkStatus();
    auto& families = spec.ipFamilies;
    if (!spec.ipFamilyPolicy)
      spec.ipFamilyPolicy =
          families.size() > 1 || spec.clusterIPs.size() > 1 ? "RequireDualStack" : "SingleStack";
    const std::string& policy = *spec.ipFamilyPolicy;
    if (!is_headless(service) && families.empty())
      for (const std::string& text : spec.clusterIPs)
        if (const auto address = IpAddress::parse(text); address.ok())
          families.emplace_back(family_of(*address));
    if (families.empty())
      families.emplace_back(family_of(allocator_->ranges.front().range().base()));
    if (policy == "SingleStack") {
      families.resize(1);
      if (spec.clusterIPs.size() > 1) spec.clusterIPs.resize(1);
    } else if (families.size() == 1) {
      for (const AddressRange& range : allocator_->ranges)
        if (families[0] != family_of(range.range().base()))
          families.emplace_back(family_of(range.range().base()));
    }
    if (policy == "RequireDualStack" && families.size() < 2)
      return errors::invalid(
          {"", "Service"}, service.metadata.name,
          {cause::invalid("spec.ipFamilyPolicy", json_quoted(policy),
                          "this cluster is not configured for dual-stack services")});
    return absl::OkStatus();
  }

  void release_dropped(const Service& service, const Service& old, WriteContext& context) const {
    Service dropped = old;
    std::erase_if(dropped.spec.clusterIPs,
                  [&](const std::string& ip) { return contains(service.spec.clusterIPs, ip); });
    std::erase_if(dropped.spec.ports, [&](const ServicePort& port) {
      return std::any_of(service.spec.ports.begin(), service.spec.ports.end(),
                         [&](const ServicePort& one) { return one.nodePort == port.nodePort; });
    });
    if (service.spec.healthCheckNodePort == old.spec.healthCheckNodePort)
      dropped.spec.healthCheckNodePort = 0;
    context.on_commit.emplace_back(
        [allocator = allocator_, dropped = std::move(dropped)] { allocator->release(dropped); });
  }

  std::shared_ptr<ServiceAllocator> allocator_;
};

}  // namespace

std::shared_ptr<const Strategy> service_strategy(std::shared_ptr<ServiceAllocator> allocator) {
  return std::make_shared<ServiceStrategy>(std::move(allocator));
}

}  // namespace skiff::apiserver
