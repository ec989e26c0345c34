// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* What every header of bpf/abi builds on. The same text is compiled as C11 for the kernel and as C++20
 * for the agent (ADR 0004): fixed widths, explicit padding, no unions, sizes asserted by both compilers.
 */
#pragma once

#include <linux/types.h>

#ifdef __cplusplus
#define SKIFF_ABI_CHECK(condition, text) static_assert(condition, text)
#else
#define SKIFF_ABI_CHECK(condition, text) _Static_assert(condition, text)
#endif
#define SKIFF_ABI_SIZE(type, size) SKIFF_ABI_CHECK(sizeof(type) == (size), #type)

/* An address in network order, IPv4 as ::ffff:a.b.c.d (ADR 0005): one code path for both families. */
struct skiff_address {
	__be32 word[4];
};
SKIFF_ABI_SIZE(struct skiff_address, 16);

/* An address and a port in network order. */
struct skiff_socket_address {
	struct skiff_address address;
	__be16 port;
	__u16 pad;
};
SKIFF_ABI_SIZE(struct skiff_socket_address, 20);

/* Five-tuple of a packet. ICMP echo: the identifier is the port of the side that asked, the other is 0. */
struct skiff_tuple {
	struct skiff_address source;
	struct skiff_address destination;
	__be16 source_port;
	__be16 destination_port;
	__u8 protocol;
	__u8 pad[3];
};
SKIFF_ABI_SIZE(struct skiff_tuple, 40);
