// SPDX-License-Identifier: Apache-2.0
#include "cli/observe_commands.h"

#include "cli/cluster_choice.h"
#include "cli/observe/drops.h"
#include "cli/observe/observe.h"

namespace skiff::cli {
namespace {

using Action = std::function<Status()>;

struct Options {
  ClusterChoice cluster;
  std::map<std::string, std::vector<std::string>> filter;  // by query parameter
  std::string output;                                      // empty: as the command has it
  ObserveOptions observe;
};

void add_filter(CLI::App& command, Options& options, const std::string& flags,
                const std::string& parameter, const std::string& help) {
  command.add_option(flags, options.filter[parameter], help);
}

void add_options(CLI::App& command, Options& options) {
  add_cluster_options(command, options.cluster);
  command.add_option("--node", options.observe.node, "of this node alone");
  add_filter(command, options, "--pod", "pod", "[NAMESPACE/]PREFIX of a pod at either end");
  add_filter(command, options, "-n,--namespace", "namespace",
             "of a pod at either end, or of the Service");
  add_filter(command, options, "--service", "service", "[NAMESPACE/]NAME");
  add_filter(command, options, "--ip", "ip", "an address or CIDR at either end");
  add_filter(command, options, "--port", "port", "at either end");
  add_filter(command, options, "--protocol", "protocol",
             "tcp, udp, sctp, icmp, icmpv6, dns, a number");
  add_filter(command, options, "--reason", "reason", "of a drop or refusal");
  command.add_option("--last", options.observe.last, "so many of the past")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  command.add_option("--since", options.observe.since, "all of the past 30s, 5m, 2h");
  command.add_flag("-f,--follow", options.observe.follow, "go on with what comes");
  command.add_flag("--stack", options.observe.stack, "of drops in the kernel, from now on");
  command.add_option("-o,--output", options.output,
                     "compact, wide, json; compact, but wide with --stack");
}

Status run_observe(Options& options) {
  if (options.output.empty()) options.output = options.observe.stack ? "wide" : "compact";
  ASSIGN_OR_RETURN(options.observe.output, parse_output(options.output));
  ASSIGN_OR_RETURN(const Cluster cluster, resolve(options.cluster));
  options.observe.kubeconfig = cluster.kubeconfig;
  for (const auto& [parameter, values] : options.filter)
    for (const std::string& value : values) options.observe.filter.add(parameter, value);
  return observe(options.observe);
}

// What the kernel counts has neither filters nor times.
Status check_counts(const CLI::App& command, const std::string& output) {
  for (const char* flag : {"--pod", "--namespace", "--service", "--ip", "--port", "--protocol",
                           "--reason", "--last", "--since"})
    if (command.count(flag) != 0)
      return invalid_argument("{}: counts are of everything dropped; add --list for single packets",
                              flag);
  if (!output.empty() && output != "compact" && output != "json")
    return invalid_argument("-o {}: counts are compact or json; add --list for single packets",
                            output);
  return absl::OkStatus();
}

// Counts, unless single packets are asked for.
Status run_drops(const CLI::App& command, Options& options, bool list) {
  if (options.observe.follow || options.observe.stack || list) {
    options.filter["verdict"] = {"dropped", "refused"};
    return run_observe(options);
  }
  RETURN_IF_ERROR(check_counts(command, options.output));
  ASSIGN_OR_RETURN(const Cluster cluster, resolve(options.cluster));
  return print_drops({.kubeconfig = cluster.kubeconfig,
                      .node = options.observe.node,
                      .json = options.output == "json"});
}

}  // namespace

void add_observe_commands(CLI::App& app, Action& action) {
  auto watched = std::make_shared<Options>();
  CLI::App* watch =
      app.add_subcommand("observe", "flows: who talked to whom through which Service");
  add_options(*watch, *watched);
  add_filter(*watch, *watched, "--verdict", "verdict", "forwarded, translated, refused, dropped");
  watch->callback([watched, &action] { action = [watched] { return run_observe(*watched); }; });

  auto dropped = std::make_shared<Options>();
  auto list = std::make_shared<bool>(false);
  CLI::App* drops = app.add_subcommand("drops", "what was dropped, why, where, whose");
  add_options(*drops, *dropped);
  drops->add_flag("--list", *list, "single packets instead of counts; -f and --stack do as well");
  drops->callback([drops, dropped, list, &action] {
    action = [drops, dropped, list] { return run_drops(*drops, *dropped, *list); };
  });
}

}  // namespace skiff::cli
