// SPDX-License-Identifier: Apache-2.0
// /healthz, /livez, /readyz and /version.
#pragma once

namespace skiff::apiserver {

class Server;

// The API level claimed, as clients compare it.
inline constexpr const char* kMajor = "1";
inline constexpr const char* kMinor = "34";
inline constexpr const char* kGitVersion = "v1.34.0+skiff";

void add_health_routes(Server& server);

}  // namespace skiff::apiserver
