// SPDX-License-Identifier: Apache-2.0
#include "api/discovery_documents.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.apimachinery.pkg.apis.meta.v1.")

KUBE_FIELDS(GroupVersionForDiscovery, KUBE_FIELD(groupVersion, 1, .required = true),
            KUBE_FIELD(version, 2, .required = true))

KUBE_FIELDS(ServerAddressByClientCIDR, KUBE_FIELD(clientCIDR, 1, .required = true),
            KUBE_FIELD(serverAddress, 2, .required = true))

KUBE_FIELDS(APIGroup, KUBE_FIELD(name, 1, .required = true),
            KUBE_FIELD(versions, 2, .required = true), KUBE_FIELD(preferredVersion, 3),
            KUBE_FIELD(serverAddressByClientCIDRs, 4))

KUBE_FIELDS(APIGroupList, KUBE_FIELD(groups, 1, .required = true))

KUBE_FIELDS(APIResource, KUBE_FIELD(name, 1, .required = true),
            KUBE_FIELD(namespaced, 2, .required = true), KUBE_FIELD(kind, 3, .required = true),
            KUBE_FIELD(verbs, 4, .required = true), KUBE_FIELD(shortNames, 5),
            KUBE_FIELD(singularName, 6, .required = true), KUBE_FIELD(categories, 7),
            KUBE_FIELD(group, 8), KUBE_FIELD(version, 9), KUBE_FIELD(storageVersionHash, 10))

KUBE_FIELDS(APIResourceList, KUBE_FIELD(groupVersion, 1, .required = true),
            KUBE_FIELD(resources, 2, .required = true))

KUBE_FIELDS(APIVersions, KUBE_FIELD(versions, 1, .required = true),
            KUBE_FIELD(serverAddressByClientCIDRs, 2, .required = true))

}  // namespace skiff::api
