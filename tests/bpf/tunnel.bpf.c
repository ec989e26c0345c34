// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Outer headers for BPF_PROG_TEST_RUN, whose frames come without: one is put on before the program
 * under test runs, or looked at after it has run.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_helpers.h>

/* The program under test. */
struct {
  __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
  __type(key, __u32);
  __type(value, __u32);
  __uint(max_entries, 1);
} tested SEC(".maps");

__u32 vni;
__u32 outer4;    /* of the sender (came_with), of the receiver (leaves_with); host order */
__u32 outer6[4]; /* where it is IPv6; network order */
__u32 is_v6;
__u32 runs;

SEC("tc")
int came_with(struct __sk_buff* skb) {
  /* What a receiver reads as remote is what a sender wrote as local. */
  struct bpf_tunnel_key tunnel = {.tunnel_id = vni, .local_ipv4 = outer4};

  if (is_v6) __builtin_memcpy(tunnel.local_ipv6, outer6, sizeof(outer6));
  bpf_skb_set_tunnel_key(skb, &tunnel, sizeof(tunnel), is_v6 ? BPF_F_TUNINFO_IPV6 : 0);
  bpf_tail_call(skb, &tested, 0);
  return TC_ACT_SHOT;
}

/* Runs twice on the same packet. */
SEC("tc")
int leaves_with(struct __sk_buff* skb) {
  struct bpf_tunnel_key tunnel = {};

  if (!runs++) bpf_tail_call(skb, &tested, 0);
  if (bpf_skb_get_tunnel_key(skb, &tunnel, sizeof(tunnel), 0) == 0) {
    outer4 = tunnel.local_ipv4;
    is_v6 = 0;
  } else if (bpf_skb_get_tunnel_key(skb, &tunnel, sizeof(tunnel), BPF_F_TUNINFO_IPV6) == 0) {
    __builtin_memcpy(outer6, tunnel.local_ipv6, sizeof(outer6));
    is_v6 = 1;
  } else {
    return TC_ACT_SHOT;
  }
  vni = tunnel.tunnel_id;
  return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
