// SPDX-License-Identifier: Apache-2.0
// /healthz, /livez, /readyz and /version.
#pragma once

namespace skiff::store {
class Store;
}

namespace skiff::apiserver {

class Server;

// The API level claimed, as clients compare it.
inline constexpr const char* kMajor = "1";
inline constexpr const char* kMinor = "34";
inline constexpr const char* kGitVersion = "v1.34.0+skiff";

// Ready while the store takes writes; alive unless only a restart would make it take them again.
// Both with their checks one by one (`/readyz/store`), in words (`?verbose`) and without some
// (`?exclude=store`). `store` must outlive the server.
void add_health_routes(Server& server, const store::Store& store);

}  // namespace skiff::apiserver
