// SPDX-License-Identifier: Apache-2.0
// The sandbox's first process: holds a pod's namespaces and reaps what is orphaned in a shared PID
// namespace. Waits for signals instead of handling them, so it has no state at all.
#include <signal.h>
#include <sys/wait.h>

int main() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGCHLD);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  for (;;) {
    int signal = 0;
    if (sigwait(&signals, &signal) != 0) return 1;
    if (signal != SIGCHLD) return 0;
    while (waitpid(-1, nullptr, WNOHANG) > 0) {
    }
  }
}
