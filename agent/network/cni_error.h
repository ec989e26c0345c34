// SPDX-License-Identifier: Apache-2.0
// The numbers by which a CNI plugin says what went wrong (CNI specification, "Error"), carried by a
// Status.
#pragma once

#include "base/result.h"

namespace skiff::network {

enum class CniCode : int {
  kIncompatibleVersion = 1,
  kUnsupportedField = 2,
  kUnknownContainer = 3,
  kBadEnvironment = 4,
  kIo = 5,
  kDecode = 6,
  kBadConfig = 7,
  kTryAgainLater = 11,
  kNotAvailable = 50,
  kFailed = 100,  // first number free for plugins: an operation failed, the message says how
};

Status cni_error(CniCode code, std::string_view message);
// The code put there by cni_error, or the one that fits the status best.
CniCode cni_code(const Status& status);

}  // namespace skiff::network
