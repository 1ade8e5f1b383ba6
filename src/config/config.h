/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A workspace's configuration: modules and their blocks, as written. Names and structure are
 * checked here; expressions stay expressions. One tree of modules per operation, read-only after
 * loading.
 */
#ifndef LOAM_CONFIG_H
#define LOAM_CONFIG_H

#include "addr/addr.h"
#include "base/map.h"
#include "diag/diag.h"
#include "eval/typeexpr.h"
#include "hcl/ast.h"
#include "provider/schema.h"

/* `condition` and `error_message` of validation, precondition, postcondition and assert. */
struct config_rule {
    const struct expr *condition;
    const struct expr *error_message;
    struct span span; /* header of the block */
};

struct config_rules {
    struct config_rule *at;
    size_t n;
};

struct config_variable {
    struct str name;
    const struct type *type; /* dynamic when not given */
    struct typeexpr_defaults *defaults;
    const struct expr *default_expr;
    bool has_default;
    struct value default_value; /* converted; valid when has_default */
    bool nullable, nullable_set, sensitive, sensitive_set, ephemeral, ephemeral_set, type_set;
    struct str description, deprecated;
    bool description_set;
    struct config_rules validations;
    struct span span;
};

struct config_local {
    struct str name;
    const struct expr *expr;
    struct span span;
};

struct config_output {
    struct str name;
    const struct expr *expr;
    bool sensitive, ephemeral, sensitive_set, ephemeral_set;
    struct str description, deprecated;
    bool description_set;
    struct config_rules preconditions;
    struct refs depends_on;
    struct span span;
    const struct attribute *value_attr;
};

/* provider = aws.west, or providers = { aws = aws.west } */
struct config_provider_ref {
    struct str name;
    struct str alias;
    const struct expr *key; /* aws.by_region[each.key], or NULL */
    struct span span;
};

enum provisioner_failure { FAILURE_FAIL, FAILURE_CONTINUE };

struct config_provisioner {
    struct str type;
    bool when_destroy;
    enum provisioner_failure on_failure;
    const struct body *config;
    const struct body *connection; /* or NULL */
    struct span span;
};

struct config_lifecycle {
    bool create_before_destroy, create_before_destroy_set;
    const struct expr *prevent_destroy; /* or NULL */
    bool ignore_all;
    struct traversal *ignore_changes;
    const struct expr **ignore_exprs;
    size_t n_ignore;
    const struct expr **replace_triggered_by;
    size_t n_replace_triggered_by;
    const struct expr *enabled; /* OpenTofu */
    const struct expr *destroy; /* OpenTofu */
};

struct config_resource {
    struct resource_addr addr;
    const struct expr *count;
    const struct expr *for_each;
    const struct body *config; /* without meta-arguments */
    const struct body *connection;
    struct refs depends_on;
    struct config_provider_ref provider; /* name empty: from the type */
    struct provider_addr provider_addr;  /* resolved */
    struct config_lifecycle lifecycle;
    struct config_rules preconditions, postconditions;
    struct config_provisioner *provisioners;
    size_t n_provisioners;
    struct config_check *check; /* the check block that a scoped data source stands in, or NULL */
    const struct expr *limit, *include_resource; /* of a list block, or NULL */
    struct span span;                            /* block header */
    struct span type_span;                       /* first label */
    struct span body_span;
};

struct config_provider_map {
    struct config_provider_ref inner, outer;
};

struct config_call {
    struct str name;
    struct str source;
    const struct expr *source_expr;
    struct str version;
    const struct expr *count;
    const struct expr *for_each;
    const struct expr *enabled;
    struct refs depends_on;
    const struct body *config; /* input variables */
    struct config_provider_map *providers;
    size_t n_providers;
    bool providers_set;
    struct span span, source_span;
    struct config_module *module; /* loaded child, or NULL when not installed */
};

/* provider_meta "aws" { ... } */
struct config_provider_meta {
    struct str name;
    const struct body *config;
    struct span span;
};

struct config_provider {
    struct str name;
    struct str alias;
    const struct expr *for_each;
    const struct body *config;
    struct str version;
    struct span span, version_span;
};

struct config_required_provider {
    struct str name;
    struct provider_addr addr;
    struct str version;  /* constraint text, or empty */
    struct str *aliases; /* configuration_aliases */
    size_t n_aliases;
    struct span span, version_span;
};

struct config_backend {
    struct str type;
    const struct body *config;
    struct span span;
};

struct config_moved {
    struct target from, to;
    struct span span, from_span, to_span;
};

struct config_removed {
    struct target from;
    bool destroy;
    bool destroy_set;
    struct config_provisioner *provisioners;
    size_t n_provisioners;
    struct span span, from_span;
};

struct config_import {
    const struct expr *to;
    struct target to_static;         /* without the keys that are expressions */
    bool dynamic;                    /* there are such keys */
    const struct expr *to_key;       /* key expression, or NULL */
    const struct expr **module_keys; /* when dynamic: per step of the module path, or NULL */
    const struct expr *id;
    const struct expr *identity;
    const struct expr *for_each;
    struct config_provider_ref provider;
    struct span span, to_span, provider_span;
};

struct config_check {
    struct str name;
    struct config_resource *data; /* scoped data source, or NULL */
    struct config_rules asserts;
    struct span span;
};

struct config_module {
    struct str dir;               /* as given: ".", "./m" */
    struct module_path path;      /* call names, keys unused */
    struct config_module *parent; /* NULL for the root */
    struct config_call *call;     /* how the parent calls it */
    struct map variables;         /* name -> struct config_variable * */
    struct map locals;            /* name -> struct config_local * */
    struct map outputs;           /* name -> struct config_output * */
    struct map resources;         /* "aws_iam_user.a", "data.x.y" -> struct config_resource * */
    struct map calls;             /* name -> struct config_call * */
    struct map providers;         /* "aws" or "aws.west" -> struct config_provider * */
    struct map required;          /* local name -> struct config_required_provider * */
    struct map checks;            /* name -> struct config_check * */
    struct config_moved *moved;
    size_t n_moved;
    struct config_removed *removed;
    size_t n_removed;
    struct config_import *imports;
    size_t n_imports;
    struct map import_spans; /* target without open keys -> struct span * of its first import */
    struct config_backend *backend; /* or NULL */
    struct config_backend *cloud;
    const struct body *encryption; /* OpenTofu's terraform { encryption { } }, or NULL */
    struct map provider_metas;     /* local name -> struct config_provider_meta * */
    struct span required_span;     /* the required_providers block, for messages */
    struct span *required_version_spans;
    struct str *required_versions;
    size_t n_required_versions;
};

struct config {
    struct arena *arena;
    struct sources *sources;
    struct config_module *root;
};

/*
 * Loads the module in dir and, when `children`, every module it calls: as DATA_DIR/modules/
 * modules.json says where they were installed (an error where it says nothing), or, with an empty
 * data_dir, local ones from their folders and others not at all, which is how `init` looks around.
 * NULL only when the folder cannot be read; otherwise what could be read, with errors in diags.
 */
struct config *config_load(struct arena *arena, struct sources *sources, struct str dir,
                           struct str data_dir, bool children, struct diags *diags);
/* The whole tree, the blocks of the root's query files (*.tfquery.hcl) among its own. */
struct config *config_load_query(struct arena *arena, struct sources *sources, struct str dir,
                                 struct str data_dir, struct diags *diags);
/*
 * The same, query files too, for installing: local modules are read from their folders, others from
 * where `fetch` puts them (false: it added errors, or leaves the call out). `loaded` hears of each
 * call whose module was read.
 */
struct config_installing {
    bool (*fetch)(void *context, const struct config_module *module, const struct config_call *call,
                  struct str *ret_dir);
    void (*loaded)(void *context, const struct config_module *module,
                   const struct config_call *call);
    void *context;
};
struct config *config_load_installing(struct arena *arena, struct sources *sources, struct str dir,
                                      const struct config_installing *installing,
                                      struct diags *diags);
/*
 * The same from files kept with a plan: path as it was opened -> struct str *. The module manifest
 * is among them under CONFIG_SAVED_MANIFEST when there was one.
 */
#define CONFIG_SAVED_MANIFEST S("modules/modules.json")
struct config *config_load_saved(struct arena *arena, struct sources *sources,
                                 const struct map *files, struct diags *diags);
/* Is there any configuration file in dir? Any query file? */
bool config_exists(struct str dir);
bool config_has_queries(struct str dir);

/* The provider a local name stands for in a module: required_providers, or hashicorp/NAME. */
struct provider_addr config_provider_addr(struct arena *arena, const struct config_module *module,
                                          struct str local_name);
/* Every provider that the tree needs, with all constraints, sorted by address. */
struct config_need {
    struct provider_addr addr;
    struct str *constraints;
    size_t n_constraints;
    struct config_module *module; /* the first that needs it */
    struct span span;
};
struct config_need *config_needs(struct arena *arena, const struct config *config, size_t *ret_n);

/* How a module source is fetched, told by its text ("Module Sources"). */
enum config_source_kind { SOURCE_INVALID, SOURCE_LOCAL, SOURCE_REGISTRY, SOURCE_REMOTE };
enum config_source_kind config_source_kind(struct str source);

struct config_module *config_module(const struct config *config, struct module_path path);
struct config_resource *config_resource(const struct config_module *module,
                                        struct resource_addr addr);

#endif
