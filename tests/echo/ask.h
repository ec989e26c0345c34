// SPDX-License-Identifier: Apache-2.0
// The other side of the echo server, for tests inside pods: one question, one answer.
#pragma once

#include <string>

namespace skiff::echo {

// Sends `text` to a numeric address over "tcp" or "udp" and prints the answer. Returns the exit
// status: 0 answered, 3 refused, 4 no answer in two seconds, 1 anything else.
int ask(const std::string& protocol, const std::string& host, int port, const std::string& text);

}  // namespace skiff::echo
