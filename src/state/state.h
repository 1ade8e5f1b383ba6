/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What exists, as last known: the model of state file version 4. Attributes stay JSON until a
 * schema is at hand. Read by many, changed by one.
 */
#ifndef LOAM_STATE_H
#define LOAM_STATE_H

#include "addr/addr.h"
#include "base/json.h"
#include "base/map.h"
#include "diag/diag.h"
#include "value/path.h"

struct state_object {
    bool tainted;
    int64_t schema_version;
    const struct json *attributes; /* object; NULL for legacy flat state */
    struct paths sensitive;
    struct str private_;     /* decoded bytes */
    struct str *dependencies; /* configuration addresses: "module.m.aws_iam_role.r" */
    size_t n_dependencies;
    bool create_before_destroy;
    const struct json *identity;
    int64_t identity_schema_version;
};

struct state_deposed {
    struct str key; /* eight hex digits */
    struct state_object object;
};

struct state_instance {
    struct key key;
    struct state_object *current; /* or NULL */
    struct state_deposed *deposed;
    size_t n_deposed;
};

struct state_resource {
    struct module_path module;
    struct resource_addr addr;
    struct provider_config_addr provider;
    struct state_instance **instances; /* sorted by key */
    size_t n_instances;
    size_t cap_instances;
};

struct state_output {
    struct str name;
    struct value value;
    const struct type *type;
    bool sensitive;
};

/* A check's last result, kept as it was read. */
struct state {
    struct arena *arena;
    struct str terraform_version;
    int64_t serial;
    struct str lineage;
    struct map resources; /* resource text with module -> struct state_resource * */
    struct map outputs;   /* name -> struct state_output * (root module) */
    const struct json *check_results;
};

struct state *state_new(struct arena *arena);
struct state *state_copy(struct arena *arena, const struct state *state);
bool state_is_empty(const struct state *state);

struct state_resource *state_resource(const struct state *state, struct module_path module,
                                      struct resource_addr addr);
struct state_instance *state_instance(const struct state *state,
                                      const struct instance_addr *addr);
/* Sets (or with NULL removes) the current object; creates and removes resource entries as needed. */
void state_set_current(struct state *state, const struct instance_addr *addr,
                       const struct provider_config_addr *provider,
                       const struct state_object *object);
void state_set_deposed(struct state *state, const struct instance_addr *addr,
                       const struct provider_config_addr *provider, struct str key,
                       const struct state_object *object);
/* Renames an instance, resource or module; the target must be free. */
bool state_move(struct state *state, const struct instance_addr *from,
                const struct instance_addr *to);
/* All instances in the order of addr_instance_order. */
struct state_entry {
    struct instance_addr addr;
    struct state_resource *resource;
    struct state_instance *instance;
};
struct state_entry *state_entries(struct arena *arena, const struct state *state, size_t *ret_n);

#endif
