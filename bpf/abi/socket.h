// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* What socket load balancing remembers of a socket. */
#pragma once

#include "bpf/abi/types.h"

/* Key of `reverse_sockets`: which socket talks to which backend. */
struct skiff_reverse_socket_key {
	__u64 cookie; /* bpf_get_socket_cookie() */
	struct skiff_socket_address backend;
	__u32 pad;
};
SKIFF_ABI_SIZE(struct skiff_reverse_socket_key, 32);

/* The frontend the program asked for: what getpeername and recvmsg show it. */
struct skiff_reverse_socket {
	struct skiff_socket_address frontend;
	__u32 service_id;
};
SKIFF_ABI_SIZE(struct skiff_reverse_socket, 24);

/* Key of `stale_sockets` (bpf/abort.bpf.c): a socket to be ended, if it is still connected there. */
struct skiff_stale_socket {
	__u64 cookie;
	struct skiff_socket_address backend;
	__u32 protocol; /* IPPROTO_TCP, IPPROTO_UDP */
};
SKIFF_ABI_SIZE(struct skiff_stale_socket, 32);
