// SPDX-License-Identifier: Apache-2.0
#include "api/document.h"

#include <boost/json/value.hpp>

#include "api/json_writer.h"

namespace skiff::api {
namespace {

namespace json = boost::json;

SKIFF_OFFSETS_BEGIN
struct DocumentFields {
  using Self = Document;
  static constexpr FieldInfo rows[] = {KUBE_FIELD(metadata, 0)};
};
SKIFF_OFFSETS_END

void write_text(json::string_view text, std::string& out) {
  write_json_string({text.data(), text.size()}, out);
}

}  // namespace

constinit const TypeInfo Describe<Document>::type = {.form = Form::kDocument,
                                                     .name = "Document",
                                                     .fields = DocumentFields::rows,
                                                     .value = &detail::kValueOps<Document>};

void write_json(const json::value& value, std::string& out) {
  switch (value.kind()) {
    case json::kind::null:
      out += "null";
      return;
    case json::kind::bool_:
      out += value.get_bool() ? "true" : "false";
      return;
    case json::kind::int64:
      return write_json_number(value.get_int64(), out);
    case json::kind::uint64:
      return write_json_number(value.get_uint64(), out);
    case json::kind::double_:
      return write_json_number(value.get_double(), out);
    case json::kind::string:
      return write_text(value.get_string(), out);
    case json::kind::array: {
      char separator = '[';
      if (value.get_array().empty()) out += '[';
      for (const json::value& element : value.get_array()) {
        out += std::exchange(separator, ',');
        write_json(element, out);
      }
      out += ']';
      return;
    }
    case json::kind::object: {
      char separator = '{';
      if (value.get_object().empty()) out += '{';
      for (const auto& [key, member] : value.get_object()) {
        out += std::exchange(separator, ',');
        write_text(key, out);
        out += ':';
        write_json(member, out);
      }
      out += '}';
      return;
    }
  }
}

std::string to_json(const json::value& value) {
  std::string out;
  write_json(value, out);
  return out;
}

}  // namespace skiff::api
