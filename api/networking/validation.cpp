// SPDX-License-Identifier: Apache-2.0
#include <fmt/ranges.h>

#include "api/groups.h"
#include "api/names.h"
#include "api/networking/network_policy.h"
#include "api/networking/rules.h"
#include "base/ip.h"

namespace skiff::api::networking {
namespace {

using rules::each;

constexpr std::string_view kCidrRule =
    "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";

void port(const NetworkPolicyPort& port, FieldErrors& errors) {
  if (!port.port) {
    if (!port.endPort) return;
    const auto field = errors.at("endPort");
    return errors.invalid(*port.endPort, "may not be specified when `port` is not specified");
  }
  if (port.port->is_string()) {
    {
      const auto field = errors.at("port");
      errors.unless_empty(port.port->text, check_port_name(port.port->text));
    }
    const auto field = errors.at("endPort");
    if (port.endPort)
      errors.invalid(*port.endPort, "may not be specified when `port` is non-numeric");
    return;
  }
  if (port.port->number < 1 || port.port->number > 65535) {
    const auto field = errors.at("port");
    errors.invalid(port.port->number, "must be between 1 and 65535, inclusive");
  }
  if (!port.endPort) return;
  const auto field = errors.at("endPort");
  if (*port.endPort < port.port->number)
    errors.invalid(*port.endPort, "must be greater than or equal to `port`");
  if (*port.endPort < 1 || *port.endPort > 65535)
    errors.invalid(*port.endPort, "must be between 1 and 65535, inclusive");
}

void peer(const NetworkPolicyPeer& peer, FieldErrors& errors) {
  if (!peer.podSelector && !peer.namespaceSelector && !peer.ipBlock)
    errors.required("must specify a peer");
  else if (peer.ipBlock && (peer.podSelector || peer.namespaceSelector))
    errors.forbidden("may not specify both ipBlock and another peer");
}

// Strictly: the whole exception within the block, and smaller than it.
bool is_within(const Cidr& inner, const Cidr& outer) {
  return inner.is_v4() == outer.is_v4() && inner.prefix() > outer.prefix() &&
         outer.contains(inner.base());
}

void ip_block(const IPBlock& block, FieldErrors& errors) {
  if (block.cidr.empty()) return;  // the table says that it is required
  const auto cidr = Cidr::parse(block.cidr);
  if (!cidr.ok()) {
    const auto field = errors.at("cidr");
    return errors.invalid(block.cidr, kCidrRule);
  }
  each(errors, "except", block.except, [&](const std::string& text) {
    const auto except = Cidr::parse(text);
    if (!except.ok())
      errors.invalid(text, kCidrRule);
    else if (!is_within(*except, *cidr))
      errors.invalid(text, "must be a strict subset of `cidr`");
  });
}

void network_policy_spec(const NetworkPolicySpec& spec, FieldErrors& errors) {
  each(errors, "ingress", spec.ingress, [&](const NetworkPolicyIngressRule& rule) {
    each(errors, "ports", rule.ports, [&](const auto& one) { port(one, errors); });
    each(errors, "from", rule.from, [&](const auto& one) { peer(one, errors); });
  });
  each(errors, "egress", spec.egress, [&](const NetworkPolicyEgressRule& rule) {
    each(errors, "ports", rule.ports, [&](const auto& one) { port(one, errors); });
    each(errors, "to", rule.to, [&](const auto& one) { peer(one, errors); });
  });
  if (spec.policyTypes.size() > 2) {
    const auto field = errors.at("policyTypes");
    errors.invalid_json(fmt::format("[\"{}\"]", fmt::join(spec.policyTypes, "\",\"")),
                        "may not specify more than two policyTypes");
  }
}

constexpr Rule kRules[] = {
    rule<network_policy_spec>(), rule<ip_block>(),          rule<ingress>(),
    rule<ingress_class_spec>(),  rule<service_cidr_spec>(),
};

constexpr UpdateRule kUpdates[] = {
    update_rule<service_cidr_update>(),
};

}  // namespace

std::span<const Rule> rules() {
  return kRules;
}

std::span<const UpdateRule> updates() {
  return kUpdates;
}

}  // namespace skiff::api::networking
