/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who was last seen doing what: the service's own request log in short. Kept in memory, since a
 * write for every request would cost more than the request, and put into the database now and then.
 */
#ifndef LOAM_USAGE_H
#define LOAM_USAGE_H

#include "base/str.h"

struct arena;
struct call;
struct store;
struct usage;

struct usage_entry {
    struct str service; /* "iam" */
    struct str action;
    struct str region;
    struct str principal; /* ARN */
    int64_t at_ms;
};

struct usage *usage_new(void);
void usage_free(struct usage *usage);
/* After each call of a known caller. */
void usage_record(struct usage *usage, const struct call *call);
/* Of an access key, user or role by id; false: never seen. */
bool usage_last(struct usage *usage, struct arena *arena, struct str subject,
                struct usage_entry *ret_entry);
/* Everything that a subject did: the last time of each action, newest first. */
struct usage_entry *usage_list(struct usage *usage, struct arena *arena, struct str subject,
                               size_t *ret_n);
void usage_empty(struct usage *usage);
/* To and from the text that the store keeps. */
struct str usage_text(struct usage *usage, struct arena *arena);
void usage_load(struct usage *usage, struct str text);

#endif
