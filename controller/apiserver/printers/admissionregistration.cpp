// SPDX-License-Identifier: Apache-2.0
#include "api/admissionregistration/policies.h"
#include "api/admissionregistration/webhooks.h"
#include "controller/apiserver/printers/tables.h"

namespace skiff::printers {
namespace {

template <class T>
TableRow print_webhooks(const T& one, TimePoint now) {
  Cells cells;
  cells.text(one.metadata.name);
  cells.number(static_cast<int64_t>(one.webhooks.size()));
  cells.text(age(one.metadata.creationTimestamp, now));
  return {.cells = std::move(cells).finish()};
}

std::string param_kind_text(const api::Box<api::ParamKind>& kind) {
  return kind ? kind->apiVersion + "/" + kind->kind : "<unset>";
}

std::string param_ref_text(const api::Box<api::ParamRef>& ref) {
  if (!ref) return "<unset>";
  if (!ref->name.empty())
    return ref->namespace_.empty() ? "*/" + ref->name : ref->namespace_ + "/" + ref->name;
  return ref->selector ? "<selector>" : "<unset>";
}

TableRow print_admission_policy(const api::ValidatingAdmissionPolicy& one, TimePoint now) {
  Cells cells;
  cells.text(one.metadata.name);
  cells.number(static_cast<int64_t>(one.spec.validations.size()));
  cells.text(param_kind_text(one.spec.paramKind));
  cells.text(age(one.metadata.creationTimestamp, now));
  return {.cells = std::move(cells).finish()};
}

TableRow print_policy_binding(const api::ValidatingAdmissionPolicyBinding& one, TimePoint now) {
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(one.spec.policyName);
  cells.text(param_ref_text(one.spec.paramRef));
  cells.text(age(one.metadata.creationTimestamp, now));
  return {.cells = std::move(cells).finish()};
}

}  // namespace

std::vector<KindTable> admissionregistration_tables() {
  return {table_of<api::ValidatingWebhookConfiguration,
                   print_webhooks<api::ValidatingWebhookConfiguration>>(
              {name_column(), column("Webhooks", "integer"), age_column()}),
          table_of<api::MutatingWebhookConfiguration,
                   print_webhooks<api::MutatingWebhookConfiguration>>(
              {name_column(), column("Webhooks", "integer"), age_column()}),
          table_of<api::ValidatingAdmissionPolicy, print_admission_policy>(
              {name_column(), column("Validations", "integer"), column("ParamKind"), age_column()}),
          table_of<api::ValidatingAdmissionPolicyBinding, print_policy_binding>(
              {name_column(), column("PolicyName"), column("ParamRef"), age_column()})};
}

}  // namespace skiff::printers
