// SPDX-License-Identifier: Apache-2.0
// The plugin as a function: environment and standard input in, exit code and output out.
#pragma once

#include <map>
#include <string>

namespace skiff::cni {

using Environment = std::map<std::string, std::string>;  // the CNI_ variables

struct Outcome {
  int exit_code = 0;
  std::string output;  // standard output: results, and errors as the reference plugins print them
  std::string remark;  // standard error
};

Outcome run(const Environment& environment, const std::string& input);

}  // namespace skiff::cni
