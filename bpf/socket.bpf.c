// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Load balancing at the socket: connect and sendmsg to a Service go to a backend straight away, so the
 * connection costs nothing per packet; recvmsg and getpeername show the Service again. Attached to the
 * node's cgroup.
 */
#include <linux/bpf.h>
#include <linux/errno.h>
#include <linux/in.h>

#include "bpf/lib/backend.h"
#include "bpf/lib/frontend.h"
#include "bpf/lib/service_count.h"
#include "bpf/lib/trace_socket.h"

enum { DENY = 0, ALLOW = 1 };

static __always_inline void read_v4(const struct bpf_sock_addr *ctx, struct skiff_socket_address *to)
{
	to->address = address_from_v4(ctx->user_ip4);
	to->port = (__be16)ctx->user_port;
	to->pad = 0;
}

static __always_inline void read_v6(const struct bpf_sock_addr *ctx, struct skiff_socket_address *to)
{
	to->address.word[0] = ctx->user_ip6[0];
	to->address.word[1] = ctx->user_ip6[1];
	to->address.word[2] = ctx->user_ip6[2];
	to->address.word[3] = ctx->user_ip6[3];
	to->port = (__be16)ctx->user_port;
	to->pad = 0;
}

static __always_inline void write_v4(struct bpf_sock_addr *ctx, const struct skiff_socket_address *from)
{
	ctx->user_ip4 = from->address.word[3];
	ctx->user_port = from->port;
}

static __always_inline void write_v6(struct bpf_sock_addr *ctx, const struct skiff_socket_address *from)
{
	ctx->user_ip6[0] = from->address.word[0];
	ctx->user_ip6[1] = from->address.word[1];
	ctx->user_ip6[2] = from->address.word[2];
	ctx->user_ip6[3] = from->address.word[3];
	ctx->user_port = from->port;
}

/* ECONNREFUSED now, rather than a packet that nobody answers. */
static __always_inline int refuse(void)
{
	bpf_set_retval(-ECONNREFUSED);
	return DENY;
}

/* True if the pair is new: what sends datagram after datagram to one backend is one flow. */
static __always_inline bool remember(struct bpf_sock_addr *ctx, const struct skiff_socket_address *asked,
				     const struct skiff_socket_address *backend, __u32 service_id)
{
	struct skiff_reverse_socket_key key = {
		.cookie = bpf_get_socket_cookie(ctx),
		.backend = *backend,
	};
	struct skiff_reverse_socket value = {
		.frontend = *asked,
		.service_id = service_id,
	};
	struct skiff_reverse_socket *known = bpf_map_lookup_elem(&reverse_sockets, &key);

	if (known && known->service_id == service_id && known->frontend.port == asked->port &&
	    address_equal(&known->frontend.address, &asked->address))
		return false;
	bpf_map_update_elem(&reverse_sockets, &key, &value, BPF_ANY);
	return true;
}

/* Replaces `peer` by a backend if it is a Service. ALLOW with `translated` unset: leave the address alone. */
static __always_inline int translate(struct bpf_sock_addr *ctx, struct skiff_socket_address *peer,
				     bool *translated)
{
	__u64 netns = bpf_get_netns_cookie(ctx);
	struct backend_client client = {
		.address = {.word = {0, 0, (__u32)(netns >> 32), (__u32)netns}},
		.kind = SKIFF_AFFINITY_NETNS,
	};
	struct skiff_socket_address asked = *peer;
	struct skiff_frontend frontend;
	int lb_reason;

	*translated = false;
	if (!frontend_find(&asked, protocol_of(ctx), SKIFF_SCOPE_INTERNAL, netns == config.node_netns_cookie,
			   &frontend))
		return ALLOW;
	if (bpf_map_lookup_elem(&socket_lb_off, &netns))
		return ALLOW;
	if (frontend.flags & SKIFF_FRONTEND_SOURCE_RANGES) /* packets have a source, sockets not yet */
		return ALLOW;
	if (!frontend.count) { /* a packet of this flow is dropped, with its reason, by pod.bpf.c */
		if (frontend.flags & SKIFF_FRONTEND_DROP_EMPTY)
			return ALLOW;
		count_refused(frontend.service_id);
		trace_socket(ctx, &asked, &asked, &frontend, SKIFF_REASON_NO_ENDPOINTS, SKIFF_LB_NONE);
		return refuse();
	}
	lb_reason = backend_choose(&frontend, &client, peer);
	if (lb_reason < 0)
		return refuse();
	if (remember(ctx, &asked, peer, frontend.service_id)) {
		count_connection(frontend.service_id);
		trace_socket(ctx, &asked, peer, &frontend, SKIFF_REASON_NONE, lb_reason);
	}
	*translated = true;
	return ALLOW;
}

/* Replaces a backend by the frontend this socket asked for, if it did. */
static __always_inline bool restore(struct bpf_sock_addr *ctx, struct skiff_socket_address *peer)
{
	struct skiff_reverse_socket_key key = {
		.cookie = bpf_get_socket_cookie(ctx),
		.backend = *peer,
	};
	struct skiff_reverse_socket *value = bpf_map_lookup_elem(&reverse_sockets, &key);

	if (!value)
		return false;
	*peer = value->frontend;
	return true;
}

static __always_inline int translate_v4(struct bpf_sock_addr *ctx)
{
	struct skiff_socket_address peer;
	bool translated;
	int verdict;

	read_v4(ctx, &peer);
	verdict = translate(ctx, &peer, &translated);
	if (translated)
		write_v4(ctx, &peer);
	return verdict;
}

static __always_inline int translate_v6(struct bpf_sock_addr *ctx)
{
	struct skiff_socket_address peer;
	bool translated;
	int verdict;

	read_v6(ctx, &peer);
	verdict = translate(ctx, &peer, &translated);
	if (translated)
		write_v6(ctx, &peer);
	return verdict;
}

static __always_inline int restore_v4(struct bpf_sock_addr *ctx)
{
	struct skiff_socket_address peer;

	read_v4(ctx, &peer);
	if (restore(ctx, &peer))
		write_v4(ctx, &peer);
	return ALLOW;
}

static __always_inline int restore_v6(struct bpf_sock_addr *ctx)
{
	struct skiff_socket_address peer;

	read_v6(ctx, &peer);
	if (restore(ctx, &peer))
		write_v6(ctx, &peer);
	return ALLOW;
}

SEC("cgroup/connect4")
int skiff_connect4(struct bpf_sock_addr *ctx)
{
	return translate_v4(ctx);
}

SEC("cgroup/connect6")
int skiff_connect6(struct bpf_sock_addr *ctx)
{
	return translate_v6(ctx);
}

SEC("cgroup/sendmsg4")
int skiff_sendmsg4(struct bpf_sock_addr *ctx)
{
	return translate_v4(ctx);
}

SEC("cgroup/sendmsg6")
int skiff_sendmsg6(struct bpf_sock_addr *ctx)
{
	return translate_v6(ctx);
}

SEC("cgroup/recvmsg4")
int skiff_recvmsg4(struct bpf_sock_addr *ctx)
{
	return restore_v4(ctx);
}

SEC("cgroup/recvmsg6")
int skiff_recvmsg6(struct bpf_sock_addr *ctx)
{
	return restore_v6(ctx);
}

SEC("cgroup/getpeername4")
int skiff_getpeername4(struct bpf_sock_addr *ctx)
{
	return restore_v4(ctx);
}

SEC("cgroup/getpeername6")
int skiff_getpeername6(struct bpf_sock_addr *ctx)
{
	return restore_v6(ctx);
}

/* A process of the node must not take a NodePort: it would never be asked. */
static __always_inline int protect_node_port(struct bpf_sock *ctx, struct skiff_address address)
{
	struct skiff_frontend_key key = {
		.port = bpf_htons((__u16)ctx->src_port),
		.protocol = ctx->protocol == PROTOCOL_MPTCP ? IPPROTO_TCP : (__u8)ctx->protocol,
	};
	bool any = address_is_zero(&address) || (address_is_v4(&address) && !address.word[3]);

	if (!is_node_port(key.port) || bpf_get_netns_cookie(ctx) != config.node_netns_cookie)
		return ALLOW;
	if (!any && !serves_node_ports(&address)) /* it cannot bind to one of another node */
		return ALLOW;
	key.address = address;
	if (frontend_node_port(&key, SKIFF_SCOPE_INTERNAL))
		goto taken;
	if (address_is_zero(&address)) { /* and [::] takes the port for IPv4 as well */
		key.address = address_from_v4(0);
		if (frontend_node_port(&key, SKIFF_SCOPE_INTERNAL))
			goto taken;
	}
	return ALLOW;
taken:
	bpf_set_retval(-EADDRINUSE);
	return DENY;
}

SEC("cgroup/post_bind4")
int skiff_post_bind4(struct bpf_sock *ctx)
{
	return protect_node_port(ctx, address_from_v4(ctx->src_ip4));
}

SEC("cgroup/post_bind6")
int skiff_post_bind6(struct bpf_sock *ctx)
{
	return protect_node_port(ctx, (struct skiff_address){.word = {ctx->src_ip6[0], ctx->src_ip6[1],
								      ctx->src_ip6[2], ctx->src_ip6[3]}});
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
