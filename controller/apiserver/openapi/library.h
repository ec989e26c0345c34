// SPDX-License-Identifier: Apache-2.0
// Finished documents, made on first use and kept compressed: a few dozen kilobytes each.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "controller/apiserver/resource.h"

namespace skiff::openapi {

struct StoredDocument {
  std::string gzip;
  std::string hash;  // of the content: hexadecimal digits
};

// Owns the documents of one table of resources, which must outlive it. When the table changes, they
// are made anew. One thread.
class Library {
 public:
  explicit Library(const apiserver::Registry& registry) : registry_(registry) {}

  using DocumentPtr = std::shared_ptr<const StoredDocument>;
  DocumentPtr v2_json();
  DocumentPtr v2_protobuf();
  DocumentPtr v3_index();
  // `name` is `api/v1` or `apis/GROUP/VERSION`. Null if there is no such group version.
  DocumentPtr v3(std::string_view name);

 private:
  template <class Make>
  DocumentPtr find_or_make(const std::string& name, Make make);

  const apiserver::Registry& registry_;
  std::string made_from_;  // the names of the resources behind documents_
  std::map<std::string, DocumentPtr> documents_;
};

}  // namespace skiff::openapi
