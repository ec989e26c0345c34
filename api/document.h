// SPDX-License-Identifier: Apache-2.0
// Document: an object of a kind that is described at run time (a custom resource). Its metadata is
// typed like everybody's, all else is a JSON document under the schema of its Kind.
#pragma once

#include <boost/json/object.hpp>

#include <string>

#include "api/meta.h"

namespace skiff::api {

struct Document {
  ObjectMeta metadata;
  boost::json::object rest;  // every member beside apiVersion, kind and metadata, in order
};

template <>
struct Describe<Document> {
  static const TypeInfo type;  // Form::kDocument; its one field is metadata
};

// Appends `value` as compact JSON, numbers as short as they can be.
void write_json(const boost::json::value& value, std::string& out);
std::string to_json(const boost::json::value& value);

}  // namespace skiff::api
