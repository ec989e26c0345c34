// SPDX-License-Identifier: Apache-2.0
#include "api/selector.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <tuple>

#include "api/names.h"
#include "api/text.h"

namespace skiff::api {
namespace {

using Operator = Selector::Operator;
using Requirement = Selector::Requirement;

// Takes a selector text apart, one requirement after another.
class SelectorParser {
 public:
  explicit SelectorParser(std::string_view text) : text_(text), rest_(text) {}

  Result<std::vector<Requirement>> run() {
    std::vector<Requirement> requirements;
    skip_space();
    if (rest_.empty()) return requirements;
    do {
      ASSIGN_OR_RETURN(Requirement requirement, next());
      requirements.push_back(std::move(requirement));
      skip_space();
    } while (take(","));
    if (!rest_.empty()) return bad("',' or the end");
    return requirements;
  }

 private:
  Result<Requirement> next() {
    Requirement r;
    skip_space();
    if (take("!")) r.op = Operator::kDoesNotExist;
    r.key = word();
    if (r.key.empty()) return bad("a label key");
    if (r.op == Operator::kDoesNotExist) return checked(std::move(r));
    skip_space();
    if (rest_.empty() || rest_[0] == ',') return checked(std::move(r));
    if (take("!="))
      r.op = Operator::kNotIn;
    else if (take("==") || take("="))
      r.op = Operator::kIn;
    else if (take(">"))
      r.op = Operator::kGreater;
    else if (take("<"))
      r.op = Operator::kLess;
    else
      return set_based(std::move(r));
    skip_space();
    r.values = {word()};
    return checked(std::move(r));
  }

  Result<Requirement> set_based(Requirement r) {
    const std::string op = word();
    if (op != "in" && op != "notin") return bad("=, ==, !=, in or notin");
    r.op = op == "in" ? Operator::kIn : Operator::kNotIn;
    skip_space();
    if (!take("(")) return bad("'('");
    std::set<std::string> values;
    do {
      skip_space();
      values.insert(word());
      skip_space();
    } while (take(","));
    if (!take(")")) return bad("',' or ')'");
    r.values.assign(values.begin(), values.end());
    return checked(std::move(r));
  }

  Result<Requirement> checked(Requirement r) {
    if (const std::string problem = check_qualified_name(r.key); !problem.empty())
      return invalid_argument("selector \"{}\": key \"{}\": {}", text_, r.key, problem);
    for (const std::string& value : r.values) {
      if (const std::string problem = check_label_value(value); !problem.empty())
        return invalid_argument("selector \"{}\": value \"{}\": {}", text_, value, problem);
      if (r.op != Operator::kGreater && r.op != Operator::kLess) continue;
      int64_t number;
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
      if (error != std::errc() || end != value.data() + value.size())
        return invalid_argument("selector \"{}\": > and < need an integer, got \"{}\"", text_,
                                value);
    }
    return r;
  }

  skiff::Status bad(std::string_view expected) const {
    return invalid_argument("selector \"{}\": expected {} at \"{}\"", text_, expected, rest_);
  }
  void skip_space() {
    const size_t first = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(first == std::string_view::npos ? rest_.size() : first);
  }
  bool take(std::string_view token) {
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }
  std::string word() {
    const size_t end = std::min(rest_.find_first_of(" \t\r\n=!,()<>"), rest_.size());
    std::string out(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return out;
  }

  std::string_view text_;
  std::string_view rest_;
};

bool as_integer(std::string_view text, int64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

bool in_order(const Requirement& a, const Requirement& b) {
  return std::tie(a.key, a.op, a.values) < std::tie(b.key, b.op, b.values);
}

bool in(std::string_view value, const std::vector<std::string>& values) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

}  // namespace

bool Requirement::matches(const Labels& labels) const {
  const auto found = labels.find(key);
  const bool present = found != labels.end();
  switch (op) {
    case Operator::kIn:
      return present && in(found->second, values);
    case Operator::kNotIn:
      return !present || !in(found->second, values);
    case Operator::kExists:
      return present;
    case Operator::kDoesNotExist:
      return !present;
    case Operator::kGreater:
    case Operator::kLess: {
      int64_t value, bound;
      if (!present || values.size() != 1 || !as_integer(found->second, value) ||
          !as_integer(values[0], bound))
        return false;
      return op == Operator::kGreater ? value > bound : value < bound;
    }
  }
  return false;
}

Selector Selector::nothing() {
  Selector selector;
  selector.nothing_ = true;
  return selector;
}

Result<Selector> Selector::parse(std::string_view text) {
  Selector selector;
  ASSIGN_OR_RETURN(selector.requirements_, SelectorParser(text).run());
  std::sort(selector.requirements_.begin(), selector.requirements_.end(), in_order);
  return selector;
}

Result<Selector> Selector::from(const LabelSelector& labels) {
  Selector selector = from(labels.matchLabels);
  for (const LabelSelectorRequirement& expression : labels.matchExpressions) {
    Requirement r{.key = expression.key, .values = expression.values};
    if (expression.operator_ == "In")
      r.op = Operator::kIn;
    else if (expression.operator_ == "NotIn")
      r.op = Operator::kNotIn;
    else if (expression.operator_ == "Exists")
      r.op = Operator::kExists;
    else if (expression.operator_ == "DoesNotExist")
      r.op = Operator::kDoesNotExist;
    else
      return invalid_argument("\"{}\" is not a valid label selector operator",
                              expression.operator_);
    std::sort(r.values.begin(), r.values.end());
    selector.requirements_.push_back(std::move(r));
  }
  std::sort(selector.requirements_.begin(), selector.requirements_.end(), in_order);
  return selector;
}

Selector Selector::from(const Labels& labels) {
  Selector selector;
  for (const auto& [key, value] : labels)
    selector.requirements_.push_back({.key = key, .op = Operator::kIn, .values = {value}});
  return selector;
}

bool Selector::matches(const Labels& labels) const {
  return !nothing_ && std::all_of(requirements_.begin(), requirements_.end(),
                                  [&](const Requirement& r) { return r.matches(labels); });
}

std::string Selector::to_string() const {
  std::string out;
  for (const Requirement& r : requirements_) {
    if (!out.empty()) out += ',';
    const std::string first = r.values.empty() ? "" : r.values[0];
    switch (r.op) {
      case Operator::kIn:
      case Operator::kNotIn: {
        const bool one = r.values.size() == 1;
        const bool positive = r.op == Operator::kIn;
        out += one ? r.key + (positive ? "=" : "!=") + first
                   : fmt::format("{} {} ({})", r.key, positive ? "in" : "notin",
                                 fmt::join(r.values, ","));
        break;
      }
      case Operator::kExists:
        out += r.key;
        break;
      case Operator::kDoesNotExist:
        out += '!' + r.key;
        break;
      case Operator::kGreater:
        out += r.key + '>' + first;
        break;
      case Operator::kLess:
        out += r.key + '<' + first;
        break;
    }
  }
  return out;
}

bool matches(const LabelSelector& selector, const Labels& labels) {
  const auto parsed = Selector::from(selector);
  return parsed.ok() && parsed->matches(labels);
}

bool matches(const Box<LabelSelector>& selector, const Labels& labels) {
  return selector && matches(*selector, labels);
}

Result<std::vector<FieldRequirement>> parse_field_selector(std::string_view text) {
  std::vector<FieldRequirement> requirements;
  FieldRequirement current;
  bool in_value = false;
  const auto finish = [&]() -> skiff::Status {
    if (!in_value && current.path.empty()) return {};  // an empty term says nothing
    if (!in_value)
      return invalid_argument("invalid selector: '{}'; can't understand '{}'", text, current.path);
    requirements.push_back(std::exchange(current, {}));
    in_value = false;
    return {};
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ',') {
      RETURN_IF_ERROR(finish());
    } else if (!in_value && (c == '=' || (c == '!' && text.substr(i).starts_with("!=")))) {
      current.negate = c == '!';
      if (text.substr(i).starts_with("!=") || text.substr(i).starts_with("==")) ++i;
      in_value = true;
    } else if (in_value && c == '\\') {
      if (++i == text.size() || (text[i] != '\\' && text[i] != ',' && text[i] != '='))
        return invalid_argument("invalid field selector \"{}\": invalid escape", text);
      current.value += text[i];
    } else if (in_value && c == '=') {
      return invalid_argument("invalid field selector \"{}\": unescaped '=' in a value", text);
    } else {
      (in_value ? current.value : current.path) += c;
    }
  }
  RETURN_IF_ERROR(finish());
  return requirements;
}

}  // namespace skiff::api
