// SPDX-License-Identifier: Apache-2.0
#include "cli/cluster_choice.h"

#include <cstdlib>

#include "cli/local/layout.h"
#include "cli/local/spec_file.h"
#include "kube/kubeconfig.h"

namespace skiff::cli {
namespace {

constexpr const char* kUsual = "local";

Result<Cluster> local(const std::string& name) {
  ASSIGN_OR_RETURN(const ClusterSpec spec, load_spec(name));
  return Cluster{.local = name, .kubeconfig = make_layout(spec).admin_kubeconfig};
}

// A kubeconfig; of a local cluster if it is the one that `skiff up` wrote for it.
Cluster of_file(const std::filesystem::path& kubeconfig) {
  auto ours = local(kubeconfig.parent_path().filename());
  if (ours.ok() && ours->kubeconfig == kubeconfig) return *std::move(ours);
  return Cluster{.local = "", .kubeconfig = kubeconfig};
}

}  // namespace

void add_cluster_options(CLI::App& command, ClusterChoice& choice) {
  command.add_option("--name", choice.name, "of a local cluster (default: local, where it runs)");
  command.add_option("--kubeconfig", choice.kubeconfig,
                     "of any cluster (default: KUBECONFIG, or kubectl's own file)");
}

Result<Cluster> resolve(const ClusterChoice& choice) {
  if (!choice.kubeconfig.empty()) return of_file(choice.kubeconfig);
  if (!choice.name.empty()) return local(choice.name);
  const char* environment = std::getenv("KUBECONFIG");
  if (environment == nullptr || *environment == '\0') {
    auto usual = local(kUsual);
    if (usual.ok() || usual.status().code() != StatusCode::kNotFound) return usual;
    std::error_code ignored;
    if (!std::filesystem::exists(kube::default_kubeconfig(), ignored))
      return not_found(
          "no cluster: `skiff up` starts one here; KUBECONFIG or --kubeconfig names another");
  }
  return of_file(kube::default_kubeconfig());
}

}  // namespace skiff::cli
