// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "api/groups.h"
#include "api/names.h"
#include "api/resource/claim.h"
#include "api/resource/device.h"
#include "api/resource/request.h"
#include "api/rules.h"

namespace skiff::api::resource {
namespace {

using rules::at;
using rules::each;
using rules::name_at;

constexpr size_t kMaxRequests = 32, kMaxDevices = 128;

template <class Request>
void counted(const Request& request, FieldErrors& errors) {
  if (request.deviceClassName.empty()) at(errors, "deviceClassName", [&] { errors.required(); });
  name_at(errors, "deviceClassName", request.deviceClassName, check_dns1123_subdomain);
  const int64_t count = request.count.value_or(0);
  if (request.allocationMode == "ExactCount" && count <= 0)
    at(errors, "count", [&] { errors.invalid(count, "must be greater than zero"); });
  if (request.allocationMode == "All" && count != 0)
    at(errors, "count",
       [&] { errors.invalid(count, "must not be specified when allocationMode is 'All'"); });
}

void device_request(const DeviceRequest& request, FieldErrors& errors) {
  name_at(errors, "name", request.name, check_dns1123_label);
  constexpr const char* kOne = "exactly one of `exactly` or `firstAvailable` is required";
  if (request.exactly && !request.firstAvailable.empty())
    errors.invalid_json("\"exactly, firstAvailable\"", kOne);
  if (!request.exactly && request.firstAvailable.empty()) errors.required(kOne);
  std::set<std::string> names;
  each(errors, "firstAvailable", request.firstAvailable, [&](const DeviceSubRequest& one) {
    name_at(errors, "name", one.name, check_dns1123_label);
    if (!names.insert(one.name).second) at(errors, "name", [&] { errors.duplicate(one.name); });
  });
}

void device_claim(const DeviceClaim& claim, FieldErrors& errors) {
  if (claim.requests.size() > kMaxRequests)
    at(errors, "requests", [&] { errors.too_many(claim.requests.size(), kMaxRequests); });
  std::set<std::string> names;
  each(errors, "requests", claim.requests, [&](const DeviceRequest& request) {
    if (!names.insert(request.name).second)
      at(errors, "name", [&] { errors.duplicate(request.name); });
  });
  each(errors, "constraints", claim.constraints, [&](const DeviceConstraint& constraint) {
    each(errors, "requests", constraint.requests, [&](const std::string& name) {
      if (!names.contains(name.substr(0, name.find('/'))))
        errors.invalid(name,
                       "must be the name of a request in the claim or the name of a request "
                       "and a subrequest separated by '/'");
    });
  });
}

void slice_spec(const ResourceSliceSpec& spec, FieldErrors& errors) {
  name_at(errors, "driver", spec.driver, check_dns1123_subdomain);
  const int given = (spec.nodeName ? 1 : 0) + (spec.nodeSelector ? 1 : 0) +
                    (spec.allNodes.value_or(false) ? 1 : 0) +
                    (spec.perDeviceNodeSelection.value_or(false) ? 1 : 0);
  constexpr const char* kOne =
      "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required";
  if (given == 0) errors.required(kOne);
  if (given > 1) errors.invalid_json("{}", kOne);
  if (spec.devices.size() > kMaxDevices)
    at(errors, "devices", [&] { errors.too_many(spec.devices.size(), kMaxDevices); });
  std::set<std::string> names;
  each(errors, "devices", spec.devices, [&](const Device& device) {
    name_at(errors, "name", device.name, check_dns1123_label);
    if (!names.insert(device.name).second)
      at(errors, "name", [&] { errors.duplicate(device.name); });
  });
}

void attribute(const DeviceAttribute& attribute, FieldErrors& errors) {
  const int given = (attribute.int_ ? 1 : 0) + (attribute.bool_ ? 1 : 0) +
                    (attribute.string ? 1 : 0) + (attribute.version ? 1 : 0);
  if (given == 0) errors.required("exactly one value must be specified");
  if (given > 1) errors.invalid_json(encode_json(attribute), "exactly one value must be specified");
}

constexpr Rule kRules[] = {
    rule<counted<ExactDeviceRequest>>(),
    rule<counted<DeviceSubRequest>>(),
    rule<device_request>(),
    rule<device_claim>(),
    rule<slice_spec>(),
    rule<attribute>(),
};

}  // namespace

std::span<const Rule> rules() {
  return kRules;
}

std::span<const UpdateRule> updates() {
  return {};
}

}  // namespace skiff::api::resource
