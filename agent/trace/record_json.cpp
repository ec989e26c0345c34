// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/record_json.h"

#include <fmt/chrono.h>

#include "agent/trace/json_fields.h"

namespace skiff::trace {

namespace json = boost::json;

namespace {

constexpr std::string_view kIdentityKinds[] = {"pod", "node", "world"};

json::object encode(const Identity& who) {
  json::object object;
  object["kind"] = kIdentityKinds[static_cast<size_t>(who.kind)];
  const auto add = [&object](std::string_view name, const std::string& value) {
    if (!value.empty()) object[name] = value;
  };
  add("namespace", who.namespace_);
  add("name", who.name);
  add("workloadKind", who.workload_kind);
  add("workload", who.workload);
  add("node", who.node);
  if (!who.labels.empty()) {
    json::object labels;
    for (const auto& [name, value] : who.labels) labels[name] = value;
    object["labels"] = std::move(labels);
  }
  if (who.gone) object["gone"] = true;
  return object;
}

json::object encode(const Peer& peer) {
  json::object object;
  if (!peer.address.is_unspecified()) object["ip"] = peer.address.to_string();
  if (peer.port != 0) object["port"] = peer.port;
  if (peer.who != nullptr) object["identity"] = encode(*peer.who);
  return object;
}

bool flag_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_bool() && value->get_bool();
}

std::shared_ptr<const Identity> decode_identity(const json::object& object) {
  auto who = std::make_shared<Identity>();
  const std::string kind = text_of(object, "kind");
  for (size_t i = 0; i < std::size(kIdentityKinds); ++i)
    if (kind == kIdentityKinds[i]) who->kind = static_cast<Identity::Kind>(i);
  who->namespace_ = text_of(object, "namespace");
  who->name = text_of(object, "name");
  who->workload_kind = text_of(object, "workloadKind");
  who->workload = text_of(object, "workload");
  who->node = text_of(object, "node");
  who->gone = flag_of(object, "gone");
  if (const json::value* labels = object.if_contains("labels");
      labels != nullptr && labels->is_object())
    for (const auto& member : labels->get_object())
      if (member.value().is_string())
        who->labels.emplace(member.key(), std::string(member.value().get_string()));
  return who;
}

Peer decode_peer(const json::object& record, std::string_view name) {
  Peer peer;
  const json::value* value = record.if_contains(name);
  if (value == nullptr || !value->is_object()) return peer;
  const json::object& object = value->get_object();
  if (const auto ip = IpAddress::parse(text_of(object, "ip")); ip.ok()) peer.address = *ip;
  peer.port = number_of<uint16_t>(object, "port");
  if (const json::value* who = object.if_contains("identity"); who != nullptr && who->is_object())
    peer.who = decode_identity(who->get_object());
  return peer;
}

json::object encode(const DnsExchange& dns) {
  json::array addresses;
  for (const IpAddress& address : dns.addresses) addresses.emplace_back(address.to_string());
  json::object object{{"name", dns.name},
                      {"type", dns.type},
                      {"rcode", dns.rcode},
                      {"addresses", std::move(addresses)},
                      {"tookNs", dns.took.count()}};
  if (dns.forwarded) object["forwarded"] = true;
  return object;
}

std::array<uint64_t, 2> decode_pair(const json::object& object, std::string_view name) {
  std::array<uint64_t, 2> pair{};
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_array() || value->get_array().size() != 2) return pair;
  boost::system::error_code error;
  for (size_t i = 0; i < 2; ++i) pair[i] = value->get_array()[i].to_number<uint64_t>(error);
  return pair;
}

std::vector<std::string> decode_texts(const json::object& object, std::string_view name) {
  std::vector<std::string> texts;
  if (const json::value* list = object.if_contains(name); list != nullptr && list->is_array())
    for (const json::value& text : list->get_array())
      if (text.is_string()) texts.emplace_back(text.get_string());
  return texts;
}

std::shared_ptr<const DnsExchange> decode_dns(const json::object& record) {
  const json::value* value = record.if_contains("dns");
  if (value == nullptr || !value->is_object()) return nullptr;
  const json::object& object = value->get_object();
  auto dns = std::make_shared<DnsExchange>();
  dns->name = text_of(object, "name");
  dns->type = text_of(object, "type");
  dns->rcode = text_of(object, "rcode");
  for (const std::string& text : decode_texts(object, "addresses"))
    if (const auto address = IpAddress::parse(text); address.ok())
      dns->addresses.push_back(*address);
  dns->forwarded = flag_of(object, "forwarded");
  dns->took = std::chrono::nanoseconds(number_of<int64_t>(object, "tookNs"));
  return dns;
}

template <class Enum>
Enum decode_enum(std::string_view text, Enum last) {
  for (int i = 0; i <= static_cast<int>(last); ++i)
    if (text == name_of(static_cast<Enum>(i))) return static_cast<Enum>(i);
  return Enum{};
}

void encode_what(const FlowRecord& record, json::object& object) {
  object["time"] = format_time(record.time);
  object["timeNs"] = record.time.time_since_epoch().count();
  object["id"] = fmt::format("{:016x}", record.id);
  object["node"] = record.node;
  object["kind"] = name_of(record.kind);
  object["verdict"] = name_of(record.verdict);
  const auto add = [&object](std::string_view name, const auto& value) {
    if (!value.empty()) object[name] = value;
  };
  add("reason", record.reason);
  add("place", record.place);
  add("lbReason", record.lb_reason);
  object["hook"] = record.hook;
  object["lbCode"] = record.lb_code;
  object["reasonCode"] = record.reason_code;
  object["protocol"] = protocol_name(record.protocol);
  object["protocolNumber"] = record.protocol;
  if (record.tcp_flags != 0) {
    object["tcpFlags"] = tcp_flag_names(record.tcp_flags);
    object["tcpFlagBits"] = record.tcp_flags;
  }
  add("direction", name_of(record.direction));
  add("exit", name_of(record.exit));
  if (record.is_reply) object["isReply"] = true;
  if (record.masqueraded) object["masqueraded"] = true;
  add("interface", record.interface);
  object["ifindex"] = record.ifindex;
  add("podHere", record.pod_here);
  const auto& [egress, ingress] = record.policies;
  if (!egress.empty()) object["egressPolicies"] = json::array(egress.begin(), egress.end());
  if (!ingress.empty()) object["ingressPolicies"] = json::array(ingress.begin(), ingress.end());
}

}  // namespace

std::string format_time(TimePoint time) {
  const auto micros =
      std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}Z",
                     fmt::gmtime(static_cast<std::time_t>(micros / 1000000)), micros % 1000000);
}

std::string encode_json(const FlowRecord& record) {
  json::object object;
  encode_what(record, object);
  object["client"] = encode(record.client);
  object["asked"] = encode(record.asked);
  if (record.service != nullptr)
    object["service"] = {{"namespace", record.service->namespace_},
                         {"name", record.service->name},
                         {"port", record.service->port_name}};
  object["sender"] = encode(record.sender);
  object["backend"] = encode(record.backend);
  if (record.socket_cookie != 0) object["socketCookie"] = record.socket_cookie;
  object["packets"] = {record.packets[0], record.packets[1]};
  object["bytes"] = {record.bytes[0], record.bytes[1]};
  object["ageNs"] = record.age.count();
  object["length"] = record.length;
  if (record.suppressed != 0) object["suppressed"] = record.suppressed;
  if (record.dns != nullptr) object["dns"] = encode(*record.dns);
  if (!record.stack.empty())
    object["stack"] = json::array(record.stack.begin(), record.stack.end());
  return json::serialize(object);
}

Result<FlowRecord> decode_json(std::string_view line) {
  boost::system::error_code error;
  const json::value value = json::parse({line.data(), line.size()}, error);
  if (error) return invalid_argument("record: {}", error.message());
  if (!value.is_object()) return invalid_argument("record: not an object");
  const json::object& object = value.get_object();
  FlowRecord record;
  record.time = TimePoint(std::chrono::duration_cast<TimePoint::duration>(
      std::chrono::nanoseconds(number_of<int64_t>(object, "timeNs"))));
  record.id = std::strtoull(text_of(object, "id").c_str(), nullptr, 16);
  record.node = text_of(object, "node");
  record.kind = decode_enum(text_of(object, "kind"), Kind::kDns);
  record.verdict = decode_enum(text_of(object, "verdict"), Verdict::kDropped);
  record.reason = text_of(object, "reason");
  record.place = text_of(object, "place");
  record.lb_reason = text_of(object, "lbReason");
  record.hook = number_of<uint8_t>(object, "hook");
  record.lb_code = number_of<uint8_t>(object, "lbCode");
  record.reason_code = number_of<uint8_t>(object, "reasonCode");
  record.protocol = number_of<uint8_t>(object, "protocolNumber");
  record.tcp_flags = number_of<uint8_t>(object, "tcpFlagBits");
  record.direction = decode_enum(text_of(object, "direction"), Direction::kEgress);
  record.exit = decode_enum(text_of(object, "exit"), Exit::kNetwork);
  record.dns = decode_dns(object);
  record.is_reply = flag_of(object, "isReply");
  record.masqueraded = flag_of(object, "masqueraded");
  record.interface = text_of(object, "interface");
  record.ifindex = number_of<uint32_t>(object, "ifindex");
  record.pod_here = text_of(object, "podHere");
  record.client = decode_peer(object, "client");
  record.asked = decode_peer(object, "asked");
  if (const json::value* service = object.if_contains("service");
      service != nullptr && service->is_object())
    record.service = std::make_shared<const ServicePort>(ServicePort{
        text_of(service->get_object(), "namespace"), text_of(service->get_object(), "name"),
        text_of(service->get_object(), "port")});
  record.sender = decode_peer(object, "sender");
  record.backend = decode_peer(object, "backend");
  record.socket_cookie = number_of<uint64_t>(object, "socketCookie");
  record.packets = decode_pair(object, "packets");
  record.bytes = decode_pair(object, "bytes");
  record.age = std::chrono::nanoseconds(number_of<int64_t>(object, "ageNs"));
  record.length = number_of<uint32_t>(object, "length");
  record.suppressed = number_of<uint64_t>(object, "suppressed");
  record.stack = decode_texts(object, "stack");
  record.policies.egress = decode_texts(object, "egressPolicies");
  record.policies.ingress = decode_texts(object, "ingressPolicies");
  return record;
}

}  // namespace skiff::trace
