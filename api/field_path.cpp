// SPDX-License-Identifier: Apache-2.0
#include "api/field_path.h"

#include <charconv>

#include "api/codec.h"
#include "api/json_writer.h"
#include "api/scalars.h"
#include "api/text.h"

namespace skiff::api {
namespace {

// One step of a path: a name, then maybe an index or a key in brackets.
struct Step {
  std::string_view name;
  std::string_view bracket;
  bool has_bracket = false;
};

Result<std::vector<Step>> parse_steps(std::string_view path) {
  std::vector<Step> steps;
  std::string_view rest = path;
  while (true) {
    Step step;
    step.name = rest.substr(0, rest.find_first_of(".["));
    if (step.name.empty()) return invalid_argument("field path \"{}\": empty step", path);
    rest.remove_prefix(step.name.size());
    if (rest.starts_with('[')) {
      const bool quoted = rest.size() > 1 && (rest[1] == '\'' || rest[1] == '"');
      const size_t begin = quoted ? 2 : 1;
      const size_t end = quoted ? rest.find(std::string{rest[1], ']'}, begin) : rest.find(']');
      if (end == std::string_view::npos)
        return invalid_argument("field path \"{}\": unclosed bracket", path);
      step.bracket = rest.substr(begin, end - begin);
      step.has_bracket = true;
      rest.remove_prefix(end + (quoted ? 2 : 1));
    }
    steps.push_back(step);
    if (rest.empty()) return steps;
    if (rest[0] != '.') return invalid_argument("field path \"{}\": expected '.'", path);
    rest.remove_prefix(1);
  }
}

// Looks through Box and optional; the value becomes null where they are empty.
void unwrap(const TypeInfo*& type, const void*& value) {
  while (type->maybe) {
    if (value) value = type->maybe->get(value);
    type = type->element;
  }
}

std::string as_text(const TypeInfo& type, const void* value) {
  switch (type.form) {
    case Form::kString:
      return *static_cast<const std::string*>(value);
    case Form::kBytes:
      return static_cast<const Bytes*>(value)->value;
    case Form::kTime:
      return static_cast<const Time*>(value)->to_string();
    case Form::kMicroTime:
      return static_cast<const MicroTime*>(value)->to_string();
    case Form::kQuantity:
      return static_cast<const Quantity*>(value)->to_string();
    case Form::kIntOrString:
      return static_cast<const IntOrString*>(value)->to_string();
    case Form::kMap: {
      std::string out;
      for_each_entry(type, value, [&](const std::string& key, const void* entry) {
        if (!out.empty()) out += '\n';
        out += key + '=';
        write_json_string(as_text(*type.element, entry), out);
      });
      return out;
    }
    default: {
      std::string out;
      encode(type, value, out);
      return out;
    }
  }
}

}  // namespace

Result<std::string> read_field(const TypeInfo& root, const void* object, std::string_view path) {
  ASSIGN_OR_RETURN(const auto steps, parse_steps(path));
  const TypeInfo* type = &root;
  const void* value = object;
  for (const Step& step : steps) {
    const FieldInfo* field = type->form == Form::kStruct ? type->field(step.name) : nullptr;
    if (!field) return invalid_argument("field path \"{}\": no field \"{}\"", path, step.name);
    type = field->type;
    if (value) value = member(value, *field);
    unwrap(type, value);
    if (!step.has_bracket) continue;
    if (type->form == Form::kMap) {
      if (value) value = type->map->find(value, step.bracket);
    } else if (type->form == Form::kList) {
      size_t index = 0;
      const char* end = step.bracket.data() + step.bracket.size();
      if (const auto r = std::from_chars(step.bracket.data(), end, index);
          r.ec != std::errc() || r.ptr != end)
        return invalid_argument("field path \"{}\": \"{}\" is no index", path, step.bracket);
      if (value)
        value = index < type->list->size(value) ? type->list->at(const_cast<void*>(value), index)
                                                : nullptr;
    } else {
      return invalid_argument("field path \"{}\": \"{}\" has no elements", path, step.name);
    }
    type = type->element;
    unwrap(type, value);
  }
  return value ? as_text(*type, value) : std::string();
}

}  // namespace skiff::api
