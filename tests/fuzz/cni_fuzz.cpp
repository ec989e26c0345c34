// SPDX-License-Identifier: Apache-2.0
#include "agent/network/cni_request.h"
#include "base/check.h"
#include "tests/fuzz/target.h"

namespace skiff::fuzz {
namespace {

// Lines NAME=VALUE of the environment, an empty line, standard input.
void run(std::string_view input) {
  const Halves halves = split(input, "\n\n");
  network::CniCall call{.input = std::string(halves.second)};
  for (std::string_view rest = halves.first; !rest.empty();) {
    const Halves lines = split(rest, "\n");
    const Halves variable = split(lines.first, "=");
    call.environment[std::string(variable.first)] = std::string(variable.second);
    rest = lines.second;
  }
  CHECK(network::is_cni_version(network::answer_version(call)));
  const auto request = network::parse_request(call);
  if (request.ok()) (void)request->key();
}

const Registration kTarget("cni", &run);

}  // namespace
}  // namespace skiff::fuzz
