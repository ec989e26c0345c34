// SPDX-License-Identifier: Apache-2.0
// Impersonate-User and its companions: a request on behalf of somebody else (`kubectl --as`).
#pragma once

#include "base/http/message.h"
#include "base/result.h"
#include "controller/apiserver/user.h"

namespace skiff::apiserver {

// For whom a request of `user` with these headers acts: `user`, or whom it names. A 403 if `user`
// may not impersonate exactly those (verb impersonate on users, groups, serviceaccounts, …).
Result<User> acting_user(User user, const http::Headers& headers, Authorizer& authorizer);

}  // namespace skiff::apiserver
