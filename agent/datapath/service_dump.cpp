// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/service_dump.h"

#include <boost/json.hpp>

namespace skiff::datapath {
namespace {

namespace json = boost::json;

json::object encode(const FrontendKey& key, const Frontend& frontend) {
  return {{"address", from_abi(key.address).to_string()},
          {"port", port_of(key.port)},
          {"protocol", key.protocol},
          {"scope", key.scope},
          {"service", frontend.service_id},
          {"base", frontend.base},
          {"count", frontend.count},
          {"draining", frontend.draining},
          {"affinitySeconds", frontend.affinity_seconds},
          {"flags", frontend.flags}};
}

json::object encode(uint32_t slot, const Backend& backend) {
  return {{"slot", slot},
          {"address", from_abi(backend.address).to_string()},
          {"port", port_of(backend.port)},
          {"flags", backend.flags},
          {"weight", backend.weight}};
}

json::object encode(uint32_t service, const ServiceCounter& counter) {
  return {{"service", service},           {"connections", counter.connections},
          {"refused", counter.refused},   {"bytesIn", counter.bytes[0]},
          {"bytesOut", counter.bytes[1]}, {"lastUsedNs", counter.last_used_ns}};
}

// One object of a list, and what is wrong with it.
class Entry {
 public:
  Entry(const char* list, const json::value& value) : list_(list), object_(value.if_object()) {
    if (object_ == nullptr) status_ = invalid_argument("{}: want objects", list);
  }

  template <class T>
  T number(const char* name) {
    const json::value* value = find(name);
    boost::system::error_code error;
    const T number = value == nullptr ? T() : value->to_number<T>(error);
    if (error && status_.ok()) status_ = invalid_argument("{}: {}: want a number", list_, name);
    return number;
  }
  Address address() {
    const json::value* value = find("address");
    const json::string* text = value == nullptr ? nullptr : value->if_string();
    const auto ip = IpAddress::parse(
        text == nullptr ? std::string_view() : std::string_view(text->data(), text->size()));
    if (!ip.ok() && status_.ok()) status_ = annotate(ip.status(), list_);
    return ip.ok() ? to_abi(*ip) : Address{};
  }
  const Status& status() const { return status_; }

 private:
  const json::value* find(const char* name) {
    const json::value* value = object_ == nullptr ? nullptr : object_->if_contains(name);
    if (value == nullptr && status_.ok())
      status_ = invalid_argument("{}: {} is missing", list_, name);
    return value;
  }

  const char* list_;
  const json::object* object_;
  Status status_ = absl::OkStatus();
};

Status decode_frontend(Entry entry, Maps& maps) {
  const FrontendKey key{.address = entry.address(),
                        .port = port_be(entry.number<uint16_t>("port")),
                        .protocol = entry.number<uint8_t>("protocol"),
                        .scope = entry.number<uint8_t>("scope")};
  Frontend frontend{};
  frontend.service_id = entry.number<uint32_t>("service");
  frontend.base = entry.number<uint32_t>("base");
  frontend.count = entry.number<uint32_t>("count");
  frontend.draining = entry.number<uint32_t>("draining");
  frontend.affinity_seconds = entry.number<uint32_t>("affinitySeconds");
  frontend.flags = entry.number<uint32_t>("flags");
  RETURN_IF_ERROR(entry.status());
  return maps.frontends->put(key, frontend);
}

Status decode_backend(Entry entry, Maps& maps) {
  const Backend backend{.address = entry.address(),
                        .port = port_be(entry.number<uint16_t>("port")),
                        .flags = entry.number<uint16_t>("flags"),
                        .weight = entry.number<uint32_t>("weight")};
  const auto slot = entry.number<uint32_t>("slot");
  RETURN_IF_ERROR(entry.status());
  return maps.backends->put(slot, backend);
}

Status decode_source(Entry entry, Maps& maps) {
  const SourceRangeKey key{.prefix_bits = entry.number<uint32_t>("prefixBits"),
                           .service_id = entry.number<uint32_t>("service"),
                           .address = entry.address()};
  const auto let_in = entry.number<uint32_t>("letIn");
  RETURN_IF_ERROR(entry.status());
  return maps.source_ranges->put(key, let_in);
}

Status decode_counter(Entry entry, Maps& maps) {
  const ServiceCounter counter{
      .connections = entry.number<uint64_t>("connections"),
      .refused = entry.number<uint64_t>("refused"),
      .bytes = {entry.number<uint64_t>("bytesIn"), entry.number<uint64_t>("bytesOut")},
      .last_used_ns = entry.number<uint64_t>("lastUsedNs")};
  const auto service = entry.number<uint32_t>("service");
  RETURN_IF_ERROR(entry.status());
  return maps.service_counters->put(service, counter);
}

Status decode_list(const json::object& object, const char* name, Maps& maps,
                   Status (*decode)(Entry, Maps&)) {
  const json::value* list = object.if_contains(name);
  if (list == nullptr || !list->is_array()) return invalid_argument("{}: want a list", name);
  for (const json::value& value : list->get_array())
    RETURN_IF_ERROR(decode(Entry(name, value), maps));
  return absl::OkStatus();
}

}  // namespace

Result<std::string> encode_services(const Maps& maps, std::chrono::nanoseconds now) {
  json::array frontends, backends, sources, counters;
  std::map<uint32_t, uint32_t> ranges;  // base → slots
  RETURN_IF_ERROR(maps.frontends->for_each([&](const FrontendKey& key, const Frontend& frontend) {
    frontends.push_back(encode(key, frontend));
    uint32_t& slots = ranges[frontend.base];
    slots = std::max(slots, frontend.count + frontend.draining);
  }));
  for (const auto& [base, slots] : ranges)
    for (uint32_t slot = base; slot < base + slots; ++slot) {
      ASSIGN_OR_RETURN(const auto backend, maps.backends->get(slot));
      if (backend) backends.push_back(encode(slot, *backend));
    }
  RETURN_IF_ERROR(maps.source_ranges->for_each([&](const SourceRangeKey& key, uint32_t let_in) {
    sources.push_back(json::object{{"prefixBits", key.prefix_bits},
                                   {"service", key.service_id},
                                   {"address", from_abi(key.address).to_string()},
                                   {"letIn", let_in}});
  }));
  RETURN_IF_ERROR(
      maps.service_counters->for_each([&](uint32_t service, const ServiceCounter& counter) {
        counters.push_back(encode(service, counter));
      }));
  return json::serialize(json::object{{"nowNs", now.count()},
                                      {"frontends", std::move(frontends)},
                                      {"backends", std::move(backends)},
                                      {"sourceRanges", std::move(sources)},
                                      {"counters", std::move(counters)}});
}

Result<ServiceDump> decode_services(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse({text.data(), text.size()}, error);
  if (error || !value.is_object()) return invalid_argument("services: not a JSON object");
  const json::object& all = value.get_object();
  const json::value* now = all.if_contains("nowNs");
  if (now == nullptr || !now->is_int64()) return invalid_argument("nowNs: want a number");
  ServiceDump dump{.maps = memory_maps(), .now = std::chrono::nanoseconds(now->get_int64())};
  RETURN_IF_ERROR(decode_list(all, "frontends", dump.maps, decode_frontend));
  RETURN_IF_ERROR(decode_list(all, "backends", dump.maps, decode_backend));
  RETURN_IF_ERROR(decode_list(all, "sourceRanges", dump.maps, decode_source));
  RETURN_IF_ERROR(decode_list(all, "counters", dump.maps, decode_counter));
  return dump;
}

}  // namespace skiff::datapath
