// SPDX-License-Identifier: Apache-2.0
// certificatesigningrequests/approval.
#pragma once

#include <vector>

#include "api/certificates/types.h"
#include "api/field_errors.h"
#include "base/clock.h"

namespace skiff::api {

// `old` with the conditions of `wanted`; new ones are of `now`.
CertificateSigningRequest with_approval(const CertificateSigningRequest& wanted,
                                        const CertificateSigningRequest& old, TimePoint now);
std::vector<FieldError> check_approval(const CertificateSigningRequest& now,
                                       const CertificateSigningRequest& old);

}  // namespace skiff::api
