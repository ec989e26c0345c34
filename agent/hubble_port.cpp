// SPDX-License-Identifier: Apache-2.0
#include "agent/hubble_port.h"

#include "base/file.h"
#include "base/pki.h"

namespace skiff::agent {

Result<std::optional<HubblePort>> hubble_port(const Config& config) {
  std::error_code ignored;
  if (config.has(Role::kKubelet)) {
    if (!std::filesystem::exists(config.tls_cert_file, ignored)) return std::nullopt;
    return HubblePort{.certificate_file = config.tls_cert_file,
                      .private_key_file = config.tls_private_key_file,
                      .client_ca_file = config.client_ca_file,
                      .organization = "system:masters",
                      .server_names = "*"};
  }
  HubblePort port{.certificate_file = config.hubble_tls_dir / "tls.crt",
                  .private_key_file = config.hubble_tls_dir / "tls.key",
                  .client_ca_file = config.hubble_tls_dir / "ca.crt",
                  .organization = "",  // its CA signs for nothing else
                  .server_names = ""};
  if (config.hubble_tls_dir.empty() || !std::filesystem::exists(port.certificate_file, ignored))
    return std::nullopt;
  ASSIGN_OR_RETURN(const std::string pem, read_file(port.certificate_file));
  ASSIGN_OR_RETURN(const pki::Certificate certificate, pki::read_certificate(pem), "{}",
                   port.certificate_file);
  if (certificate.dns_names.empty())
    return invalid_argument("{}: no DNS name: a server's certificate has one",
                            port.certificate_file);
  port.server_names = certificate.dns_names.front();
  return port;
}

}  // namespace skiff::agent
