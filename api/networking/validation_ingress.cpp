// SPDX-License-Identifier: Apache-2.0
#include "api/names.h"
#include "api/networking/rules.h"
#include "api/text.h"
#include "base/ip.h"

namespace skiff::api::networking {
namespace {

using rules::at;
using rules::each;
using rules::name_at;

constexpr std::string_view kClassAnnotation = "kubernetes.io/ingress.class";
constexpr std::string_view kNowhereInPaths[] = {"//", "/./", "/../", "%2f", "%2F"};
constexpr std::string_view kNotAtTheEndOfPaths[] = {"/..", "/."};
constexpr size_t kMaxController = 250;

std::string check_host(std::string_view host) {
  if (!host.starts_with("*.")) return check_dns1123_subdomain(host);
  if (check_dns1123_subdomain(host.substr(2)).empty()) return "";
  return "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, "
         "which must consist of lower case alphanumeric characters, '-' or '.' and end with an "
         "alphanumeric character (e.g. '*.example.com', regex used for validation is "
         "'\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
}

void service_backend(const IngressServiceBackend& service, FieldErrors& errors) {
  const ServiceBackendPort& port = service.port;
  if (!port.name.empty() && port.number != 0)
    return errors.invalid("", "cannot set both port name & port number");
  if (port.name.empty() && port.number == 0)
    return errors.required("port name or number is required");
  const auto field = errors.at("service");
  name_at(errors, "name", service.name, check_dns1035_label);
  const auto scope = errors.at("port");
  name_at(errors, "name", port.name, check_port_name);
  if (port.name.empty() && (port.number < 1 || port.number > 65535))
    at(errors, "number",
       [&] { errors.invalid(port.number, "must be between 1 and 65535, inclusive"); });
}

void backend(const IngressBackend& backend, FieldErrors& errors) {
  if (backend.resource && backend.service)
    return errors.invalid("", "cannot set both resource and service backends");
  if (!backend.resource && !backend.service)
    return errors.invalid("", "resource or service backend is required");
  if (backend.service) service_backend(*backend.service, errors);
}

void path(const HTTPIngressPath& one, FieldErrors& errors) {
  at(errors, "backend", [&] { backend(one.backend, errors); });
  if (one.pathType == "ImplementationSpecific" && one.path.empty()) return;
  if (!is_one_of(one.pathType, "Exact,Prefix,ImplementationSpecific")) return;
  const auto field = errors.at("path");
  if (!one.path.starts_with('/')) return errors.invalid(one.path, "must be an absolute path");
  if (one.pathType == "ImplementationSpecific") return;
  for (const std::string_view bad : kNowhereInPaths)
    if (one.path.find(bad) != std::string::npos)
      errors.invalid(one.path, fmt::format("must not contain '{}'", bad));
  for (const std::string_view bad : kNotAtTheEndOfPaths)
    if (one.path.ends_with(bad)) errors.invalid(one.path, fmt::format("cannot end with '{}'", bad));
}

void ingress_rule(const IngressRule& rule, FieldErrors& errors) {
  if (!rule.host.empty()) {
    const auto field = errors.at("host");
    if (IpAddress::parse(rule.host).ok())
      errors.invalid(rule.host, "must be a DNS name, not an IP address");
    else
      errors.unless_empty(rule.host, check_host(rule.host));
  }
  if (!rule.http) return;
  const auto field = errors.at("http");
  if (rule.http->paths.empty()) at(errors, "paths", [&] { errors.required(); });
  each(errors, "paths", rule.http->paths, [&](const auto& one) { path(one, errors); });
}

void ingress_spec(const IngressSpec& spec, FieldErrors& errors) {
  if (spec.rules.empty() && !spec.defaultBackend)
    errors.invalid_json("[]", "either `defaultBackend` or `rules` must be specified");
  if (spec.defaultBackend)
    at(errors, "defaultBackend", [&] { backend(*spec.defaultBackend, errors); });
  each(errors, "rules", spec.rules, [&](const IngressRule& rule) { ingress_rule(rule, errors); });
  each(errors, "tls", spec.tls, [&](const IngressTLS& tls) {
    each(errors, "hosts", tls.hosts,
         [&](const std::string& host) { errors.unless_empty(host, check_host(host)); });
    name_at(errors, "secretName", tls.secretName, check_dns1123_subdomain);
  });
  if (spec.ingressClassName)
    name_at(errors, "ingressClassName", *spec.ingressClassName, check_dns1123_subdomain);
}

}  // namespace

void ingress(const Ingress& ingress, FieldErrors& errors) {
  const auto mark = ingress.metadata.annotations.find(std::string(kClassAnnotation));
  if (mark != ingress.metadata.annotations.end() && ingress.spec.ingressClassName) {
    const auto metadata = errors.at("metadata");
    const auto field = errors.at("annotations");
    const auto key = errors.at_key(kClassAnnotation);
    errors.invalid(mark->second, "can not be set when the class field is also set");
  }
  at(errors, "spec", [&] { ingress_spec(ingress.spec, errors); });
}

void ingress_class_spec(const IngressClassSpec& spec, FieldErrors& errors) {
  at(errors, "controller", [&] {
    if (spec.controller.size() > kMaxController) errors.too_long(kMaxController);
    if (spec.controller.empty()) return errors.required();
    if (spec.controller.find('/') == std::string::npos)
      errors.invalid(spec.controller, "must be a domain-prefixed path (such as \"acme.io/foo\")");
  });
  if (!spec.parameters) return;
  const auto field = errors.at("parameters");
  const std::string space = spec.parameters->namespace_.value_or("");
  if (spec.parameters->scope == "Namespace" && space.empty())
    at(errors, "namespace", [&] { errors.required("`parameters.scope` is set to 'Namespace'"); });
  if (spec.parameters->scope == "Cluster" && spec.parameters->namespace_)
    at(errors, "namespace", [&] { errors.forbidden("`parameters.scope` is set to 'Cluster'"); });
}

void service_cidr_spec(const ServiceCIDRSpec& spec, FieldErrors& errors) {
  const auto field = errors.at("cidrs");
  if (spec.cidrs.empty()) errors.required("at least one CIDR required");
  if (spec.cidrs.size() > 2)
    errors.invalid_json(encode_json(spec.cidrs), "may only hold up to 2 values");
  size_t families[2] = {};
  for (size_t i = 0; i < spec.cidrs.size(); ++i) {
    const auto scope = errors.at(i);
    const auto cidr = Cidr::parse(spec.cidrs[i]);
    if (!cidr.ok())
      errors.invalid(spec.cidrs[i],
                     "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
    else
      ++families[cidr->is_v4() ? 0 : 1];
  }
  if (families[0] > 1 || families[1] > 1)
    errors.invalid_json(encode_json(spec.cidrs),
                        "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 "
                        "and 2001:db8::/96");
}

// A second family may come; what is there stays.
void service_cidr_update(const ServiceCIDR& now, const ServiceCIDR& old, FieldErrors& errors) {
  const auto& before = old.spec.cidrs;
  const auto& after = now.spec.cidrs;
  const bool kept =
      after.size() >= before.size() && std::equal(before.begin(), before.end(), after.begin());
  if (kept && (after.size() == before.size() || before.size() == 1)) return;
  const auto spec = errors.at("spec");
  at(errors, "cidrs", [&] { errors.invalid_json(encode_json(after), "field is immutable"); });
}

}  // namespace skiff::api::networking
