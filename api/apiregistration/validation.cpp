// SPDX-License-Identifier: Apache-2.0
#include "api/apiregistration/types.h"
#include "api/groups.h"
#include "api/names.h"
#include "api/rules.h"

namespace skiff::api::apiregistration {
namespace {

using rules::at;
using rules::name_at;

void api_service(const APIService& service, FieldErrors& errors) {
  const APIServiceSpec& spec = service.spec;
  const std::string name = spec.version + "." + spec.group;
  if (service.metadata.name != name) {
    const auto metadata = errors.at("metadata");
    at(errors, "name", [&] {
      errors.invalid(service.metadata.name,
                     fmt::format("must be `spec.version+\".\"+spec.group`: \"{}\"", name));
    });
  }
  const auto field = errors.at("spec");
  name_at(errors, "group", spec.group, check_dns1123_subdomain);
  if (spec.version.empty()) at(errors, "version", [&] { errors.required(); });
  name_at(errors, "version", spec.version, check_dns1035_label);
  const auto range = [&](std::string_view of, int32_t value, int32_t max) {
    if (value <= 0 || value > max)
      at(errors, of,
         [&] { errors.invalid(value, fmt::format("must be positive and less than {}", max)); });
  };
  range("groupPriorityMinimum", spec.groupPriorityMinimum, 20'000);
  range("versionPriority", spec.versionPriority, 1'000);
  if (!spec.service) {
    if (!spec.caBundle.value.empty())
      at(errors, "caBundle",
         [&] { errors.invalid("", "local APIServices may not have a caBundle"); });
    if (spec.insecureSkipTLSVerify)
      at(errors, "insecureSkipTLSVerify", [&] {
        errors.invalid_json("true", "local APIServices may not have insecureSkipTLSVerify");
      });
    return;
  }
  if (spec.insecureSkipTLSVerify && !spec.caBundle.value.empty())
    at(errors, "insecureSkipTLSVerify",
       [&] { errors.invalid_json("true", "may not be true if caBundle is present"); });
  const auto scope = errors.at("service");
  if (spec.service->name.empty()) at(errors, "name", [&] { errors.required(); });
  if (spec.service->namespace_.empty()) at(errors, "namespace", [&] { errors.required(); });
}

constexpr Rule kRules[] = {
    rule<api_service>(),
};

}  // namespace

std::span<const Rule> rules() {
  return kRules;
}

std::span<const UpdateRule> updates() {
  return {};
}

}  // namespace skiff::api::apiregistration
