// SPDX-License-Identifier: Apache-2.0
// Secrets: the write-only stringData.
#include "api/core/config.h"
#include "controller/apiserver/strategies.h"

namespace skiff::apiserver {
namespace {

class SecretStrategy final : public TypedStrategy<api::Secret> {
 protected:
  Status create(api::Secret& secret, WriteContext&) const override {
    merge_strings(secret);
    return absl::OkStatus();
  }
  Status update(api::Secret& secret, const api::Secret& old, WriteContext&) const override {
    merge_strings(secret);
    if (secret.type.empty()) secret.type = old.type;
    return absl::OkStatus();
  }

 private:
  static void merge_strings(api::Secret& secret) {
    for (auto& [key, value] : secret.stringData) secret.data[key].value = value;
    secret.stringData.clear();
  }
};

}  // namespace

std::shared_ptr<const Strategy> secret_strategy() {
  return std::make_shared<SecretStrategy>();
}

}  // namespace skiff::apiserver
