// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Stage: what goes to a Service goes to one of its backends. */
#pragma once

#include "bpf/lib/backend.h"
#include "bpf/lib/carry.h"
#include "bpf/lib/flow.h"
#include "bpf/lib/foreign.h"
#include "bpf/lib/masquerade.h"

enum flow_fate {
	FLOW_KEPT,
	FLOW_RENEWED, /* its backend is gone: another one is chosen */
	FLOW_DEAD,    /* its backend is gone, and no other can go on with the connection */
};

/* Its client may begin another one with the same ports. Of what is carried nobody sees the other end. */
static __always_inline bool flow_has_ended(const struct skiff_flow *flow)
{
	return flow_is_closed(flow) ||
	       ((flow->flags & SKIFF_FLOW_CARRIED) && (flow->flags & SKIFF_FLOW_FIN_FORWARD));
}

/* May this flow keep its backend? It looks again whenever a backend has left its Service: a datagram goes to
 * another one, because a sender that never stops would talk to a dead pod for ever.
 */
static __always_inline enum flow_fate
flow_fate(struct skiff_flow *flow, const struct skiff_frontend *frontend, const struct packet *pkt)
{
	bool tcp = pkt->tuple.protocol == IPPROTO_TCP;
	struct skiff_socket_address backend = {
		.address = flow->translated.destination,
		.port = flow->translated.destination_port,
	};

	if (tcp && starts_connection(pkt) && flow_has_ended(flow))
		return FLOW_RENEWED;
	if (flow->generation == frontend->generation && flow->service_id == frontend->service_id)
		return FLOW_KEPT;
	if (backend_keeps(frontend, &backend, pkt->tuple.protocol != IPPROTO_UDP) != CONTINUE) {
		if (!tcp)
			return FLOW_RENEWED;
		if (frontend->flags & SKIFF_FRONTEND_RESET_GONE)
			return starts_connection(pkt) ? FLOW_RENEWED : FLOW_DEAD;
	}
	flow->generation = frontend->generation;
	flow->service_id = frontend->service_id;
	return FLOW_KEPT;
}

/* Backends on other nodes answer to this node, which alone can undo the translation. */
static __always_inline int hide_outside_client(struct __sk_buff *skb, const struct packet *pkt,
					       struct skiff_flow *flow, bool *change_port)
{
	__u32 ifindex = skb->ifindex;
	struct skiff_device *device;

	if (pod_find(&flow->translated.destination) ||
	    is_node_address(&flow->translated.destination, SKIFF_NODE_LOCAL))
		return CONTINUE;
	if (config.foreign & SKIFF_FOREIGN_PODS)
		ifindex = foreign_exit(skb, pkt, &flow->translated.destination);
	device = bpf_map_lookup_elem(&devices, &ifindex);
	if (!device && (config.foreign & SKIFF_FOREIGN_PODS))
		return CONTINUE; /* a pod of this node */
	if (!device)
		return -SKIFF_REASON_NO_SNAT_ADDRESS;
	flow->translated.source = pkt->is_v4 ? device->address4 : device->address6;
	if (address_is_zero(&flow->translated.source))
		return -SKIFF_REASON_NO_SNAT_ADDRESS;
	*change_port = true;
	return CONTINUE;
}

/* Of a new client; a node that carries it here has chosen already. */
static __always_inline int choose_backend(struct __sk_buff *skb, const struct packet *pkt,
					  const struct skiff_frontend *frontend, __u8 scope,
					  struct skiff_socket_address *backend)
{
	struct backend_client client = {.address = pkt->tuple.source, .kind = SKIFF_AFFINITY_ADDRESS};

	if (pkt->carried && carried_choice(skb, frontend, backend) == CONTINUE)
		return SKIFF_LB_CARRIED;
	if (scope == SKIFF_SCOPE_EXTERNAL && (frontend->flags & (SKIFF_FRONTEND_MAGLEV | SKIFF_FRONTEND_DSR)))
		client.hash = client_hash(&pkt->tuple, !frontend->affinity_seconds);
	return backend_choose(frontend, &client, backend);
}

/* Does the backend's node answer this client itself? */
static __always_inline bool is_answered_there(const struct packet *pkt, const struct skiff_frontend *frontend,
					      __u8 scope, const struct skiff_address *backend)
{
	return scope == SKIFF_SCOPE_EXTERNAL && (frontend->flags & SKIFF_FRONTEND_DSR) && !pkt->carried &&
	       !pod_find(backend) && !is_node_address(backend, 0) && peer_find(backend);
}

/* `replaces`: a flow whose backend serves no more. */
static __always_inline int service_new_flow(struct __sk_buff *skb, struct packet *pkt,
					    const struct skiff_frontend *frontend, __u8 scope, bool replaces)
{
	struct skiff_flow *flow = flow_new(pkt);
	struct skiff_socket_address backend = {};
	bool change_port = false;
	int verdict = CONTINUE;
	int lb_reason;

	lb_reason =
		flow ? choose_backend(skb, pkt, frontend, scope, &backend) : -SKIFF_REASON_BACKEND_MISSING;
	if (lb_reason < 0)
		return -SKIFF_REASON_BACKEND_MISSING;
	flow->service_id = frontend->service_id;
	flow->generation = frontend->generation;
	flow->flags = SKIFF_FLOW_SERVICE;
	flow->packets[FLOW_FORWARD] = 1;
	flow->bytes[FLOW_FORWARD] = skb->len;
	flow->translated.destination = backend.address;
	flow->translated.destination_port = backend.port;
	if (address_equal(&backend.address, &pkt->tuple.source)) {
		/* A pod that is its own backend would not answer itself over the wire: the Service asks. */
		flow->translated.source = pkt->tuple.destination;
		change_port = true;
	} else if (is_answered_there(pkt, frontend, scope, &backend.address)) {
		flow->flags |= SKIFF_FLOW_CARRIED;
	} else if (scope == SKIFF_SCOPE_EXTERNAL) {
		verdict = hide_outside_client(skb, pkt, flow, &change_port);
	}
	if (verdict == CONTINUE)
		verdict = flow_create(change_port);
	if (verdict)
		return verdict;
	if (!pkt->carried) /* the node it came from has */
		count_connection(frontend->service_id);
	trace_flow(skb, pkt, flow, SKIFF_TRACE_NEW, replaces ? SKIFF_LB_REPLACED : lb_reason);
	if (flow->flags & SKIFF_FLOW_CARRIED)
		return carry(skb, pkt, &backend, slot_of(frontend, &backend));
	return rewrite(skb, pkt, &flow->translated);
}

STAGE service_translate(struct __sk_buff *skb, struct packet *pkt, __u8 scope)
{
	struct skiff_socket_address asked = {};
	struct skiff_frontend frontend;
	struct skiff_flow *flow;
	struct skiff_tuple key;
	enum flow_fate fate;
	bool replaces = false;

	REQUIRE(pkt);
	asked.address = pkt->tuple.destination;
	asked.port = pkt->tuple.destination_port;
	if (pkt->kind != PACKET_PORTS || !frontend_find(&asked, pkt->tuple.protocol, scope, false, &frontend))
		return CONTINUE;
	flow = flow_find_forward(pkt, &key);
	if (flow) {
		fate = flow_fate(flow, &frontend, pkt);
		if (fate == FLOW_KEPT)
			return flow->flags & SKIFF_FLOW_CARRIED ? carry_on(skb, pkt, flow, &key)
								: flow_forward(skb, pkt, flow, &key);
		if (fate == FLOW_DEAD) {
			flow->flags |= SKIFF_FLOW_RESET;
			return -SKIFF_REASON_BACKEND_GONE;
		}
		replaces = !flow_has_ended(flow);
		flow_erase(flow, &key);
	} else if (continues_foreign_flow(pkt)) {
		return CONTINUE;
	}
	if (pkt->fragment == FRAGMENT_LATER)
		return -SKIFF_REASON_UNKNOWN_FRAGMENT;
	if (frontend_denies(&frontend, &pkt->tuple.source))
		return -SKIFF_REASON_SOURCE_RANGE;
	if (!frontend.count) {
		count_refused(frontend.service_id);
		return frontend.flags & SKIFF_FRONTEND_DROP_EMPTY ? -SKIFF_REASON_NO_LOCAL_ENDPOINTS
								  : -SKIFF_REASON_NO_ENDPOINTS;
	}
	return service_new_flow(skb, pkt, &frontend, scope, replaces);
}

/* Stage: another node knows a Service that this one does not, or not yet: no route must lead it back there.
 */
STAGE service_carried(struct packet *pkt)
{
	REQUIRE(pkt);
	if (!pkt->carried || pkt->translated)
		return CONTINUE;
	return pkt->fragment == FRAGMENT_LATER && pkt->kind != PACKET_PORTS
		       ? -SKIFF_REASON_UNKNOWN_FRAGMENT
		       : -SKIFF_REASON_UNKNOWN_SERVICE_PORT;
}

/* Stage: an address that belongs to Services and a port that none has: refused here, because a route would
 * lead it out of the cluster, or to the node's own processes.
 */
STAGE service_unknown(struct packet *pkt)
{
	bool is_node;
	__u32 flags;

	REQUIRE(pkt);
	if (pkt->translated || (pkt->kind != PACKET_PORTS && pkt->fragment != FRAGMENT_LATER) ||
	    continues_foreign_flow(pkt))
		return CONTINUE;
	flags = range_flags(&pkt->tuple.destination);
	is_node = !flags && is_node_address(&pkt->tuple.destination, 0);
	pkt->keeps_source = is_node || (flags & SKIFF_RANGE_NO_MASQUERADE);
	if (!(flags & SKIFF_RANGE_SERVICE) && (flags || is_node || !frontend_owns(&pkt->tuple.destination)))
		return CONTINUE;
	return pkt->kind == PACKET_PORTS ? -SKIFF_REASON_UNKNOWN_SERVICE_PORT
					 : -SKIFF_REASON_UNKNOWN_FRAGMENT;
}
