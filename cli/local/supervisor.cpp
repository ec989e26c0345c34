// SPDX-License-Identifier: Apache-2.0
#include "cli/local/supervisor.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/file.h"
#include "cli/local/cgroups.h"
#include "cli/local/command.h"
#include "cli/local/node_namespaces.h"

namespace skiff::cli {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr auto kWaitInterval = milliseconds(2);  // for files a daemon needs before it starts
constexpr auto kFirstBackoff = milliseconds(100);
constexpr auto kMaxBackoff = milliseconds(10'000);
constexpr auto kStable = std::chrono::seconds(10);  // a daemon that ran so long starts afresh

struct Child {
  Daemon daemon;
  pid_t pid = 0;  // 0: not running
  steady_clock::time_point started{};
  steady_clock::time_point due{};  // not before
  milliseconds backoff = kFirstBackoff;
};

UniqueFd open_log(const std::string& path) {
  return UniqueFd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
}

void redirect_to_log(const std::string& path) {
  UniqueFd log = open_log(path);
  UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  ::dup2(null.get(), STDIN_FILENO);
  ::dup2(log.get(), STDOUT_FILENO);
  ::dup2(log.get(), STDERR_FILENO);
}

// As many files as the machine allows this process: daemons hold one per connection and watch.
void raise_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

void unblock_signals() {
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

// In the forked child: goes where the daemon belongs and becomes it.
[[noreturn]] void become(const Daemon& daemon, const NodeNamespaces* node) {
  unblock_signals();
  ::setsid();
  Status status = join_cgroup(daemon.cgroup);
  if (status.ok() && node != nullptr) status = node->enter();
  if (status.ok()) {
    ::execvp(daemon.argv[0].c_str(), c_arguments(daemon.argv).data());
    status = errno_status(errno, fmt::format("execute {}", daemon.argv[0]));
  }
  fmt::print(stderr, "skiff: {}: {}\n", daemon.name, message(status));
  std::fflush(stderr);
  ::_exit(127);
}

std::string describe_exit(int wait_status) {
  if (WIFSIGNALED(wait_status)) {
    return fmt::format("killed by signal {} ({})", WTERMSIG(wait_status),
                       ::strsignal(WTERMSIG(wait_status)));
  }
  return fmt::format("exited with status {}", WEXITSTATUS(wait_status));
}

class Supervisor {
 public:
  Supervisor(const Layout& layout, const Programs& programs) : layout_(layout) {
    for (Daemon& daemon : daemons(layout, programs)) {
      children_.push_back({.daemon = std::move(daemon)});
    }
  }

  Status run() {
    for (const NodeLayout& node : layout_.nodes) {
      ASSIGN_OR_RETURN(auto namespaces, NodeNamespaces::create(node));
      nodes_.push_back(std::move(namespaces));
    }
    UniqueFd signals = block_signals();
    for (;;) {
      const int wait_ms = start_due();
      pollfd poll_signals{.fd = signals.get(), .events = POLLIN, .revents = 0};
      ::poll(&poll_signals, 1, wait_ms);
      signalfd_siginfo info{};
      while (::read(signals.get(), &info, sizeof info) == sizeof info) {
        if (info.ssi_signo != SIGCHLD) return absl::OkStatus();
      }
      reap();
    }
  }

 private:
  static UniqueFd block_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (int signal : {SIGCHLD, SIGTERM, SIGINT}) sigaddset(&set, signal);
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
    return UniqueFd(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  }

  static bool may_start(const Child& child) {
    return std::all_of(child.daemon.wait_for.begin(), child.daemon.wait_for.end(),
                       [](const std::string& file) { return fs::exists(file); });
  }

  // Starts what is due; returns for how many milliseconds nothing will be.
  int start_due() {
    const auto now = steady_clock::now();
    auto next = now + std::chrono::hours(1);
    for (Child& child : children_) {
      if (child.pid != 0) continue;
      if (child.due > now) {
        next = std::min(next, child.due);
      } else if (may_start(child)) {
        start(child);
      } else {
        next = std::min(next, now + kWaitInterval);
      }
    }
    return static_cast<int>(std::chrono::ceil<milliseconds>(next - now).count());
  }

  void start(Child& child) {
    child.started = steady_clock::now();
    const pid_t pid = ::fork();
    if (pid == 0) {
      redirect_to_log(log_file(layout_, child.daemon.name));
      become(child.daemon, child.daemon.node ? &nodes_[*child.daemon.node] : nullptr);
    }
    if (pid < 0) {
      schedule(child, fmt::format("fork: {}", std::strerror(errno)));
      return;
    }
    child.pid = pid;
    (void)write_file_atomic(pid_file(layout_, child.daemon.name), std::to_string(pid) + "\n");
  }

  void reap() {
    int wait_status = 0;
    for (pid_t pid; (pid = ::waitpid(-1, &wait_status, WNOHANG)) > 0;) {
      for (Child& child : children_) {
        if (child.pid != pid) continue;
        child.pid = 0;
        schedule(child, describe_exit(wait_status));
      }
    }
  }

  void schedule(Child& child, const std::string& why) {
    const auto now = steady_clock::now();
    if (now - child.started > kStable) child.backoff = kFirstBackoff;
    child.due = now + child.backoff;
    fmt::print(stderr, "{} {}; starting it again in {} ms\n", child.daemon.name, why,
               child.backoff.count());
    std::fflush(stderr);
    (void)write_file_atomic(exit_file(layout_, child.daemon.name), why + "\n");
    child.backoff = std::min(child.backoff * 2, kMaxBackoff);
  }

  const Layout& layout_;
  std::vector<NodeNamespaces> nodes_;
  std::vector<Child> children_;
};

}  // namespace

Status spawn_supervisor(const Layout& layout) {
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child < 0) return errno_status(errno, "fork");
  if (child == 0) {
    ::setsid();
    redirect_to_log(log_file(layout, kSupervisor));
    if (::chdir("/") != 0) ::_exit(127);
    const std::vector<std::string> argv = {"skiff", "supervise", "--name", layout.spec.name};
    ::execv("/proc/self/exe", c_arguments(argv).data());
    ::_exit(127);
  }
  return write_file_atomic(pid_file(layout, kSupervisor), std::to_string(child) + "\n");
}

Status supervise(const Layout& layout, const Programs& programs) {
  RETURN_IF_ERROR(join_cgroup(layout.cgroup + "/" + kSupervisor));
  raise_file_limit();
  Status status = Supervisor(layout, programs).run();
  if (!status.ok()) {
    (void)write_file_atomic(exit_file(layout, kSupervisor), std::string(message(status)) + "\n");
  }
  return status;
}

std::string first_failure(const Layout& layout, const Programs& programs) {
  std::vector<std::string> names = {kSupervisor};
  for (const Daemon& daemon : daemons(layout, programs)) names.push_back(daemon.name);
  for (const std::string& name : names) {
    auto why = read_file(exit_file(layout, name));
    if (!why.ok()) continue;
    while (why->ends_with('\n')) why->pop_back();
    return fmt::format("{} {}", name, *why);
  }
  return "";
}

}  // namespace skiff::cli
