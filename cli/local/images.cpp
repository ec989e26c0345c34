// SPDX-License-Identifier: Apache-2.0
#include "cli/local/images.h"

#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "base/file.h"
#include "cli/local/command.h"

namespace skiff::cli {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

constexpr auto kPatience = std::chrono::seconds(30);
constexpr auto kInterval = std::chrono::milliseconds(10);

// Name, size and time of every archive: equal if and only if nothing was rebuilt.
std::string fingerprint(const std::vector<fs::path>& archives) {
  std::string text;
  for (const fs::path& archive : archives) {
    struct stat info{};
    if (::stat(archive.c_str(), &info) != 0) continue;
    text += fmt::format("{} {} {}.{}\n", archive.filename().string(), info.st_size,
                        info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
  }
  return text;
}

std::vector<std::string> ctr(const std::string& socket, std::vector<std::string> arguments) {
  std::vector<std::string> argv = {"ctr", "--address", socket, "--namespace", "k8s.io", "images"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return argv;
}

// containerd names an image by its digest too, a moment after the import: without that name the
// next containerd would not know it.
Status wait_until_registered(const std::string& socket, size_t images) {
  const auto deadline = steady_clock::now() + kPatience;
  for (;;) {
    auto listed = run_command(ctr(socket, {"list", "-q"}));
    if (listed.ok()) {
      size_t digests = 0;
      for (size_t at = 0; (at = listed->find("sha256:", at)) != std::string::npos; ++at) ++digests;
      if (digests >= images) return absl::OkStatus();
    }
    if (steady_clock::now() > deadline) return deadline_exceeded("containerd did not take them in");
    std::this_thread::sleep_for(kInterval);
  }
}

Status import_all(const std::string& socket, const std::vector<fs::path>& archives) {
  const auto deadline = steady_clock::now() + kPatience;
  while (!fs::exists(socket)) {
    if (steady_clock::now() > deadline) return deadline_exceeded("containerd does not start");
    std::this_thread::sleep_for(kInterval);
  }
  for (const fs::path& archive : archives) {
    RETURN_IF_ERROR(run_command(ctr(socket, {"import", archive})).status(), "{}",
                    archive.filename().string());
  }
  return wait_until_registered(socket, archives.size());
}

// With a containerd of its own, whose sockets and state lie in `scratch`.
Status import_into(const fs::path& seed, const std::string& scratch,
                   const std::vector<fs::path>& archives, const Programs& programs) {
  const std::string config = scratch + "/containerd.toml";
  RETURN_IF_ERROR(make_directories(seed));
  RETURN_IF_ERROR(make_directories(scratch + "/cni"));
  RETURN_IF_ERROR(write_file_atomic(
      config, containerd_config(seed.string(), scratch, "/nonexistent", scratch + "/cni")));
  const std::vector<std::string> argv = {programs.containerd, "--config", config, "--log-level",
                                         "fatal"};
  pid_t pid = 0;
  const int failed =
      ::posix_spawnp(&pid, argv[0].c_str(), nullptr, nullptr, c_arguments(argv).data(), environ);
  if (failed != 0) return errno_status(failed, programs.containerd);
  Status imported = import_all(scratch + "/containerd.sock", archives);
  ::kill(pid, SIGKILL);  // every import is durable once answered; its orderly end takes minutes
  ::waitpid(pid, nullptr, 0);
  return imported;
}

}  // namespace

std::vector<fs::path> image_archives(const fs::path& directory) {
  std::vector<fs::path> archives;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    if (entry.path().extension() == ".tar") archives.push_back(entry.path());
  }
  std::sort(archives.begin(), archives.end());
  return archives;
}

Status prepare_image_seed(const fs::path& directory, const Programs& programs) {
  const std::vector<fs::path> archives = image_archives(directory);
  if (archives.empty()) {
    return failed_precondition("no images in {}: build them with `make images`",
                               directory.string());
  }
  const fs::path stamp = directory / "seed.inputs";
  const std::string wanted = fingerprint(archives);
  if (auto found = read_file(stamp); found.ok() && *found == wanted) return absl::OkStatus();
  std::error_code error;
  fs::remove_all(directory / "seed", error);
  // A short path: socket names have 107 characters.
  char scratch[] = "/tmp/skiff-images-XXXXXX";
  if (::mkdtemp(scratch) == nullptr) return errno_status(errno, "mkdtemp");
  Status imported = import_into(directory / "seed", scratch, archives, programs);
  fs::remove_all(scratch, error);
  RETURN_IF_ERROR(imported, "import images");
  return write_file_atomic(stamp, wanted);
}

Status plant_images(const fs::path& directory, const NodeLayout& node) {
  // cp keeps modes, owners, links and attributes, and shares blocks where the file system can.
  return run_command({"cp", "-a", "--reflink=auto", (directory / "seed").string(),
                      node.data + "/containerd"})
      .status();
}

Status load_image(const fs::path& archive, const NodeLayout& node) {
  return run_command(ctr(node.containerd_socket, {"import", archive.string()})).status();
}

}  // namespace skiff::cli
