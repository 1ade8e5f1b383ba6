/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the plugin client share. */
#ifndef LOAM_PLUGIN_INT_H
#define LOAM_PLUGIN_INT_H

#include <pthread.h>

#include "plugin/grpc.h"
#include "plugin/launch.h"
#include "plugin/plugin.h"
#include "plugin/tls.h"

/* The calls; their names differ between the protocols. */
enum plugin_method {
    METHOD_SCHEMA,
    METHOD_IDENTITIES,
    METHOD_VALIDATE_CONFIG,
    METHOD_VALIDATE_RESOURCE,
    METHOD_VALIDATE_DATA,
    METHOD_CONFIGURE,
    METHOD_UPGRADE,
    METHOD_UPGRADE_IDENTITY,
    METHOD_READ,
    METHOD_PLAN,
    METHOD_APPLY,
    METHOD_IMPORT,
    METHOD_MOVE,
    METHOD_READ_DATA,
    METHOD_VALIDATE_EPHEMERAL,
    METHOD_OPEN,
    METHOD_RENEW,
    METHOD_CLOSE,
    METHOD_VALIDATE_LIST,
    METHOD_LIST, /* the answer is a stream: grpc_next() */
    METHOD_CALL,
    METHOD_STOP,
};

/* A running plugin. Several providers share one until one of them is configured. */
struct plugin_process {
    struct launch *launch; /* NULL: another started it */
    struct grpc *grpc;
    int protocol;
    unsigned users;
    bool configured;
};

struct plugin_host {
    struct arena *arena; /* schemas live here */
    struct plugin_spec spec;
    struct tls_key *key;          /* who we are to the plugin; NULL: no TLS here */
    pthread_mutex_t lock;         /* everything below */
    struct plugin_process *spare; /* not configured yet, or NULL */
    bool has_schema;
    int protocol; /* with the schema */
    struct provider_schema schema;
    bool failed; /* the schema could not be had; the errors were given */
    /* The last configuration that was found valid, and as the provider completed it: large
     * providers take seconds for that, and the engine asks more than once. */
    bool has_prepared;
    struct value prepared_from, prepared;
};

struct plugin {
    struct provider base;
    struct plugin_host *host;
    struct plugin_process *process; /* or NULL: not needed yet */
};

/* False with an error; *ret_answer is in arena. */
bool plugin_call(struct plugin *p, struct arena *arena, enum plugin_method method,
                 const struct buf *request, struct str *ret_answer, struct diags *diags);
/* Diagnostics in field `field` of an answer; false when there are errors among them. */
bool plugin_diags(struct arena *arena, struct str answer, uint32_t field, struct diags *diags);
/* tfplugin's AttributePath. */
struct path plugin_path(struct arena *arena, struct str message);

/* plugin_schema.c: both answers to provider_schema; identities may be empty. */
bool plugin_schema_read(struct arena *arena, int protocol, struct str answer, struct str identities,
                        struct provider_schema *ret_schema);

/* plugin_value.c: DynamicValue. */
void plugin_value_add(struct buf *out, uint32_t field, struct arena *scratch, struct value v,
                      const struct type *type);
/* A missing one is null. */
bool plugin_value_read(struct arena *arena, struct str message, const struct type *type,
                       struct value *ret_value, struct diags *diags);

/* plugin_verbs.c */
extern const struct provider_ops plugin_verbs;

#endif
