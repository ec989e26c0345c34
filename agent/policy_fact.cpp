// SPDX-License-Identifier: Apache-2.0
#include "agent/policy_fact.h"

#include "agent/policy/in_force.h"
#include "agent/trace/why_maps.h"

namespace skiff::agent {
namespace {

Status compare(policy::Direction direction, const policy::Question& question,
               const datapath::Maps& maps, trace::PolicyFact& fact) {
  if (!fact.allowed) {
    ASSIGN_OR_RETURN(fact.exempt, policy::exemption(maps, direction, question));
  }
  ASSIGN_OR_RETURN(const policy::InForce tables, policy::in_force(maps, direction, question));
  fact.tables_differ = tables.allowed != fact.allowed;
  return {};
}

}  // namespace

trace::PolicyFact policy_fact(policy::Direction direction, const policy::Question& question,
                              policy::Judgement judgement, const datapath::Maps& maps) {
  trace::PolicyFact fact{
      .egress = direction == policy::kEgress,
      .from = question.source.to_string(),
      .to = trace::SocketAddress{question.destination, question.port}.to_string(),
      .pod = std::move(judgement.pod),
      .pending = judgement.pending,
      .allowed = judgement.allowed,
      .isolating = std::move(judgement.isolating),
      .policy = std::move(judgement.policy),
      .rule = std::move(judgement.rule),
      .rule_text = std::move(judgement.rule_text),
      .near_misses = std::move(judgement.near_misses)};
  if (const Status compared = compare(direction, question, maps, fact); !compared.ok())
    fact.tables_problem = message(compared);
  return fact;
}

}  // namespace skiff::agent
