// SPDX-License-Identifier: Apache-2.0
// JSON patch (RFC 6902) and JSON merge patch (RFC 7386). The strategic one is in
// strategic_patch.cpp.
#include <boost/json.hpp>

#include <charconv>

#include "api/codec.h"
#include "api/patch.h"
#include "api/text.h"

namespace skiff::api {

namespace json = boost::json;

namespace {

// As many operations as Kubernetes takes, and a bound on what copies of copies can grow to.
constexpr size_t kMaxOperations = 10'000;
constexpr size_t kMaxCopiedBytes = 16 << 20;

std::string_view view(const json::string& s) {
  return {s.data(), s.size()};
}

// The decoded tokens of a JSON pointer (RFC 6901).
Result<std::vector<std::string>> pointer_tokens(std::string_view pointer) {
  std::vector<std::string> tokens;
  if (pointer.empty()) return tokens;
  if (pointer[0] != '/') return invalid_argument("path \"{}\" must begin with /", pointer);
  for (const std::string_view part : split(pointer.substr(1), '/')) {
    std::string token;
    for (size_t i = 0; i < part.size(); ++i) {
      const bool escape = part[i] == '~';
      if (escape && (i + 1 == part.size() || (part[i + 1] != '0' && part[i + 1] != '1')))
        return invalid_argument("path \"{}\": ~ must be followed by 0 or 1", pointer);
      token += !escape ? part[i] : part[++i] == '0' ? '~' : '/';
    }
    tokens.push_back(std::move(token));
  }
  return tokens;
}

// An index into an array of `size`; `-` and one past the end count where `may_append`.
Result<size_t> array_index(std::string_view token, size_t size, bool may_append) {
  if (token == "-" && may_append) return size;
  size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  const bool leading_zero = token.size() > 1 && token[0] == '0';
  if (token.empty() || leading_zero || error != std::errc() || end != token.data() + token.size())
    return not_found("\"{}\" is no array index", token);
  if (index > size || (index == size && !may_append))
    return not_found("index {} is out of range, the array has {} elements", index, size);
  return index;
}

class JsonPatch {
 public:
  explicit JsonPatch(json::value& root) : root_(root) {}

  skiff::Status apply(const json::value& operation) {
    if (!operation.is_object()) return invalid_argument("an operation must be an object");
    const json::object& op = operation.as_object();
    ASSIGN_OR_RETURN(const std::string_view name, string_member(op, "op"));
    ASSIGN_OR_RETURN(const std::string_view path, string_member(op, "path"));
    if (name == "remove") return remove(path).status();
    if (name == "move" || name == "copy") return transfer(name, path, op);
    const json::value* value = op.if_contains("value");
    if (name != "add" && name != "replace" && name != "test")
      return invalid_argument("unknown op \"{}\"", name);
    if (!value) return invalid_argument("op \"{}\" needs a value", name);
    if (name == "add") return add(path, *value);
    ASSIGN_OR_RETURN(json::value * target, find(path));
    if (name == "replace") {
      *target = *value;
      return {};
    }
    if (*target != *value)
      return failed_precondition("test of \"{}\" failed: it is {}", path, json::serialize(*target));
    return {};
  }

 private:
  static Result<std::string_view> string_member(const json::object& op, std::string_view name) {
    const json::value* value = op.if_contains({name.data(), name.size()});
    if (!value || !value->is_string()) return invalid_argument("\"{}\" must be a string", name);
    return view(value->as_string());
  }

  // The container that holds the last token.
  Result<json::value*> walk(const std::vector<std::string>& tokens, size_t count) {
    json::value* at = &root_;
    for (size_t i = 0; i < count; ++i) {
      if (json::object* object = at->if_object()) {
        at = object->if_contains(tokens[i]);
        if (!at) return not_found("\"{}\" does not exist", tokens[i]);
      } else if (json::array* array = at->if_array()) {
        ASSIGN_OR_RETURN(const size_t index, array_index(tokens[i], array->size(), false));
        at = &(*array)[index];
      } else {
        return not_found("\"{}\" does not exist", tokens[i]);
      }
    }
    return at;
  }

  Result<json::value*> find(std::string_view path) {
    ASSIGN_OR_RETURN(const auto tokens, pointer_tokens(path));
    return walk(tokens, tokens.size());
  }

  skiff::Status add(std::string_view path, json::value value) {
    ASSIGN_OR_RETURN(const auto tokens, pointer_tokens(path));
    if (tokens.empty()) {
      root_ = std::move(value);
      return {};
    }
    ASSIGN_OR_RETURN(json::value * parent, walk(tokens, tokens.size() - 1));
    if (json::object* object = parent->if_object()) {
      (*object)[tokens.back()] = std::move(value);
    } else if (json::array* array = parent->if_array()) {
      ASSIGN_OR_RETURN(const size_t index, array_index(tokens.back(), array->size(), true));
      array->insert(array->begin() + static_cast<std::ptrdiff_t>(index), std::move(value));
    } else {
      return not_found("\"{}\": its parent is neither object nor array", path);
    }
    return {};
  }

  Result<json::value> remove(std::string_view path) {
    ASSIGN_OR_RETURN(const auto tokens, pointer_tokens(path));
    if (tokens.empty()) return invalid_argument("the whole document cannot be removed");
    ASSIGN_OR_RETURN(json::value * target, walk(tokens, tokens.size()));
    json::value removed = std::move(*target);
    ASSIGN_OR_RETURN(json::value * parent, walk(tokens, tokens.size() - 1));
    if (json::object* object = parent->if_object()) {
      object->erase(tokens.back());
    } else {
      json::array& array = parent->as_array();
      ASSIGN_OR_RETURN(const size_t index, array_index(tokens.back(), array.size(), false));
      array.erase(array.begin() + static_cast<std::ptrdiff_t>(index));
    }
    return removed;
  }

  skiff::Status transfer(std::string_view name, std::string_view path, const json::object& op) {
    ASSIGN_OR_RETURN(const std::string_view from, string_member(op, "from"));
    if (name == "move") {
      if (path.starts_with(from) && path.size() > from.size() && path[from.size()] == '/')
        return invalid_argument("\"{}\" cannot move into its own part \"{}\"", from, path);
      ASSIGN_OR_RETURN(json::value moved, remove(from));
      return add(path, std::move(moved));
    }
    ASSIGN_OR_RETURN(const json::value* source, find(from));
    copied_bytes_ += json::serialize(*source).size();
    if (copied_bytes_ > kMaxCopiedBytes) return invalid_argument("copies grow too large");
    return add(path, *source);
  }

  json::value& root_;
  size_t copied_bytes_ = 0;
};

}  // namespace

Result<json::value> parse_document(std::string_view text) {
  json::error_code error;
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::value document = json::parse({text.data(), text.size()}, error, {}, options);
  if (error) return invalid_argument("malformed JSON: {}", error.message());
  return document;
}

skiff::Status apply_json_patch(json::value& document, const json::value& patch) {
  const json::array* operations = patch.if_array();
  if (!operations) return invalid_argument("a JSON patch must be an array of operations");
  if (operations->size() > kMaxOperations)
    return invalid_argument("a JSON patch may have {} operations, this one has {}", kMaxOperations,
                            operations->size());
  json::value result = document;
  JsonPatch patcher(result);
  for (size_t i = 0; i < operations->size(); ++i)
    RETURN_IF_ERROR(patcher.apply((*operations)[i]), "operation {}", i);
  document = std::move(result);
  return {};
}

void apply_merge_patch(json::value& document, const json::value& patch) {
  const json::object* members = patch.if_object();
  if (!members) {
    document = patch;
    return;
  }
  if (!document.is_object()) document = json::object();
  json::object& object = document.as_object();
  for (const auto& [key, value] : *members) {
    if (value.is_null())
      object.erase(key);
    else
      apply_merge_patch(object[key], value);
  }
}

}  // namespace skiff::api
