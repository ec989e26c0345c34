// SPDX-License-Identifier: Apache-2.0
#include "api/default_value.h"
#include "api/flowcontrol/flow_schema.h"
#include "api/flowcontrol/priority_level.h"
#include "api/groups.h"

namespace skiff::api::flowcontrol {
namespace {

void flow_schema_spec(FlowSchemaSpec& spec) {
  set(spec.matchingPrecedence, 1000);
}
void limited(LimitedPriorityLevelConfiguration& limited) {
  set(limited.nominalConcurrencyShares, 30);
  set(limited.lendablePercent, 0);
}
void exempt(ExemptPriorityLevelConfiguration& exempt) {
  set(exempt.nominalConcurrencyShares, 0);
  set(exempt.lendablePercent, 0);
}
void queuing(QueuingConfiguration& queuing) {
  set(queuing.queues, 64);
  set(queuing.handSize, 8);
  set(queuing.queueLengthLimit, 50);
}
void level(PriorityLevelConfigurationSpec& spec) {
  if (spec.type == "Exempt") spec.exempt.ensure();
}

constexpr DefaultHook kDefaults[] = {
    default_hook<flow_schema_spec>(), default_hook<level>(),   default_hook<limited>(),
    default_hook<exempt>(),           default_hook<queuing>(),
};

}  // namespace

std::span<const DefaultHook> defaults() {
  return kDefaults;
}

}  // namespace skiff::api::flowcontrol
