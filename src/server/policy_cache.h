/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiled policies by their text, shared by all requests. A call that takes one keeps the whole
 * generation alive until its arena ends, so nothing needs counting one by one.
 */
#ifndef LOAM_POLICY_CACHE_H
#define LOAM_POLICY_CACHE_H

#include "base/str.h"

struct arena;
struct policy;
struct policy_cache;

struct policy_cache *policy_cache_new(void);
void policy_cache_free(struct policy_cache *cache);
/* NULL when the document is no policy. */
struct policy *policy_cache_get(struct policy_cache *cache, struct arena *arena,
                                struct str document);

#endif
