// SPDX-License-Identifier: Apache-2.0
// What a CNI plugin prints: pure functions from outcomes to text, in the form each version of the
// specification wants.
#pragma once

#include "agent/network/attachment.h"
#include "agent/network/cni_request.h"

namespace skiff::network {

struct CniAnswer {
  int exit_code = 0;
  std::string output;  // to standard output: results and errors alike
};

// The result of ADD. A previous result is passed on, with the pod's interface and addresses added
// to it.
CniAnswer added(const Attachment& attachment, const CniRequest& request);
CniAnswer failed(const Status& status, const std::string& version);
CniAnswer versions(const CniRequest& request);

}  // namespace skiff::network
