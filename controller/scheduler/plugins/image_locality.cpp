// SPDX-License-Identifier: Apache-2.0
// ImageLocality: a node that already holds a pod's (large) images scores higher; images that many
// nodes hold count more, so that pods do not pile up on the one node that happens to have them.
#include <algorithm>

#include "controller/scheduler/plugins/plugins.h"

namespace skiff::scheduler {
namespace {

constexpr int64_t kMebibyte = 1 << 20;
constexpr int64_t kSmallest = 23 * kMebibyte;  // kube-scheduler's thresholds
constexpr int64_t kLargestPerContainer = 1000 * kMebibyte;

struct Spread final : State {
  std::map<std::string, int64_t> nodes_with;  // image name → nodes that hold it
  int64_t nodes = 0;
};

std::string with_tag(const std::string& image) {
  const size_t slash = image.rfind('/');
  const size_t colon = image.find(':', slash == std::string::npos ? 0 : slash);
  return colon == std::string::npos && image.find('@') == std::string::npos ? image + ":latest"
                                                                            : image;
}

// The size of `image` on `node`, 0 if it is not there. Names are compared by their end:
// `nginx:latest` is `docker.io/library/nginx:latest`.
int64_t size_on(const api::Node& node, const std::string& image) {
  for (const api::ContainerImage& held : node.status.images)
    for (const std::string& name : held.names)
      if (name == image || name.ends_with("/" + image)) return held.sizeBytes;
  return 0;
}

class ImageLocality final : public ScorePlugin {
 public:
  std::string_view name() const override { return "ImageLocality"; }

  StatePtr pre_score(const PodInfo& pod, const Nodes& nodes) const override {
    auto spread = std::make_unique<Spread>();
    spread->nodes = static_cast<int64_t>(nodes.size());
    for (const api::Container& container : pod.pod->spec.containers) {
      const std::string image = with_tag(container.image);
      spread->nodes_with[image] =
          std::count_if(nodes.begin(), nodes.end(),
                        [&](const NodeInfo* node) { return size_on(*node->node, image) > 0; });
    }
    return spread;
  }

  int64_t score(const PodInfo& pod, const NodeInfo& node, const State* state) const override {
    const auto& spread = static_cast<const Spread&>(*state);
    int64_t total = 0;
    for (const api::Container& container : pod.pod->spec.containers) {
      const std::string image = with_tag(container.image);
      const auto held = spread.nodes_with.find(image);
      if (held != spread.nodes_with.end())
        total += size_on(*node.node, image) * held->second / spread.nodes;
    }
    const int64_t largest =
        kLargestPerContainer * static_cast<int64_t>(pod.pod->spec.containers.size());
    return kMost * (std::clamp(total, kSmallest, largest) - kSmallest) / (largest - kSmallest);
  }
};

}  // namespace

std::shared_ptr<const ScorePlugin> image_locality() {
  return std::make_shared<ImageLocality>();
}

}  // namespace skiff::scheduler
