// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Ends sockets from outside their processes: iterators over the TCP and UDP sockets of a network namespace,
 * which end those that user space has named. From 6.5 (bpf_sock_destroy, commit 4ddbcb886268); below, user
 * space asks sock_diag. Types are the few fields that are read, relocated by the loader.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "bpf/abi/socket.h"
#include "bpf/lib/address.h"

#define RELOCATED __attribute__((preserve_access_index))

#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define AF_INET	    2
#define AF_INET6    10
#define TIME_WAIT   6 /* enum of tcp_states.h: not a whole socket any more, as are requests for one */
#define NEW_SYN	    12

struct in6_addr {
	__be32 words[4]; /* whatever its members are called: its address is all that counts */
};

struct sock_common {
	__be32 skc_daddr;
	__be16 skc_dport;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	struct in6_addr skc_v6_daddr;
} RELOCATED;

struct udp_sock;

struct bpf_iter__tcp {
	struct sock_common *sk_common;
} RELOCATED;

struct bpf_iter__udp {
	struct udp_sock *udp_sk;
} RELOCATED;

extern int bpf_sock_destroy(struct sock_common *sock) __ksym;

/* stale_sockets: (socket, backend, protocol) -> how often it was ended. Writer: user space, once; the
 * programs count. Belongs to one use of these programs: not pinned.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct skiff_stale_socket);
	__type(value, __u32);
	__uint(max_entries, 1);
} stale_sockets SEC(".maps");

/* IPv4 may be carried by a socket of IPv6, which then has the mapped address. */
static __always_inline struct skiff_address peer_of(struct sock_common *sock)
{
	struct skiff_address peer = {};

	if (sock->skc_family == AF_INET)
		return address_from_v4(sock->skc_daddr);
	if (sock->skc_family == AF_INET6)
		bpf_probe_read_kernel(&peer, sizeof(peer), &sock->skc_v6_daddr);
	return peer;
}

static __always_inline void abort_if_stale(struct sock_common *sock, __u32 protocol)
{
	struct skiff_stale_socket key = {.protocol = protocol};
	__u32 *ended;

	key.cookie = bpf_get_socket_cookie(sock);
	key.backend.address = peer_of(sock);
	key.backend.port = sock->skc_dport;
	ended = bpf_map_lookup_elem(&stale_sockets, &key);
	if (ended && bpf_sock_destroy(sock) == 0)
		__sync_fetch_and_add(ended, 1);
}

SEC("iter/tcp")
int skiff_abort_tcp(struct bpf_iter__tcp *ctx)
{
	struct sock_common *sock = ctx->sk_common;

	if (sock && sock->skc_state != TIME_WAIT && sock->skc_state != NEW_SYN)
		abort_if_stale(sock, IPPROTO_TCP);
	return 0;
}

SEC("iter/udp")
int skiff_abort_udp(struct bpf_iter__udp *ctx)
{
	struct sock_common *sock = (struct sock_common *)ctx->udp_sk;

	if (sock)
		abort_if_stale(sock, IPPROTO_UDP);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
