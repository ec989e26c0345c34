// SPDX-License-Identifier: Apache-2.0
// Content negotiation: what the client can read, and in which form it wants objects.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/http/message.h"
#include "base/result.h"

namespace skiff::apiserver {

// One entry of an Accept header, or a Content-Type: `application/json;as=Table;g=meta.k8s.io;v=v1`.
struct MediaRange {
  std::string type;  // lower case, without parameters
  std::vector<std::pair<std::string, std::string>> parameters;

  std::string_view parameter(std::string_view name) const;
};

MediaRange parse_media_type(std::string_view text);
// In the order of the header; weights are ignored, as every Kubernetes client lists its wishes in
// order.
std::vector<MediaRange> parse_accept(const http::Headers& headers);

enum class Form { kObject, kTable, kMetadata };
enum class Encoding { kJson, kYaml };

struct Output {
  Form form = Form::kObject;
  Encoding encoding = Encoding::kJson;
  std::string meta_version = "v1";  // of Table and PartialObjectMetadata: meta.k8s.io/v1 or v1beta1
};

// The first wish that can be met; 406 if none can. `transforms`: Table and PartialObjectMetadata
// can be had here.
Result<Output> negotiate(const http::Headers& headers, bool transforms);

}  // namespace skiff::apiserver
