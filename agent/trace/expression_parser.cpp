// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>

#include "agent/trace/expression.h"

namespace skiff::trace {
namespace {

using Op = Expression::Kind;
using End = Expression::End;

constexpr int kDeepest = 32;
constexpr size_t kMostWords = 512;
constexpr const char* kWanted =
    "want host, net, port, pod, svc, tcp, udp, sctp, icmp, icmp6, proto, ip, ip6 or dropped";

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (size_t at = 0; at < text.size();) {
    if (std::isspace(static_cast<unsigned char>(text[at]))) {
      ++at;
      continue;
    }
    size_t end = at + 1;
    const auto breaks = [](char c) {
      return std::isspace(static_cast<unsigned char>(c)) || c == '(' || c == ')' || c == '!';
    };
    if (!breaks(text[at]))
      while (end < text.size() && !breaks(text[end])) ++end;
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '.' || c == '/' || c == '_';
  });
}

class Parser {
 public:
  explicit Parser(std::vector<std::string_view> words) : words_(std::move(words)) {}

  Result<Expression> parse() {
    ASSIGN_OR_RETURN(Expression expression, any(0));
    if (!done()) return invalid_argument("filter: \"{}\" is not expected there", peek());
    return expression;
  }

 private:
  bool done() const { return at_ == words_.size(); }
  std::string_view peek() const { return done() ? std::string_view() : words_[at_]; }
  bool take(std::string_view word) {
    if (peek() != word) return false;
    ++at_;
    return true;
  }
  Result<std::string_view> next(const char* what) {
    if (done()) return invalid_argument("filter: ends where {} should follow", what);
    return words_[at_++];
  }

  Result<Expression> any(int depth) {
    if (depth > kDeepest) return invalid_argument("filter: nested deeper than {}", kDeepest);
    std::vector<Expression> parts;
    do {
      ASSIGN_OR_RETURN(Expression part, all(depth));
      parts.push_back(std::move(part));
    } while (take("or") || take("||"));
    return together(Op::kOr, std::move(parts));
  }

  Result<Expression> all(int depth) {
    std::vector<Expression> parts;
    do {
      ASSIGN_OR_RETURN(Expression part, factor(depth));
      parts.push_back(std::move(part));
    } while (take("and") || take("&&") ||
             (!done() && peek() != "or" && peek() != "||" && peek() != ")"));
    return together(Op::kAnd, std::move(parts));
  }

  static Expression together(Op kind, std::vector<Expression> parts) {
    if (parts.size() == 1) return std::move(parts.front());
    Expression expression{.kind = kind};
    expression.parts = std::move(parts);
    return expression;
  }

  Result<Expression> factor(int depth) {
    if (depth > kDeepest) return invalid_argument("filter: nested deeper than {}", kDeepest);
    if (take("not") || take("!")) {
      Expression expression{.kind = Op::kNot};
      ASSIGN_OR_RETURN(Expression part, factor(depth + 1));
      expression.parts.push_back(std::move(part));
      return expression;
    }
    if (!take("(")) return primitive();
    ASSIGN_OR_RETURN(Expression inner, any(depth + 1));
    if (!take(")")) return invalid_argument("filter: a \"(\" is not closed");
    return inner;
  }

  Result<Expression> primitive() {
    End end = End::kEither;
    if (take("src"))
      end = End::kSource;
    else if (take("dst"))
      end = End::kDestination;
    ASSIGN_OR_RETURN(const std::string_view word, next(kWanted));
    if (word == "host" || word == "net") return address(end, next("an address"));
    if (word == "port") return port(end);
    if (word == "pod" || word == "svc" || word == "service")
      return named(word == "pod" ? Op::kPod : Op::kService, end);
    if (end == End::kEither) {
      if (auto plain = keyword(word)) return *plain;
      if (word == "proto") return protocol();
    }
    if (word.find_first_of(".:") != std::string_view::npos) return address(end, word);
    return invalid_argument("filter: \"{}\": {}", word, kWanted);
  }

  static std::optional<Expression> keyword(std::string_view word) {
    Expression expression;
    for (const auto& [protocol, number] : kProtocolWords) {
      if (word != protocol) continue;
      expression.kind = Op::kProtocol;
      expression.protocol = number;
      return expression;
    }
    if (word == "ip" || word == "ip6") {
      expression.kind = Op::kFamily;
      expression.v4 = word == "ip";
      return expression;
    }
    if (word != "dropped" && word != "drop") return std::nullopt;
    expression.kind = Op::kDropped;
    return expression;
  }

  static Result<Expression> address(End end, Result<std::string_view> text) {
    RETURN_IF_ERROR(text.status());
    Expression expression{.kind = Op::kAddress, .end = end};
    if (text->find('/') != std::string_view::npos) {
      ASSIGN_OR_RETURN(expression.range, Cidr::parse(*text), "filter");
    } else {
      ASSIGN_OR_RETURN(const IpAddress ip, IpAddress::parse(*text), "filter");
      expression.range = Cidr(ip, ip.is_v4() ? 32 : 128);
    }
    return expression;
  }

  Result<uint32_t> number(const char* what, uint32_t most) {
    ASSIGN_OR_RETURN(const std::string_view text, next(what));
    uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value == 0 || value > most)
      return invalid_argument("filter: \"{}\" is no {} (1 to {})", text, what, most);
    return value;
  }

  Result<Expression> port(End end) {
    ASSIGN_OR_RETURN(const uint32_t value, number("port number", 65535));
    return Expression{.kind = Op::kPort, .end = end, .port = static_cast<uint16_t>(value)};
  }

  Result<Expression> protocol() {
    ASSIGN_OR_RETURN(const uint32_t value, number("protocol number", 255));
    Expression expression{.kind = Op::kProtocol};
    expression.protocol = static_cast<uint8_t>(value);
    return expression;
  }

  Result<Expression> named(Op kind, End end) {
    ASSIGN_OR_RETURN(const std::string_view text, next("a name"));
    if (!is_name(text))
      return invalid_argument("filter: \"{}\" is no name: want NAME or NAMESPACE/NAME", text);
    Expression expression{.kind = kind, .end = end};
    expression.name = text;
    return expression;
  }

  std::vector<std::string_view> words_;
  size_t at_ = 0;
};

}  // namespace

Result<Expression> parse_expression(std::string_view text) {
  std::vector<std::string_view> words = words_of(text);
  if (words.empty()) return Expression{};
  if (words.size() > kMostWords) return invalid_argument("filter: more than {} words", kMostWords);
  return Parser(std::move(words)).parse();
}

}  // namespace skiff::trace
