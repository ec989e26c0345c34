// SPDX-License-Identifier: Apache-2.0
#include "base/command.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/unique_fd.h"

namespace skiff {
namespace {

// Appends what can be read; false at the end.
bool drain(const UniqueFd& fd, std::string& into) {
  std::array<char, 4096> buffer;
  const ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
  if (n > 0) into.append(buffer.data(), static_cast<size_t>(n));
  return n > 0 || (n < 0 && errno == EINTR);
}

void read_both(const UniqueFd& out, std::string& out_text, const UniqueFd& err,
               std::string& err_text) {
  std::array<pollfd, 2> fds = {pollfd{out.get(), POLLIN, 0}, pollfd{err.get(), POLLIN, 0}};
  while (fds[0].fd >= 0 || fds[1].fd >= 0) {
    if (::poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) return;
    if (fds[0].revents != 0 && !drain(out, out_text)) fds[0].fd = -1;
    if (fds[1].revents != 0 && !drain(err, err_text)) fds[1].fd = -1;
  }
}

// A file that holds `text` and has no name.
Result<UniqueFd> file_of(const std::string& text) {
  UniqueFd file(::memfd_create("input", MFD_CLOEXEC));
  if (!file) return errno_status(errno, "memfd");
  for (size_t done = 0; done < text.size();) {
    const ssize_t n =
        ::pwrite(file.get(), text.data() + done, text.size() - done, static_cast<off_t>(done));
    if (n < 0 && errno != EINTR) return errno_status(errno, "memfd");
    if (n > 0) done += static_cast<size_t>(n);
  }
  return file;
}

}  // namespace

std::vector<char*> c_arguments(const std::vector<std::string>& argv) {
  std::vector<char*> pointers;
  for (const std::string& argument : argv) pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

Result<std::string> run_command(const std::vector<std::string>& argv, const std::string& input) {
  int out[2];
  int err[2];
  if (::pipe2(out, O_CLOEXEC) != 0 || ::pipe2(err, O_CLOEXEC) != 0) {
    return errno_status(errno, "pipe");
  }
  UniqueFd out_read(out[0]), out_write(out[1]), err_read(err[0]), err_write(err[1]);
  UniqueFd stdin_file;
  if (!input.empty()) {
    ASSIGN_OR_RETURN(stdin_file, file_of(input));
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (stdin_file) posix_spawn_file_actions_adddup2(&actions, stdin_file.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out_write.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err_write.get(), STDERR_FILENO);
  pid_t pid = 0;
  const int error =
      ::posix_spawnp(&pid, argv[0].c_str(), &actions, nullptr, c_arguments(argv).data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return errno_status(error, fmt::format("run {}", argv[0]));
  out_write.reset();
  err_write.reset();
  std::string text;
  std::string complaint;
  read_both(out_read, text, err_read, complaint);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (status == 0) return text;
  while (complaint.ends_with('\n')) complaint.pop_back();
  return internal_error("{}: {}", argv[0], complaint.empty() ? "failed" : complaint);
}

}  // namespace skiff
