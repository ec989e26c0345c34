// SPDX-License-Identifier: Apache-2.0
// PrioritySort: the higher priority first, then who has waited longer.
#include "controller/scheduler/plugins/plugins.h"

namespace skiff::scheduler {
namespace {

class PrioritySort final : public QueueSortPlugin {
 public:
  std::string_view name() const override { return "PrioritySort"; }
  bool before(const Waiting& a, const Waiting& b) const override {
    const int32_t first = a.pod->spec.priority.value_or(0);
    const int32_t second = b.pod->spec.priority.value_or(0);
    return first != second ? first > second : a.since < b.since;
  }
};

}  // namespace

std::shared_ptr<const QueueSortPlugin> priority_sort() {
  return std::make_shared<PrioritySort>();
}

}  // namespace skiff::scheduler
