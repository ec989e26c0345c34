// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cni/plugin.h"

namespace {

constexpr size_t kMaxInputBytes = 1 << 20;

skiff::cni::Environment cni_environment() {
  skiff::cni::Environment variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const char* const start = *entry;
    const char* const equals = std::strchr(start, '=');
    if (equals == nullptr || std::strncmp(start, "CNI_", 4) != 0) continue;
    variables.emplace(std::string(start, equals), equals + 1);
  }
  return variables;
}

std::string read_input() {
  std::string input;
  char buffer[8192];
  while (input.size() <= kMaxInputBytes) {
    const ssize_t got = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    input.append(buffer, static_cast<size_t>(got));
  }
  return input;
}

void write_all(int fd, const std::string& text) {
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t written = ::write(fd, text.data() + done, text.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return;
    done += static_cast<size_t>(written);
  }
}

}  // namespace

int main() {
  const skiff::cni::Environment environment = cni_environment();
  const bool asked = environment.contains("CNI_COMMAND");
  const skiff::cni::Outcome outcome = skiff::cni::run(environment, asked ? read_input() : "");
  write_all(STDERR_FILENO, outcome.remark);
  write_all(STDOUT_FILENO, outcome.output);
  return outcome.exit_code;
}
