/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run of apply: what its workers share. Lock order: the resolver's lock (held while it asks for
 * an instance's value) before `lock`; nothing below calls the resolver while it holds `lock`.
 */
#ifndef LOAM_APPLY_INT_H
#define LOAM_APPLY_INT_H

#include <pthread.h>
#include <stdatomic.h>

#include "apply/apply.h"
#include "apply/ticker.h"
#include "resolve/resolve.h"
#include "resolve/rules.h"

/* What one thread owns. Its arena is merged into the run's at the end; `scratch` is for one node,
 * and kept only with diagnostics, which may speak of values in it. */
struct worker {
    struct arena *arena, *scratch;
    unsigned index;
};

/* What happened to the parts of one change, from one of its nodes to another. */
struct progress {
    struct str deposed; /* key under which create_before_destroy put the old object aside */
};

/* Result of the conditions of one object; fresh: of this run, not of the plan. */
struct check_entry {
    struct check_result result;
    bool fresh;
};

struct run {
    struct arena *arena;
    struct config *config;
    struct plan *plan;
    const struct apply_options *options;
    struct pool *pool;
    struct units *units;
    struct resolve *resolve;
    struct map changes;        /* instance text -> struct change *: current objects only */
    struct progress *progress; /* by change */
    struct diags **node_diags;
    uint8_t *node_status;   /* enum walk_status, after the walk */
    atomic_bool unrecorded; /* the journal has failed, and it was said */
    struct worker *workers;
    struct ticker ticker;
    struct leases *leases; /* ephemeral resources */

    pthread_mutex_t lock; /* everything below */
    struct state *state;
    struct apply_counts counts;
    struct provider **in_use; /* to be told of interrupts */
    size_t n_in_use, cap_in_use;
    struct map checks; /* kind and instance -> struct check_entry * */
    struct map unread; /* check instance -> struct str *: why its data source was not read */
};

/* One node's work at hand. */
struct task {
    struct run *run;
    struct worker *worker;
    struct arena *arena, *scratch; /* the worker's */
    struct change *change;
    struct diags *diags;
    struct str address;
    size_t index; /* of the change */
};

/* What each kind of node does; each returns false when it added an error. */
bool managed_run(struct task *task);
bool destroy_run(struct task *task);
bool data_read_run(struct task *task);
bool output_set_run(struct run *run, struct worker *worker, const struct output_change *output,
                    struct diags *diags);
/* All check blocks, once everything else is done. */
void check_run_all(struct run *run, struct diags *diags);
/* The rules of variables that nothing has asked for, as their values may be known only now. */
void check_run_variables(struct run *run, struct diags *diags);
/* Remembers that a check's data source could not be read, and why. */
void check_run_unread(struct task *task, const struct module_inst *inst, struct str check,
                      struct str problem);

/* Keeps an entry in the state for each resource that the configuration has, instances or not. */
void husks_keep(struct run *run, struct diags *diags);

/* The provider of a change, configured; NULL with errors. */
struct provider *apply_provider(struct task *task);
/* Place and address for the diagnostics behind the first `from`, which a provider gave. */
void apply_blame(struct task *task, size_t from);
/* The address in the configuration: without keys. */
struct str apply_config_address(struct arena *arena, const struct instance_addr *addr);
/* Evaluates the conditions of the change's resource and keeps their result. */
bool apply_check_rules(struct task *task, struct frame *frame, enum rules_kind kind);
/* Says (unless something was said) that the plan is about an instance that the configuration lacks.
 */
bool apply_not_configured(struct task *task);
/* The start event of an operation, and the event that ends it. */
struct event apply_event(const struct task *task, enum event_kind kind, enum action action,
                         struct value object);
void apply_end(struct task *task, struct event event, bool failed, struct value object);

/* Value of an instance that is not set yet: planned without a change, or only in the state. */
bool known_instance(void *run, struct arena *arena, const struct instance_addr *addr,
                    struct value *ret_value);
/* Opens an ephemeral resource instance, or finds it open; its value lies in `arena`. */
bool ephemeral_open(struct run *run, struct arena *arena, const struct instance_addr *addr,
                    struct value *ret_value, struct diags *diags);
/* The same with its conditions; and the end of all instances of its resource. */
bool ephemeral_open_run(struct run *run, struct worker *worker, const struct instance_addr *addr,
                        struct diags *diags);
bool ephemeral_close_run(struct run *run, const struct instance_addr *addr, struct diags *diags);

/* Runs a resource's provisioners against `self`; false: the object is to be tainted (or kept). */
bool provision_run(struct task *task, struct value self, bool when_destroy);
/* Has the resource provisioners that run when it was made? */
bool provision_is_wanted(const struct task *task);

#endif
