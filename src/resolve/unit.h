/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration as units of evaluation: one for each variable, local, output, resource, module
 * call and provider configuration of each module, and which needs which. Units know nothing of
 * instances, values or state; expansion and evaluation are resolve.h's.
 */
#ifndef LOAM_UNIT_H
#define LOAM_UNIT_H

#include "config/config.h"
#include "eval/refs.h"
#include "graph/graph.h"
#include "resolve/pool.h"

enum unit_kind {
    UNIT_VARIABLE,
    UNIT_VALIDATION, /* the validation rules of a variable */
    UNIT_LOCAL,
    UNIT_OUTPUT,
    UNIT_RESOURCE,
    UNIT_CALL,  /* count or for_each of a module call: its instances */
    UNIT_CLOSE, /* everything inside a module call is done */
    UNIT_PROVIDER,
    UNIT_CHECK,
};

struct unit_module;

struct unit {
    enum unit_kind kind;
    uint32_t index; /* node in the graph */
    uint32_t slot;  /* cell in each instance of its module */
    struct unit_module *module;
    struct str name;
    union {
        const struct config_variable *variable;
        const struct config_local *local;
        const struct config_output *output;
        const struct config_resource *resource;
        const struct config_call *call;
        const struct config_provider *provider; /* NULL: no block, empty configuration */
        const struct config_check *check;
    };
    const struct schema *schema;   /* resource, provider; NULL: type not known */
    const struct attribute *input; /* variable of a child module: the caller's argument, or NULL */
    struct unit *validation;       /* of a variable, or NULL */
    struct unit *close;            /* of a call */
    struct unit_module *child;     /* of a call; NULL when not installed */
    struct unit *in_check;         /* data source inside a check block */
    struct unit *provider_unit;    /* of a resource */
    const struct expr *provider_key; /* of a resource: which of a for_each serves it, or NULL; */
    const struct unit *key_call;     /* said by this call's `providers`, or NULL: by itself */
    bool bad_type;                   /* of a resource: its provider has no such type */
    bool used;                       /* of a provider configuration: by a resource */
    struct provider_config_addr provider_addr; /* of a resource or provider */
    struct str *dependencies; /* resources that a resource needs, transitively, sorted */
    size_t n_dependencies;
    struct ref *self; /* where a resource's own definition names it */
    size_t n_self;
    const struct unit **waits_for; /* managed resources that the definition of a data source or of
                                      an ephemeral resource names: read after their changes */
    size_t n_waits_for;
    bool broken; /* an error about its references was reported: it is not evaluated */
};

struct unit_module {
    struct config_module *config;
    struct unit_module *parent;
    struct unit *call;                                               /* NULL for the root */
    struct module_path path;                                         /* without keys */
    struct map variables, locals, outputs, resources, calls, checks; /* name -> struct unit * */
    struct map providers;                                            /* "aws" or "aws.west" */
    struct map arguments; /* of the call: name -> const struct attribute * */
    struct unit **units;  /* all, in order of creation */
    size_t n_units, cap_units;
    uint32_t n_slots;
};

struct units {
    struct arena *arena;
    struct config *config;
    struct pool *pool;
    struct graph graph; /* frozen: node i is at[i] */
    struct unit **at;
    size_t n, cap;
    struct unit_module *root;
};

/*
 * Builds units and their graph. References to things that do not exist are reported; so are cycles.
 * NULL only when the graph cannot be walked.
 */
struct units *units_new(struct arena *arena, struct config *config, struct pool *pool,
                        struct diags *diags);

struct unit *unit_resource(const struct unit_module *module, struct resource_addr addr);
/* The unit that a reference in `module` means; NULL when it is none or not declared. */
struct unit *unit_of_ref(const struct unit_module *module, const struct ref *ref);
struct unit_module *unit_module(const struct units *units, struct module_path path);
/* "aws_iam_user.a", "module.m.local.x (expand)": as messages about cycles name it. */
struct str unit_text(struct arena *arena, const struct unit *unit);
/* "module.m.aws_iam_user.a": a resource's address in the configuration. */
struct str unit_config_text(struct arena *arena, const struct unit *unit);

#endif
