// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Stage: what goes to a Service goes to one of its backends. */
#pragma once

#include "bpf/lib/backend.h"
#include "bpf/lib/flow.h"
#include "bpf/lib/frontend.h"
#include "bpf/lib/pod.h"

/* May this flow keep its backend? TCP as long as it lives; UDP as long as the backend serves, because a
 * sender that never stops would talk to a dead pod for ever.
 */
static __always_inline bool flow_is_valid(struct skiff_flow *flow, const struct skiff_frontend *frontend,
					  const struct packet *pkt)
{
	struct skiff_socket_address backend = {
		.address = flow->translated.destination,
		.port = flow->translated.destination_port,
	};

	if (pkt->tuple.protocol == IPPROTO_TCP) /* a SYN on a closed flow is a new connection */
		return !(pkt->tcp_flags & TCP_SYN) || (pkt->tcp_flags & TCP_ACK) || !flow_is_closed(flow);
	if (flow->generation == frontend->generation)
		return true;
	if (!backend_in_range(frontend, &backend))
		return false;
	flow->generation = frontend->generation;
	return true;
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
	device = bpf_map_lookup_elem(&devices, &ifindex);
	if (!device)
		return -SKIFF_REASON_NO_SNAT_ADDRESS;
	flow->translated.source = pkt->is_v4 ? device->address4 : device->address6;
	if (address_is_zero(&flow->translated.source))
		return -SKIFF_REASON_NO_SNAT_ADDRESS;
	*change_port = true;
	return CONTINUE;
}

static __always_inline int service_new_flow(struct __sk_buff *skb, struct packet *pkt,
					    const struct skiff_frontend *frontend, __u8 scope)
{
	struct skiff_flow *flow = flow_new(pkt);
	struct skiff_socket_address backend;
	bool change_port = false;
	struct skiff_tuple to;
	int verdict = CONTINUE;

	if (!flow || !backend_choose(frontend, &pkt->tuple.source, SKIFF_AFFINITY_ADDRESS, &backend))
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
	} else if (scope == SKIFF_SCOPE_EXTERNAL) {
		verdict = hide_outside_client(skb, pkt, flow, &change_port);
	}
	if (verdict == CONTINUE)
		verdict = flow_create(change_port);
	if (verdict)
		return verdict;
	to = flow->translated;
	return rewrite(skb, pkt, &to);
}

STAGE service_translate(struct __sk_buff *skb, struct packet *pkt, __u8 scope)
{
	struct skiff_socket_address asked = {};
	struct skiff_frontend frontend;
	struct skiff_flow *flow;
	struct skiff_tuple key;

	REQUIRE(pkt);
	asked.address = pkt->tuple.destination;
	asked.port = pkt->tuple.destination_port;
	if (pkt->kind != PACKET_PORTS || !frontend_find(&asked, pkt->tuple.protocol, scope, false, &frontend))
		return CONTINUE;
	flow = flow_find_forward(pkt, &key);
	if (flow) {
		if (flow_is_valid(flow, &frontend, pkt))
			return flow_forward(skb, pkt, flow, &key);
		flow_erase(flow, &key);
	}
	if (pkt->fragment == FRAGMENT_LATER)
		return -SKIFF_REASON_UNKNOWN_FRAGMENT;
	if (!frontend.count)
		return frontend.flags & SKIFF_FRONTEND_DROP_EMPTY ? -SKIFF_REASON_NO_LOCAL_ENDPOINTS
								  : -SKIFF_REASON_NO_ENDPOINTS;
	return service_new_flow(skb, pkt, &frontend, scope);
}
