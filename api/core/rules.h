// SPDX-License-Identifier: Apache-2.0
// The rules of core's types. One function per type, called where the walk over an object meets that
// type; the path of `errors` is the struct itself. Update rules are called with the whole object.
#pragma once

#include "api/core/config.h"
#include "api/core/endpoints.h"
#include "api/core/event.h"
#include "api/core/node.h"
#include "api/core/pod.h"
#include "api/core/quota.h"
#include "api/core/replication_controller.h"
#include "api/core/service.h"
#include "api/core/storage.h"
#include "api/rules.h"

namespace skiff::api::rules {

// Containers (validation_container.cpp).
void container(const Container& container, FieldErrors& errors);
void env_var(const EnvVar& env, FieldErrors& errors);
void env_from(const EnvFromSource& source, FieldErrors& errors);
void container_port(const ContainerPort& port, FieldErrors& errors);
void volume_mount(const VolumeMount& mount, FieldErrors& errors);
void resources(const ResourceRequirements& resources, FieldErrors& errors);
void probe(const Probe& probe, FieldErrors& errors);
void lifecycle_handler(const LifecycleHandler& handler, FieldErrors& errors);
void http_get(const HTTPGetAction& action, FieldErrors& errors);
void tcp_socket(const TCPSocketAction& action, FieldErrors& errors);

// Pods (validation_pod.cpp).
void pod(const Pod& pod, FieldErrors& errors);
void pod_template(const PodTemplate& stored, FieldErrors& errors);
void pod_spec(const PodSpec& spec, FieldErrors& errors);
void volume(const Volume& volume, FieldErrors& errors);
void toleration(const Toleration& toleration, FieldErrors& errors);
void node_selector_requirement(const NodeSelectorRequirement& requirement, FieldErrors& errors);
void pod_update(const Pod& pod, const Pod& old, FieldErrors& errors);

// Services, endpoints (validation_service.cpp).
void service_spec(const ServiceSpec& spec, FieldErrors& errors);
void service_update(const Service& service, const Service& old, FieldErrors& errors);
void endpoint_address(const EndpointAddress& address, FieldErrors& errors);
// Quotas and limits (validation_quota.cpp).
void limit_range_spec(const LimitRangeSpec& spec, FieldErrors& errors);
void limit_range_item(const LimitRangeItem& item, FieldErrors& errors);
void resource_quota_spec(const ResourceQuotaSpec& spec, FieldErrors& errors);
void resource_quota_update(const ResourceQuota& quota, const ResourceQuota& old,
                           FieldErrors& errors);
// Volumes and claims (validation_storage.cpp).
void persistent_volume(const PersistentVolume& volume, FieldErrors& errors);
void persistent_volume_update(const PersistentVolume& volume, const PersistentVolume& old,
                              FieldErrors& errors);
void claim_spec(const PersistentVolumeClaimSpec& spec, FieldErrors& errors);
void claim_update(const PersistentVolumeClaim& claim, const PersistentVolumeClaim& old,
                  FieldErrors& errors);
// The rest (validation_kinds.cpp).
void replication_controller_spec(const ReplicationControllerSpec& spec, FieldErrors& errors);
void config_map(const ConfigMap& map, FieldErrors& errors);
void config_map_update(const ConfigMap& map, const ConfigMap& old, FieldErrors& errors);
void secret(const Secret& secret, FieldErrors& errors);
void secret_update(const Secret& secret, const Secret& old, FieldErrors& errors);
void node_spec(const NodeSpec& spec, FieldErrors& errors);
void node_update(const Node& node, const Node& old, FieldErrors& errors);
void event(const Event& event, FieldErrors& errors);

}  // namespace skiff::api::rules
