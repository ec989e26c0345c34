// SPDX-License-Identifier: Apache-2.0
// skiff: the command line. Local clusters, and looking into them.
#include <CLI/CLI.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "cli/agent_status.h"
#include "cli/cluster_choice.h"
#include "cli/local/cluster.h"
#include "cli/local/spec_file.h"
#include "cli/local/supervisor.h"
#include "cli/look_commands.h"
#include "cli/observe_commands.h"
#include "cli/policy/policy.h"
#include "cli/services/services.h"
#include "cli/uninstall/uninstall.h"

namespace skiff::cli {
namespace {

namespace fs = std::filesystem;

// The other programs lie beside this one; images beside the build directory, or where a package
// puts them.
fs::path own_directory() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error).parent_path();
}

Programs own_programs() {
  const fs::path directory = own_directory();
  return {.controller = directory / "skiff-controller",
          .agent = directory / "skiff-agent",
          .cni_directory = directory};
}

fs::path default_images() {
  std::error_code error;
  const fs::path built = own_directory() / "../../images";
  if (fs::exists(built, error)) return fs::canonical(built, error);
  return "/usr/share/skiff/images";
}

// What a subcommand does once the arguments are known.
using Action = std::function<Status()>;

void add_up(CLI::App& app, Action& action) {
  auto options = std::make_shared<UpOptions>();
  options->images = default_images();
  options->programs = own_programs();
  CLI::App* up_command = app.add_subcommand("up", "start a cluster on this machine");
  up_command->add_option("--nodes", options->nodes, "how many nodes")->capture_default_str();
  up_command->add_option("--name", options->name, "clusters of several names live side by side")
      ->capture_default_str();
  up_command
      ->add_option("--segments", options->segments,
                   "networks that the nodes are spread over, with a router between them")
      ->capture_default_str();
  up_command->add_flag("--ipv6", options->ipv6, "IPv6 beside IPv4");
  up_command->add_option("--agent-flag", options->agent_flags,
                         "one more flag for every agent: --agent-flag=--overlay=always");
  up_command->add_option("--controller-flag", options->controller_flags,
                         "one more flag for the controller");
  up_command->add_option("--runtime", options->runtimes,
                         "one more handler of the container runtime: NAME=BINARY that works like "
                         "runc, or NAME=io.containerd.… (a shim)");
  up_command->add_option("--images", options->images, "directory of OCI archives to load");
  up_command->callback([options, &action] { action = [options] { return up(*options); }; });
}

// A command that is told nothing but the cluster's name.
void add_named(CLI::App& app, Action& action, const std::string& command,
               const std::string& description, Status (*run)(const std::string&)) {
  auto name = std::make_shared<std::string>("local");
  CLI::App* named = app.add_subcommand(command, description);
  named->add_option("--name", *name, "of the cluster")->capture_default_str();
  named->callback([name, run, &action] { action = [name, run] { return run(*name); }; });
}

void add_node(CLI::App& app, Action& action) {
  struct Options {
    std::string cluster = "local";
    std::string node;
    std::vector<std::string> command;
  };
  auto options = std::make_shared<Options>();
  CLI::App* node = app.add_subcommand("node", "reach into a node");
  node->require_subcommand(1);
  CLI::App* exec = node->add_subcommand("exec", "run a command as a process of the node");
  exec->add_option("--name", options->cluster, "of the cluster")->capture_default_str();
  exec->add_option("node", options->node, "node-1, …")->required();
  exec->add_option("command", options->command, "after --")->required();
  exec->callback([options, &action] {
    action = [options] { return node_exec(options->cluster, options->node, options->command); };
  });
}

void add_status(CLI::App& app, Action& action) {
  auto choice = std::make_shared<ClusterChoice>();
  CLI::App* command = app.add_subcommand("status", "what runs, where, and how big it is");
  add_cluster_options(*command, *choice);
  command->callback([choice, &action] {
    action = [choice]() -> Status {
      ASSIGN_OR_RETURN(const Cluster cluster, resolve(*choice));
      return cluster.local.empty() ? print_agents(cluster.kubeconfig) : print_status(cluster.local);
    };
  });
}

void add_services(CLI::App& app, Action& action) {
  auto choice = std::make_shared<ClusterChoice>();
  auto node = std::make_shared<std::string>();
  CLI::App* services = app.add_subcommand("services", "what the nodes do with Services, in words");
  add_cluster_options(*services, *choice);
  services->add_option("--node", *node, "of this node alone");
  services->callback([choice, node, &action] {
    action = [choice, node]() -> Status {
      ASSIGN_OR_RETURN(const Cluster cluster, resolve(*choice));
      return print_services(
          {.kubeconfig = cluster.kubeconfig, .local = cluster.local, .node = *node});
    };
  });
}

void add_policy(CLI::App& app, Action& action) {
  auto name = std::make_shared<std::string>("local");
  auto pod = std::make_shared<std::string>();
  CLI::App* policy =
      app.add_subcommand("policy", "which NetworkPolicy rules are in force for a pod");
  policy->add_option("--name", *name, "of the cluster")->capture_default_str();
  policy->add_option("pod", *pod, "[NAMESPACE/]POD")->required();
  policy->callback(
      [name, pod, &action] { action = [name, pod] { return print_policy(*name, *pod); }; });
}

void add_load(CLI::App& app, Action& action) {
  auto name = std::make_shared<std::string>("local");
  auto archive = std::make_shared<std::string>();
  CLI::App* load_command = app.add_subcommand("load", "load an image archive into every node");
  load_command->add_option("--name", *name, "of the cluster")->capture_default_str();
  load_command->add_option("archive", *archive, "OCI or docker archive")
      ->required()
      ->check(CLI::ExistingFile);
  load_command->callback(
      [name, archive, &action] { action = [name, archive] { return load(*name, *archive); }; });
}

void add_uninstall(CLI::App& app, Action& action) {
  auto options = std::make_shared<UninstallOptions>();
  CLI::App* command = app.add_subcommand(
      "uninstall",
      "give this host back as it was before skiff-agent ran here; stop the agent first");
  command->add_option("--bpf-dir", options->bpf_dir, "of the agent")->capture_default_str();
  command->add_option("--data-dir", options->data_dir, "of the agent")->capture_default_str();
  command->add_option("--run-dir", options->run_dir, "of the agent")->capture_default_str();
  command->add_option("--cni-conf-dir", options->cni_conf_dir, "of the container runtime")
      ->capture_default_str();
  command->callback([options, &action] { action = [options] { return uninstall(*options); }; });
}

Status run_supervisor(const std::string& name) {
  ASSIGN_OR_RETURN(ClusterSpec spec, load_spec(name));
  return supervise(make_layout(spec), own_programs());
}

int run(int argc, char** argv) {
  CLI::App app("skiff: a small Kubernetes. Local clusters: `skiff up`, `skiff down`.");
  app.require_subcommand(1);
  app.set_version_flag("--version", "skiff 0.1.0");
  Action action;
  add_up(app, action);
  add_named(app, action, "down", "remove a cluster and every trace of it", down);
  add_status(app, action);
  add_node(app, action);
  add_services(app, action);
  add_policy(app, action);
  add_look_commands(app, action);
  add_observe_commands(app, action);
  add_load(app, action);
  add_uninstall(app, action);
  add_named(app, action, "supervise", "the init of a local cluster", run_supervisor);
  app.get_subcommand("supervise")->group("");
  CLI11_PARSE(app, argc, argv);
  const Status status = action();
  if (status.ok()) return 0;
  fmt::print(stderr, "skiff: {}\n", message(status));
  return 1;
}

}  // namespace
}  // namespace skiff::cli

int main(int argc, char** argv) {
  return skiff::cli::run(argc, argv);
}
