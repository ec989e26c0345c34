// SPDX-License-Identifier: Apache-2.0
#include "agent/dns/answer.h"

#include <algorithm>

namespace skiff::dns {
namespace {

constexpr int kMaxChase = 8;
constexpr uint32_t kVersionTtl = 28800;
constexpr const char* kSpecification = "1.1.0";

Type type_of(const IpAddress& address) {
  return address.is_v4() ? Type::kA : Type::kAaaa;
}

bool wants(Type asked, Type have) {
  return asked == have || asked == Type::kAny;
}

// Answers questions below the cluster domain, one at a time.
class Lookup {
 public:
  Lookup(const Question& question, const View& view, const Zone& zone)
      : question_(question),
        view_(view),
        zone_(zone),
        domain_(join_labels(zone.domain)),
        name_(join_labels(question.name)) {}

  Reply run(const Labels& labels) {
    if (!view_.ready()) {
      reply_.rcode = Rcode::kServFail;
      return std::move(reply_);
    }
    const bool exists = look_up(labels);
    if (!exists) reply_.rcode = Rcode::kNxDomain;
    if (reply_.answers.empty()) reply_.authority.push_back(soa());
    return std::move(reply_);
  }

  Reply reverse(const std::vector<std::string>& names) {
    if (wants(question_.type, Type::kPtr))
      for (const std::string& name : names) add(Type::kPtr, Target{absolute(name)});
    if (names.empty()) reply_.rcode = Rcode::kNxDomain;
    if (reply_.answers.empty()) reply_.authority.push_back(soa());
    return std::move(reply_);
  }

 private:
  std::string absolute(const std::string& relative) const { return relative + "." + domain_; }

  void add(Type type, decltype(Record::data) data) {
    reply_.answers.push_back({name_, type, zone_.ttl, std::move(data)});
  }
  void add_addresses(const std::vector<IpAddress>& addresses) {
    for (const IpAddress& address : addresses)
      if (wants(question_.type, type_of(address))) add(type_of(address), address);
  }
  void add_service(const ServicePort& port, size_t count, const std::string& target,
                   const std::vector<IpAddress>& addresses) {
    const auto weight = static_cast<uint16_t>(std::max<size_t>(1, 100 / count));
    add(Type::kSrv, Service{.weight = weight, .port = port.number, .target = target});
    for (const IpAddress& address : addresses)
      reply_.additional.push_back({target, type_of(address), zone_.ttl, address});
  }
  Record soa() const {
    return {domain_, Type::kSoa, zone_.ttl,
            Authority{.server = "ns.dns." + domain_,
                      .mailbox = "hostmaster." + domain_,
                      .negative_ttl = zone_.ttl}};
  }

  // Whether the name exists; adds the records of the type asked for. `labels` are those left of the
  // domain.
  bool look_up(const Labels& labels) {
    if (labels.empty()) return apex();
    const std::string& kind = labels.back();
    if (kind == "svc") return below_svc(labels);
    if (kind == "pod") return below_pod(labels);
    if (kind == "dns") {
      if (labels.size() == 1) return true;
      if (labels.size() > 2 || labels[0] != "ns") return false;
      add_addresses(zone_.addresses);
      return true;
    }
    if (kind != "dns-version" || labels.size() > 1) return false;
    if (wants(question_.type, Type::kTxt))
      reply_.answers.push_back({name_, Type::kTxt, kVersionTtl, Text{kSpecification}});
    return true;
  }

  bool apex() {
    if (wants(question_.type, Type::kSoa)) reply_.answers.push_back(soa());
    if (wants(question_.type, Type::kNs)) add(Type::kNs, Target{"ns.dns." + domain_});
    return true;
  }

  // ADDRESS-WITH-DASHES.NAMESPACE.pod: an old custom that wildcard certificates rely on. No pod
  // needs to have the address.
  bool below_pod(const Labels& labels) {
    if (labels.size() == 1) return true;
    if (labels.size() > 3 || !view_.has_namespace(labels[labels.size() - 2])) return false;
    if (labels.size() == 2) return true;
    const auto address = parse_dashed(labels[0]);
    if (address) add_addresses({*address});
    return address.has_value();
  }

  bool below_svc(const Labels& labels) {
    if (labels.size() == 1) return true;
    const std::string& namespace_ = labels[labels.size() - 2];
    if (labels.size() == 2) return view_.has_namespace(namespace_);
    const auto entry = view_.service(namespace_, labels[labels.size() - 3]);
    if (!entry) return false;
    const std::string service = absolute(labels[labels.size() - 3] + "." + namespace_ + ".svc");
    switch (labels.size()) {
      case 3:
        return at_service(*entry);
      case 4:
        return labels[0].starts_with('_') ? has_protocol(*entry, labels[0])
                                          : at_endpoint(*entry, labels[0]);
      case 5:
        return at_port(*entry, labels[0], labels[1], service);
      default:
        return false;
    }
  }

  bool at_service(const ServiceEntry& entry) {
    if (!entry.external_name.empty()) {
      add(Type::kCname, Target{join_labels(split_name(entry.external_name))});
      return true;
    }
    if (!entry.headless) {
      add_addresses(entry.cluster_addresses);
      return true;
    }
    for (const ServiceEndpoint& endpoint : entry.endpoints) add_addresses(endpoint.addresses);
    return !entry.endpoints.empty();  // the specification wants NXDOMAIN while nothing is ready
  }

  bool at_endpoint(const ServiceEntry& entry, const std::string& host) {
    bool found = false;
    for (const ServiceEndpoint& endpoint : entry.endpoints) {
      if (endpoint.host != host) continue;
      found = true;
      add_addresses(endpoint.addresses);
    }
    return found;
  }

  // The name between a service and its ports, "_tcp.web.shop.svc", has no records but exists.
  static bool has_protocol(const ServiceEntry& entry, const std::string& protocol) {
    const auto named = [&](const ServicePort& port) {
      return !port.name.empty() && "_" + port.protocol == protocol;
    };
    return std::ranges::any_of(entry.ports, named) ||
           std::ranges::any_of(entry.endpoints, [&](const ServiceEndpoint& endpoint) {
             return std::ranges::any_of(endpoint.ports, named);
           });
  }

  bool at_port(const ServiceEntry& entry, const std::string& name, const std::string& protocol,
               const std::string& service) {
    const auto matches = [&](const ServicePort& port) {
      return !port.name.empty() && "_" + port.name == name && "_" + port.protocol == protocol;
    };
    bool found = false;
    const auto visit = [&](const std::vector<ServicePort>& ports, size_t count,
                           const std::string& target, const std::vector<IpAddress>& addresses) {
      for (const ServicePort& port : ports) {
        if (!matches(port)) continue;
        found = true;
        if (wants(question_.type, Type::kSrv)) add_service(port, count, target, addresses);
      }
    };
    if (!entry.headless) visit(entry.ports, 1, service, entry.cluster_addresses);
    for (const ServiceEndpoint& endpoint : entry.endpoints)
      visit(endpoint.ports, entry.endpoints.size(), endpoint.host + "." + service,
            endpoint.addresses);
    return found;
  }

  const Question& question_;
  const View& view_;
  const Zone& zone_;
  const std::string domain_;
  const std::string name_;
  Reply reply_;
};

Reply answer_one(const Question& question, const View& view, const Zone& zone) {
  if (const auto labels = below(question.name, zone.domain))
    return Lookup(question, view, zone).run(*labels);
  if (const auto address = reverse_address(question.name)) {
    const auto names = view.names_of(*address);
    const bool ours = std::ranges::any_of(
        zone.reverse_ranges, [&](const Cidr& range) { return range.contains(*address); });
    if (ours || !names.empty()) return Lookup(question, view, zone).reverse(names);
  }
  return {.authoritative = false, .forward = question};
}

}  // namespace

Reply answer(const Question& question, const View& view, const Zone& zone) {
  Reply reply = answer_one(question, view, zone);
  // A CNAME stands for whatever type was asked, so the answer goes on where it leads.
  for (int chased = 0; chased < kMaxChase; ++chased) {
    if (reply.forward || reply.answers.empty() || reply.answers.back().type != Type::kCname ||
        question.type == Type::kCname || question.type == Type::kAny)
      return reply;
    const Question next{split_name(std::get<Target>(reply.answers.back().data).name),
                        question.type};
    Reply rest = answer_one(next, view, zone);
    std::move(rest.answers.begin(), rest.answers.end(), std::back_inserter(reply.answers));
    reply.rcode = rest.rcode;
    reply.authority = std::move(rest.authority);
    reply.forward = std::move(rest.forward);
    if (rest.answers.empty()) return reply;
  }
  return {.rcode = Rcode::kServFail};  // aliases in a circle
}

}  // namespace skiff::dns
