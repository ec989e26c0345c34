// SPDX-License-Identifier: Apache-2.0
// The files of a volume from the objects it shows. Pure: the objects are fetched before.
#pragma once

#include <map>
#include <string>

#include "agent/kubelet/environment.h"
#include "agent/kubelet/volumes/atomic_writer.h"
#include "api/core/pod.h"

namespace skiff::kubelet {

// What a volume refers to.
struct VolumeReferences {
  ConfigNames names;
  std::vector<api::ServiceAccountTokenProjection> tokens;
};
VolumeReferences volume_references(const api::Volume& volume);

struct ContentInput {
  const api::Pod& pod;
  const ConfigObjects& objects;
  const std::map<std::string, std::string>& tokens;  // by path of the projection
  const FieldContext& context;
};

// True for the kinds of volumes this makes.
bool has_content(const api::Volume& volume);

// NOT_FOUND names the object or key that is missing and not optional.
Result<VolumeFiles> volume_content(const api::Volume& volume, const ContentInput& input);

}  // namespace skiff::kubelet
