// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Both directions of a pod's veth, attached to the host's side: what the pod sends arrives there (ingress),
 * what it gets leaves there (egress). One program serves all pods.
 */
#include <linux/bpf.h>
#include <linux/errno.h>

#include "bpf/lib/deliver.h"
#include "bpf/lib/fragment.h"
#include "bpf/lib/icmp_error.h"
#include "bpf/lib/refuse.h"
#include "bpf/lib/service.h"

/* Stage: a pod speaks for itself only. */
static __always_inline int check_source(struct __sk_buff *skb, const struct packet *pkt)
{
	struct skiff_pod *pod;

	if (!config.check_pod_source)
		return CONTINUE;
	pod = pod_find(&pkt->tuple.source);
	return pod && pod->ifindex == skb->ifindex ? CONTINUE : -SKIFF_REASON_BAD_SOURCE;
}

SEC("tc")
int skiff_from_pod(struct __sk_buff *skb)
{
	struct packet pkt = {};
	int verdict = packet_parse(skb, &pkt);

	if (verdict == CONTINUE)
		verdict = check_source(skb, &pkt);
	if (verdict == CONTINUE)
		verdict = service_translate(skb, &pkt, SKIFF_SCOPE_INTERNAL);
	if (verdict == CONTINUE && !pkt.translated)
		verdict = flow_reply(skb, &pkt);
	if (verdict == CONTINUE && pkt.kind == PACKET_ICMP_ERROR)
		verdict = icmp_error_translate(skb, &pkt);
	if (verdict == CONTINUE)
		verdict = deliver_pod(skb, &pkt, HOOK_INGRESS);
	if (verdict == CONTINUE)
		verdict = deliver_route(skb, &pkt);
	if (verdict < 0)
		verdict = refuse(skb, &pkt, verdict, 0);
	return tc_action(skb, verdict);
}

/* What the node itself sends to the pod: answers of processes of the node that serve a Service. */
SEC("tc")
int skiff_to_pod(struct __sk_buff *skb)
{
	struct packet pkt = {};
	int verdict = packet_parse(skb, &pkt);

	if (verdict == CONTINUE)
		verdict = flow_reply(skb, &pkt);
	if (verdict == CONTINUE && pkt.kind == PACKET_ICMP_ERROR)
		verdict = icmp_error_translate(skb, &pkt);
	return tc_action(skb, verdict);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
