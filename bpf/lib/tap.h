// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Taps: packets that somebody asked to see, one event each, at the end of every program. While nobody asks a
 * packet pays for reading one word.
 */
#pragma once

#include "bpf/lib/trace_flow.h"

#define TAP_RING_BYTES (1024 * 1024)

static __always_inline bool taps_are_open(void)
{
	__u32 zero = 0;
	struct skiff_trace_control *control = bpf_map_lookup_elem(&trace_control, &zero);

	return control && control->taps_until_ns && bpf_ktime_get_coarse_ns() < control->taps_until_ns;
}

static __always_inline struct skiff_tap_scratch *tap_room(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&tap_scratch, &zero);
}

/* Right after parsing: remembers how the packet came. */
static __always_inline void tap_begin(struct packet *pkt)
{
	struct skiff_tap_scratch *room;

	if (!config.trace || !taps_are_open())
		return;
	room = tap_room();
	if (!room)
		return;
	room->event.before = pkt->tuple;
	pkt->tapped = 1;
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

/* Does tap `slot` want the packet in tap_scratch, and may it? Counts its budget down. 0: no; else one more
 * than twice the bytes it asks for. A global function, or the verifier would walk every path for every slot.
 */
STAGE tap_asks(__u32 slot, __u64 now)
{
	struct skiff_tap *tap = bpf_map_lookup_elem(&taps, &slot);
	struct skiff_tap_scratch *room = tap_room();

	if (!tap || !room || now >= tap->until_ns || tap->budget <= 0)
		return 0;
	if (tap->ifindex && tap->ifindex != room->event.header.ifindex)
		return 0;
	if ((tap->flags & SKIFF_TAP_DROPS) && room->event.verdict >= 0)
		return 0;
	if (!tap_tuple_matches(tap, &room->event.before) && !tap_tuple_matches(tap, &room->event.after))
		return 0;
	if (__sync_fetch_and_add(&tap->budget, -1) <= 0)
		return 0;
	return 2 * tap->snap + 1;
}

/* Which taps want it, as bits, and at least as many bytes as each of them asks for. No branches: each would
 * double what the verifier has to follow.
 */
static __always_inline __u32 tap_match(__u32 *snap)
{
	__u64 now = bpf_ktime_get_coarse_ns();
	__u32 matched = 0;

	for (__u32 i = 0; i < SKIFF_TAPS; i++) {
		__u32 asks = tap_asks(i, now);

		matched |= (asks & 1) << i;
		*snap |= asks >> 1;
	}
	return matched;
}

static __always_inline void tap_read_identifiers(struct __sk_buff *skb, const struct packet *pkt,
						 struct skiff_tap_event *event)
{
	__be32 sequence = 0;
	__be16 identification = 0;

	if (pkt->is_v4)
		bpf_skb_load_bytes(skb, L3_OFFSET + 4, &identification, sizeof(identification));
	if (pkt->tuple.protocol == IPPROTO_TCP && pkt->kind == PACKET_PORTS)
		bpf_skb_load_bytes(skb, pkt->l4_offset + 4, &sequence, sizeof(sequence));
	event->ip_identification = pkt->is_v4 ? bpf_ntohs(identification) : bpf_ntohl(pkt->identification);
	event->tcp_sequence = bpf_ntohl(sequence);
}

/* Sends what is in `room`, with as many bytes of the packet as wanted and there are. */
static __always_inline void tap_send(struct __sk_buff *skb, struct skiff_tap_scratch *room, __u32 snap)
{
	struct skiff_trace_loss *loss = trace_loss(SKIFF_TRACE_CLASS_TAP);
	__u32 count = snap < skb->len ? snap : skb->len;

	if (!loss || !trace_allowed(loss, TRACE_LIMIT_TAP, bpf_ktime_get_coarse_ns()))
		return;
	if (count > SKIFF_TAP_SNAP)
		count = SKIFF_TAP_SNAP;
	/* The verifier must see the bound on the very register. */
	asm volatile("" : "+r"(count));
	count = ((count - 1) & (SKIFF_TAP_SNAP - 1)) + 1; /* 6.1 learns nothing from a comparison with 0 */
	if (bpf_skb_load_bytes(skb, 0, room->bytes, count) < 0)
		count = 0;
	room->event.captured = count;
	room->event.header.suppressed = loss->suppressed;
	loss->suppressed = 0;
	if (bpf_ringbuf_output(&tap_events, room, sizeof(room->event) + (count & (2 * SKIFF_TAP_SNAP - 1)),
			       trace_wakeup(&tap_events, TAP_RING_BYTES)) < 0)
		loss->ring_full++;
}

/* Last of all, or before a packet is dropped or turned into its refusal. */
STAGE tap_end(struct __sk_buff *skb, struct packet *pkt, int verdict)
{
	struct skiff_tap_scratch *room = tap_room();
	__u32 snap = 0;

	REQUIRE(pkt && room);
	pkt->tapped = 0;
	__builtin_memset(&room->event.header, 0, sizeof(room->event.header));
	trace_header(&room->event.header, skb, pkt);
	room->event.header.kind = SKIFF_TRACE_TAP;
	room->event.header.hook = pkt->hook;
	room->event.header.time_ns = bpf_ktime_get_ns();
	room->event.after = pkt->tuple;
	room->event.verdict = verdict;
	room->event.taps = tap_match(&snap);
	if (!room->event.taps)
		return CONTINUE;
	room->event.packet_hash = bpf_get_hash_recalc(skb);
	room->event.mark = skb->mark;
	room->event.point = 0;
	tap_read_identifiers(skb, pkt, &room->event);
	tap_send(skb, room, snap);
	return CONTINUE;
}
