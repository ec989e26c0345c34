// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Which Service, if any, owns an address and port. */
#pragma once

#include "bpf/lib/address.h"
#include "bpf/maps.h"

static __always_inline bool is_node_port(__be16 port)
{
	__u16 host = bpf_ntohs(port);

	return host >= config.node_port_min && host <= config.node_port_max;
}

static __always_inline bool is_node_address(const struct skiff_address *address, __u32 required_flags)
{
	struct skiff_address key = *address;
	struct skiff_node *node = bpf_map_lookup_elem(&nodes, &key);

	return node && (node->flags & required_flags) == required_flags;
}

/* The entry for clients inside the cluster, or the one for clients outside where it differs. */
static __always_inline struct skiff_frontend *frontend_in_scope(struct skiff_frontend_key *key, __u8 scope)
{
	struct skiff_frontend *frontend;

	key->scope = SKIFF_SCOPE_INTERNAL;
	frontend = bpf_map_lookup_elem(&frontends, key);
	if (!frontend || scope == SKIFF_SCOPE_INTERNAL || !(frontend->flags & SKIFF_FRONTEND_TWO_SCOPES))
		return frontend;
	key->scope = SKIFF_SCOPE_EXTERNAL;
	return bpf_map_lookup_elem(&frontends, key);
}

/* The NodePort entry of the family of `key`, whatever node address it was asked under. */
static __always_inline struct skiff_frontend *frontend_node_port(struct skiff_frontend_key *key, __u8 scope)
{
	if (address_is_v4(&key->address))
		key->address.word[3] = 0;
	else
		key->address = (struct skiff_address){};
	return frontend_in_scope(key, scope);
}

/* Are NodePorts valid at this address? */
static __always_inline bool serves_node_ports(const struct skiff_address *address)
{
	struct skiff_address key = *address;
	struct skiff_node *node;

	if (address_is_loopback(address))
		return config.node_port_loopback;
	node = bpf_map_lookup_elem(&nodes, &key);
	return node && !(node->flags & SKIFF_NODE_NO_NODE_PORTS);
}

/* Copies the frontend of (address, port, protocol) into `found`: the entry may be replaced meanwhile.
 * NodePorts are served on node addresses of the whole cluster; `loopback`: 127.0.0.1 is the node's.
 */
static __always_inline bool frontend_find(const struct skiff_socket_address *asked, __u8 protocol, __u8 scope,
					  bool loopback, struct skiff_frontend *found)
{
	struct skiff_frontend_key key = {
		.address = asked->address,
		.port = asked->port,
		.protocol = protocol,
	};
	struct skiff_frontend *frontend;

	if (!loopback && address_is_loopback(&key.address))
		return false;
	frontend = frontend_in_scope(&key, scope);
	if (!frontend && is_node_port(asked->port) && serves_node_ports(&key.address))
		frontend = frontend_node_port(&key, scope);
	if (!frontend)
		return false;
	*found = *frontend;
	return true;
}

/* Has the Service a list of clients, and this one is not on it? */
static __always_inline bool frontend_denies(const struct skiff_frontend *frontend,
					    const struct skiff_address *client)
{
	struct skiff_source_range_key key = {
		.prefix_bits = 32 + 128,
		.service_id = frontend->service_id,
		.address = *client,
	};
	__u32 *let_in;

	if (!(frontend->flags & SKIFF_FRONTEND_SOURCE_RANGES))
		return false;
	let_in = bpf_map_lookup_elem(&source_ranges, &key);
	return !let_in || !*let_in;
}

/* An external or load balancer address of some Service, whatever the port. */
static __always_inline bool frontend_owns(const struct skiff_address *address)
{
	struct skiff_frontend_key key = {.address = *address};
	struct skiff_frontend *frontend = bpf_map_lookup_elem(&frontends, &key);

	return frontend && (frontend->flags & SKIFF_FRONTEND_WILDCARD);
}
