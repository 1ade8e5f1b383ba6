/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The provider contract: the verbs of the plugin protocol 5/6 as one table of functions, so that a
 * provider inside loam (aws/, builtin) and a plugin process are the same to the engine. After
 * configure(), every verb may be called from many threads. Results are in the caller's arena.
 * Errors are diagnostics whose `path` is relative to the resource; the engine adds the address.
 */
#ifndef LOAM_PROVIDER_H
#define LOAM_PROVIDER_H

#include "base/map.h"
#include "provider/schema.h"

struct json;
struct provider;

struct provider_schema {
    const struct schema *config; /* provider block */
    struct map resources;        /* type name -> const struct schema * */
    struct map data_sources;
    struct map ephemerals;
    struct map lists;
    struct map functions; /* name -> const struct provider_function * */
    bool plan_destroy;    /* wants to plan deletions too */
};

struct provider_function {
    struct str name;
    const struct str *param_names;
    const struct type *const *param_types;
    size_t n_params;
    const struct type *variadic; /* or NULL */
    const struct type *result;
    struct str summary, description;
};

struct provider_plan_request {
    struct str type;
    struct value prior;    /* null on create */
    struct value proposed; /* schema_propose(); null on destroy */
    struct value config;
    struct str private_;
    struct value identity; /* of the prior object; no object: unknown to us */
};

struct provider_plan_response {
    struct value planned;
    struct str private_;
    struct value identity; /* planned; may have unknowns */
    struct paths replace;  /* attributes whose change needs replacement */
    bool legacy;           /* legacy SDK: planned may differ from config in tolerated ways */
};

struct provider_apply_request {
    struct str type;
    struct value prior;   /* null on create */
    struct value planned; /* null on destroy */
    struct value config;
    struct str private_;
    struct value identity; /* planned */
};

/* Also filled, as far as known, when apply fails: state stays truthful. */
struct provider_apply_response {
    struct value state; /* null: nothing exists */
    struct str private_;
    struct value identity;
    bool legacy;
};

struct provider_read_request {
    struct str type;
    struct value state;
    struct str private_;
    struct value identity; /* no object: unknown to us */
};

struct provider_read_response {
    struct value state; /* null: gone */
    struct str private_;
    struct value identity;
};

struct provider_imported {
    struct str type;
    struct value state;
    struct str private_;
    struct value identity;
};

/* A list block: which objects of a type there are. */
struct provider_list_request {
    struct str type;
    struct value config;
    bool include_resource;
    int64_t limit; /* no more than these */
};

struct provider_listed {
    struct str display_name;
    struct value identity;
    struct value state; /* null unless asked for */
};

/* An object as the state has it, to become one of type `to`. */
struct provider_move_request {
    struct str from_provider; /* "registry.terraform.io/hashicorp/null" */
    struct str from_type;
    int64_t from_version; /* of its schema */
    const struct json *state;
    struct str private_;
    const struct json *identity; /* or NULL */
    int64_t identity_version;
    struct str to;
};

struct provider_move_response {
    struct value state;
    struct str private_;
    struct value identity; /* no object: unknown */
};

/* One object to be refreshed, for prefetch(). */
struct provider_prefetch_item {
    struct str type;
    struct value state; /* prior state; null for an import */
    struct str import_id;
    struct value identity; /* of an import instead of its id; or null */
};

struct provider_ops {
    const struct provider_schema *(*schema)(struct provider *p, struct diags *diags);
    bool (*validate_config)(struct provider *p, struct arena *arena, struct value config,
                            struct diags *diags);
    bool (*validate_resource)(struct provider *p, struct arena *arena, struct str type,
                              struct value config, struct diags *diags);
    bool (*validate_data)(struct provider *p, struct arena *arena, struct str type,
                          struct value config, struct diags *diags);
    bool (*validate_ephemeral)(struct provider *p, struct arena *arena, struct str type,
                               struct value config, struct diags *diags); /* optional */
    bool (*configure)(struct provider *p, struct arena *arena, struct value config,
                      struct diags *diags);
    /*
     * Optional (NULL): what the coming reads are about, so that the provider may fetch them in
     * bulk. Called once per refresh, before the reads.
     */
    void (*prefetch)(struct provider *p, const struct provider_prefetch_item *items, size_t n);
    /* Optional: the number of API calls made so far, for the debug log and the benchmark. */
    uint64_t (*calls)(struct provider *p);
    /* State attributes as JSON of an older schema version to a value of the current one. */
    bool (*upgrade)(struct provider *p, struct arena *arena, struct str type, int64_t version,
                    const struct json *attributes, struct value *ret_state, struct diags *diags);
    /* Optional: the same for the identity of an object. */
    bool (*upgrade_identity)(struct provider *p, struct arena *arena, struct str type,
                             int64_t version, const struct json *identity,
                             struct value *ret_identity, struct diags *diags);
    bool (*read)(struct provider *p, struct arena *arena, const struct provider_read_request *req,
                 struct provider_read_response *ret, struct diags *diags);
    bool (*plan)(struct provider *p, struct arena *arena, const struct provider_plan_request *req,
                 struct provider_plan_response *ret, struct diags *diags);
    bool (*apply)(struct provider *p, struct arena *arena, const struct provider_apply_request *req,
                  struct provider_apply_response *ret, struct diags *diags);
    bool (*import)(struct provider *p, struct arena *arena, struct str type, struct str id,
                   struct value identity, struct provider_imported *ret, struct diags *diags);
    /*
     * Optional: the import id that an object with this planned value will have, for finding one
     * whose creation was cut short; empty: cannot be told.
     */
    struct str (*import_id)(struct provider *p, struct arena *arena, struct str type,
                            struct value planned);
    /* The state of an object of another type, or of another provider, as one of this type. */
    bool (*move)(struct provider *p, struct arena *arena, const struct provider_move_request *req,
                 struct provider_move_response *ret, struct diags *diags);
    bool (*read_data)(struct provider *p, struct arena *arena, struct str type, struct value config,
                      struct value *ret_state, struct diags *diags);
    /* A failure is one error whose detail is the sentence part behind "Call to function x failed:",
     * without its full stop. Arguments are known, converted and unmarked. */
    bool (*call)(struct provider *p, struct arena *arena, struct str function,
                 const struct value *args, size_t n, struct value *ret_value, struct diags *diags);
    bool (*open_ephemeral)(struct provider *p, struct arena *arena, struct str type,
                           struct value config, struct value *ret_result, struct str *ret_private,
                           int64_t *ret_renew_at_ms, struct diags *diags);
    /* Optional, for what open_ephemeral() or this wants renewed at a time of the wall clock (0:
     * not again). */
    bool (*renew_ephemeral)(struct provider *p, struct arena *arena, struct str type,
                            struct str private_, struct str *ret_private, int64_t *ret_renew_at_ms,
                            struct diags *diags);
    /* Optional. */
    bool (*close_ephemeral)(struct provider *p, struct arena *arena, struct str type,
                            struct str private_, struct diags *diags);
    /* Optional: the arguments of an object that was read as they are to be written down, where some
     * want to be written in other words than they are read. */
    struct value (*generated)(struct provider *p, struct arena *arena, struct str type,
                              struct value config);
    /* Optional: list resources (schema: lists). */
    bool (*validate_list)(struct provider *p, struct arena *arena, struct str type,
                          struct value config, struct diags *diags);
    /* Calls found() for each object; false from it: no more are wanted. */
    bool (*list)(struct provider *p, struct arena *arena, const struct provider_list_request *req,
                 bool (*found)(void *context, const struct provider_listed *listed), void *context,
                 struct diags *diags);
    /* An interrupt: end calls that only wait, or, at_once (the second), all of them.
     * NULL: none lasts. */
    void (*stop)(struct provider *p, bool at_once);
    void (*close)(struct provider *p);
};

/* Every provider begins with this. */
struct provider {
    const struct provider_ops *ops;
    struct str name;    /* local name for messages: "aws" */
    struct str version; /* release it stands for */
};

/* How the command line hands providers to the engine: by address, a new unconfigured one. */
struct provider_factory {
    struct str source; /* "registry.terraform.io/hashicorp/aws" */
    struct provider *(*open)(struct arena *arena, void *context, struct diags *diags);
    void *context;
    struct str version;
    bool listed; /* needed by configuration or state, not only at hand */
};

/*
 * Tests let other providers stand in for one configuration, or for one object: stand_in() says the
 * source of the provider that is to be used for the object at `address` instead of the one
 * configured as `config` (both as text), or nothing. NULL: none does.
 */
struct provider_factories {
    const struct provider_factory *at;
    size_t n;
    struct str (*stand_in)(const void *context, struct str config, struct str address);
    const void *stand_in_context;
};

#endif
