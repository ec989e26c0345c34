// SPDX-License-Identifier: Apache-2.0
#include "controller/controllers/load_balancer.h"

#include <algorithm>

namespace skiff::controllers {
namespace {

constexpr const char* kClass = "skiff.io/pools";
constexpr const char* kPool = "skiff.io/load-balancer-pool";
constexpr const char* kFromPool = "skiff.io/PoolAddress";
constexpr const char* kAddresses = "skiff.io/load-balancer-ips";
const kube::ObjectKey kPools{"kube-system", "skiff-load-balancer-pools"};

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> list(1);
  for (const char letter : text) {
    if (letter != ',' && letter != '\n' && letter != ' ' && letter != '\t' && letter != '\r') {
      list.back() += letter;
    } else if (!list.back().empty()) {
      list.emplace_back();
    }
  }
  if (list.back().empty()) list.pop_back();
  return list;
}

IpAddress last_of(const Cidr& range) {
  std::array<uint8_t, 16> bytes = range.base().bytes();
  for (unsigned bit = range.mapped_prefix(); bit < 128; ++bit)
    bytes[bit / 8] |= static_cast<uint8_t>(0x80u >> (bit % 8));
  return IpAddress(bytes);
}

Result<AddressSpan> parse_span(const std::string& text) {
  const size_t dash = text.find('-');
  if (dash != std::string::npos) {
    ASSIGN_OR_RETURN(const IpAddress first, IpAddress::parse(text.substr(0, dash)));
    ASSIGN_OR_RETURN(const IpAddress last, IpAddress::parse(text.substr(dash + 1)));
    if (first.is_v4() != last.is_v4() || last < first)
      return invalid_argument("\"{}\" ends before it begins, or in another family", text);
    return AddressSpan{first, last};
  }
  if (text.find('/') == std::string::npos) {
    ASSIGN_OR_RETURN(const IpAddress only, IpAddress::parse(text));
    return AddressSpan{only, only};
  }
  ASSIGN_OR_RETURN(const Cidr range, Cidr::parse(text));
  return AddressSpan{range.base(), last_of(range)};
}

bool is_ours(const api::Service& service) {
  return service.spec.type == "LoadBalancer" &&
         service.spec.loadBalancerClass.value_or(kClass) == kClass;
}

std::vector<IpAddress> addresses_of(const api::Service& service) {
  std::vector<IpAddress> list;
  for (const api::LoadBalancerIngress& ingress : service.status.loadBalancer.ingress)
    if (const auto address = IpAddress::parse(ingress.ip); address.ok()) list.push_back(*address);
  return list;
}

std::string annotation(const api::Service& service, const char* name) {
  const auto it = service.metadata.annotations.find(name);
  return it == service.metadata.annotations.end() ? "" : it->second;
}

std::vector<std::string> wishes_of(const api::Service& service) {
  std::vector<std::string> wishes = words(annotation(service, kAddresses));
  if (wishes.empty() && !service.spec.loadBalancerIP.empty())
    wishes.push_back(service.spec.loadBalancerIP);
  return wishes;
}

// Agents answer on their segment for such addresses alone: a cloud's are not ours to announce.
bool says_from_pool(const api::Service& service) {
  return std::any_of(service.status.conditions.begin(), service.status.conditions.end(),
                     [](const api::Condition& condition) { return condition.type == kFromPool; });
}

void say_from_pool(api::Service& service, TimePoint now) {
  std::erase_if(service.status.conditions,
                [](const api::Condition& condition) { return condition.type == kFromPool; });
  if (service.status.loadBalancer.ingress.empty()) return;
  api::Condition& condition = service.status.conditions.emplace_back();
  condition.type = kFromPool;
  condition.status = "True";
  condition.reason = "Allocated";
  condition.message = "the address is out of the cluster's own pools";
  condition.observedGeneration = service.metadata.generation;
  condition.lastTransitionTime = now;
}

// What one Service may have: the spans of the pool it names, or of all.
struct Choice {
  std::vector<AddressSpan> spans;
  const std::set<IpAddress>& taken;

  bool has(const IpAddress& address) const {
    return std::any_of(spans.begin(), spans.end(),
                       [&](const AddressSpan& span) { return span.contains(address); });
  }
  bool may_have(const IpAddress& address) const { return has(address) && !taken.contains(address); }
  std::optional<IpAddress> any(bool v4) const {
    for (const AddressSpan& span : spans) {
      if (span.first.is_v4() != v4) continue;
      for (IpAddress address = span.first; address <= span.last; address = address.plus(1))
        if (!taken.contains(address)) return address;
    }
    return std::nullopt;
  }
};

void grant_wishes(const std::vector<std::string>& wishes, const Choice& choice,
                  LoadBalancerPlan& plan) {
  for (const std::string& wish : wishes) {
    const auto address = IpAddress::parse(wish);
    if (!address.ok()) {
      plan.problem = fmt::format("\"{}\" is not an IP address", wish);
    } else if (!choice.has(*address)) {
      plan.problem = fmt::format("address {} is in no pool this Service may use", wish);
    } else if (choice.taken.contains(*address)) {
      plan.problem = fmt::format("address {} belongs to another Service", wish);
    } else {
      plan.addresses.push_back(*address);
    }
  }
}

// One address a family, the present one if it may stay.
void give_any(const api::Service& service, const Choice& choice, LoadBalancerPlan& plan) {
  std::vector<std::string> families = service.spec.ipFamilies;
  if (families.empty()) families = {"IPv4"};
  const std::vector<IpAddress> present = addresses_of(service);
  for (const std::string& family : families) {
    const bool v4 = family == "IPv4";
    const auto kept = std::find_if(present.begin(), present.end(), [&](const IpAddress& address) {
      return address.is_v4() == v4 && choice.may_have(address);
    });
    if (kept != present.end()) {
      plan.addresses.push_back(*kept);
    } else if (const auto fresh = choice.any(v4)) {
      plan.addresses.push_back(*fresh);
    } else {
      plan.problem = fmt::format("no free {} address is left in the pools", family);
    }
  }
  // The second family is a preference, not a demand.
  if (service.spec.ipFamilyPolicy.value_or("") == "PreferDualStack" && !plan.addresses.empty())
    plan.problem.clear();
}

}  // namespace

Result<AddressPools> AddressPools::parse(const std::map<std::string, std::string>& data) {
  AddressPools parsed;
  for (const auto& [name, text] : data) {
    std::vector<AddressSpan>& spans = parsed.pools[name];
    for (const std::string& word : words(text)) {
      ASSIGN_OR_RETURN(const AddressSpan span, parse_span(word),
                       "pool {}: want FIRST-LAST, a CIDR or an address", name);
      spans.push_back(span);
    }
  }
  return parsed;
}

bool AddressPools::contains(const IpAddress& address) const {
  for (const auto& [name, spans] : pools)
    for (const AddressSpan& span : spans)
      if (span.contains(address)) return true;
  return false;
}

LoadBalancerPlan plan_load_balancer(const api::Service& service, const AddressPools& pools,
                                    const std::set<IpAddress>& taken) {
  LoadBalancerPlan plan;
  const std::vector<IpAddress> present = addresses_of(service);
  if (!is_ours(service) || service.metadata.deletionTimestamp) {
    // What it had of our pools, it has no more use for.
    plan.ours = service.spec.type != "LoadBalancer" &&
                std::any_of(present.begin(), present.end(),
                            [&](const IpAddress& address) { return pools.contains(address); });
    return plan;
  }
  plan.ours = !pools.pools.empty() || service.spec.loadBalancerClass == kClass;
  if (!plan.ours) return plan;
  Choice choice{.spans = {}, .taken = taken};
  const std::string pool = annotation(service, kPool);
  for (const auto& [name, spans] : pools.pools)
    if (pool.empty() || name == pool)
      choice.spans.insert(choice.spans.end(), spans.begin(), spans.end());
  if (!pool.empty() && !pools.pools.contains(pool)) {
    plan.problem = fmt::format("there is no pool {} in ConfigMap {}", pool, kPools.to_string());
    return plan;
  }
  if (choice.spans.empty()) {
    plan.problem = fmt::format("ConfigMap {} has no addresses", kPools.to_string());
    return plan;
  }
  const std::vector<std::string> wishes = wishes_of(service);
  if (wishes.empty()) {
    give_any(service, choice, plan);
  } else {
    grant_wishes(wishes, choice, plan);
  }
  return plan;
}

std::set<IpAddress> LoadBalancerReconciler::taken_by_others(const kube::ObjectKey& key) const {
  std::set<IpAddress> taken;
  for (const auto& service : stores_.services.list())
    if (kube::key_of(*service) != key)
      for (const IpAddress& address : addresses_of(*service)) taken.insert(address);
  return taken;
}

awaitable<Result<kube::Outcome>> LoadBalancerReconciler::reconcile(const kube::ObjectKey& key) {
  const auto service = stores_.services.get(key);
  if (!service) {
    told_.erase(key);
    co_return kube::Outcome::done();
  }
  const auto config = stores_.config_maps.get(kPools);
  const auto pools = config ? AddressPools::parse(config->data) : AddressPools();
  if (!pools.ok()) {  // what is given stays given
    if (is_ours(*service)) tell(*service, std::string(message(pools.status())));
    co_return kube::Outcome::done();
  }
  const LoadBalancerPlan plan = plan_load_balancer(*service, *pools, taken_by_others(key));
  if (!plan.ours) co_return kube::Outcome::done();
  tell(*service, plan.problem);
  if (plan.addresses == addresses_of(*service) &&
      says_from_pool(*service) == !plan.addresses.empty())
    co_return kube::Outcome::done();
  api::Service updated = *service;
  updated.status.loadBalancer.ingress.clear();
  for (const IpAddress& address : plan.addresses) {
    api::LoadBalancerIngress& ingress = updated.status.loadBalancer.ingress.emplace_back();
    ingress.ip = address.to_string();
    ingress.ipMode = "VIP";
  }
  say_from_pool(updated, clock_.now());
  const auto written = co_await client_.update_status(std::move(updated));
  CO_RETURN_IF_ERROR(written, "load balancer addresses");
  // The next Service must see what this one got, or gave back.
  co_await stores_.services.reach(written->metadata.resourceVersion);
  co_return kube::Outcome::done();
}

// Once a problem, not once a look.
void LoadBalancerReconciler::tell(const api::Service& service, const std::string& problem) {
  std::string& before = told_[kube::key_of(service)];
  if (before == problem) return;
  before = problem;
  if (!problem.empty()) events_.warning(kube::reference_to(service), "AllocationFailed", problem);
}

void LoadBalancerReconciler::watch(Stores& stores, kube::ReconcileLoop& loop) {
  const auto enqueue_all = [&stores, &loop] {
    for (const auto& service : stores.services.list())
      if (service->spec.type == "LoadBalancer") loop.enqueue(kube::key_of(*service));
  };
  stores.services.subscribe([&loop, enqueue_all](const auto& before, const auto& after) {
    const bool had = before && !before->status.loadBalancer.ingress.empty();
    if (!after && had) return enqueue_all();  // somebody may wait for its addresses
    if (after &&
        (after->spec.type == "LoadBalancer" || had || !after->status.loadBalancer.ingress.empty()))
      loop.enqueue(kube::key_of(*after));
    if (after && had && after->status.loadBalancer.ingress.empty()) enqueue_all();
  });
  stores.config_maps.subscribe([enqueue_all](const auto& before, const auto& after) {
    if (kube::key_of(after ? *after : *before) == kPools) enqueue_all();
  });
}

}  // namespace skiff::controllers
