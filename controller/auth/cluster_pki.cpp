// SPDX-License-Identifier: Apache-2.0
#include "controller/auth/cluster_pki.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <boost/beast/core/detail/base64.hpp>
#include <functional>

#include "base/file.h"

namespace skiff::auth {
namespace {

constexpr auto kRenewBefore = std::chrono::hours(24 * 30);
constexpr const char* kMasters = "system:masters";

std::string base64(const std::string& text) {
  namespace codec = boost::beast::detail::base64;
  std::string out(codec::encoded_size(text.size()), '\0');
  out.resize(codec::encode(out.data(), text.data(), text.size()));
  return out;
}

bool is_present(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

Status write_pair(const std::filesystem::path& stem, const pki::Pair& pair) {
  // The certificate last: its presence says that the key is there too.
  RETURN_IF_ERROR(write_file_atomic(stem.string() + ".key", pair.private_key, 0600));
  return write_file_atomic(stem.string() + ".crt", pair.certificate, 0644);
}

Result<pki::Pair> read_pair(const std::filesystem::path& stem) {
  pki::Pair pair;
  ASSIGN_OR_RETURN(pair.certificate, read_file(stem.string() + ".crt"));
  ASSIGN_OR_RETURN(pair.private_key, read_file(stem.string() + ".key"));
  const auto certificate = pki::read_certificate(pair.certificate);
  if (!certificate.ok())
    return data_loss(
        "{}.crt is no certificate ({}): restore it, or remove {}.crt and {}.key to have new ones "
        "made",
        stem.string(), message(certificate.status()), stem.string(), stem.string());
  const auto key = pki::public_key(pair.private_key);
  if (!key.ok())
    return data_loss(
        "{}.key is no private key ({}): restore it, or remove {}.crt and {}.key to have new ones "
        "made",
        stem.string(), message(key.status()), stem.string(), stem.string());
  return pair;
}

Result<pki::Pair> open_ca(const std::filesystem::path& directory, TimePoint now) {
  const auto stem = directory / "ca";
  if (is_present(directory / "ca.crt")) return read_pair(stem);
  ASSIGN_OR_RETURN(const pki::Pair ca, pki::make_ca("kubernetes", now));
  RETURN_IF_ERROR(write_pair(stem, ca));
  return ca;
}

bool covers(std::vector<std::string> have, std::vector<std::string> want) {
  std::sort(have.begin(), have.end());
  std::sort(want.begin(), want.end());
  return std::includes(have.begin(), have.end(), want.begin(), want.end());
}

struct FreeX509 {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using X509Ptr = std::unique_ptr<X509, FreeX509>;

X509Ptr parse(const std::string& pem) {
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  X509Ptr certificate(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr));
  BIO_free(bio);
  return certificate;
}

// The CA may have been removed and made anew since.
bool is_signed_by(const pki::Pair& leaf, const pki::Pair& ca) {
  const X509Ptr certificate = parse(leaf.certificate);
  const X509Ptr issuer = parse(ca.certificate);
  return certificate && issuer &&
         X509_verify(certificate.get(), X509_get0_pubkey(issuer.get())) == 1;
}

// The leaf at `stem`, made anew if it is not what `options` want or ends soon.
Result<pki::Pair> open_leaf(const std::filesystem::path& stem, const pki::Pair& ca,
                            const pki::LeafOptions& options, TimePoint now) {
  if (is_present(stem.string() + ".crt")) {
    ASSIGN_OR_RETURN(pki::Pair present, read_pair(stem));
    ASSIGN_OR_RETURN(const pki::Certificate certificate,
                     pki::read_certificate(present.certificate));
    if (certificate.not_after - kRenewBefore > now && is_signed_by(present, ca) &&
        covers(certificate.dns_names, options.dns_names) &&
        covers(certificate.addresses, options.addresses))
      return present;
  }
  ASSIGN_OR_RETURN(pki::Pair fresh, pki::make_leaf(ca, options, now), "{}",
                   stem.filename().string());
  RETURN_IF_ERROR(write_pair(stem, fresh));
  return fresh;
}

Result<std::string> open_token_key(const std::filesystem::path& path) {
  if (!is_present(path)) {
    ASSIGN_OR_RETURN(const std::string key, pki::make_private_key());
    RETURN_IF_ERROR(write_file_atomic(path, key, 0600));
    return key;
  }
  ASSIGN_OR_RETURN(std::string key, read_file(path));
  if (const auto valid = pki::public_key(key); !valid.ok())
    return data_loss(
        "{} is no private key ({}): restore it, or remove it to have a new one made (all tokens "
        "end then)",
        path.string(), message(valid.status()));
  return key;
}

}  // namespace

Result<ClusterPki> open_pki(const PkiOptions& options, TimePoint now) {
  RETURN_IF_ERROR(make_directories(options.directory, 0700), "certificates");
  ClusterPki pki;
  ASSIGN_OR_RETURN(pki.ca, open_ca(options.directory, now), "cluster CA");
  ASSIGN_OR_RETURN(pki.server,
                   open_leaf(options.directory / "apiserver", pki.ca,
                             {.subject = {.common_name = "kube-apiserver", .organizations = {}},
                              .dns_names = options.server_names,
                              .addresses = options.server_addresses,
                              .server = true},
                             now));
  ASSIGN_OR_RETURN(
      pki.admin,
      open_leaf(options.directory / "admin", pki.ca,
                {.subject = {.common_name = "kubernetes-admin", .organizations = {kMasters}},
                 .client = true},
                now));
  ASSIGN_OR_RETURN(pki.kubelet_client,
                   open_leaf(options.directory / "apiserver-kubelet-client", pki.ca,
                             {.subject = {.common_name = "kube-apiserver-kubelet-client",
                                          .organizations = {kMasters}},
                              .client = true},
                             now));
  ASSIGN_OR_RETURN(pki.token_key, open_token_key(options.directory / "service-account.key"));
  return pki;
}

std::string kubeconfig(const std::string& server_url, const std::string& ca,
                       const std::string& user, const pki::Pair& client) {
  return fmt::format(
      "apiVersion: v1\n"
      "kind: Config\n"
      "clusters:\n"
      "- name: skiff\n"
      "  cluster:\n"
      "    server: {}\n"
      "    certificate-authority-data: {}\n"
      "users:\n"
      "- name: {}\n"
      "  user:\n"
      "    client-certificate-data: {}\n"
      "    client-key-data: {}\n"
      "contexts:\n"
      "- name: skiff\n"
      "  context:\n"
      "    cluster: skiff\n"
      "    user: {}\n"
      "current-context: skiff\n",
      server_url, base64(ca), user, base64(client.certificate), base64(client.private_key), user);
}

Status write_node_files(const std::filesystem::path& directory, const ClusterPki& pki,
                        const NodeIdentity& node, const std::string& server_url, TimePoint now) {
  RETURN_IF_ERROR(make_directories(directory, 0700));
  const std::string user = "system:node:" + node.name;
  ASSIGN_OR_RETURN(
      const pki::Pair client,
      pki::make_leaf(
          pki.ca,
          {.subject = {.common_name = user, .organizations = {"system:nodes"}}, .client = true},
          now));
  pki::LeafOptions serving{.subject = {.common_name = user, .organizations = {"system:nodes"}},
                           .dns_names = {node.name},
                           .server = true};
  for (const IpAddress& address : node.addresses) serving.addresses.push_back(address.to_string());
  RETURN_IF_ERROR(open_leaf(directory / (node.name + "-serving"), pki.ca, serving, now), "node {}",
                  node.name);
  RETURN_IF_ERROR(write_file_atomic(directory / "ca.crt", pki.ca.certificate));
  return write_file_atomic(directory / (node.name + ".kubeconfig"),
                           kubeconfig(server_url, pki.ca.certificate, user, client), 0600);
}

}  // namespace skiff::auth
