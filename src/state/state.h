/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What exists, as last known: the model of state file version 4. Attributes stay JSON text, views
 * into the file, until a schema is at hand, so that a million instances load in seconds. Objects
 * are immutable and shared between copies; a state is read by many and changed by one.
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
    struct str attributes; /* JSON text of an object, a view; see state_attributes() */
    struct paths sensitive;
    struct str private_;      /* decoded bytes */
    struct str *dependencies; /* configuration addresses: "module.m.aws_iam_role.r" */
    size_t n_dependencies;
    bool create_before_destroy;
    struct str identity; /* JSON text, or empty */
    int64_t identity_schema_version;
    struct str extra; /* members that loam does not know, as text: `"a": 1, "b": 2` */
};

struct state_deposed {
    struct str key; /* eight hex digits */
    struct state_object object;
};

struct state_instance {
    struct key key;
    struct key provider_key;      /* of a configuration with for_each: which one it belongs to */
    struct state_object *current; /* or NULL */
    struct state_deposed *deposed;
    size_t n_deposed;
};

struct state_resource {
    struct module_path module;
    struct resource_addr addr;
    struct provider_config_addr provider; /* without key: see state_provider() */
    struct state_instance **instances;    /* in no order; state_entries() sorts */
    size_t n_instances;                   /* 0: only the entry is left; see husk */
    bool husk; /* without instances but still configured: written with an empty list */
    size_t cap_instances;
    uint32_t *slots; /* hash of keys to position + 1 */
    size_t n_slots;
    struct str extra;
};

struct state_output {
    struct str name;
    struct value value;
    const struct type *type;
    bool sensitive;
};

struct state {
    struct arena *arena;
    struct str terraform_version;
    int64_t serial;
    struct str lineage;
    struct map resources;     /* resource text with module -> struct state_resource * */
    struct map outputs;       /* name -> struct state_output * (root module) */
    struct str check_results; /* JSON text of a list, or empty */
    struct str extra;
};

struct state *state_new(struct arena *arena);
struct state *state_copy(struct arena *arena, const struct state *state);
bool state_is_empty(const struct state *state);

struct state_resource *state_resource(const struct state *state, struct module_path module,
                                      struct resource_addr addr);
struct state_instance *state_instance(const struct state *state, const struct instance_addr *addr);
/* The provider configuration that an instance belongs to, with its key. */
struct provider_config_addr state_provider(const struct state_resource *resource,
                                           const struct state_instance *instance);
/* The attributes of an object as a tree, parsed on each call; NULL when they are no JSON. */
struct json *state_attributes(struct arena *arena, const struct state_object *object);
/* Sets (or with NULL removes) the current object; creates and removes resource entries as needed.
 */
void state_set_current(struct state *state, const struct instance_addr *addr,
                       const struct provider_config_addr *provider,
                       const struct state_object *object);
void state_set_deposed(struct state *state, const struct instance_addr *addr,
                       const struct provider_config_addr *provider, struct str key,
                       const struct state_object *object);
/* Renames an instance, resource or module; the target must be free. */
bool state_move(struct state *state, const struct instance_addr *from,
                const struct instance_addr *to);
/* An entry for a resource that has no instances now (count = 0, or its creation failed), as
 * Terraform keeps one until the resource leaves the configuration. */
void state_keep_resource(struct state *state, struct module_path module, struct resource_addr addr,
                         const struct provider_config_addr *provider);
/* Forgets such entries, as after a destroy. */
void state_drop_husks(struct state *state);
/* All instances in the order of addr_instance_order. */
struct state_entry {
    struct instance_addr addr;
    struct state_resource *resource;
    struct state_instance *instance;
};
struct state_entry *state_entries(struct arena *arena, const struct state *state, size_t *ret_n);

#endif
