// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Sixteen-byte addresses. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>

#include <bpf/bpf_endian.h>

#include "bpf/abi/types.h"

#define V4_MAPPED_WORD bpf_htonl(0xffff)

static __always_inline struct skiff_address address_from_v4(__be32 v4)
{
	return (struct skiff_address){.word = {0, 0, V4_MAPPED_WORD, v4}};
}

static __always_inline bool address_is_v4(const struct skiff_address *a)
{
	return a->word[0] == 0 && a->word[1] == 0 && a->word[2] == V4_MAPPED_WORD;
}

static __always_inline bool address_is_zero(const struct skiff_address *a)
{
	return (a->word[0] | a->word[1] | a->word[2] | a->word[3]) == 0;
}

static __always_inline bool address_equal(const struct skiff_address *a, const struct skiff_address *b)
{
	return a->word[0] == b->word[0] && a->word[1] == b->word[1] && a->word[2] == b->word[2] &&
	       a->word[3] == b->word[3];
}

static __always_inline bool address_is_loopback(const struct skiff_address *a)
{
	if (address_is_v4(a))
		return (a->word[3] & bpf_htonl(0xff000000)) == bpf_htonl(0x7f000000);
	return (a->word[0] | a->word[1] | a->word[2]) == 0 && a->word[3] == bpf_htonl(1);
}

/* Multicast, broadcast, link-local and unspecified: never a Service, never translated. */
static __always_inline bool address_is_local_scope(const struct skiff_address *a)
{
	if (address_is_v4(a)) {
		__u32 v4 = bpf_ntohl(a->word[3]);

		return v4 >= 0xe0000000 || v4 == 0 || (v4 & 0xffff0000) == 0xa9fe0000;
	}
	return (a->word[0] & bpf_htonl(0xff000000)) == bpf_htonl(0xff000000) ||
	       (a->word[0] & bpf_htonl(0xffc00000)) == bpf_htonl(0xfe800000) || address_is_zero(a);
}

/* <0, 0, >0 in the order of the bytes on the wire: the order a range of backends is sorted in. */
static __always_inline int address_compare(const struct skiff_address *a, const struct skiff_address *b)
{
#pragma unroll
	for (int i = 0; i < 4; i++) {
		if (a->word[i] != b->word[i])
			return bpf_ntohl(a->word[i]) < bpf_ntohl(b->word[i]) ? -1 : 1;
	}
	return 0;
}
