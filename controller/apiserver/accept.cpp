// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/accept.h"

#include <cctype>
#include <optional>

#include "controller/apiserver/errors.h"

namespace skiff::apiserver {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

template <class Visit>
void split(std::string_view text, char separator, Visit visit) {
  while (true) {
    const size_t at = text.find(separator);
    visit(trim(text.substr(0, at)));
    if (at == std::string_view::npos) return;
    text.remove_prefix(at + 1);
  }
}

std::optional<Output> meet(const MediaRange& wish, bool transforms) {
  Output output;
  if (wish.type == "application/yaml") {
    output.encoding = Encoding::kYaml;
  } else if (wish.type != "application/json" && wish.type != "*/*" &&
             wish.type != "application/*") {
    return std::nullopt;
  }
  const std::string_view as = wish.parameter("as");
  if (as.empty()) return output;
  const std::string_view version = wish.parameter("v");
  if (!transforms || wish.parameter("g") != "meta.k8s.io" ||
      (version != "v1" && version != "v1beta1"))
    return std::nullopt;
  output.meta_version = version;
  if (as == "Table") {
    output.form = Form::kTable;
  } else if (as == "PartialObjectMetadata" || as == "PartialObjectMetadataList") {
    output.form = Form::kMetadata;
  } else {
    return std::nullopt;
  }
  return output;
}

}  // namespace

std::string_view MediaRange::parameter(std::string_view name) const {
  for (const auto& [key, value] : parameters)
    if (key == name) return value;
  return {};
}

MediaRange parse_media_type(std::string_view text) {
  MediaRange range;
  bool first = true;
  split(text, ';', [&](std::string_view part) {
    if (first) {
      first = false;
      for (const char c : part)
        range.type += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      return;
    }
    const size_t equals = part.find('=');
    if (equals == std::string_view::npos) return;
    std::string_view value = trim(part.substr(equals + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
      value = value.substr(1, value.size() - 2);
    range.parameters.emplace_back(trim(part.substr(0, equals)), value);
  });
  return range;
}

std::vector<MediaRange> parse_accept(const http::Headers& headers) {
  std::vector<MediaRange> ranges;
  for (std::string_view line : headers.all("accept"))
    split(line, ',', [&](std::string_view part) {
      if (!part.empty()) ranges.push_back(parse_media_type(part));
    });
  return ranges;
}

Result<Output> negotiate(const http::Headers& headers, bool transforms) {
  const std::vector<MediaRange> wishes = parse_accept(headers);
  if (wishes.empty()) return Output{};
  for (const MediaRange& wish : wishes)
    if (auto output = meet(wish, transforms)) return *output;
  return errors::not_acceptable();
}

}  // namespace skiff::apiserver
