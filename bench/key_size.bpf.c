// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* What sixteen-byte addresses cost (ADR 0005): lookups in hashes of the same content, keyed by IPv4
 * and by mapped addresses, for the two keys that matter: a frontend and a flow.
 */
#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "bpf/abi/types.h"

#define LOOKUPS 1024
#define ENTRIES 8192

struct frontend4 {
  __be32 address;
  __be16 port;
  __u8 protocol, scope;
};

struct frontend16 {
  struct skiff_address address;
  __be16 port;
  __u8 protocol, scope;
};

struct flow4 {
  __be32 source, destination;
  __be16 source_port, destination_port;
  __u8 protocol, pad[3];
};

#define KEY_MAP(name, key_type)           \
  struct {                                \
    __uint(type, BPF_MAP_TYPE_HASH);      \
    __type(key, struct key_type);         \
    __type(value, __u64);                 \
    __uint(max_entries, ENTRIES);         \
    __uint(map_flags, BPF_F_NO_PREALLOC); \
  } name SEC(".maps")

KEY_MAP(frontends4, frontend4);
KEY_MAP(frontends16, frontend16);
KEY_MAP(flows4, flow4);
KEY_MAP(flows16, skiff_tuple);

static __always_inline void key_frontend4(struct frontend4* key, __u32 i) {
  *key = (struct frontend4){.address = bpf_htonl(0x0a600000 + i), .port = 80, .protocol = 6};
}

static __always_inline void key_frontend16(struct frontend16* key, __u32 i) {
  *key = (struct frontend16){.address.word = {0, 0, bpf_htonl(0xffff), bpf_htonl(0x0a600000 + i)},
                             .port = 80,
                             .protocol = 6};
}

static __always_inline void key_flow4(struct flow4* key, __u32 i) {
  *key = (struct flow4){.source = bpf_htonl(0x0af40000 + i),
                        .destination = bpf_htonl(0x0a600001),
                        .source_port = 7,
                        .destination_port = 80,
                        .protocol = 6};
}

static __always_inline void key_flow16(struct skiff_tuple* key, __u32 i) {
  *key = (struct skiff_tuple){.source.word = {0, 0, bpf_htonl(0xffff), bpf_htonl(0x0af40000 + i)},
                              .destination.word = {0, 0, bpf_htonl(0xffff), bpf_htonl(0x0a600001)},
                              .source_port = 7,
                              .destination_port = 80,
                              .protocol = 6};
}

/* fill_X enters all keys; find_X looks up LOOKUPS of them, at random, and returns how many it
 * found. */
#define PROGRAMS(name, map, type, make)                                         \
  static long fill_step_##name(__u32 i, void* unused __attribute__((unused))) { \
    struct type key;                                                            \
    __u64 value = i;                                                            \
    make(&key, i);                                                              \
    bpf_map_update_elem(&map, &key, &value, BPF_ANY);                           \
    return 0;                                                                   \
  }                                                                             \
  SEC("tc") int fill_##name(struct __sk_buff* skb __attribute__((unused))) {    \
    bpf_loop(ENTRIES, fill_step_##name, NULL, 0);                               \
    return 0;                                                                   \
  }                                                                             \
  static long find_step_##name(__u32 i __attribute__((unused)), __u32* found) { \
    struct type key;                                                            \
    make(&key, bpf_get_prandom_u32() % ENTRIES);                                \
    *found += bpf_map_lookup_elem(&map, &key) != NULL;                          \
    return 0;                                                                   \
  }                                                                             \
  SEC("tc") int find_##name(struct __sk_buff* skb __attribute__((unused))) {    \
    __u32 found = 0;                                                            \
    bpf_loop(LOOKUPS, find_step_##name, &found, 0);                             \
    return found;                                                               \
  }

PROGRAMS(frontend4, frontends4, frontend4, key_frontend4)
PROGRAMS(frontend16, frontends16, frontend16, key_frontend16)
PROGRAMS(flow4, flows4, flow4, key_flow4)
PROGRAMS(flow16, flows16, skiff_tuple, key_flow16)

char LICENSE[] SEC("license") = "Dual BSD/GPL";
