// SPDX-License-Identifier: Apache-2.0
#include "api/apiextensions/definition.h"
#include "api/default_value.h"
#include "api/groups.h"

namespace skiff::api::apiextensions {
namespace {

void spec(CustomResourceDefinitionSpec& spec) {
  CustomResourceDefinitionNames& names = spec.names;
  if (names.singular.empty())
    for (const char c : names.kind)
      names.singular += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  if (names.listKind.empty() && !names.kind.empty()) names.listKind = names.kind + "List";
  set(spec.conversion.ensure().strategy, "None");
}
void service(ConversionServiceReference& service) {
  set(service.port, 443);
}

constexpr DefaultHook kDefaults[] = {
    default_hook<spec>(),
    default_hook<service>(),
};

}  // namespace

std::span<const DefaultHook> defaults() {
  return kDefaults;
}

}  // namespace skiff::api::apiextensions
