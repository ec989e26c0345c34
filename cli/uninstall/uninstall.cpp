// SPDX-License-Identifier: Apache-2.0
#include "cli/uninstall/uninstall.h"

#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "agent/datapath/datapath.h"
#include "agent/kube_proxy/kept_translation.h"
#include "agent/network/node_setup.h"
#include "agent/network/uninstall.h"
#include "base/file.h"
#include "cli/uninstall/run_files.h"

namespace skiff::cli {
namespace {

namespace fs = std::filesystem;

// The values of `--flag VALUE` and `--flag=VALUE` of a process, from /proc/PID/cmdline.
std::string flag_of(std::string_view command_line, std::string_view flag) {
  for (size_t at = command_line.find(flag); at != std::string_view::npos;
       at = command_line.find(flag, at + 1)) {
    const size_t end = at + flag.size();
    if (at > 0 && command_line[at - 1] != '\0') continue;
    if (end >= command_line.size() || (command_line[end] != '=' && command_line[end] != '\0'))
      continue;
    const std::string_view value = command_line.substr(end + 1);
    return std::string(value.substr(0, value.find('\0')));
  }
  return "";
}

// The pid of an agent with these pins; 0: none.
int running_agent(const fs::path& bpf_dir) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const int pid = std::atoi(entry.path().filename().c_str());
    if (pid == 0 || fs::read_symlink(entry.path() / "exe", ignored).filename() != "skiff-agent")
      continue;
    const auto command_line = read_file(entry.path() / "cmdline");
    if (!command_line.ok()) continue;
    const std::string given = flag_of(*command_line, "--bpf-dir");
    if ((given.empty() ? UninstallOptions().bpf_dir : fs::path(given)) == bpf_dir) return pid;
  }
  return 0;
}

// Never what is mounted from elsewhere: volumes of pods that were left running.
Status remove_data(const fs::path& directory) {
  ASSIGN_OR_RETURN(const std::string mounts, read_file("/proc/self/mountinfo"));
  if (mounts.find(" " + directory.string() + "/") != std::string::npos)
    return failed_precondition("{} is left: volumes of pods are mounted in it", directory.string());
  std::error_code error;
  fs::remove_all(directory, error);
  if (error) return errno_status(error.value(), "remove " + directory.string());
  return absl::OkStatus();
}

}  // namespace

Status uninstall(const UninstallOptions& options) {
  if (::geteuid() != 0) return permission_denied("uninstall: needs root");
  if (const int pid = running_agent(options.bpf_dir); pid != 0)
    return failed_precondition("uninstall: skiff-agent runs as process {}: stop it first", pid);
  Status first = absl::OkStatus();
  // The runtime must not ask us for pods any more; then packets go their usual way; then links go.
  first.Update(annotate(network::remove_conflist(options.cni_conf_dir), "CNI configuration"));
  first.Update(annotate(datapath::uninstall(options.bpf_dir.string()), "datapath"));
  first.Update(annotate(network::remove_node_network(options.data_dir), "pod network"));
  first.Update(annotate(kube_proxy::remove_kept_translation(), "nftables"));
  first.Update(annotate(remove_run_files(options.run_dir), "run directory"));
  first.Update(annotate(remove_data(options.data_dir), "data directory"));
  return first;
}

}  // namespace skiff::cli
