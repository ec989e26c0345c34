// SPDX-License-Identifier: Apache-2.0
// `skiff why`: fetches the facts and prints what plan.h makes of them.
#pragma once

#include <string>

#include "base/result.h"

namespace skiff::cli {

struct WhyOptions {
  std::string kubeconfig;
  std::string namespace_ = "default";
  std::string pod;     // "web-1" or "shop/web-1"
  std::string target;  // see target.h
};

// `failed` is set when some check failed: the command's exit status.
Status why(const WhyOptions& options, bool& failed);

}  // namespace skiff::cli
