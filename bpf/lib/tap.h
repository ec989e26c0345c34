// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Taps: packets that somebody asked to see, one event each, at the end of every program. While nobody asks a
 * packet pays for reading one word.
 */
#pragma once

#include "bpf/abi/overlay.h"
#include "bpf/lib/tap_match.h"
#include "bpf/lib/trace_flow.h"

/* Copies the start of the packet behind the event: `count` bytes, or as many as there are. */
static __always_inline __u32 tap_copy(struct __sk_buff *skb, struct skiff_tap_scratch *room, __u32 count)
{
	if (count > skb->len)
		count = skb->len;
	if (count > SKIFF_TAP_SNAP)
		count = SKIFF_TAP_SNAP;
	/* The verifier must see the bound on the very register. */
	asm volatile("" : "+r"(count));
	count = ((count - 1) & (SKIFF_TAP_SNAP - 1)) + 1; /* 6.1 learns nothing from a comparison with 0 */
	return bpf_skb_load_bytes(skb, 0, room->bytes, count) < 0 ? 0 : count;
}

/* The filters' answers about the packet as it came: it may match by what it was before translation. */
STAGE tap_filter_arrival(struct __sk_buff *skb, __u32 filtered)
{
	struct skiff_tap_scratch *room = tap_room(0);
	__u32 available;

	REQUIRE(room);
	available = tap_copy(skb, room, SKIFF_FILTER_BYTES);
	if (!available)
		return CONTINUE;
	for (__u32 i = 0; i < SKIFF_TAPS; i++)
		if (filtered & (1 << i))
			room->accepted |= (__u32)tap_filter_accepts(i, 0, available, skb->len) << i;
	return CONTINUE;
}

/* Right after parsing: remembers how the packet came. */
static __always_inline void tap_begin(struct __sk_buff *skb, struct packet *pkt)
{
	struct skiff_trace_control *control;
	struct skiff_tap_scratch *room;

	if (!config.trace)
		return;
	control = tap_control();
	if (!control || !control->taps_until_ns || bpf_ktime_get_coarse_ns() >= control->taps_until_ns)
		return;
	room = tap_room(0);
	if (!room)
		return;
	room->event.before = pkt->tuple;
	room->accepted = 0;
	pkt->tapped = 1;
	if (control->filtered)
		tap_filter_arrival(skb, control->filtered);
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

/* What goes across as it came is told of as the other node translates it (bpf/lib/carry.h). */
static __always_inline void tap_carried(struct skiff_tap_scratch *room)
{
	struct skiff_flow_alias *alias = bpf_map_lookup_elem(&new_aliases, &room->event.before);

	if (alias)
		room->event.after = alias->translated;
}

/* Last of all, or before a packet is dropped or turned into its refusal. */
STAGE tap_end(struct __sk_buff *skb, struct packet *pkt, int verdict)
{
	struct skiff_tap_scratch *room = tap_room(0);
	__u32 snap = 0, available = 0;

	REQUIRE(pkt && room);
	pkt->tapped = 0;
	__builtin_memset(&room->event.header, 0, sizeof(room->event.header));
	trace_header(&room->event.header, skb, pkt);
	room->event.header.kind = SKIFF_TRACE_TAP;
	room->event.header.hook = pkt->hook;
	room->event.after = pkt->tuple;
	if (skb->mark == SKIFF_CARRIED_MARK)
		tap_carried(room);
	room->event.verdict = verdict;
	if (tap_any_filter())
		available = tap_copy(skb, room, SKIFF_FILTER_BYTES);
	room->event.taps = tap_match(0, available, &snap);
	if (!room->event.taps)
		return CONTINUE;
	room->event.header.time_ns = bpf_ktime_get_ns();
	room->event.packet_hash = bpf_get_hash_recalc(skb);
	room->event.mark = skb->mark;
	room->event.point = SKIFF_POINT_NONE;
	tap_read_identifiers(skb, pkt, &room->event);
	tap_send(room, snap ? tap_copy(skb, room, snap) : 0);
	return CONTINUE;
}
