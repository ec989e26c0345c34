// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/kubelet/root/containerd.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "agent/kubelet/volumes/mounts.h"
#include "base/file.h"

namespace skiff::kubelet {
namespace fs = std::filesystem;
namespace {

constexpr const char* kConfig = R"(version = 2
root = "{0}/root"
state = "{0}/state"
[debug]
  level = "warn"
[grpc]
  address = "{0}/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  disable_tcp_service = true
  netns_mounts_under_state_dir = true
  restrict_oom_score_adj = true
  sandbox_image = "skiff.local/pause:1"
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{0}/cni/bin"
    conf_dir = "{0}/cni/conf"
)";

bool on_path(const std::string& program) {
  for (const char* dir : {"/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/", "/usr/local/bin/"})
    if (::access((dir + program).c_str(), X_OK) == 0) return true;
  return false;
}

// The program with its output in `log`. Dies with us.
int run(const std::vector<std::string>& words, const fs::path& log) {
  const int pid = ::fork();
  if (pid != 0) return pid;
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  ::dup2(out, 1);
  ::dup2(out, 2);
  std::vector<char*> argv;
  for (const auto& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  ::execvp(argv[0], argv.data());
  ::_exit(127);
}

fs::path image(const std::string& name) {
  return fs::path(SKIFF_IMAGES) / (name + ".tar");
}

}  // namespace

std::string Containerd::obstacle() {
  if (::geteuid() != 0) return "needs root";
  for (const char* program : {"containerd", "ctr", "runc"})
    if (!on_path(program)) return fmt::format("{} is not installed", program);
  for (const char* name : {"pause", "busybox"})
    if (!fs::exists(image(name)))
      return fmt::format("{} is not there: run `make images`", image(name).string());
  return "";
}

Status Containerd::start() {
  RETURN_IF_ERROR(make_directories(dir_));
  RETURN_IF_ERROR(
      write_file_atomic(dir_ / "config.toml", fmt::format(fmt::runtime(kConfig), dir_.string())));
  pid_ = run({"containerd", "--config", dir_ / "config.toml"}, dir_ / "containerd.log");
  for (int i = 0; i < 100; ++i) {
    if (fs::exists(socket()) && import_image("pause").ok()) return absl::OkStatus();
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return unavailable("containerd did not start: {}",
                     read_file(dir_ / "containerd.log").value_or(""));
}

Status Containerd::import_image(const std::string& name) {
  const int pid = run({"ctr", "-a", socket(), "-n", "k8s.io", "images", "import", image(name)},
                      dir_ / "ctr.log");
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (status == 0) return absl::OkStatus();
  return internal_error("import {}: {}", name, read_file(dir_ / "ctr.log").value_or(""));
}

Containerd::~Containerd() {
  if (pid_ > 0) {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  (void)remove_tree(dir_);
}

}  // namespace skiff::kubelet
