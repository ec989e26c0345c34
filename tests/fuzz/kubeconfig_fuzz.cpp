// SPDX-License-Identifier: Apache-2.0
#include "kube/kubeconfig.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/check.h"
#include "base/unique_fd.h"
#include "tests/fuzz/target.h"

namespace skiff::fuzz {
namespace {

// Through a file in memory. An input that may name a file is passed over: it could be any device.
void run(std::string_view input) {
  for (const std::string_view key : {"authority", "client-"})
    for (size_t at = 0; (at = input.find(key, at)) != std::string_view::npos; ++at)
      if (input.substr(at, 32).find("-data") == std::string_view::npos) return;
  if (input.find('\\') != std::string_view::npos) return;  // an escaped key
  const UniqueFd file(::memfd_create("kubeconfig", MFD_CLOEXEC));
  CHECK(file.get() >= 0);
  CHECK(::write(file.get(), input.data(), input.size()) == static_cast<ssize_t>(input.size()));
  (void)kube::load_kubeconfig(fmt::format("/proc/self/fd/{}", file.get()));
}

const Registration kTarget("kubeconfig", &run);

}  // namespace
}  // namespace skiff::fuzz
