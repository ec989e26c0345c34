// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Which taps want a packet, and sending it to them: shared by the programs at our hooks and those at points
 * of the kernel's (bpf/path.bpf.c). The packet is in a room of tap_scratch.
 */
#pragma once

#include "bpf/lib/address.h"
#include "bpf/lib/tap_filter.h"
#include "bpf/lib/trace.h"

#define TAP_RING_BYTES (1024 * 1024)

static __always_inline struct skiff_trace_control *tap_control(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&trace_control, &zero);
}

static __always_inline __u32 tap_any_filter(void)
{
	struct skiff_trace_control *control = tap_control();

	return control ? control->filtered : 0;
}

static __always_inline bool masked_equal(const struct skiff_address *a, const struct skiff_address *b,
					 const struct skiff_address *mask)
{
	return !(((a->word[0] ^ b->word[0]) & mask->word[0]) | ((a->word[1] ^ b->word[1]) & mask->word[1]) |
		 ((a->word[2] ^ b->word[2]) & mask->word[2]) | ((a->word[3] ^ b->word[3]) & mask->word[3]));
}

static __always_inline bool tap_ends_match(const struct skiff_tap *tap, const struct skiff_address *source,
					   const struct skiff_address *destination, __be16 source_port,
					   __be16 destination_port)
{
	return (!tap->source_port || tap->source_port == source_port) &&
	       (!tap->destination_port || tap->destination_port == destination_port) &&
	       masked_equal(source, &tap->source, &tap->source_mask) &&
	       masked_equal(destination, &tap->destination, &tap->destination_mask);
}

static __always_inline bool tap_tuple_matches(const struct skiff_tap *tap, const struct skiff_tuple *tuple)
{
	if (tap->protocol && tap->protocol != tuple->protocol)
		return false;
	if (tap_ends_match(tap, &tuple->source, &tuple->destination, tuple->source_port,
			   tuple->destination_port))
		return true;
	return (tap->flags & SKIFF_TAP_BOTH_WAYS) &&
	       tap_ends_match(tap, &tuple->destination, &tuple->source, tuple->destination_port,
			      tuple->source_port);
}

/* Does tap `slot` want the packet, and may it? Counts its budget down. 0: no; else one more than twice the
 * bytes it asks for. `available`: bytes of the packet in the room; 0: none, filters have said what they say.
 * A global function, or the verifier would walk every path for every slot.
 */
STAGE tap_asks(__u32 slot, __u32 room_number, __u32 available)
{
	struct skiff_tap *tap = bpf_map_lookup_elem(&taps, &slot);
	struct skiff_tap_scratch *room;

	if (!tap || !tap->until_ns || tap->budget <= 0)
		return 0;
	room = tap_room(room_number);
	if (!room)
		return 0;
	if ((tap->flags & SKIFF_TAP_DROPS) && room->event.verdict >= 0)
		return 0;
	if (!tap_tuple_matches(tap, &room->event.before) && !tap_tuple_matches(tap, &room->event.after))
		return 0;
	if ((tap->flags & SKIFF_TAP_FILTER) && !(room->accepted & (1 << (slot & (SKIFF_TAPS - 1)))) &&
	    !tap_filter_accepts(slot, room_number, available, room->event.header.length))
		return 0;
	if (bpf_ktime_get_ns() >= tap->until_ns || __sync_fetch_and_add(&tap->budget, -1) <= 0)
		return 0;
	return 2 * tap->snap + 1;
}

/* Which taps want it, as bits, and at least as many bytes as each of them asks for. No branches: each would
 * double what the verifier has to follow.
 */
static __always_inline __u32 tap_match(__u32 room, __u32 available, __u32 *snap)
{
	__u32 matched = 0;

	for (__u32 i = 0; i < SKIFF_TAPS; i++) {
		__u32 asks = tap_asks(i, room, available);

		matched |= (asks & 1) << i;
		*snap |= asks >> 1;
	}
	return matched;
}

/* The event in the room, and so many bytes after it. */
static __always_inline void tap_send(struct skiff_tap_scratch *room, __u32 captured)
{
	struct skiff_trace_loss *loss = trace_loss(SKIFF_TRACE_CLASS_TAP);

	if (!loss || !trace_allowed(loss, TRACE_LIMIT_TAP, room->event.header.time_ns))
		return;
	room->event.captured = captured;
	room->event.header.suppressed = take_suppressed(loss);
	if (bpf_ringbuf_output(&tap_events, room, sizeof(room->event) + (captured & (2 * SKIFF_TAP_SNAP - 1)),
			       trace_wakeup(&tap_events, TAP_RING_BYTES)) < 0)
		count_ring_full(loss, room->event.header.suppressed);
}
