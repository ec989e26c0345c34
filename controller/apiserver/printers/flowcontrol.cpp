// SPDX-License-Identifier: Apache-2.0
#include "api/flowcontrol/flow_schema.h"
#include "api/flowcontrol/priority_level.h"
#include "controller/apiserver/printers/tables.h"

namespace skiff::printers {
namespace {

TableRow print_flow_schema(const api::FlowSchema& one, TimePoint now) {
  std::string_view missing = "?";
  for (const api::FlowSchemaCondition& condition : one.status.conditions)
    if (condition.type == "Dangling") missing = condition.status;
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(one.spec.priorityLevelConfiguration.name);
  cells.number(one.spec.matchingPrecedence);
  cells.text(one.spec.distinguisherMethod ? std::string_view(one.spec.distinguisherMethod->type)
                                          : kNone);
  cells.text(age(one.metadata.creationTimestamp, now));
  cells.text(missing);
  return {.cells = std::move(cells).finish()};
}

void number_or_none(Cells& cells, const std::optional<int32_t>& number) {
  number ? cells.number(*number) : cells.text(kNone);
}

TableRow print_priority_level(const api::PriorityLevelConfiguration& one, TimePoint now) {
  const auto& limited = one.spec.limited;
  const auto& exempt = one.spec.exempt;
  const api::QueuingConfiguration* queuing =
      limited ? limited->limitResponse.queuing.get() : nullptr;
  const auto of_queues = [&](int32_t api::QueuingConfiguration::* field) {
    return queuing ? std::optional<int32_t>(queuing->*field) : std::nullopt;
  };
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(one.spec.type);
  number_or_none(cells, limited  ? limited->nominalConcurrencyShares
                        : exempt ? exempt->nominalConcurrencyShares
                                 : std::nullopt);
  number_or_none(cells, of_queues(&api::QueuingConfiguration::queues));
  number_or_none(cells, of_queues(&api::QueuingConfiguration::handSize));
  number_or_none(cells, of_queues(&api::QueuingConfiguration::queueLengthLimit));
  cells.text(age(one.metadata.creationTimestamp, now));
  return {.cells = std::move(cells).finish()};
}

}  // namespace

std::vector<KindTable> flowcontrol_tables() {
  return {table_of<api::FlowSchema, print_flow_schema>(
              {name_column(), column("PriorityLevel"), column("MatchingPrecedence", "integer"),
               column("DistinguisherMethod"), age_column(), column("MissingPL")}),
          table_of<api::PriorityLevelConfiguration, print_priority_level>(
              {name_column(), column("Type"), column("NominalConcurrencyShares"), column("Queues"),
               column("HandSize"), column("QueueLengthLimit"), age_column()})};
}

}  // namespace skiff::printers
