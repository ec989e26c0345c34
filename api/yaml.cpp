// SPDX-License-Identifier: Apache-2.0
#include "api/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <charconv>
#include <cmath>
#include <set>
#include <sstream>

#include "api/codec.h"
#include "api/json_reader.h"
#include "api/json_writer.h"
#include "api/text.h"
#include "base/check.h"

namespace skiff::api {
namespace {

// Aliases can make a small text large.
constexpr size_t kMaxOutput = 16 << 20;
constexpr size_t kMaxMerges = 10'000;

bool is_any(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool is_null(std::string_view text) {
  return text.empty() || is_any(text, {"~", "null", "Null", "NULL"});
}
bool is_true(std::string_view text) {
  return is_any(text, {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"});
}
bool is_false(std::string_view text) {
  return is_any(text, {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"});
}

// Integers with a base by prefix (0x, 0o, 0b, and 0 for octal, as file modes are written),
// underscores allowed.
bool as_integer(std::string text, std::string& out) {
  std::erase(text, '_');
  std::string_view digits = text;
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  int base = 10;
  if (digits.size() > 1 && digits[0] == '0') {
    const char mark = digits[1];
    base = mark == 'x' ? 16 : mark == 'b' ? 2 : 8;
    digits.remove_prefix(is_any(digits.substr(1, 1), {"x", "o", "b"}) ? 2 : 1);
  }
  uint64_t value;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return false;
  out = (negative && value ? "-" : "") + std::to_string(value);
  return true;
}

bool as_float(std::string text, std::string& out) {
  std::erase(text, '_');
  if (text.find_first_not_of("+-.0123456789eE") != std::string::npos) return false;
  if (text.find_first_of("0123456789") == std::string::npos) return false;
  const char* first = text.data() + (text[0] == '+' ? 1 : 0);
  double value;
  const auto [end, error] = std::from_chars(first, text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
    return false;
  const bool whole = value == std::floor(value) && std::abs(value) < 1e18;
  out = whole ? std::to_string(static_cast<int64_t>(value)) : fmt::format("{}", value);
  return true;
}

void write_scalar(const YAML::Node& node, std::string& out) {
  const std::string& text = node.Scalar();
  std::string number;
  if (node.Tag() != "?" && node.Tag() != "")  // quoted, or with a tag
    write_json_string(text, out);
  else if (is_null(text))
    out += "null";
  else if (is_true(text))
    out += "true";
  else if (is_false(text))
    out += "false";
  else if (as_integer(text, number) || as_float(text, number))
    out += number;
  else
    write_json_string(text, out);
}

class JsonFromYaml {
 public:
  skiff::Status write(const YAML::Node& node, int depth = 0) {
    if (depth > kMaxDepth) return invalid_argument("nested too deep");
    if (out_.size() > kMaxOutput)
      return invalid_argument("too large once its aliases are expanded");
    switch (node.Type()) {
      case YAML::NodeType::Undefined:
      case YAML::NodeType::Null:
        out_ += "null";
        return {};
      case YAML::NodeType::Scalar:
        write_scalar(node, out_);
        return {};
      case YAML::NodeType::Sequence:
        return write_sequence(node, depth);
      case YAML::NodeType::Map: {
        return write_map(node, depth);
      }
    }
    return {};
  }

  std::string take() { return std::move(out_); }

 private:
  skiff::Status write_sequence(const YAML::Node& node, int depth) {
    out_ += '[';
    bool first = true;
    for (const auto& element : node) {
      if (!first) out_ += ',';
      first = false;
      RETURN_IF_ERROR(write(element, depth + 1));
    }
    out_ += ']';
    return {};
  }

  using Members = std::vector<std::pair<std::string, YAML::Node>>;

  skiff::Status write_map(const YAML::Node& node, int depth) {
    Members members;
    std::set<std::string> taken;
    RETURN_IF_ERROR(collect(node, depth, /*merged=*/false, taken, members));
    out_ += '{';
    bool first = true;
    for (const auto& [key, value] : members) {
      if (!first) out_ += ',';
      first = false;
      write_json_string(key, out_);
      out_ += ':';
      RETURN_IF_ERROR(write(value, depth + 1));
    }
    out_ += '}';
    return {};
  }

  // The members of `node`, then of what it merges (`<<`), whatever that merges, and so on: the
  // nearest wins. A key that one map has twice stays twice, for the decoder to report.
  skiff::Status collect(const YAML::Node& node, int depth, bool merged,
                        std::set<std::string>& taken, Members& members) {
    if (depth > kMaxDepth) return invalid_argument("nested too deep");
    if (merged && ++merges_ > kMaxMerges) return invalid_argument("too many merged maps");
    std::vector<YAML::Node> bases;
    for (const auto& entry : node) {
      if (!entry.first.IsScalar() && !entry.first.IsNull())
        return invalid_argument("line {}: a key must be a scalar", entry.first.Mark().line + 1);
      const std::string key = entry.first.IsNull() ? "null" : entry.first.Scalar();
      if (key == "<<" && entry.first.Tag() == "?" && add_bases(entry.second, bases)) continue;
      if (!taken.insert(key).second && merged) continue;
      members.emplace_back(key, entry.second);
    }
    for (const YAML::Node& base : bases)
      RETURN_IF_ERROR(collect(base, depth + 1, /*merged=*/true, taken, members));
    return {};
  }

  // `<<` names a map or a list of maps; of several the first wins.
  static bool add_bases(const YAML::Node& value, std::vector<YAML::Node>& bases) {
    if (value.IsMap()) {
      bases.push_back(value);
      return true;
    }
    if (!value.IsSequence()) return false;
    for (const auto& element : value)
      if (!element.IsMap()) return false;
    for (const auto& element : value) bases.push_back(element);
    return true;
  }

  size_t merges_ = 0;
  std::string out_;
};

bool is_json(std::string_view text) {
  if (!trim(text).starts_with('{')) return false;
  JsonReader reader(text, kMaxDepth);
  return reader.skip() && reader.finish();
}

// yaml-cpp 0.7 makes documents without end of some malformed texts, until memory ends. A text of n
// bytes has fewer than 4 n + 64 events, so whoever sees more has seen that.
class EventCounter final : public YAML::EventHandler {
 public:
  explicit EventCounter(size_t most) : left_(most) {}
  void OnDocumentStart(const YAML::Mark& mark) override { count(mark); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { count(mark); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { count(mark); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                const std::string&) override {
    count(mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    count(mark);
  }
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    count(mark);
  }
  void OnMapEnd() override {}

 private:
  void count(const YAML::Mark& mark) {
    if (left_-- == 0) throw YAML::ParserException(mark, "not YAML: the text does not end");
  }
  size_t left_;
};

void check_that_it_ends(const std::string& yaml) {
  std::istringstream stream(yaml);
  YAML::Parser parser(stream);
  EventCounter counter(4 * yaml.size() + 64);
  while (parser.HandleNextDocument(counter)) {
  }
}

Result<std::vector<std::string>> convert(std::string_view yaml) {
  // yaml-cpp reports by exception; they end here.
  try {
    check_that_it_ends(std::string(yaml));
    std::vector<std::string> documents;
    for (const YAML::Node& node : YAML::LoadAll(std::string(yaml))) {
      if (node.IsNull()) continue;
      JsonFromYaml writer;
      RETURN_IF_ERROR(writer.write(node), "YAML");
      documents.push_back(writer.take());
    }
    return documents;
  } catch (const YAML::Exception& error) {
    if (error.mark.is_null()) return invalid_argument("YAML: {}", error.msg);
    return invalid_argument("YAML: line {}, column {}: {}", error.mark.line + 1,
                            error.mark.column + 1, error.msg);
  } catch (const std::exception& error) {
    return invalid_argument("YAML: {}", error.what());
  }
}

// Whether YAML would read the bare text as this very string.
bool is_plain(std::string_view text) {
  std::string number;
  if (is_null(text) || is_true(text) || is_false(text) ||
      is_any(text, {"y", "Y", "n", "N", "=", "<<"}) || as_integer(std::string(text), number) ||
      as_float(std::string(text), number))
    return false;
  if (text.find_first_of("-?:,[]{}#&*!|>'\"%@` .0123456789+") == 0 || text.back() == ' ' ||
      text.back() == ':')
    return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (static_cast<unsigned char>(text[i]) < 0x20 || text[i] == 0x7F) return false;
    if (text[i] == ':' && i + 1 < text.size() && text[i + 1] == ' ') return false;
    if (text[i] == '#' && i > 0 && text[i - 1] == ' ') return false;
  }
  return true;
}

class YamlFromJson {
 public:
  explicit YamlFromJson(std::string_view json) : json_(json, kMaxDepth) {}

  Result<std::string> run() {
    value(0, false);
    json_.finish();
    if (!json_.ok()) return json_.error();
    return std::move(out_);
  }

 private:
  using Token = JsonReader::Token;

  void indent(int level) { out_.append(static_cast<size_t>(level) * 2, ' '); }
  void text(std::string_view s) {
    if (is_plain(s))
      out_ += s;
    else
      write_json_string(s, out_);
  }

  // Writes a value whose line has begun (after a key or a dash) unless it is the whole document.
  void value(int level, bool after_dash) {
    switch (json_.peek()) {
      case Token::kObject:
        return object(level, after_dash);
      case Token::kArray:
        return array(level);
      case Token::kString: {
        std::string s;
        if (json_.read_string(s)) text(s);
        break;
      }
      default: {
        std::string_view raw;
        if (json_.skip(&raw)) out_ += raw;
      }
    }
    out_ += '\n';
  }

  void object(int level, bool after_dash) {
    bool first = true;
    for (bool more = json_.begin_object(); more; more = json_.next_member()) {
      if (first && level > 0 && !after_dash) out_ += '\n';
      if (!(first && after_dash)) indent(level);
      first = false;
      text(json_.key());
      out_ += ':';
      if (json_.peek() != Token::kObject && json_.peek() != Token::kArray) out_ += ' ';
      // A list stands at the indentation of its key, as kubectl prints it.
      value(json_.peek() == Token::kArray ? level : level + 1, false);
    }
    if (first) out_ += after_dash || level == 0 ? "{}\n" : " {}\n";
  }

  void array(int level) {
    bool first = true;
    for (bool more = json_.begin_array(); more; more = json_.next_element()) {
      if (first && !out_.empty() && out_.back() != '\n' && !out_.ends_with("- ")) out_ += '\n';
      if (!out_.ends_with("- ") || !first) indent(level);
      first = false;
      out_ += "- ";
      value(level + 1, true);
    }
    if (first) out_ += out_.empty() || out_.ends_with("- ") ? "[]\n" : " []\n";
  }

  JsonReader json_;
  std::string out_;
};

}  // namespace

Result<std::vector<std::string>> yaml_documents_to_json(std::string_view yaml) {
  if (is_json(yaml)) return std::vector{std::string(yaml)};
  return convert(yaml);
}

Result<std::string> yaml_to_json(std::string_view yaml) {
  ASSIGN_OR_RETURN(auto documents, yaml_documents_to_json(yaml));
  if (documents.size() != 1)
    return invalid_argument("YAML: expected one document, got {}", documents.size());
  return std::move(documents.front());
}

Result<std::string> json_to_yaml(std::string_view json) {
  return YamlFromJson(json).run();
}

}  // namespace skiff::api
