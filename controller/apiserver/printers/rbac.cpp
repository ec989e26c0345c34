// SPDX-License-Identifier: Apache-2.0
#include "api/rbac/types.h"
#include "controller/apiserver/printers/tables.h"

namespace skiff::printers {
namespace {

template <class T>
TableRow print_role(const T& one, TimePoint) {
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(one.metadata.creationTimestamp.to_string());
  return {.cells = std::move(cells).finish()};
}

template <class T>
TableRow print_role_binding(const T& one, TimePoint now) {
  std::vector<std::string> users, groups, accounts;
  for (const api::RbacSubject& subject : one.subjects) {
    if (subject.kind == "User") users.push_back(subject.name);
    if (subject.kind == "Group") groups.push_back(subject.name);
    if (subject.kind == "ServiceAccount")
      accounts.push_back(subject.namespace_ + "/" + subject.name);
  }
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(one.roleRef.kind + "/" + one.roleRef.name);
  cells.text(age(one.metadata.creationTimestamp, now));
  cells.text(join(users, ", "));
  cells.text(join(groups, ", "));
  cells.text(join(accounts, ", "));
  return {.cells = std::move(cells).finish()};
}

}  // namespace

std::vector<KindTable> rbac_tables() {
  return {table_of<api::Role, print_role<api::Role>>({name_column(), column("Created At")}),
          table_of<api::ClusterRole, print_role<api::ClusterRole>>(
              {name_column(), column("Created At")}),
          table_of<api::RoleBinding, print_role_binding<api::RoleBinding>>(
              {name_column(), column("Role"), age_column(), wide_column("Users"),
               wide_column("Groups"), wide_column("ServiceAccounts")}),
          table_of<api::ClusterRoleBinding, print_role_binding<api::ClusterRoleBinding>>(
              {name_column(), column("Role"), age_column(), wide_column("Users"),
               wide_column("Groups"), wide_column("ServiceAccounts")})};
}

}  // namespace skiff::printers
