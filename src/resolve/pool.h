/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The providers of one operation: each source opened once for its schemas and validation, and once
 * more per configuration for real work. Safe to use from many threads.
 */
#ifndef LOAM_POOL_H
#define LOAM_POOL_H

#include "addr/addr.h"
#include "provider/provider.h"

struct pool;

struct pool *pool_new(struct arena *arena, const struct provider_factories *factories);
/* The unconfigured provider; NULL with an error (at most one for each source) when there is none.
 */
struct provider *pool_plain(struct pool *pool, struct provider_addr addr, struct diags *diags);
const struct provider_schema *pool_schema(struct pool *pool, struct provider_addr addr,
                                          struct diags *diags);
/* NULL when the provider has no such type. */
const struct schema *pool_type(const struct provider_schema *schema, enum resource_mode mode,
                               struct str type);
/* Source of the provider that stands in for the configuration `config` at the object `address`;
 * empty: none does. */
struct str pool_stand_in(const struct pool *pool, struct str config, struct str address);
/* Are there any? */
bool pool_has_stand_ins(const struct pool *pool);
/* A new one, to be configured; closed with the pool. */
struct provider *pool_open(struct pool *pool, struct provider_addr addr, struct diags *diags);
/* Closes all; the pool is of no use afterwards. */
void pool_close(struct pool *pool);
/* API calls made by all providers so far. */
uint64_t pool_calls(struct pool *pool);

#endif
