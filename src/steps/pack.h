/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes and data, one description for both directions: each function writes what it is given, or
 * reads it back into the same place. Reading stops at the first thing that cannot be; the result is
 * then zero and `failed` stays set, so a caller checks once.
 */
#ifndef LOAM_PACK_H
#define LOAM_PACK_H

#include "addr/addr.h"
#include "base/buf.h"
#include "base/map.h"
#include "value/path.h"

struct pack {
    struct arena *arena;
    bool writing, failed;
    struct buf *out;           /* writing */
    struct str in;             /* reading: what is left */
    const struct type **types; /* in the order of their first use */
    size_t n_types, cap_types;
};

void pack_u64(struct pack *p, uint64_t *v);
void pack_i64(struct pack *p, int64_t *v);
void pack_bool(struct pack *p, bool *v);
/* Values below limit. */
uint32_t pack_choice(struct pack *p, uint32_t v, uint32_t limit);
void pack_str(struct pack *p, struct str *v);
void pack_value(struct pack *p, struct value *v);
void pack_path(struct pack *p, struct path *v);
void pack_paths(struct pack *p, struct paths *v);
void pack_instance(struct pack *p, struct instance_addr *v);
void pack_target(struct pack *p, struct target *v);
void pack_provider(struct pack *p, struct provider_config_addr *v);
/*
 * The length of an array whose elements take `size` bytes of memory; reading, also allocates it
 * into *items. A length that the bytes left cannot hold is refused.
 */
void pack_array(struct pack *p, void **items, size_t *n, size_t size);
void pack_strs(struct pack *p, struct str **items, size_t *n);
/* The same for a list that is often equal to `last`, and then written, and kept, once. */
void pack_strs_shared(struct pack *p, struct str **items, size_t *n, struct str *last,
                      size_t n_last);

#endif
