// SPDX-License-Identifier: Apache-2.0
// Jobs: their pods are told apart by labels that the server makes, unless the user insists.
#include "api/batch/job.h"
#include "controller/apiserver/strategies.h"

namespace skiff::apiserver {
namespace {

constexpr const char* kPrefix = "batch.kubernetes.io/";

class JobStrategy final : public TypedStrategy<api::Job> {
 protected:
  Status create(api::Job& job, WriteContext&) const override {
    if (job.spec.manualSelector.value_or(false)) return absl::OkStatus();
    auto& labels = job.spec.template_.metadata.labels;
    // Without the prefix as before 1.27: old clients select by them.
    for (const std::string prefix : {kPrefix, ""}) {
      labels[prefix + "controller-uid"] = job.metadata.uid;
      labels[prefix + "job-name"] = job.metadata.name;
    }
    auto& selector = job.spec.selector.ensure().matchLabels;
    selector.try_emplace(std::string(kPrefix) + "controller-uid", job.metadata.uid);
    // As defaulting would when the job is written again.
    if (job.metadata.labels.empty()) job.metadata.labels = labels;
    return absl::OkStatus();
  }
};

}  // namespace

std::shared_ptr<const Strategy> job_strategy() {
  return std::make_shared<JobStrategy>();
}

}  // namespace skiff::apiserver
