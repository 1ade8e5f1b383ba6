/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A rehearsal of bad days: of so many requests in a hundred some are throttled, fail, come late,
 * are cut off before they are worked on or after, and what was just made is not found for a while.
 */
#ifndef LOAM_CHAOS_H
#define LOAM_CHAOS_H

#include "server/server.h"
#include "wire/fault.h"

struct chaos;

struct chaos *chaos_new(struct arena *arena, unsigned percent);
void chaos_free(struct chaos *chaos);

/* What becomes of a request before it is worked on. */
struct chaos_turn {
    bool cut;              /* it gets no answer */
    enum fault_code fault; /* FAULT_NONE: it is worked on */
    const char *text;
};

struct chaos_turn chaos_before(struct chaos *chaos, const struct http_request *request);
/* false: the answer is lost on its way. */
bool chaos_after(struct chaos *chaos, const struct http_request *request,
                 const struct server_answer *answer);

#endif
