// SPDX-License-Identifier: Apache-2.0
#include "agent/attached_host_ports.h"

namespace skiff::agent {

api::Pod pod_of(const network::Attachment& attachment) {
  api::Pod pod;
  pod.metadata.namespace_ = attachment.pod_namespace;
  // Somebody who calls by hand names no pod.
  pod.metadata.name = attachment.pod_name.empty() ? attachment.container_id : attachment.pod_name;
  pod.metadata.uid = attachment.pod_uid;
  api::Container container;
  for (const network::PortMapping& mapping : attachment.port_mappings) {
    api::ContainerPort port;
    port.hostPort = mapping.host_port;
    port.containerPort = mapping.container_port;
    port.protocol = mapping.protocol;
    port.hostIP = mapping.host_ip;
    container.ports.push_back(std::move(port));
  }
  pod.spec.containers.push_back(std::move(container));
  pod.status.phase = "Running";
  for (const IpAddress& address : attachment.addresses)
    pod.status.podIPs.push_back({.ip = address.to_string()});
  return pod;
}

void AttachedHostPorts::follow(network::Network& network) {
  network.subscribe([this](const network::Attachment& attachment, bool attached) {
    changed(attachment, attached);
  });
  pods_.replace(pods_.list());  // now it is complete
}

void AttachedHostPorts::changed(const network::Attachment& attachment, bool attached) {
  auto pod = std::make_shared<const api::Pod>(pod_of(attachment));
  const kube::ObjectKey key = kube::key_of(*pod);
  if (attached) {
    containers_[key] = attachment.key();
    pods_.put(std::move(pod));
    return;
  }
  // The old sandbox of a pod may go after the new one has come.
  const auto known = containers_.find(key);
  if (known == containers_.end() || known->second != attachment.key()) return;
  containers_.erase(known);
  pods_.erase(key);
}

}  // namespace skiff::agent
