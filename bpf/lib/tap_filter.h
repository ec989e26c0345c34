// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Classic BPF, one instruction a step, over the bytes of a packet in tap_scratch: what tcpdump's expressions
 * are compiled to (ADR 0050). The agent lets in only programs whose jumps go forward and stay inside
 * (agent/trace/pcap_filter.h), so that a program ends after as many steps as it has instructions.
 */
#pragma once

#include <linux/filter.h>

#include "bpf/lib/verdict.h"

static __always_inline struct skiff_tap_scratch *tap_room(__u32 room)
{
	return bpf_map_lookup_elem(&tap_scratch, &room);
}

struct filter_run {
	__u32 slot, room;
	__u32 available; /* bytes in the room */
	__u32 length;	 /* of the whole packet */
	__u32 counter, a, x;
	__u32 accepted;
};

/* What `size` bytes at `offset` say, the first the highest. False: the packet ends before. */
static __always_inline bool filter_load(const struct filter_run *run, const struct skiff_tap_scratch *room,
					__u64 offset, __u32 size, __u32 *value)
{
	if (offset >= SKIFF_FILTER_BYTES || offset + size > run->available)
		return false;
	*value = room->bytes[offset];
	if (size > 1)
		*value = *value << 8 | room->bytes[offset + 1];
	if (size > 2)
		*value = *value << 16 | room->bytes[offset + 2] << 8 | room->bytes[offset + 3];
	return true;
}

/* BPF_LD. 1: the program ends, and says no. */
static __always_inline long filter_loads(struct filter_run *run, const struct skiff_tap_scratch *room,
					 const struct skiff_filter_instruction *one)
{
	__u32 size = BPF_SIZE(one->code) == BPF_W ? 4 : BPF_SIZE(one->code) == BPF_H ? 2 : 1;
	__u64 offset = one->k;

	switch (BPF_MODE(one->code)) {
	case BPF_IMM:
		run->a = one->k;
		return 0;
	case BPF_LEN:
		run->a = run->length;
		return 0;
	case BPF_MEM:
		run->a = room->memory[one->k & (SKIFF_FILTER_WORDS - 1)];
		return 0;
	case BPF_IND:
		offset += run->x;
		break;
	}
	return !filter_load(run, room, offset, size, &run->a);
}

static __always_inline long filter_loads_x(struct filter_run *run, const struct skiff_tap_scratch *room,
					   const struct skiff_filter_instruction *one)
{
	switch (BPF_MODE(one->code)) {
	case BPF_LEN:
		run->x = run->length;
		return 0;
	case BPF_MEM:
		run->x = room->memory[one->k & (SKIFF_FILTER_WORDS - 1)];
		return 0;
	case BPF_MSH: /* four times the low half of a byte: the length of an IPv4 header */
		if (!filter_load(run, room, one->k, 1, &run->x))
			return 1;
		run->x = (run->x & 0xf) * 4;
		return 0;
	default:
		run->x = one->k;
		return 0;
	}
}

static __always_inline long filter_computes(struct filter_run *run,
					    const struct skiff_filter_instruction *one)
{
	__u32 value = BPF_SRC(one->code) == BPF_X ? run->x : one->k;

	switch (BPF_OP(one->code)) {
	case BPF_ADD:
		run->a += value;
		return 0;
	case BPF_SUB:
		run->a -= value;
		return 0;
	case BPF_MUL:
		run->a *= value;
		return 0;
	case BPF_DIV:
		run->a = value ? run->a / value : 0;
		return !value;
	case BPF_MOD:
		run->a = value ? run->a % value : 0;
		return !value;
	case BPF_OR:
		run->a |= value;
		return 0;
	case BPF_AND:
		run->a &= value;
		return 0;
	case BPF_XOR:
		run->a ^= value;
		return 0;
	case BPF_LSH:
		run->a = value < 32 ? run->a << value : 0;
		return 0;
	case BPF_RSH:
		run->a = value < 32 ? run->a >> value : 0;
		return 0;
	default:
		run->a = -run->a;
		return 0;
	}
}

static __always_inline void filter_jumps(struct filter_run *run, const struct skiff_filter_instruction *one)
{
	__u32 value = BPF_SRC(one->code) == BPF_X ? run->x : one->k;
	bool holds;

	switch (BPF_OP(one->code)) {
	case BPF_JEQ:
		holds = run->a == value;
		break;
	case BPF_JGT:
		holds = run->a > value;
		break;
	case BPF_JGE:
		holds = run->a >= value;
		break;
	case BPF_JSET:
		holds = run->a & value;
		break;
	default:
		run->counter += one->k;
		return;
	}
	run->counter += holds ? one->jump_true : one->jump_false;
}

static long filter_step(__u32 step __attribute__((unused)), struct filter_run *run)
{
	__u32 slot = run->slot, at = run->counter & (SKIFF_FILTER_MOST - 1);
	struct skiff_tap_filter *filter = bpf_map_lookup_elem(&tap_filters, &slot);
	struct skiff_tap_scratch *room = tap_room(run->room);
	struct skiff_filter_instruction one;

	if (!filter || !room)
		return 1;
	one = filter->instructions[at];
	run->counter++;
	switch (BPF_CLASS(one.code)) {
	case BPF_LD:
		return filter_loads(run, room, &one);
	case BPF_LDX:
		return filter_loads_x(run, room, &one);
	case BPF_ST:
		room->memory[one.k & (SKIFF_FILTER_WORDS - 1)] = run->a;
		return 0;
	case BPF_STX:
		room->memory[one.k & (SKIFF_FILTER_WORDS - 1)] = run->x;
		return 0;
	case BPF_ALU:
		return filter_computes(run, &one);
	case BPF_JMP:
		filter_jumps(run, &one);
		return 0;
	case BPF_RET:
		run->accepted = BPF_RVAL(one.code) == BPF_A ? run->a : one.k;
		return 1;
	default: /* BPF_MISC */
		if (BPF_MISCOP(one.code) == BPF_TXA)
			run->a = run->x;
		else
			run->x = run->a;
		return 0;
	}
}

/* 1: the filter of tap `slot` wants the packet of `length` bytes whose first `available` are in the room. */
STAGE tap_filter_accepts(__u32 slot, __u32 room, __u32 available, __u32 length)
{
	struct skiff_tap_filter *filter = bpf_map_lookup_elem(&tap_filters, &slot);
	struct filter_run run = {.slot = slot, .room = room, .available = available, .length = length};

	if (!filter)
		return 0;
	bpf_loop(filter->count, filter_step, &run, 0);
	return run.accepted != 0;
}
