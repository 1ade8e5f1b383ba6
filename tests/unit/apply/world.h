/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A provider for tests: its "API" is a table in shared memory that survives the process which calls
 * it, so that what a state says can be held against what exists.
 */
#ifndef LOAM_TEST_WORLD_H
#define LOAM_TEST_WORLD_H

#include <stdatomic.h>

#include "provider/provider.h"

#define WORLD_MAX 64

enum world_fault {
    WORLD_FINE,
    WORLD_FAIL_BEFORE,  /* error, nothing done, no object returned */
    WORLD_FAIL_PARTIAL, /* done, but an error comes with the object */
    WORLD_DIE_BEFORE,   /* the process is killed before the effect */
    WORLD_DIE_AFTER,    /* and after it, before the answer */
    WORLD_LIE,          /* the answer is not what was planned */
    WORLD_CANCEL,       /* fine, but the user interrupts meanwhile */
};

struct world {
    struct world_object {
        bool exists;
        char id[16], name[16];
    } objects[WORLD_MAX];
    atomic_int calls; /* of apply so far */
    int fault_at;     /* number of the call, from 1 */
    enum world_fault fault;
    _Atomic bool cancel;
    char log[1024]; /* "+a" created, "~a" updated, "-a" deleted, in order */
};

struct world *world_new(void);
void world_free(struct world *world);
/* As it was at the start, with nothing in it. */
void world_clear(struct world *world);
size_t world_count(const struct world *world);
const struct world_object *world_find(const struct world *world, struct str id);
/* An object that is there before the test begins. */
void world_add(struct world *world, const char *id, const char *name);

/* test_thing { id computed, name required, note optional } */
struct provider *world_open(struct arena *arena, void *world, struct diags *diags);
const struct schema *world_schema(struct arena *arena);
struct value world_value(struct arena *arena, struct value id, struct value name);

#endif
