// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <filesystem>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.h"
#include "cli/local/cgroups.h"
#include "cli/local/cluster.h"
#include "cli/local/images.h"
#include "cli/local/log_tail.h"
#include "cli/local/machine.h"
#include "cli/local/network.h"
#include "cli/local/readiness.h"
#include "cli/local/spec_file.h"
#include "cli/local/supervisor.h"
#include "cli/local/teardown.h"
#include "cli/steps.h"

namespace skiff::cli {
namespace {

namespace fs = std::filesystem;

bool loopback_port_free(uint16_t port) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

Result<ClusterSpec> decide(const UpOptions& options) {
  constexpr int kPorts = 100;
  ClusterSpec spec{.name = options.name,
                   .nodes = options.nodes,
                   .segments = options.segments,
                   .ipv6 = options.ipv6,
                   .agent_flags = options.agent_flags,
                   .controller_flags = options.controller_flags,
                   .runtimes = options.runtimes};
  ASSIGN_OR_RETURN(spec.index, free_index());
  for (int tries = 0; !loopback_port_free(spec.api_port); ++tries) {
    if (tries == kPorts) return resource_exhausted("ports from 6443 on are all taken");
    ++spec.api_port;
  }
  RETURN_IF_ERROR(validate(spec));
  return spec;
}

// The runtime calls two plugins, `skiff-cni` and (before containerd 2.0) `loopback`: one program
// under both names.
Status plant_cni_plugins(const std::string& directory, const std::string& program) {
  RETURN_IF_ERROR(make_directories(directory));
  for (const char* name : {"/skiff-cni", "/loopback"})
    if (::symlink(program.c_str(), (directory + name).c_str()) != 0 && errno != EEXIST)
      return errno_status(errno, fmt::format("symlink {}{}", directory, name));
  return absl::OkStatus();
}

Status make_node(const NodeLayout& node, const UpOptions& options) {
  for (const std::string& directory :
       {node.data + "/agent", node.run + "/containerd", node.run + "/cni", node.bpf}) {
    RETURN_IF_ERROR(make_directories(directory));
  }
  RETURN_IF_ERROR(create_cgroup(node.cgroup + "/system"));
  RETURN_IF_ERROR(plant_images(options.images, node), "images");
  RETURN_IF_ERROR(plant_cni_plugins(node.run + "/cni-bin",
                                    (options.programs.cni_directory / "skiff-cni").string()));
  const std::string config =
      containerd_config(node.data + "/containerd", node.run + "/containerd", node.run + "/cni-bin",
                        node.run + "/cni", options.runtimes);
  return write_file_atomic(node.data + "/containerd.toml", config);
}

Status make_nodes(const Layout& layout, const UpOptions& options) {
  for (const std::string& directory : {layout.logs, layout.kubeconfigs, layout.run}) {
    RETURN_IF_ERROR(make_directories(directory));
  }
  RETURN_IF_ERROR(write_file_atomic(layout.spec_file, encode(layout.spec)));
  RETURN_IF_ERROR(acquire_machine(layout));
  for (const char* group : {"/controller", "/supervisor"}) {
    RETURN_IF_ERROR(create_cgroup(layout.cgroup + group));
  }
  RETURN_IF_ERROR(create_network(layout));
  for (const NodeLayout& node : layout.nodes) {
    RETURN_IF_ERROR(make_node(node, options), "{}", node.name);
  }
  return absl::OkStatus();
}

void print_log_tail(const Layout& layout, const Programs& programs) {
  constexpr size_t kLines = 15;
  const std::string failure = first_failure(layout, programs);
  if (failure.empty()) return;
  const std::string path = log_file(layout, failure.substr(0, failure.find(' ')));
  fmt::print("\nThe end of {}:\n", path);
  for (const std::string& line : last_lines(path, kLines)) fmt::print("  {}\n", line);
}

void print_usage(const Layout& layout) {
  fmt::print(
      "\nNext:\n\n"
      "  kubectl get nodes\n"
      "  kubectl create deployment web --image=nginx --replicas=4 && kubectl expose deployment web "
      "--port=80\n\n"
      "once this shell knows the cluster:\n\n"
      "export KUBECONFIG={}\n",
      layout.admin_kubeconfig);
}

Status start(Steps& steps, const Layout& layout, const UpOptions& options) {
  const Programs& programs = options.programs;
  RETURN_IF_ERROR(steps.run("Check the machine", [&] { return check_machine(programs); }));
  RETURN_IF_ERROR(
      steps.run("Prepare images", [&] { return prepare_image_seed(options.images, programs); }));
  RETURN_IF_ERROR(
      steps.run(fmt::format("Make {} nodes on bridge {}, {}", layout.nodes.size(),
                            layout.segments.front().bridge, layout.node_ranges.front().to_string()),
                [&] { return make_nodes(layout, options); }));
  RETURN_IF_ERROR(steps.run("Start the controller", [&] {
    RETURN_IF_ERROR(spawn_supervisor(layout));
    return wait_for_api(layout, programs);
  }));
  RETURN_IF_ERROR(
      steps.run("Wait for the nodes", [&] { return wait_for_nodes(layout, programs); }));
  return steps.run("Wait for cluster DNS", [&] { return wait_for_dns(layout, programs); });
}

}  // namespace

Status up(const UpOptions& options) {
  Steps steps;
  RETURN_IF_ERROR(
      validate({.name = options.name, .nodes = options.nodes, .segments = options.segments}));
  RETURN_IF_ERROR(check_root());
  ASSIGN_OR_RETURN(UniqueFd lock, lock_machine());
  if (auto found = load_spec(options.name); found.ok()) {
    const Layout layout = make_layout(*found);
    if (is_running(layout)) {
      fmt::print("Cluster {} is running already: {} nodes, API on 127.0.0.1:{}.\n", found->name,
                 found->nodes, found->api_port);
      print_usage(layout);
      return absl::OkStatus();
    }
  }
  if (has_traces(options.name)) {
    RETURN_IF_ERROR(
        steps.run("Clear what an earlier run left", [&] { return tear_down(options.name); }));
  }
  ASSIGN_OR_RETURN(ClusterSpec spec, decide(options));
  const Layout layout = make_layout(spec);
  const Status started = start(steps, layout, options);
  if (!started.ok()) {
    print_log_tail(layout, options.programs);
    (void)steps.run("Remove what was made", [&] { return tear_down(options.name); });
    return annotate(started, fmt::format("cluster {} did not start", spec.name));
  }
  fmt::print("\nCluster {} is ready after {}.\n", spec.name, steps.elapsed());
  print_usage(layout);
  return absl::OkStatus();
}

}  // namespace skiff::cli
