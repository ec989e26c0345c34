// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/openapi/library.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <set>

#include "controller/apiserver/openapi/documents.h"
#include "controller/apiserver/openapi/gnostic.h"
#include "controller/apiserver/openapi/gzip.h"

namespace skiff::openapi {
namespace {

std::string content_hash(std::string_view content) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(content.data()), content.size(), digest);
  std::string out;
  for (const unsigned char byte : digest) out += fmt::format("{:02X}", byte);
  return out;
}

std::string names(const apiserver::Registry& registry) {
  std::string out;
  for (const auto& [key, resource] : registry.all())
    out += fmt::format("{}/{}/{};", std::get<0>(key), std::get<1>(key), std::get<2>(key));
  return out;
}

// `api/v1`, `apis/apps/v1`.
std::string document_name(std::string_view group, std::string_view version) {
  return group.empty() ? fmt::format("api/{}", version) : fmt::format("apis/{}/{}", group, version);
}

}  // namespace

template <class Make>
Library::DocumentPtr Library::find_or_make(const std::string& name, Make make) {
  if (std::string now = names(registry_); now != made_from_) {
    documents_.clear();
    made_from_ = std::move(now);
  }
  if (const auto found = documents_.find(name); found != documents_.end()) return found->second;
  const std::string content = make();
  auto document = std::make_shared<const StoredDocument>(
      StoredDocument{.gzip = gzip(content), .hash = content_hash(content)});
  documents_[name] = document;
  return document;
}

Library::DocumentPtr Library::v2_json() {
  return find_or_make("v2", [&] { return json::serialize(v2_document(registry_)); });
}

Library::DocumentPtr Library::v2_protobuf() {
  return find_or_make("v2.pb", [&] { return gnostic_document(v2_document(registry_)); });
}

Library::DocumentPtr Library::v3(std::string_view name) {
  for (const auto& [key, resource] : registry_.all()) {
    const auto& [group, version, plural] = key;
    if (document_name(group, version) != name) continue;
    return find_or_make(std::string(name), [&] {
      return json::serialize(
          v3_document(registry_, resource->kind->group, resource->kind->version));
    });
  }
  return nullptr;
}

Library::DocumentPtr Library::v3_index() {
  return find_or_make("v3", [&] {
    std::set<std::string> all;
    for (const auto& [key, resource] : registry_.all())
      all.insert(document_name(std::get<0>(key), std::get<1>(key)));
    json::object paths;
    for (const std::string& name : all)
      paths[name] = {
          {"serverRelativeURL", text(fmt::format("/openapi/v3/{}?hash={}", name, v3(name)->hash))}};
    return json::serialize(json::object{{"paths", std::move(paths)}});
  });
}

}  // namespace skiff::openapi
