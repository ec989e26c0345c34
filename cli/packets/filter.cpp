// SPDX-License-Identifier: Apache-2.0
#include "cli/packets/filter.h"

#include <pcap/pcap.h>

#include <cctype>
#include <memory>

namespace skiff::cli {
namespace {

constexpr int kSnapLength = 65535;

// Whether a word of tcpdump's ends before text[at]; "!" is one of its own, "!=" is not.
bool ends_word(std::string_view text, size_t at) {
  const char c = text[at];
  return std::isspace(static_cast<unsigned char>(c)) || c == '(' || c == ')' ||
         (c == '!' && !text.substr(at).starts_with("!="));
}

// The word at `at`, which is moved past it and the spaces before it.
std::string_view next_word(std::string_view text, size_t& at) {
  while (at < text.size() && std::isspace(static_cast<unsigned char>(text[at]))) ++at;
  const size_t begin = at;
  if (at < text.size() && ends_word(text, at)) return text.substr(at++, 1);
  while (at < text.size() && !ends_word(text, at)) ++at;
  return text.substr(begin, at - begin);
}

// The name of a pod, if anything; tcpdump has no filter of one word that is not ours as well, but
// some protocols.
bool is_one_word(const std::string& text) {
  return !text.empty() &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-./") == std::string::npos &&
         !compile_pcap(text).ok();
}

std::string any_of(const std::vector<trace::NamedEnd>& ends, const std::string& direction) {
  std::string text;
  for (const trace::NamedEnd& end : ends) {
    if (!text.empty()) text += " or ";
    const std::string host = fmt::format("{}host {}", direction, end.address.to_string());
    text += end.port == 0 ? host : fmt::format("({} and {}port {})", host, direction, end.port);
  }
  return "(" + text + ")";
}

}  // namespace

Result<std::string> in_words_of_tcpdump(const std::string& text, const ClusterNames& names) {
  using Kind = trace::Expression::Kind;
  std::string result, direction;
  for (size_t at = 0; at < text.size();) {
    const std::string_view word = next_word(text, at);
    if (word.empty()) break;
    if (word == "pod" || word == "svc" || word == "service") {
      const std::string name(next_word(text, at));
      if (name.empty()) return invalid_argument("filter: ends where a name should follow");
      ASSIGN_OR_RETURN(const auto ends,
                       names.ends(word == "pod" ? Kind::kPod : Kind::kService, name));
      result += any_of(ends, std::exchange(direction, "")) + " ";
      continue;
    }
    result += std::exchange(direction, "");
    if (word == "src" || word == "dst")
      direction = std::string(word) + " ";
    else
      result += std::string(word) + " ";
  }
  result += direction;
  while (result.ends_with(' ')) result.pop_back();
  return result;
}

Result<trace::PcapFilter> compile_pcap(const std::string& text) {
  const std::unique_ptr<pcap_t, void (*)(pcap_t*)> reader(::pcap_open_dead(DLT_EN10MB, kSnapLength),
                                                          ::pcap_close);
  if (!reader) return internal_error("libpcap cannot be opened");
  bpf_program compiled{};
  if (::pcap_compile(reader.get(), &compiled, text.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0)
    return invalid_argument("{}", ::pcap_geterr(reader.get()));
  trace::PcapFilter filter;
  for (u_int i = 0; i < compiled.bf_len; ++i) {
    const bpf_insn& one = compiled.bf_insns[i];
    filter.instructions.push_back(
        {.code = one.code, .jump_true = one.jt, .jump_false = one.jf, .k = one.k});
  }
  ::pcap_freecode(&compiled);
  RETURN_IF_ERROR(trace::check(filter));
  return filter;
}

Status set_filter(const std::string& text, const ClusterNames& names, trace::TapRequest& request) {
  if (names.is_pod(text) || trace::parse_expression(text).ok()) {
    ASSIGN_OR_RETURN(request.expression, names.filter(text));
    return absl::OkStatus();
  }
  const Status own = trace::parse_expression(text).status();
  if (is_one_word(text))
    return not_found("there is no pod {}; and as a filter: {}", names.full(text), message(own));
  ASSIGN_OR_RETURN(const std::string words, in_words_of_tcpdump(text, names));
  auto compiled = compile_pcap(words);
  if (!compiled.ok())
    return invalid_argument("{}; nor can tcpdump's grammar (libpcap) read it: {}", message(own),
                            message(compiled.status()));
  request.pcap = *std::move(compiled);
  return absl::OkStatus();
}

}  // namespace skiff::cli
