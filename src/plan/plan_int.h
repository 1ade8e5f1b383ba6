/* SPDX-License-Identifier: Apache-2.0 */
/* One run of planning: what its parts share. Workers write only to the items they were given. */
#ifndef LOAM_PLAN_INT_H
#define LOAM_PLAN_INT_H

#include "plan/plan.h"

#include "graph/walk.h"
#include "resolve/expansion.h"
#include "resolve/frame.h"
#include "resolve/rules.h"

/* An instance of the prior state, at its place after moves. */
struct prior {
    struct instance_addr addr;
    const struct instance_addr *prev_addr; /* `addr` itself unless moved */
    bool moved;
    bool claimed; /* the configuration has it */
    struct state_resource *resource;
    struct state_instance *instance;
    const struct provider_config_addr *provider; /* what the state says that it belongs to */
    const struct unit *unit; /* or NULL: no such resource in the configuration */
    bool decoded, bad;
    struct value value; /* of the current object, marked; null when there is none */
};

struct import_target {
    struct instance_addr addr;
    struct str id;
    struct value identity;
    const struct config_import *config; /* NULL: adopted */
    const struct json *adopt;           /* planned attributes of an object that may exist */
};

enum item_kind { ITEM_INSTANCE, ITEM_ORPHAN, ITEM_DEPOSED };

/* One instance to be planned. */
struct item {
    enum item_kind kind;
    uint32_t deposed; /* index into prior->instance->deposed */
    struct module_inst *inst;
    struct expansion *expansion;
    struct resolve_instance *instance;
    struct prior *prior; /* or NULL */
    struct import_target *import;
    const struct provider_config_addr *provider; /* that serves it */
    /* Results. */
    struct change *change; /* or NULL */
    struct value after;    /* refreshed, imported or read; null: gone */
    struct str private_after;
    struct value identity;       /* before; no object: unknown */
    struct value identity_after; /* no object: unchanged */
    bool refreshed;              /* `after` came from the provider */
    bool has_after;
    bool has_object; /* `object` goes to the prior state; NULL: removed from it */
    struct state_object *object;
};

/* The items of one module instance within a node: sorted by key. */
struct item_range {
    const struct module_inst *inst;
    uint32_t first, n;
};

struct node_diags {
    uint32_t item;
    struct diags diags;
};

struct plan_node {
    const struct unit *unit; /* NULL: a resource that only the state has */
    struct prior *orphans;   /* then: those */
    uint32_t n_orphans;
    const struct unit *closes; /* or: an ephemeral resource that nothing needs any more */
    struct item *items;
    size_t n_items, cap_items;
    struct item_range *ranges;
    size_t n_ranges, cap_ranges;
    bool included;         /* by -target and -exclude */
    bool destroy_too;      /* may be or stand on a target of a destroy plan; then: */
    bool goes, over_going; /* some object of it does; of what it needs, near or far */
    bool stands;           /* with one_module: they all stand on what goes */
    bool one_module;       /* all its objects are in one instance of its module */
    bool directly;         /* its instances are chosen one by one by targets */
    bool forced_cbd;
    bool refused;        /* of an output: it may not have the value that it would have */
    struct str problem;  /* of a check: why its data source could not be read */
    struct map imports;  /* address -> struct import_target * */
    atomic_bool pending; /* some instance has a change that is not a no-op */
    struct provider *provider;
    struct node_diags *diags;
    size_t n_diags, cap_diags;
    struct check_result *checks;
    size_t n_checks, cap_checks;
};

struct planner {
    struct arena *arena;
    struct config *config;
    const struct state *prev;
    struct state *prior_state;
    const struct plan_options *options;
    struct pool *pool;
    struct units *units;
    struct resolve *resolve;
    struct plan *plan;
    struct prior *priors; /* sorted by address */
    size_t n_priors;
    struct graph_rows unit_priors;  /* per unit: indices into priors */
    struct graph_rows unit_imports; /* per unit: indices into the root's import blocks */
    struct graph_rows unit_adopts;  /* and into options->adopts */
    struct arena *locked_arena;     /* used with `lock` held; for priors and queries */
    struct graph graph;
    struct plan_node *nodes; /* by number: those of units, of orphans, of what is closed */
    uint32_t n_nodes;
    struct arena **worker_arenas, **worker_scratches;
    unsigned n_workers;
    struct plan_node *destroys; /* of a destroy plan, or NULL */
    bool skip_changes;          /* refresh-only */
    bool no_walk;               /* only what is destroyed is planned, from the state */
    struct leases *leases;      /* ephemeral resources */
    struct map providers;       /* configured and prefetched: text -> struct provider_use * */
    pthread_mutex_t lock;       /* nodes' diags and checks, providers */
};

/* What one callback works with. */
struct job {
    struct planner *p;
    struct arena *arena;
    struct arena *scratch; /* for what is dead when the item is done, unless there are diags */
    struct plan_node *node;
    uint32_t item;
    struct diags diags;
};

/* prior.c */
void prior_load(struct planner *p, struct diags *diags);
struct prior *prior_find(const struct planner *p, const struct instance_addr *addr);
/* What an instance belongs to: shared with its resource where that has one for all. */
const struct provider_config_addr *prior_provider(struct planner *p,
                                                  const struct state_resource *resource,
                                                  const struct state_instance *instance);
/* The current object as a value of schema; false with an error. */
bool prior_decode(struct job *job, struct prior *prior, const struct schema *schema,
                  struct provider *plain);
bool prior_object_value(struct job *job, const struct state_object *object,
                        const struct schema *schema, struct provider *plain, struct str address,
                        struct value *ret_value);
/* The current object of an instance as the state has it; false when there is none. */
/* The object's identity, upgraded; no object when there is none or it cannot be read. */
bool prior_identity(struct job *job, const struct state_object *object, const struct schema *schema,
                    struct provider *plain, struct str address, struct value *ret_identity);
bool prior_value(struct planner *p, const struct instance_addr *addr, struct value *ret_value);
/* A new object for the state from what an item came to be, with what `base` has besides (may be
 * NULL). */
struct state_object *prior_encode(struct arena *arena, const struct schema *schema,
                                  const struct item *item, const struct state_object *base);

/* moves.c: applies moved blocks and implied moves to p->prior_state. */
void moves_apply(struct planner *p, struct map *ret_moved, struct diags *diags);
/* move_state.c: asks the providers of the new types of moved objects for their state. */
void move_state_translate(struct planner *p, struct diags *diags);
/* moves.c: once the instances are known: statements about objects that still exist, and
 * contradictions. */
bool moves_validate(struct planner *p, struct diags *diags);
/* removed.c: removed blocks. */
const struct config_removed *removed_find(const struct config_module *module,
                                          const struct instance_addr *addr);
bool removed_validate(struct planner *p, struct diags *diags);
void removed_warn(struct planner *p, struct diags *diags);

/* imports.c: this one tells the provider of the job's imports by for_each. */
void imports_prefetch_repeated(struct job *job, struct provider *provider);
void imports_connect(struct planner *p, struct diags *diags);
/* Works out the targets for one resource, once everything they refer to is known. */
bool imports_expand(struct job *job);
/* Is every import for the job's resource one of an instance that it has? */
bool imports_match(struct job *job);
struct import_target *imports_find(const struct job *job, const struct instance_addr *addr);
/* Adds imports that the provider configuration serves and that name nothing; how many. */
size_t imports_prefetch(struct planner *p, struct arena *scratch,
                        const struct provider_config_addr *addr,
                        struct provider_prefetch_item *items);
/* What can be said of import blocks without state: ids that are wrong whatever happens. */
bool imports_validate(struct arena *arena, struct units *units, struct resolve *resolve,
                      struct diags *diags);
/* Imports whose target is not in the configuration. */
void imports_check(struct planner *p, struct diags *diags);
bool imports_read(struct job *job, struct item *item, struct provider *provider,
                  const struct schema *schema);

/* targets.c */
void targets_apply(struct planner *p);
bool targets_include(const struct planner *p, const struct plan_node *node,
                     const struct instance_addr *addr);
/* Do targets take in, and excludes leave, both ends of every move? Error when not. */
bool targets_check_moves(const struct planner *p, struct diags *diags);
/* Warns of a -replace that names a resource where an instance is meant. */
void targets_check_replace(struct job *job);
/* Works out what of each node goes, for a destroy plan with targets. */
void target_destroy_mark(struct planner *p);
/* Is this object destroyed? Asked in destroy plans only. */
bool target_destroy_goes(const struct planner *p, const struct plan_node *node,
                         const struct instance_addr *addr);

/* managed_plan.c, data_plan.c, ephemeral_plan.c, list_plan.c, orphan_plan.c: one item each. */
bool managed_plan(struct job *job, struct item *item);
bool data_plan(struct job *job, struct item *item);
bool ephemeral_plan(struct job *job, struct item *item);
bool list_plan(struct job *job, struct item *item);
/* Asks the provider about the decoded block. */
bool list_plan_validate(struct arena *arena, const struct unit *unit, struct provider *provider,
                        struct value block, struct diags *diags);
bool orphan_plan(struct job *job, struct item *item);
/* Without a walk, for a provider's configuration; called with the resolver's lock held. */
bool ephemeral_plan_now(struct planner *p, struct arena *arena, const struct instance_addr *addr,
                        struct value *ret_value);
/* Deletes every object that is left after the refresh of a destroy plan. */
void orphan_plan_all(struct planner *p, struct diags *diags);

/* refresh.c: reads the object anew into item->after, or only takes it over. */
bool refresh_prior(struct job *job, struct item *item, struct provider *provider,
                   const struct schema *schema, const struct body *body, bool read);

/* generate.c: resources for imports that have no block, their values and their text. */
void generate_resources(struct planner *p);
struct value generate_config(struct job *job, struct provider *provider,
                             const struct schema *schema, struct value object);
struct str generate_text(struct job *job, const struct schema *schema,
                         const struct config_resource *resource, struct value config);
/* The blocks that would import what a list block found, under the given name. */
void generate_import(struct job *job, struct provider *served_by, const struct schema *schema,
                     const struct config_provider_ref *provider, struct str name,
                     const struct provider_listed *listed, struct plan_found *found);
/* triggers.c: does a replace_triggered_by name something that changes? */
bool triggers_fire(struct job *job, struct frame *frame, const struct config_resource *config,
                   bool *ret_fire);
/* ignore_changes.c: config with the ignored parts as they are in prior. */
struct value ignore_changes_apply(struct arena *arena, const struct config_resource *config,
                                  const struct schema_block *block, struct value prior,
                                  struct value v);
/* plan_check.c: is a provider's plan one that the configuration allows? */
bool plan_check_valid(struct arena *arena, const struct schema_block *block, struct value prior,
                      struct value config, struct value planned, struct str **ret_problems,
                      size_t *ret_n);

/* deprecations.c: an argument for a deprecated variable; values of deprecated outputs. */
void deprecations_warn_input(const struct unit *unit, struct diags *diags);
void deprecations_warn_values(struct planner *p, struct diags *diags);

/* plan_validate.c */
bool plan_validate_units(struct arena *arena, struct units *units, const struct plan_options *where,
                         struct diags *diags);

/* plan_results.c */
void plan_results_changes(struct planner *p);
bool plan_results_opens(const struct plan_node *node);
void plan_results_ephemerals(struct planner *p);
void plan_results_collect(struct planner *p, struct diags *diags);
/* Is the value of an output one that it may have? */
bool plan_results_output_check(const struct module_inst *inst, const struct config_output *c,
                               struct value v, struct diags *diags);
void plan_results_outputs(struct planner *p, struct diags *diags);
bool plan_results_output(struct job *job, struct module_inst *inst);
void plan_results_checks(struct planner *p);

/* relevant.c */
void relevant_find(struct planner *p);
/* order_steps.c: plan->nodes */
void order_steps(struct planner *p);

/* job.c */
struct provider *job_provider(struct job *job, const struct provider_config_addr *addr,
                              const struct instance_addr *user);
void job_event(const struct job *job, enum event_kind kind, const struct instance_addr *addr,
               struct str deposed, struct value object, int64_t started_ms, struct str text);
struct instance_addr job_addr(const struct job *job, const struct item *item);
struct change *job_change(struct job *job, struct item *item, enum action action,
                          struct value before, struct value after);
void job_check(struct job *job, struct str kind, struct str address, struct str instance,
               const struct rules_result *result);
/* Runs the conditions of an instance; `self` for postconditions. */
bool job_conditions(struct job *job, struct item *item, struct frame *frame,
                    const struct config_rules *rules, enum rules_kind kind);
/* Without changes to block, a failed condition is only worth a warning; true when nothing else is
 * wrong. */
bool job_soften_conditions(struct job *job);
/* A definition that names itself is an error. */
bool job_check_self(struct job *job, const struct item *item);
/* Has anything that the resource waits for explicitly a change of its own? */
bool job_dependencies_pending(const struct job *job);
/* Does the configuration want the object left alone when it leaves (lifecycle.destroy = false)? */
bool orphan_plan_keeps(struct job *job, const struct config_resource *config);
/* A value of the scratch arena for good; `old`, which lasts, when it is the same. */
struct value job_keep(struct job *job, struct value v, struct value old);
struct str job_keep_text(struct job *job, struct str text, struct str old);
struct value job_mark_schema(struct arena *arena, const struct schema *schema, struct value v);

#endif
