// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Both directions of a pod's veth, attached to the host's side: what the pod sends arrives there (ingress),
 * what it gets leaves there (egress). One program serves all pods.
 */
#include <linux/bpf.h>
#include <linux/errno.h>

#include "bpf/lib/account.h"
#include "bpf/lib/deliver.h"
#include "bpf/lib/fragment.h"
#include "bpf/lib/icmp_error.h"
#include "bpf/lib/neighbour.h"
#include "bpf/lib/policy.h"
#include "bpf/lib/refuse.h"
#include "bpf/lib/service.h"
#include "bpf/lib/way.h"

static __always_inline int hand_to_stack(struct __sk_buff *skb, struct packet *pkt)
{
	int verdict = bandwidth_egress(skb, pkt, 0);

	return verdict == CONTINUE ? PASS : verdict;
}

SEC("tc")
int skiff_from_pod(struct __sk_buff *skb)
{
	struct packet pkt = {.hook = SKIFF_HOOK_FROM_POD};
	int verdict = packet_parse(skb, &pkt);

	tap_begin(skb, &pkt);
	if (verdict == CONTINUE)
		verdict = way_follow(skb, &pkt);
	verdict = speaks_for_itself(skb, &pkt, verdict);
	if (verdict == CONTINUE)
		verdict = service_translate(skb, &pkt, SKIFF_SCOPE_INTERNAL);
	if (verdict == CONTINUE && !pkt.translated)
		verdict = flow_reply(skb, &pkt);
	if (verdict == CONTINUE && pkt.kind == PACKET_ICMP_ERROR)
		verdict = icmp_error_translate(skb, &pkt);
	if (verdict == CONTINUE)
		verdict = policy(skb, &pkt);
	if (verdict == CONTINUE)
		verdict = deliver_pod(skb, &pkt, HOOK_INGRESS);
	if (verdict == CONTINUE)
		verdict = service_unknown(&pkt);
	if (verdict == CONTINUE)
		verdict = deliver_route(skb, &pkt);
	if (verdict == PASS && pkt.limited)
		verdict = hand_to_stack(skb, &pkt);
	if (verdict < 0)
		trace_drop(skb, &pkt, verdict);
	if (verdict < 0)
		verdict = refuse(skb, &pkt, verdict, 0);
	return finish(skb, &pkt, verdict);
}

static __always_inline bool is_ingress_limited(const struct packet *pkt)
{
	struct skiff_pod *pod = pod_find(&pkt->tuple.destination);

	return pod && (pod->flags & SKIFF_POD_INGRESS_LIMITED);
}

/* What the node itself sends to the pod: answers of processes of the node that serve a Service. */
SEC("tc")
int skiff_to_pod(struct __sk_buff *skb)
{
	struct packet pkt = {.hook = SKIFF_HOOK_TO_POD};
	int verdict;

	if (is_done_already(skb, SKIFF_DELIVERED_MARK)) /* and waits for its turn */
		return TC_ACT_UNSPEC;
	verdict = packet_parse(skb, &pkt);
	tap_begin(skb, &pkt);
	if (verdict == CONTINUE)
		verdict = flow_reply(skb, &pkt);
	if (verdict == CONTINUE && pkt.kind == PACKET_ICMP_ERROR)
		verdict = icmp_error_translate(skb, &pkt);
	if (verdict == CONTINUE && skb->ingress_ifindex) /* not the node itself: it may always */
		verdict = policy(skb, &pkt);
	if (verdict == CONTINUE && is_ingress_limited(&pkt))
		verdict = bandwidth_ingress(skb, &pkt, skb->ifindex);
	if (verdict < 0)
		trace_drop(skb, &pkt, verdict);
	if (verdict < 0) /* back to the node's stack, as if the pod had said it */
		verdict = refuse(skb, &pkt, verdict, BPF_F_INGRESS);
	return finish(skb, &pkt, verdict);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
