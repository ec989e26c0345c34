// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "api/core/rules.h"
#include "api/names.h"
#include "api/text.h"

namespace skiff::api::rules {
namespace {

using Quantities = std::map<std::string, Quantity>;

constexpr std::string_view kCompute =
    "cpu,memory,ephemeral-storage,requests.cpu,requests.memory,requests.ephemeral-storage,"
    "limits.cpu,limits.memory,limits.ephemeral-storage,pods";
constexpr std::string_view kCounted =
    "requests.storage,resourcequotas,services,replicationcontrollers,secrets,configmaps,"
    "persistentvolumeclaims,services.nodeports,services.loadbalancers";
constexpr std::string_view kScopes =
    "Terminating,NotTerminating,BestEffort,NotBestEffort,PriorityClass,CrossNamespacePodAffinity,"
    "VolumeAttributesClass";
constexpr std::string_view kPodScopes = "Terminating,NotTerminating,BestEffort,NotBestEffort";
constexpr std::string_view kClaimResources = "persistentvolumeclaims,requests.storage";

bool is_quota_resource(std::string_view name) {
  return is_one_of(name, kCompute) || is_one_of(name, kCounted) || name.starts_with("hugepages-") ||
         name.starts_with("requests.hugepages-");
}

// Whether what `name` counts can be told apart by `scope`.
bool scope_fits(std::string_view scope, std::string_view name) {
  if (scope == "BestEffort") return name == "pods";
  if (scope == "VolumeAttributesClass") return is_one_of(name, kClaimResources);
  return is_one_of(name, kCompute) || name.find("hugepages-") != std::string_view::npos;
}

// Resource names of containers are stricter than those of other things.
void names_of(const Quantities& list, std::string_view name, bool of_container,
              FieldErrors& errors) {
  const auto field = errors.at(name);
  for (const auto& [key, value] : list) {
    const auto scope = errors.at_key(key);
    const bool plain = key.find('/') == std::string::npos;
    const bool standard = is_one_of(key, "cpu,memory,ephemeral-storage") ||
                          key.starts_with("hugepages-") ||
                          (!of_container && (key == "storage" || is_quota_resource(key)));
    if (const std::string problem = check_qualified_name(key); !problem.empty())
      errors.invalid(key, problem);
    else if (plain && !standard)
      errors.invalid(key, of_container ? "must be a standard resource for containers"
                                       : "must be a standard resource type or fully qualified");
  }
}

const Quantity* find(const Quantities& list, const std::string& name) {
  const auto found = list.find(name);
  return found == list.end() ? nullptr : &found->second;
}

// `small` must not be above `big`; the error is at `list[name]`.
struct Order {
  const Quantity* small;
  const Quantity* big;
  std::string_view list;
  const Quantity* shown;
  std::string_view format;
};

void check_order(const Order& order, const std::string& name, FieldErrors& errors) {
  if (!order.small || !order.big || *order.small <= *order.big) return;
  const auto field = errors.at(order.list);
  const auto scope = errors.at_key(name);
  errors.invalid(
      order.shown->to_string(),
      fmt::format(fmt::runtime(order.format), order.small->to_string(), order.big->to_string()));
}

void amounts_of(const LimitRangeItem& item, const std::string& name, FieldErrors& errors) {
  const Quantity* min = find(item.min, name);
  const Quantity* max = find(item.max, name);
  const Quantity* limit = find(item.default_, name);
  const Quantity* request = find(item.defaultRequest, name);
  for (const Order& order : {
           Order{min, max, "min", min, "min value {} is greater than max value {}"},
           Order{min, request, "defaultRequest", request,
                 "min value {} is greater than default request value {}"},
           Order{request, max, "defaultRequest", request,
                 "default request value {} is greater than max value {}"},
           Order{request, limit, "defaultRequest", request,
                 "default request value {} is greater than default limit value {}"},
           Order{min, limit, "default", min, "min value {} is greater than default value {}"},
           Order{limit, max, "default", max, "default value {} is greater than max value {}"},
       })
    check_order(order, name, errors);
  const Quantity* ratio = find(item.maxLimitRequestRatio, name);
  if (!ratio) return;
  const auto field = errors.at("maxLimitRequestRatio");
  const auto scope = errors.at_key(name);
  const std::string text = ratio->to_string();
  if (*ratio < Quantity::of(1)) errors.invalid(text, fmt::format("ratio {} is less than 1", text));
  if (!min || !max || min->is_zero()) return;
  const double most = max->as_double() / min->as_double();
  if (ratio->as_double() > most)
    errors.invalid(text, fmt::format("ratio {} is greater than max/min = {:f}", text, most));
}

bool conflict(const std::set<std::string>& scopes) {
  return (scopes.contains("BestEffort") && scopes.contains("NotBestEffort")) ||
         (scopes.contains("Terminating") && scopes.contains("NotTerminating"));
}

void scope_selector(const ResourceQuotaSpec& spec, FieldErrors& errors) {
  const auto selector = errors.at("scopeSelector");
  const auto field = errors.at("matchExpressions");
  std::set<std::string> seen;
  for (const auto& one : spec.scopeSelector->matchExpressions) {
    seen.insert(one.scopeName);
    if (!is_one_of(one.scopeName, kScopes))
      at(errors, "scopeName", [&] { errors.invalid(one.scopeName, "unsupported scope"); });
    for (const auto& [name, value] : spec.hard)
      if (is_quota_resource(name) && !scope_fits(one.scopeName, name))
        errors.invalid_json(encode_json(*spec.scopeSelector),
                            "unsupported scope applied to resource");
    if (is_one_of(one.scopeName, kPodScopes) && one.operator_ != "Exists")
      at(errors, "operator", [&] {
        errors.invalid(one.operator_,
                       "must be 'Exist' only operator when scope is any of "
                       "ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, "
                       "ResourceQuotaScopeBestEffort and ResourceQuotaScopeNotBestEffort");
      });
    const auto values = errors.at("values");
    if (is_one_of(one.operator_, "In,NotIn") && one.values.empty())
      errors.required(
          "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector");
    if (is_one_of(one.operator_, "Exists,DoesNotExist") && !one.values.empty())
      errors.invalid_json(
          encode_json(one.values),
          "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector");
  }
  if (conflict(seen)) errors.invalid_json(encode_json(spec.scopes), "conflicting scopes");
}

}  // namespace

void limit_range_spec(const LimitRangeSpec& spec, FieldErrors& errors) {
  std::set<std::string> types;
  each(errors, "limits", spec.limits, [&](const LimitRangeItem& item) {
    if (!types.insert(item.type).second) at(errors, "type", [&] { errors.duplicate(item.type); });
  });
}

void limit_range_item(const LimitRangeItem& item, FieldErrors& errors) {
  if (const std::string problem = check_qualified_name(item.type); !problem.empty())
    at(errors, "type", [&] { errors.invalid(item.type, problem); });
  else if (item.type.find('/') == std::string::npos &&
           !is_one_of(item.type, "Pod,Container,PersistentVolumeClaim"))
    at(errors, "type",
       [&] { errors.invalid(item.type, "must be a standard limit type or fully qualified"); });
  const bool of_container = is_one_of(item.type, "Pod,Container");
  for (const auto& [name, list] : {std::pair("max", &item.max), std::pair("min", &item.min),
                                   std::pair("maxLimitRequestRatio", &item.maxLimitRequestRatio)})
    names_of(*list, name, of_container, errors);
  for (const auto& [name, list] :
       {std::pair("default", &item.default_), std::pair("defaultRequest", &item.defaultRequest)}) {
    if (item.type != "Pod")
      names_of(*list, name, of_container, errors);
    else if (!list->empty())
      at(errors, name, [&] { errors.forbidden("may not be specified when `type` is 'Pod'"); });
  }
  if (item.type == "PersistentVolumeClaim" && !item.min.contains("storage") &&
      !item.max.contains("storage"))
    at(errors, "limits", [&] {
      errors.required(
          "either minimum or maximum storage value is required, but neither was "
          "provided");
    });
  std::set<std::string> names;
  for (const Quantities* list :
       {&item.max, &item.min, &item.default_, &item.defaultRequest, &item.maxLimitRequestRatio})
    for (const auto& [name, value] : *list) names.insert(name);
  for (const std::string& name : names) amounts_of(item, name, errors);
}

void resource_quota_spec(const ResourceQuotaSpec& spec, FieldErrors& errors) {
  at(errors, "hard", [&] {
    for (const auto& [name, value] : spec.hard) {
      const auto scope = errors.at_key(name);
      if (const std::string problem = check_qualified_name(name); !problem.empty())
        errors.invalid(name, problem);
      else if (name.find('/') == std::string::npos && !is_quota_resource(name))
        errors.invalid(name, "must be a standard resource for quota");
      if (value.is_negative())
        errors.invalid(value.to_string(), "must be greater than or equal to 0");
      else if (is_one_of(name, kCounted) && name != "requests.storage" &&
               value.milli_value() % 1000 != 0)
        errors.invalid(value.to_string(), "must be an integer");
    }
  });
  at(errors, "scopes", [&] {
    for (const std::string& scope : spec.scopes) {
      if (!is_one_of(scope, kScopes))
        errors.invalid_json(encode_json(spec.scopes), "unsupported scope");
      for (const auto& [name, value] : spec.hard)
        if (is_quota_resource(name) && !scope_fits(scope, name))
          errors.invalid_json(encode_json(spec.scopes), "unsupported scope applied to resource");
    }
    if (conflict({spec.scopes.begin(), spec.scopes.end()}))
      errors.invalid_json(encode_json(spec.scopes), "conflicting scopes");
  });
  if (spec.scopeSelector) scope_selector(spec, errors);
}

void resource_quota_update(const ResourceQuota& quota, const ResourceQuota& old,
                           FieldErrors& errors) {
  const std::set<std::string> now(quota.spec.scopes.begin(), quota.spec.scopes.end());
  const std::set<std::string> before(old.spec.scopes.begin(), old.spec.scopes.end());
  if (now == before) return;
  const auto spec = errors.at("spec");
  at(errors, "scopes",
     [&] { errors.invalid_json(encode_json(quota.spec.scopes), "field is immutable"); });
}

}  // namespace skiff::api::rules
