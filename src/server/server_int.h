/* SPDX-License-Identifier: Apache-2.0 */
/* What one open server is made of. */
#ifndef LOAM_SERVER_INT_H
#define LOAM_SERVER_INT_H

#include <pthread.h>
#include <stdatomic.h>

#include "server/seal.h"
#include "server/server.h"
#include "store/store.h"

#define SERVER_SKEW_MS (5 * 60 * 1000)
/* The owner of AWS's own policies. */
#define SERVER_AWS_ACCOUNT "aws"
/* Where a permissive server keeps sessions, as settings under their access keys. */
#define SERVER_SESSIONS "sessions"

struct policy_cache;
struct usage;

struct server {
    struct arena *arena;
    struct store *store;
    struct seal seal;
    struct str account;
    struct str data_dir; /* or empty */
    bool permissive;
    struct str quotas; /* "UsersQuota=100000,..." */
    struct policy_cache *policies;
    struct usage *usage;
    int64_t started_ms;
    _Atomic int64_t usage_saved_ms;
    /* Counters for /metrics. */
    _Atomic uint64_t requests, faults, denied, failures;
};

#endif
