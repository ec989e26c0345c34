// SPDX-License-Identifier: Apache-2.0
// What keeps connections of a former kube-proxy translated once its rules are gone. The kernel
// tracks connections, and translates those it knows, only while some chain of type nat and some
// rule that asks for connection tracking are left in the family (nf_nat_register_fn,
// nf_ct_netns_get): a table `skiff-established` has one of each. Needs nft; blocks; in this
// thread's network namespace.
#pragma once

#include <string>

#include "base/result.h"

namespace skiff::kube_proxy {

// "table ip kube-proxy\n" and so on; nothing where nft is not installed.
Result<std::string> list_nft_tables();
bool has_nft_table(const std::string& tables, const char* family, const char* name);

inline constexpr const char* kNftFamilies[] = {"ip", "ip6"};

// Before rules of `family` (of kNftFamilies) go. Idempotent. Does nothing where nft is not
// installed: then what kube-proxy began lives as long as others have rules of that kind.
Status keep_translation(const char* family);
// In every family; connections that need it end.
Status remove_kept_translation();

}  // namespace skiff::kube_proxy
