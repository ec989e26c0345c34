// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/strategy.h"

namespace skiff::apiserver {
namespace {

void run_all(std::vector<std::function<void()>>& actions) {
  for (const auto& action : actions) action();
  actions.clear();
}

}  // namespace

void WriteContext::commit() {
  run_all(on_commit);
  on_rollback.clear();
}

void WriteContext::rollback() {
  run_all(on_rollback);
  on_commit.clear();
}

awaitable<void> Strategy::await_create(const Object&, WriteContext&) const {
  co_return;
}
Status Strategy::prepare_create(Object&, WriteContext&) const {
  return absl::OkStatus();
}
Status Strategy::prepare_update(Object&, const Object&, WriteContext&) const {
  return absl::OkStatus();
}
void Strategy::prepare_status_update(Object&, const Object&) const {}
void Strategy::validate(const Object&, Causes&) const {}
void Strategy::validate_update(const Object&, const Object&, Causes&) const {}
Status Strategy::check_delete(const Object&) const {
  return absl::OkStatus();
}
int64_t Strategy::grace_seconds(const Object&, std::optional<int64_t>) const {
  return 0;
}
void Strategy::begin_deletion(Object&) const {}
bool Strategy::held(const Object&) const {
  return false;
}
void Strategy::removed(const Object&) const {}

}  // namespace skiff::apiserver
