// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Events of sockets: a Service asked for, a backend given, or refused. */
#pragma once

#include <linux/in.h>

#include "bpf/lib/trace.h"

#define PROTOCOL_MPTCP 262 /* carried by TCP */

static __always_inline __u8 protocol_of(const struct bpf_sock_addr *ctx)
{
	return ctx->protocol == PROTOCOL_MPTCP ? IPPROTO_TCP : (__u8)ctx->protocol;
}

/* The socket's own address is not known yet: `original.source` stays zero, its namespace says whose it is.
 * `reason` why not, or else `lb_reason` why this one.
 */
static __always_inline void trace_socket(struct bpf_sock_addr *ctx, const struct skiff_socket_address *asked,
					 const struct skiff_socket_address *given,
					 const struct skiff_frontend *frontend, __u32 reason, __u8 lb_reason)
{
	struct skiff_flow_event *event;

	if (!config.trace)
		return;
	if (reason)
		event = trace_flow_event(SKIFF_TRACE_CLASS_DROP, TRACE_LIMIT_DROP, SKIFF_TRACE_REFUSED,
					 SKIFF_HOOK_SOCKET);
	else
		event = trace_flow_event(SKIFF_TRACE_CLASS_FLOW, TRACE_LIMIT_FLOW, SKIFF_TRACE_TRANSLATED,
					 SKIFF_HOOK_SOCKET);
	if (!event)
		return;
	event->header.netns_cookie = bpf_get_netns_cookie(ctx);
	event->socket_cookie = bpf_get_socket_cookie(ctx);
	event->original.destination = asked->address;
	event->original.destination_port = asked->port;
	event->original.protocol = protocol_of(ctx);
	event->translated.destination = given->address;
	event->translated.destination_port = given->port;
	event->translated.protocol = event->original.protocol;
	event->service_id = frontend->service_id;
	event->reason = reason;
	event->lb_reason = reason ? lb_refusal_of(reason) : lb_reason;
	trace_submit(event);
}
