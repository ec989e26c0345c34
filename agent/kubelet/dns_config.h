// SPDX-License-Identifier: Apache-2.0
// resolv.conf of a pod from its dnsPolicy and dnsConfig. Pure.
#pragma once

#include <string>

#include "agent/kubelet/options.h"
#include "agent/runtime/types.h"
#include "api/core/pod.h"

namespace skiff::kubelet {

// `host_resolv_conf` is the text of the node's own file.
runtime::DnsConfig dns_config(const api::Pod& pod, const Options& options,
                              std::string_view host_resolv_conf);

// What the limits of the C library's resolver cut from it, in the words of Kubernetes'
// DNSConfigForming events.
std::vector<std::string> dns_omissions(const api::Pod& pod, const Options& options,
                                       std::string_view host_resolv_conf);

runtime::DnsConfig parse_resolv_conf(std::string_view text);

// The host name of the pod, at most 63 characters, and its domain (empty without a subdomain).
std::string pod_hostname(const api::Pod& pod);
std::string pod_domain(const api::Pod& pod, const Options& options);

// /etc/hosts of the pod's containers. `host_hosts` is the node's own file, for hostNetwork.
std::string hosts_file(const api::Pod& pod, const Options& options,
                       const std::vector<std::string>& pod_ips, std::string_view host_hosts);

}  // namespace skiff::kubelet
