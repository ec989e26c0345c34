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

#define PROTOCOL_MPTCP 262 /* carried by TCP */

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

static __always_inline __u8 protocol_of(const struct bpf_sock_addr *ctx)
{
	return ctx->protocol == PROTOCOL_MPTCP ? IPPROTO_TCP : (__u8)ctx->protocol;
}

/* ECONNREFUSED now, rather than a packet that nobody answers. */
static __always_inline int refuse(void)
{
	bpf_set_retval(-ECONNREFUSED);
	return DENY;
}

static __always_inline void remember(struct bpf_sock_addr *ctx, const struct skiff_socket_address *asked,
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

	bpf_map_update_elem(&reverse_sockets, &key, &value, BPF_ANY);
}

/* Replaces `peer` by a backend if it is a Service. ALLOW with `translated` unset: leave the address alone. */
static __always_inline int translate(struct bpf_sock_addr *ctx, struct skiff_socket_address *peer,
				     bool *translated)
{
	__u64 netns = bpf_get_netns_cookie(ctx);
	struct skiff_address client = {.word = {0, 0, (__u32)(netns >> 32), (__u32)netns}};
	struct skiff_socket_address asked = *peer;
	struct skiff_frontend frontend;

	*translated = false;
	if (!frontend_find(&asked, protocol_of(ctx), SKIFF_SCOPE_INTERNAL, netns == config.node_netns_cookie,
			   &frontend))
		return ALLOW;
	if (bpf_map_lookup_elem(&socket_lb_off, &netns))
		return ALLOW;
	if (!frontend.count) /* a packet of this flow is dropped, with its reason, by pod.bpf.c */
		return frontend.flags & SKIFF_FRONTEND_DROP_EMPTY ? ALLOW : refuse();
	if (!backend_choose(&frontend, &client, SKIFF_AFFINITY_NETNS, peer))
		return refuse();
	remember(ctx, &asked, peer, frontend.service_id);
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

char LICENSE[] SEC("license") = "Dual BSD/GPL";
