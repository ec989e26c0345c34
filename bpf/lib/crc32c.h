// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* CRC32c of an SCTP packet (RFC 9260, appendix A) after a change of its first four bytes, its ports. The code
 * is linear: the new CRC is the old one plus that of the difference, and a difference followed by zeros costs
 * a few multiplications, whatever the length of the packet.
 */
#pragma once

#include <linux/types.h>

#define CRC32C_POLYNOMIAL 0x82f63b78
#define CRC32C_ONE	  0x80000000 /* the polynomial 1: bits are reflected */

static __attribute__((noinline)) __u32 crc32c_multiply(__u32 a, __u32 b)
{
	__u32 product = 0;

	for (int i = 0; i < 32; i++) {
		product ^= b & -(a >> 31);
		a <<= 1;
		b = (b >> 1) ^ (CRC32C_POLYNOMIAL & -(b & 1));
	}
	return product;
}

/* `from`, `into`: the four bytes as loaded from the packet of `length` bytes; `crc`: likewise. */
static __always_inline __u32 crc32c_update(__u32 crc, __u32 from, __u32 into, __u16 length)
{
	/* x^(8 * 2^k): a shift by 2^k bytes. */
	static const __u32 shift[16] = {
		0x00800000, 0x00008000, 0x82f63b78, 0x6ea2d55c, 0x18b8ea18, 0x510ac59a,
		0xb82be955, 0xb8fdb1e7, 0x88e56f72, 0x74c360a4, 0xe4172b16, 0x0d65762a,
		0x35d73a62, 0x28461564, 0xbf455269, 0xe2ea32dc,
	};
	__u32 difference = from ^ into;

#pragma unroll
	for (int k = 0; k < 16; k++)
		difference = crc32c_multiply(difference, length & (1 << k) ? shift[k] : CRC32C_ONE);
	return crc ^ difference;
}
