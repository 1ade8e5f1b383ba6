/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The workspace as a spreadsheet: every variable, local and output has one value for each instance
 * of its module, worked out when first asked for and never again; every resource has instances,
 * made from count or for_each, whose values are set from outside. Planning and applying both read
 * it; it knows nothing of prior state except what the `instance` callback says.
 *
 * May be used by many threads. Cycles were refused when it was made, so asking always ends.
 */
#ifndef LOAM_RESOLVE_H
#define LOAM_RESOLVE_H

#include "config/variables.h"
#include "eval/eval.h"
#include "resolve/unit.h"
#include "steps/steps.h"

#include <pthread.h>
#include <stdatomic.h>

enum resolve_phase {
    RESOLVE_VALIDATE, /* nothing is known: variables and resources are unknown */
    RESOLVE_PLAN,
    RESOLVE_APPLY,
    RESOLVE_CONSOLE,
};

struct resolve_options {
    enum resolve_phase phase;
    bool partial;             /* of a whole resource only the instances that there are count */
    bool absent_unknown;      /* and one without any is unknown: the console, without a plan */
    const struct map *inputs; /* name -> struct variable_input * */
    const struct map *values; /* name -> struct value *: of a saved plan; an input wins; or NULL */
    struct str root_dir, cwd, workspace;
    int64_t plan_time_ms;
    /* The value of an instance that resolve_set() has not set; false: unknown. May be NULL. */
    bool (*instance)(void *context, struct arena *arena, const struct instance_addr *addr,
                     struct value *ret_value);
    void *context;
};

enum repetition { REPEAT_NONE, REPEAT_COUNT, REPEAT_EACH, REPEAT_UNKNOWN };

enum cell_state { CELL_EMPTY, CELL_BUSY, CELL_READY, CELL_FAILED };

struct module_inst;

/* One instance of a resource or module call. */
struct resolve_instance {
    struct key key;
    struct value each_value; /* REPEAT_EACH */
    union {
        struct value value;         /* resource: when `set` */
        struct module_inst *module; /* module call */
    };
    atomic_bool set;
};

struct expansion {
    enum repetition kind;
    struct resolve_instance *at; /* sorted by key */
    uint32_t n;
    atomic_bool has_whole;
    struct value whole; /* all instances as one value, made on first use */
};

struct cell {
    _Atomic(uint8_t) state;
    bool given_sensitive; /* variable: whoever gave it had it so */
    union {
        struct value value;          /* variable, local, output */
        struct expansion *expansion; /* resource, call */
    };
};

struct module_inst {
    const struct unit_module *unit;
    struct module_inst *parent;          /* NULL for the root */
    const struct resolve_instance *self; /* as one of its call */
    enum repetition kind;
    struct module_path path;
    struct cell *cells; /* by unit->slot */
};

struct resolve {
    struct arena *arena; /* its own, used with the lock held: what cells hold lives as long as it */
    struct units *units;
    struct pool *pool;
    struct resolve_options options;
    struct module_inst *root;
    pthread_mutex_t lock; /* recursive: held while a cell is worked out */
    struct str plan_time;
    struct map configured; /* provider config text -> struct configured * */
};

/* Lives as long as `arena`, with all values that it gives out. */
struct resolve *resolve_new(struct arena *arena, struct units *units,
                            const struct resolve_options *options);
void resolve_free(struct resolve *r);

/* The instances of a module; keys must be those of the expansion. NULL when there is none. */
struct module_inst *resolve_module(struct resolve *r, struct module_path path, struct diags *diags);
/* Calls visit for every instance of a module; a failed expansion gives none. */
bool resolve_each_module(struct resolve *r, const struct unit_module *module,
                         bool (*visit)(void *context, struct module_inst *inst), void *context,
                         struct diags *diags);
/* Value of a variable, local or output of one module instance; false with errors (given once). */
bool resolve_value(struct resolve *r, struct module_inst *inst, const struct unit *unit,
                   struct value *ret_value, struct diags *diags);

/* Value of a root output, for apply. */
bool resolve_output(struct resolve *r, struct str name, struct value *ret_value,
                    struct diags *diags);

#endif
