// SPDX-License-Identifier: Apache-2.0
// Client certificates: the common name is the user, the organizations are its groups. TLS has
// verified the certificate.
#pragma once

#include <memory>

#include "controller/apiserver/user.h"

namespace skiff::auth {

std::unique_ptr<apiserver::Authenticator> x509_authenticator();

}  // namespace skiff::auth
