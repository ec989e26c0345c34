// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* What the programs tell of flows and packets (docs/TRACING.md): events of `trace_events`, one a change of a
 * flow, never one a packet; events of `tap_events`, one a packet while somebody asked for them; taps.
 */
#pragma once

#include "bpf/abi/types.h"

/* Where a packet was seen. */
enum skiff_trace_hook {
	SKIFF_HOOK_NONE = 0,
	SKIFF_HOOK_FROM_POD = 1,
	SKIFF_HOOK_TO_POD = 2,
	SKIFF_HOOK_FROM_DEVICE = 3,
	SKIFF_HOOK_TO_DEVICE = 4,
	SKIFF_HOOK_SOCKET = 5, /* connect, sendmsg: there is no packet yet */
	SKIFF_HOOK_KERNEL = 6, /* the kernel freed it: kfree_skb */
	SKIFF_HOOK_OTHER = 32, /* a point outside our programs: enum skiff_point */
};

enum skiff_trace_kind {
	SKIFF_TRACE_NEW = 1,	     /* first packet of a flow */
	SKIFF_TRACE_CLOSED = 2,	     /* FIN of both sides or RST, with what was counted */
	SKIFF_TRACE_TRANSLATED = 3,  /* a socket asked for a Service and got a backend */
	SKIFF_TRACE_REFUSED = 4,     /* answered with a reset, an ICMP error, ECONNREFUSED */
	SKIFF_TRACE_DROPPED = 5,     /* by us, for a reason of bpf/abi/reason.h */
	SKIFF_TRACE_KERNEL_DROP = 6, /* struct skiff_drop_event */
	SKIFF_TRACE_TAP = 7,	     /* struct skiff_tap_event */
};

/* Why this backend, or why none: X(identifier, label, what it means). Append only: agents and command lines
 * of two releases talk in numbers.
 */
#define SKIFF_LB_REASONS(X)                                                                          \
	X(NONE, "", "no Service")                                                                    \
	X(CHOSEN, "chosen", "a new choice among several")                                            \
	X(ONLY, "only", "there is but one")                                                          \
	X(AFFINITY, "affinity", "session affinity: the client's last one")                           \
	X(NO_BACKEND, "no-backend", "no endpoints")                                                  \
	X(NO_LOCAL, "no-local-backend", "none that the traffic policy allows")                       \
	X(NO_SERVICE, "no-such-service-port", "a cluster address, but no Service has the port")      \
	X(AFFINITY_NEW, "affinity-new", "session affinity: the client has none yet that serves")     \
	X(HASH, "hash", "its hash, or the Maglev table: every node would choose it for this client") \
	X(KEPT, "kept", "the socket had it before: another datagram, a connection made again")       \
	X(REPLACED, "replaced", "the one it had serves no more")                                     \
	X(SOURCE_RANGE, "source-range", "the client is in none of the Service's source ranges")      \
	X(LOCAL, "local", "among this node's own: traffic policy or hints keep to the node")         \
	X(CARRIED, "carried", "another node chose it, and sent its client here as it came")

#define SKIFF_LB_ENUM(id, label, text) SKIFF_LB_##id,
enum skiff_lb_reason { SKIFF_LB_REASONS(SKIFF_LB_ENUM) SKIFF_LB_COUNT };
#undef SKIFF_LB_ENUM

/* Every event begins so. Times are CLOCK_MONOTONIC. */
struct skiff_trace_header {
	__u64 time_ns;
	__u64 netns_cookie; /* network namespace it happened in */
	__u32 ifindex;	    /* in that namespace; 0: no device */
	__u32 length;	    /* of the packet, with its Ethernet header; 0: no packet */
	__u8 kind;	    /* enum skiff_trace_kind */
	__u8 hook;	    /* enum skiff_trace_hook */
	__u8 tcp_flags;
	__u8 payload;	  /* at a point of the kernel's: a segment of TCP with bytes in it */
	__u32 suppressed; /* events of this class that the limit held back on this CPU before this one */
};
SKIFF_ABI_SIZE(struct skiff_trace_header, 32);

enum skiff_trace_flags {
	SKIFF_TRACE_MASQUERADE = 1 << 0,
	SKIFF_TRACE_REPLY = 1 << 1, /* the packet went from the server to the client */
	SKIFF_TRACE_STACK = 1 << 2, /* it went on to the node's stack, not past it */
};

/* NEW, CLOSED, TRANSLATED, REFUSED, DROPPED. */
struct skiff_flow_event {
	struct skiff_trace_header header;
	__u64 socket_cookie; /* TRANSLATED, REFUSED at a socket; else 0 */
	__u64 created_ns;    /* of the flow; 0: unknown */
	__u64 packets[2];    /* forward, reply */
	__u64 bytes[2];
	struct skiff_tuple original;   /* as the client sends it; at sockets the source is not known yet: 0 */
	struct skiff_tuple translated; /* as it leaves us; equal to `original` where nothing is translated */
	__u32 service_id;	       /* 0: no Service */
	__u8 reason;		       /* enum skiff_reason */
	__u8 lb_reason;		       /* enum skiff_lb_reason */
	__u8 flags;		       /* enum skiff_trace_flags */
	__u8 pad;
};
SKIFF_ABI_SIZE(struct skiff_flow_event, 168);

#define SKIFF_DROP_STACK 16

/* Mark of packets that only ask a program what it would do (BPF_PROG_TEST_RUN): the kernel frees them as if
 * they were lost.
 */
#define SKIFF_PROBE_MARK 0x5c1ff001

/* KERNEL_DROP. */
struct skiff_drop_event {
	struct skiff_trace_header header;
	struct skiff_tuple tuple;
	__u64 location; /* address of the code that gave the packet up */
	__u32 reason;	/* enum skb_drop_reason of the running kernel */
	__u32 stack_count;
	__u64 stack[SKIFF_DROP_STACK]; /* only if trace_control asks for it */
};
SKIFF_ABI_SIZE(struct skiff_drop_event, 216);

/* Key and value of `kernel_drops`: every drop is counted here, few make an event. */
struct skiff_drop_key {
	__u64 location;
	__u64 netns_cookie;
	__u32 reason;
	__u32 ifindex;
};
SKIFF_ABI_SIZE(struct skiff_drop_key, 24);

struct skiff_drop_count {
	__u64 packets;
	__u64 bytes;
	struct skiff_tuple last;
};
SKIFF_ABI_SIZE(struct skiff_drop_count, 56);

enum skiff_way_kind {
	SKIFF_WAY_POD = 1, /* into a pod of this node; next_hop: MAC addresses, destination and source */
	SKIFF_WAY_NEIGHBOUR4 = 2, /* to an IPv4 neighbour; next_hop: its address, first */
	SKIFF_WAY_NEIGHBOUR6 = 3,
	SKIFF_WAY_STACK = 4,	   /* to the node itself */
	SKIFF_WAY_KIND = 7,	   /* mask of the above */
	SKIFF_WAY_SPARES = 1 << 3, /* the device's program has nothing to do (SKIFF_ROUTED_MARK) */
	SKIFF_WAY_MAC = 1 << 4,	   /* comes from `source_mac` only */
};

/* One direction of a flow without translation: its counters, and where its packets go on, as the programs
 * found it when they last looked (bpf/lib/way.h). A cache line, because each direction has a CPU of its own.
 */
struct skiff_way {
	__u64 packets;
	__u64 bytes;
	__u64 valid;	    /* way_epoch << 32 | when it was found, in SKIFF_WAY_TICKs; 0: not known */
	__u32 check;	    /* of the tuple */
	__u32 from_ifindex; /* where they come in */
	__u32 to_ifindex;
	__u16 mtu;
	__u8 kind;	/* enum skiff_way_kind */
	__u8 tcp_flags; /* seen so far */
	__u32 next_hop[4];
	__u8 source_mac[6];
	__u8 pad[2];
};
SKIFF_ABI_SIZE(struct skiff_way, 64);

#define SKIFF_WAY_TICK_SHIFT 24 /* ticks of 17 ms */
#define SKIFF_WAY_TICKS	     15 /* so long routes of the kernel are believed: 252 ms */

/* Value of `seen_flows`: a flow that needs no translation. Key: its tuple in canonical order. */
struct skiff_seen_flow {
	struct skiff_way ways[2]; /* forward (as the first packet went), reply */
	__u64 created_ns;
	__u64 last_seen_ns;  /* one second coarse */
	__u8 forward_is_key; /* 1: `forward` runs from the key's source to its destination */
	__u8 pad[7];
};
SKIFF_ABI_SIZE(struct skiff_seen_flow, 152);

/* Value of `pod_namespaces`, keyed by network namespace cookie: namespaces of pods of this node. */
struct skiff_pod_namespace {
	__u32 ifindex; /* the host's side of its veth pair */
	__u32 pad;
};
SKIFF_ABI_SIZE(struct skiff_pod_namespace, 8);

/* Classes of events, each with its own limit, ring or loss counter. */
enum skiff_trace_class {
	SKIFF_TRACE_CLASS_FLOW = 0,
	SKIFF_TRACE_CLASS_DROP = 1,
	SKIFF_TRACE_CLASS_KERNEL = 2,
	SKIFF_TRACE_CLASS_TAP = 3,
	SKIFF_TRACE_CLASSES = 4,
};

/* Value of `trace_losses`, indexed by enum skiff_trace_class, one a CPU: events nobody will see. */
struct skiff_trace_loss {
	__u64 ring_full;
	__u64 limited;
	__u64 window_ns; /* the second `in_window` counts */
	__u32 in_window;
	__u32 suppressed; /* since the last event */
};
SKIFF_ABI_SIZE(struct skiff_trace_loss, 32);

#define SKIFF_TAPS     8
#define SKIFF_TAP_SNAP 2048

/* Value of `trace_control`, one entry: what is asked of the programs beyond the usual. All zero: nothing. */
struct skiff_trace_control {
	__u64 taps_until_ns;  /* no tap lives longer: the one word a packet reads when nobody taps */
	__u64 stack_until_ns; /* kernel drops carry a stack until then */
	__u32 filtered;	      /* bit n: slot n of `taps` has a filter */
	__u32 pad;
};
SKIFF_ABI_SIZE(struct skiff_trace_control, 24);

enum skiff_tap_flags {
	SKIFF_TAP_BOTH_WAYS = 1 << 0, /* also packets whose ends are the other way round */
	SKIFF_TAP_DROPS = 1 << 1,     /* only what is dropped or refused */
	SKIFF_TAP_FILTER = 1 << 2,    /* only what the slot's filter accepts, as it came or as it leaves */
};

/* Value of `tap_filters`, indexed as `taps`: a program of classic BPF, as libpcap compiles what tcpdump is
 * told (ADR 0050), over the first bytes of a packet from its Ethernet header.
 */
#define SKIFF_FILTER_MOST  512 /* instructions, a power of two */
#define SKIFF_FILTER_BYTES 256
#define SKIFF_FILTER_WORDS 16 /* of scratch memory */
struct skiff_filter_instruction {
	__u16 code;
	__u8 jump_true;
	__u8 jump_false;
	__u32 k;
};
SKIFF_ABI_SIZE(struct skiff_filter_instruction, 8);

struct skiff_tap_filter {
	__u32 count;
	__u32 pad;
	struct skiff_filter_instruction instructions[SKIFF_FILTER_MOST];
};
SKIFF_ABI_SIZE(struct skiff_tap_filter, 4104);

/* Points of a packet's path outside our own programs (bpf/path.bpf.c): X(identifier, label, what it means).
 * Netfilter's come in the order of its hooks, before the first and after the last of their functions.
 */
#define SKIFF_POINTS(X)                                                      \
	X(NONE, "", "")                                                      \
	X(NETFILTER_FIRST_PREROUTING, "prerouting", "netfilter begins")      \
	X(NETFILTER_FIRST_INPUT, "input", "netfilter begins")                \
	X(NETFILTER_FIRST_FORWARD, "forward", "netfilter begins")            \
	X(NETFILTER_FIRST_OUTPUT, "output", "netfilter begins")              \
	X(NETFILTER_FIRST_POSTROUTING, "postrouting", "netfilter begins")    \
	X(NETFILTER_LAST_PREROUTING, "prerouting", "netfilter is through")   \
	X(NETFILTER_LAST_INPUT, "input", "netfilter is through")             \
	X(NETFILTER_LAST_FORWARD, "forward", "netfilter is through")         \
	X(NETFILTER_LAST_OUTPUT, "output", "netfilter is through")           \
	X(NETFILTER_LAST_POSTROUTING, "postrouting", "netfilter is through") \
	X(DEVICE_QUEUE, "queued", "given to the device to send")             \
	X(QDISC_ENQUEUE, "waiting", "in the device's queue")                 \
	X(DEVICE_SEND, "sent", "taken by the device's driver")               \
	X(BACKLOG, "arrived", "in the backlog of a CPU")                     \
	X(RECEIVED, "received", "the stack begins with it")                  \
	X(READ, "read", "a process reads it from its socket")                \
	X(RETRANSMIT, "sent again", "TCP had no answer in time")             \
	X(RESET, "answered with a reset", "TCP wants nothing of it")         \
	X(CONSUMED, "done with", "its last reader has let go of it")         \
	X(DROPPED, "dropped", "the kernel gave it up")

#define SKIFF_POINT_ENUM(id, label, text) SKIFF_POINT_##id,
enum skiff_point { SKIFF_POINTS(SKIFF_POINT_ENUM) SKIFF_POINT_COUNT };
#undef SKIFF_POINT_ENUM
#define SKIFF_NETFILTER_HOOKS 5

/* Verdict of a packet that the kernel dropped. */
#define SKIFF_VERDICT_KERNEL (-256)

/* Entry of `taps`: which packets to tell of. A packet matches by its tuple before or after translation. It
 * ends by itself: at `until_ns`, or after `budget` events.
 */
struct skiff_tap {
	__u64 until_ns;		     /* 0: no tap */
	__s64 budget;		     /* events left; programs count it down */
	struct skiff_address source; /* compared where its mask has bits */
	struct skiff_address source_mask;
	struct skiff_address destination;
	struct skiff_address destination_mask;
	__be16 source_port; /* 0: any */
	__be16 destination_port;
	__u8 protocol; /* 0: any */
	__u8 flags;    /* enum skiff_tap_flags */
	__u16 snap;    /* bytes of the packet to copy, at most SKIFF_TAP_SNAP; 0: none */
};
SKIFF_ABI_SIZE(struct skiff_tap, 88);

/* TAP: followed by `captured` bytes of the packet, from its Ethernet header, as it leaves the hook. */
struct skiff_tap_event {
	struct skiff_trace_header header;
	struct skiff_tuple before; /* as it came to the hook */
	struct skiff_tuple after;
	__s32 verdict;	   /* >= 0: goes on (enum verdict), < 0: -enum skiff_reason */
	__u32 taps;	   /* bit n: slot n of `taps` matched */
	__u32 packet_hash; /* bpf_get_hash_recalc: the same at hooks of one node unless translated */
	__u32 mark;
	__u32 tcp_sequence;	 /* host order */
	__u32 ip_identification; /* as on the wire; 0 for IPv6 without fragments */
	__u32 captured;
	__u32 point;	/* hook SKIFF_HOOK_OTHER: enum skiff_point */
	__u64 packet;	/* at such points: the same all the way over this node; else 0 */
	__u64 location; /* SKIFF_POINT_DROPPED: code that gave it up */
	__u32 reason; /* the same: enum skb_drop_reason of the running kernel. SKIFF_POINT_READ: bytes read */
	__u32 wrapped; /* `after` is the outer packet of an overlay around it */
};
SKIFF_ABI_SIZE(struct skiff_tap_event, 168);
