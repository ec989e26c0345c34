// SPDX-License-Identifier: Apache-2.0
// What the API server says about itself: groups, versions, resources.
#pragma once

#include <string>
#include <vector>

#include "api/scalars.h"

namespace skiff::api {

// One version of a group, by its full and its short name.
struct GroupVersionForDiscovery {
  std::string groupVersion;
  std::string version;
};
KUBE_TYPE(GroupVersionForDiscovery)

// Where clients of one network find the server.
struct ServerAddressByClientCIDR {
  std::string clientCIDR;
  std::string serverAddress;
};
KUBE_TYPE(ServerAddressByClientCIDR)

// One API group and its versions.
struct APIGroup {
  std::string name;
  std::vector<GroupVersionForDiscovery> versions;
  GroupVersionForDiscovery preferredVersion;
  std::vector<ServerAddressByClientCIDR> serverAddressByClientCIDRs;
};
KUBE_TYPE(APIGroup)

// The answer to GET /apis.
struct APIGroupList {
  std::vector<APIGroup> groups;
};
KUBE_TYPE(APIGroupList)

// One resource of a group version: its names, its kind, its verbs.
struct APIResource {
  std::string name;
  bool namespaced = false;
  std::string kind;
  std::vector<std::string> verbs;
  std::vector<std::string> shortNames;
  std::string singularName;
  std::vector<std::string> categories;
  std::string group;
  std::string version;
  std::string storageVersionHash;
};
KUBE_TYPE(APIResource)

// The answer to GET /apis/GROUP/VERSION.
struct APIResourceList {
  std::string groupVersion;
  std::vector<APIResource> resources;
};
KUBE_TYPE(APIResourceList)

// The answer to GET /api.
struct APIVersions {
  std::vector<std::string> versions;
  std::vector<ServerAddressByClientCIDR> serverAddressByClientCIDRs;
};
KUBE_TYPE(APIVersions)

}  // namespace skiff::api
