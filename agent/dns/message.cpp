// SPDX-License-Identifier: Apache-2.0
#include "agent/dns/message.h"

#include <ldns/ldns.h>
#include <sys/random.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/check.h"

namespace skiff::dns {
namespace {

constexpr uint16_t kMinUdpBytes = 512;
constexpr std::chrono::seconds kMaxNegativeLifetime{300};

struct FreeRdf {
  void operator()(ldns_rdf* rdf) const { ldns_rdf_deep_free(rdf); }
};
using Rdf = std::unique_ptr<ldns_rdf, FreeRdf>;

Rdf name_rdf(const std::string& name) {
  return Rdf(ldns_dname_new_frm_str(name.c_str()));
}

Rdf number_rdf(uint16_t number) {
  return Rdf(ldns_native2rdf_int16(LDNS_RDF_TYPE_INT16, number));
}

Rdf number_rdf32(uint32_t number, ldns_rdf_type type = LDNS_RDF_TYPE_INT32) {
  return Rdf(ldns_native2rdf_int32(type, number));
}

// The labels of a name in wire form, in lower case.
Labels labels_of(const ldns_rdf* name) {
  Labels labels;
  const uint8_t* data = ldns_rdf_data(name);
  const size_t size = ldns_rdf_size(name);
  for (size_t at = 0; at < size && data[at] != 0; at += data[at] + size_t{1}) {
    if (at + 1 + data[at] > size) break;
    std::string label(reinterpret_cast<const char*>(data + at + 1), data[at]);
    for (char& c : label)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    labels.push_back(std::move(label));
  }
  return labels;
}

// Appends the fields of a record's data; false if one has no wire form.
class DataWriter {
 public:
  explicit DataWriter(ldns_rr* record) : record_(record) {}

  bool operator()(const IpAddress& address) const {
    const bool v4 = address.is_v4();
    const uint8_t* bytes = address.bytes().data() + (v4 ? 12 : 0);
    return push(
        Rdf(ldns_rdf_new_frm_data(v4 ? LDNS_RDF_TYPE_A : LDNS_RDF_TYPE_AAAA, v4 ? 4 : 16, bytes)));
  }
  bool operator()(const Target& target) const { return push(name_rdf(target.name)); }
  bool operator()(const Service& service) const {
    return push(number_rdf(service.priority)) && push(number_rdf(service.weight)) &&
           push(number_rdf(service.port)) && push(name_rdf(service.target));
  }
  bool operator()(const Text& text) const {
    std::string data(1, static_cast<char>(std::min<size_t>(text.text.size(), 255)));
    data += text.text.substr(0, 255);
    return push(Rdf(ldns_rdf_new_frm_data(LDNS_RDF_TYPE_STR, data.size(), data.data())));
  }
  bool operator()(const Authority& authority) const {
    return push(name_rdf(authority.server)) && push(name_rdf(authority.mailbox)) &&
           push(number_rdf32(authority.serial)) && push(number_rdf32(7200, LDNS_RDF_TYPE_PERIOD)) &&
           push(number_rdf32(1800, LDNS_RDF_TYPE_PERIOD)) &&
           push(number_rdf32(86400, LDNS_RDF_TYPE_PERIOD)) &&
           push(number_rdf32(authority.negative_ttl, LDNS_RDF_TYPE_PERIOD));
  }

 private:
  bool push(Rdf field) const {
    if (!field || !ldns_rr_push_rdf(record_, field.get())) return false;
    field.release();
    return true;
  }
  ldns_rr* record_;
};

ldns_pkt_section section_of(Section section) {
  switch (section) {
    case Section::kAnswer:
      return LDNS_SECTION_ANSWER;
    case Section::kAuthority:
      return LDNS_SECTION_AUTHORITY;
    default:
      return LDNS_SECTION_ADDITIONAL;
  }
}

constexpr ldns_pkt_section kRecordSections[] = {LDNS_SECTION_ANSWER, LDNS_SECTION_AUTHORITY,
                                                LDNS_SECTION_ADDITIONAL};

ldns_rr_list* list_of(const ldns_pkt* packet, ldns_pkt_section section) {
  switch (section) {
    case LDNS_SECTION_ANSWER:
      return ldns_pkt_answer(packet);
    case LDNS_SECTION_AUTHORITY:
      return ldns_pkt_authority(packet);
    default:
      return ldns_pkt_additional(packet);
  }
}

template <class Visit>
void for_each_record(const ldns_pkt* packet, Visit visit) {
  for (const ldns_pkt_section section : kRecordSections) {
    ldns_rr_list* list = list_of(packet, section);
    for (size_t i = 0; i < ldns_rr_list_rr_count(list); ++i) visit(ldns_rr_list_rr(list, i));
  }
}

void keep_first(ldns_pkt* packet, ldns_pkt_section section, size_t count) {
  ldns_rr_list* list = list_of(packet, section);
  while (ldns_rr_list_rr_count(list) > count) ldns_rr_free(ldns_rr_list_pop_rr(list));
  ldns_pkt_set_section_count(packet, section, static_cast<uint16_t>(count));
}

std::string encode(const ldns_pkt* packet) {
  uint8_t* data = nullptr;
  size_t size = 0;
  if (ldns_pkt2wire(&data, packet, &size) != LDNS_STATUS_OK) return "";
  std::string wire(reinterpret_cast<const char*>(data), size);
  LDNS_FREE(data);
  return wire;
}

uint16_t random_id() {
  uint16_t id = 0;
  CHECK(::getrandom(&id, sizeof id, 0) == sizeof id);
  return id;
}

}  // namespace

void Message::Free::operator()(ldns_struct_pkt* packet) const {
  ldns_pkt_free(packet);
}

Result<Message> Message::parse(std::string_view wire) {
  ldns_pkt* packet = nullptr;
  const ldns_status status =
      ldns_wire2pkt(&packet, reinterpret_cast<const uint8_t*>(wire.data()), wire.size());
  if (status != LDNS_STATUS_OK)
    return invalid_argument("DNS message: {}", ldns_get_errorstr_by_id(status));
  return Message(packet);
}

Result<Message> Message::query(const Question& question) {
  Rdf name = name_rdf(join_labels(question.name));
  if (!name) return invalid_argument("DNS name {}: not valid", join_labels(question.name));
  ldns_pkt* packet = ldns_pkt_query_new(name.release(), static_cast<ldns_rr_type>(question.type),
                                        LDNS_RR_CLASS_IN, LDNS_RD);
  CHECK(packet != nullptr);
  ldns_pkt_set_id(packet, random_id());
  ldns_pkt_set_edns_udp_size(packet, kMaxUdpBytes);
  return Message(packet);
}

Message Message::reply_to(const Message& query) {
  const ldns_pkt* asked = query.packet_.get();
  ldns_pkt* packet = ldns_pkt_new();
  CHECK(packet != nullptr);
  ldns_pkt_set_id(packet, ldns_pkt_id(asked));
  ldns_pkt_set_qr(packet, true);
  ldns_pkt_set_ra(packet, true);
  ldns_pkt_set_rd(packet, ldns_pkt_rd(asked));
  ldns_pkt_set_opcode(packet, ldns_pkt_get_opcode(asked));
  if (ldns_rr_list_rr_count(ldns_pkt_question(asked)) == 1)
    ldns_pkt_push_rr(packet, LDNS_SECTION_QUESTION,
                     ldns_rr_clone(ldns_rr_list_rr(ldns_pkt_question(asked), 0)));
  if (ldns_pkt_edns(asked)) ldns_pkt_set_edns_udp_size(packet, kMaxUdpBytes);
  return Message(packet);
}

Message Message::clone() const {
  return Message(ldns_pkt_clone(packet_.get()));
}

uint16_t Message::id() const {
  return ldns_pkt_id(packet_.get());
}

bool Message::is_response() const {
  return ldns_pkt_qr(packet_.get());
}

bool Message::truncated() const {
  return ldns_pkt_tc(packet_.get());
}

Rcode Message::rcode() const {
  return static_cast<Rcode>(ldns_pkt_get_rcode(packet_.get()));
}

std::optional<Question> Message::question(Rcode& refusal) const {
  refusal = Rcode::kFormErr;
  if (ldns_pkt_get_opcode(packet_.get()) != LDNS_PACKET_QUERY) {
    refusal = Rcode::kNotImp;
    return std::nullopt;
  }
  if (ldns_pkt_edns(packet_.get()) && ldns_pkt_edns_version(packet_.get()) != 0) {
    refusal = Rcode::kBadVers;
    return std::nullopt;
  }
  const ldns_rr_list* questions = ldns_pkt_question(packet_.get());
  if (ldns_rr_list_rr_count(questions) != 1) return std::nullopt;
  const ldns_rr* question = ldns_rr_list_rr(questions, 0);
  const auto type = ldns_rr_get_type(question);
  // Classes other than IN, and zone transfers.
  if (ldns_rr_get_class(question) != LDNS_RR_CLASS_IN || type == LDNS_RR_TYPE_AXFR ||
      type == LDNS_RR_TYPE_IXFR) {
    refusal = Rcode::kRefused;
    return std::nullopt;
  }
  refusal = Rcode::kNoError;
  return Question{labels_of(ldns_rr_owner(question)), static_cast<Type>(type)};
}

size_t Message::udp_limit() const {
  if (!ldns_pkt_edns(packet_.get())) return kMinUdpBytes;
  return std::clamp<size_t>(ldns_pkt_edns_udp_size(packet_.get()), kMinUdpBytes, kMaxUdpBytes);
}

std::vector<IpAddress> Message::addresses() const {
  std::vector<IpAddress> found;
  ldns_rr_list* list = ldns_pkt_answer(packet_.get());
  for (size_t i = 0; i < ldns_rr_list_rr_count(list); ++i) {
    const ldns_rr* record = ldns_rr_list_rr(list, i);
    const ldns_rdf* data = ldns_rr_rd_count(record) == 1 ? ldns_rr_rdf(record, 0) : nullptr;
    if (data == nullptr) continue;
    const uint8_t* bytes = ldns_rdf_data(data);
    if (ldns_rr_get_type(record) == LDNS_RR_TYPE_A && ldns_rdf_size(data) == 4) {
      found.push_back(IpAddress::v4(ldns_read_uint32(bytes)));
    } else if (ldns_rr_get_type(record) == LDNS_RR_TYPE_AAAA && ldns_rdf_size(data) == 16) {
      std::array<uint8_t, 16> address{};
      std::copy_n(bytes, 16, address.begin());
      found.emplace_back(address);
    }
  }
  return found;
}

std::vector<uint16_t> Message::answer_types() const {
  std::vector<uint16_t> types;
  ldns_rr_list* list = ldns_pkt_answer(packet_.get());
  for (size_t i = 0; i < ldns_rr_list_rr_count(list); ++i) {
    const auto type = static_cast<uint16_t>(ldns_rr_get_type(ldns_rr_list_rr(list, i)));
    if (std::ranges::find(types, type) == types.end()) types.push_back(type);
  }
  return types;
}

bool Message::is_answered_by(const Message& response) const {
  Rcode ignored;
  return response.is_response() && response.id() == id() &&
         response.question(ignored) == question(ignored);
}

bool Message::add(Section section, const Record& record) {
  ldns_rr* rr = ldns_rr_new();
  CHECK(rr != nullptr);
  Rdf owner = name_rdf(record.name);
  if (!owner || !std::visit(DataWriter(rr), record.data)) {
    ldns_rr_free(rr);
    return false;
  }
  // In the letter case of the question, which some resolvers vary and check (0x20).
  const ldns_rr_list* questions = ldns_pkt_question(packet_.get());
  if (ldns_rr_list_rr_count(questions) == 1 &&
      ldns_dname_compare(owner.get(), ldns_rr_owner(ldns_rr_list_rr(questions, 0))) == 0)
    owner.reset(ldns_rdf_clone(ldns_rr_owner(ldns_rr_list_rr(questions, 0))));
  ldns_rr_set_owner(rr, owner.release());
  ldns_rr_set_type(rr, static_cast<ldns_rr_type>(record.type));
  ldns_rr_set_class(rr, LDNS_RR_CLASS_IN);
  ldns_rr_set_ttl(rr, record.ttl);
  ldns_pkt_push_rr(packet_.get(), section_of(section), rr);
  return true;
}

void Message::add_sections_of(const Message& other) {
  for (const ldns_pkt_section section : kRecordSections) {
    const ldns_rr_list* list = list_of(other.packet_.get(), section);
    for (size_t i = 0; i < ldns_rr_list_rr_count(list); ++i)
      ldns_pkt_push_rr(packet_.get(), section, ldns_rr_clone(ldns_rr_list_rr(list, i)));
  }
}

void Message::set_rcode(Rcode rcode) {
  const auto code = static_cast<uint8_t>(rcode);
  ldns_pkt_set_rcode(packet_.get(), code & 0xf);
  if (code > 0xf) ldns_pkt_set_edns_extended_rcode(packet_.get(), static_cast<uint8_t>(code >> 4));
}

void Message::set_authoritative(bool authoritative) {
  ldns_pkt_set_aa(packet_.get(), authoritative);
}

std::chrono::seconds Message::lifetime() const {
  if (rcode() != Rcode::kNoError && rcode() != Rcode::kNxDomain) return {};
  if (truncated()) return {};
  const bool negative = ldns_rr_list_rr_count(ldns_pkt_answer(packet_.get())) == 0;
  uint32_t lowest = std::numeric_limits<uint32_t>::max();
  bool has_soa = false;
  for_each_record(packet_.get(), [&](ldns_rr* record) {
    lowest = std::min(lowest, ldns_rr_ttl(record));
    if (ldns_rr_get_type(record) != LDNS_RR_TYPE_SOA || ldns_rr_rd_count(record) != 7) return;
    has_soa = true;
    lowest = negative ? std::min(lowest, ldns_rdf2native_int32(ldns_rr_rdf(record, 6))) : lowest;
  });
  if (lowest == std::numeric_limits<uint32_t>::max() || (negative && !has_soa)) return {};
  const std::chrono::seconds lifetime(lowest);
  return negative ? std::min(lifetime, kMaxNegativeLifetime) : lifetime;
}

void Message::age(std::chrono::seconds elapsed) {
  const auto passed = static_cast<uint32_t>(elapsed.count());
  for_each_record(packet_.get(), [&](ldns_rr* record) {
    const uint32_t ttl = ldns_rr_ttl(record);
    ldns_rr_set_ttl(record, ttl > passed ? ttl - passed : 0);
  });
}

std::string Message::wire(size_t limit) const {
  std::string whole = encode(packet_.get());
  if (whole.size() <= limit) return whole;
  // Extras first: an answer without them is still complete.
  const Message cut = clone();
  keep_first(cut.packet_.get(), LDNS_SECTION_ADDITIONAL, 0);
  whole = encode(cut.packet_.get());
  if (whole.size() <= limit) return whole;
  keep_first(cut.packet_.get(), LDNS_SECTION_AUTHORITY, 0);
  ldns_pkt_set_tc(cut.packet_.get(), true);
  size_t keep = ldns_rr_list_rr_count(ldns_pkt_answer(cut.packet_.get()));
  while ((whole = encode(cut.packet_.get())).size() > limit && keep > 0) {
    // Records are of like size, so the share that fits is close; one less makes sure of progress.
    keep = std::min(keep - 1, keep * limit / whole.size());
    keep_first(cut.packet_.get(), LDNS_SECTION_ANSWER, keep);
  }
  return whole;
}

}  // namespace skiff::dns
