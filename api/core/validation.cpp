// SPDX-License-Identifier: Apache-2.0
#include "api/core/rules.h"
#include "api/groups.h"

namespace skiff::api::core {
namespace {

constexpr Rule kRules[] = {
    rule<rules::container>(),
    rule<rules::env_var>(),
    rule<rules::env_from>(),
    rule<rules::container_port>(),
    rule<rules::volume_mount>(),
    rule<rules::resources>(),
    rule<rules::probe>(),
    rule<rules::lifecycle_handler>(),
    rule<rules::http_get>(),
    rule<rules::tcp_socket>(),
    rule<rules::pod_spec>(),
    rule<rules::pod>(),
    rule<rules::pod_template>(),
    rule<rules::volume>(),
    rule<rules::toleration>(),
    rule<rules::node_selector_requirement>(),
    rule<rules::service_spec>(),
    rule<rules::endpoint_address>(),
    rule<rules::config_map>(),
    rule<rules::secret>(),
    rule<rules::node_spec>(),
    rule<rules::event>(),
    rule<rules::limit_range_spec>(),
    rule<rules::limit_range_item>(),
    rule<rules::resource_quota_spec>(),
    rule<rules::persistent_volume>(),
    rule<rules::claim_spec>(),
    rule<rules::replication_controller_spec>(),
};

constexpr UpdateRule kUpdates[] = {
    update_rule<rules::pod_update>(),
    update_rule<rules::service_update>(),
    update_rule<rules::config_map_update>(),
    update_rule<rules::secret_update>(),
    update_rule<rules::node_update>(),
    update_rule<rules::resource_quota_update>(),
    update_rule<rules::persistent_volume_update>(),
    update_rule<rules::claim_update>(),
};

}  // namespace

std::span<const Rule> rules() {
  return kRules;
}

std::span<const UpdateRule> updates() {
  return kUpdates;
}

}  // namespace skiff::api::core
