// SPDX-License-Identifier: Apache-2.0
#include "api/coordination/lease.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.coordination.v1.")

KUBE_FIELDS(LeaseSpec, KUBE_FIELD(holderIdentity, 1), KUBE_FIELD(leaseDurationSeconds, 2, .min = 1),
            KUBE_FIELD(acquireTime, 3), KUBE_FIELD(renewTime, 4),
            KUBE_FIELD(leaseTransitions, 5, .min = 0),
            KUBE_FIELD(strategy, 6, .values = "OldestEmulationVersion"),
            KUBE_FIELD(preferredHolder, 7))

KUBE_FIELDS(Lease, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .doc = "the desired state"))

}  // namespace skiff::api
