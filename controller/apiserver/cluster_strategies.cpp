// SPDX-License-Identifier: Apache-2.0
// Namespaces and Nodes.
#include <algorithm>

#include "api/core/namespace.h"
#include "api/core/node.h"
#include "controller/apiserver/json_text.h"
#include "controller/apiserver/strategies.h"

namespace skiff::apiserver {
namespace {

constexpr const char* kNameLabel = "kubernetes.io/metadata.name";

// A deleted namespace stays, Terminating, until its controller has emptied it and takes
// `kubernetes` from spec.finalizers.
class NamespaceStrategy final : public TypedStrategy<api::Namespace> {
 protected:
  Status create(api::Namespace& namespace_, WriteContext&) const override {
    auto& finalizers = namespace_.spec.finalizers;
    if (std::find(finalizers.begin(), finalizers.end(), "kubernetes") == finalizers.end())
      finalizers.emplace_back("kubernetes");
    namespace_.metadata.labels[kNameLabel] = namespace_.metadata.name;
    namespace_.status = {.phase = "Active"};
    return absl::OkStatus();
  }
  Status update(api::Namespace& namespace_, const api::Namespace& old,
                WriteContext&) const override {
    namespace_.spec.finalizers = old.spec.finalizers;  // only /finalize changes them
    namespace_.metadata.labels[kNameLabel] = namespace_.metadata.name;
    return absl::OkStatus();
  }
  Status deletable(const api::Namespace& namespace_) const override {
    const std::string& name = namespace_.metadata.name;
    if (name != "default" && name != "kube-system" && name != "kube-public")
      return absl::OkStatus();
    return errors::forbidden({"", "namespaces"}, name, "this namespace may not be deleted");
  }
  void deleting(api::Namespace& namespace_) const override {
    namespace_.status.phase = "Terminating";
  }
  bool keeps(const api::Namespace& namespace_) const override {
    return !namespace_.spec.finalizers.empty();
  }
};

class NodeStrategy final : public TypedStrategy<api::Node> {
 protected:
  void check_update(const api::Node& node, const api::Node& old, Causes& causes) const override {
    if (!old.spec.podCIDR.empty() && node.spec.podCIDR != old.spec.podCIDR)
      causes.push_back(cause::forbidden(
          "spec.podCIDR", "node updates may not change podCIDR except from \"\" to valid"));
    if (!old.spec.providerID.empty() && node.spec.providerID != old.spec.providerID)
      causes.push_back(cause::forbidden(
          "spec.providerID", "node updates may not change providerID except from \"\" to valid"));
  }
};

}  // namespace

std::shared_ptr<const Strategy> namespace_strategy() {
  return std::make_shared<NamespaceStrategy>();
}
std::shared_ptr<const Strategy> node_strategy() {
  return std::make_shared<NodeStrategy>();
}

}  // namespace skiff::apiserver
