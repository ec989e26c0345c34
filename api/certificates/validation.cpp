// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "api/certificates/types.h"
#include "api/groups.h"
#include "api/names.h"
#include "api/rules.h"
#include "api/text.h"

namespace skiff::api::certificates {
namespace {

using rules::at;
using rules::each;

constexpr std::string_view kUsages =
    "signing,digital signature,content commitment,key encipherment,key agreement,data encipherment,"
    "cert sign,crl sign,encipher only,decipher only,any,server auth,client auth,code signing,"
    "email protection,s/mime,ipsec end system,ipsec tunnel,ipsec user,timestamping,ocsp signing,"
    "microsoft sgc,netscape sgc";
constexpr int32_t kShortest = 600;

// `example.com/signer`.
void signer(const std::string& name, FieldErrors& errors) {
  if (name.empty()) return;
  const size_t slash = name.find('/');
  const std::string domain = name.substr(0, slash);
  if (slash == std::string::npos || slash + 1 == name.size() ||
      name.find('/', slash + 1) != std::string::npos)
    errors.invalid(name,
                   "must be a fully qualified domain and path of the form "
                   "'example.com/signer-name'");
  else if (domain.find('.') == std::string::npos)
    errors.invalid(name, "should be a domain with at least two segments separated by dots");
  else
    errors.unless_empty(name, check_dns1123_subdomain(domain));
}

void request_spec(const CertificateSigningRequestSpec& spec, FieldErrors& errors) {
  if (spec.request.value.find("-----BEGIN CERTIFICATE REQUEST-----") == std::string::npos)
    at(errors, "request",
       [&] { errors.invalid(spec.request.value, "PEM block type must be CERTIFICATE REQUEST"); });
  at(errors, "signerName", [&] { signer(spec.signerName, errors); });
  if (spec.usages.empty()) at(errors, "usages", [&] { errors.required(); });
  std::set<std::string> seen;
  each(errors, "usages", spec.usages, [&](const std::string& usage) {
    if (!is_one_of(usage, kUsages)) errors.not_supported(usage, kUsages);
    if (!seen.insert(usage).second) errors.duplicate(usage);
  });
  if (spec.expirationSeconds && *spec.expirationSeconds < kShortest)
    at(errors, "expirationSeconds", [&] {
      errors.invalid(*spec.expirationSeconds,
                     "may not specify a duration less than 600 seconds (10 minutes)");
    });
}

constexpr Rule kRules[] = {
    rule<request_spec>(),
};

}  // namespace

std::span<const Rule> rules() {
  return kRules;
}

std::span<const UpdateRule> updates() {
  return {};
}

}  // namespace skiff::api::certificates
