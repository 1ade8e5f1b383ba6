/* SPDX-License-Identifier: Apache-2.0 */
#include "state/backend.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "state/backend_int.h"

#define LOCK_RETRY_MS 1000
#define MAX_MEMBERS 9

/* Arguments: a letter for the type (text, number, flag, set and map of text; the objects
 * endpoints and those of roles) and the name. */
static const char *const local_args[] = {"tpath", "tworkspace_dir", NULL};
static const char *const http_args[] = {"taddress",
                                        "tupdate_method",
                                        "tlock_address",
                                        "tunlock_address",
                                        "tlock_method",
                                        "tunlock_method",
                                        "tusername",
                                        "tpassword",
                                        "fskip_cert_verification",
                                        "nretry_max",
                                        "nretry_wait_min",
                                        "nretry_wait_max",
                                        "tclient_ca_certificate_pem",
                                        "tclient_certificate_pem",
                                        "tclient_private_key_pem",
                                        "mheaders",
                                        NULL};
static const char *const pg_args[] = {"tconn_str",
                                      "tschema_name",
                                      "ttable_name",
                                      "tindex_name",
                                      "fskip_schema_creation",
                                      "fskip_table_creation",
                                      "fskip_index_creation",
                                      NULL};
static const char *const s3_args[] = {"tbucket",
                                      "tkey",
                                      "tregion",
                                      "taccess_key",
                                      "tsecret_key",
                                      "ttoken",
                                      "tprofile",
                                      "tacl",
                                      "fencrypt",
                                      "tkms_key_id",
                                      "tsse_customer_key",
                                      "tworkspace_key_prefix",
                                      "tdynamodb_table",
                                      "tdynamodb_endpoint",
                                      "fuse_lockfile",
                                      "tendpoint",
                                      "oendpoints",
                                      "rassume_role",
                                      "wassume_role_with_web_identity",
                                      "sallowed_account_ids",
                                      "sforbidden_account_ids",
                                      "tretry_mode",
                                      "tsts_region",
                                      "tsts_endpoint",
                                      "tiam_endpoint",
                                      "tshared_credentials_file",
                                      "tec2_metadata_service_endpoint",
                                      "tec2_metadata_service_endpoint_mode",
                                      "fuse_fips_endpoint",
                                      "fuse_dualstack_endpoint",
                                      "mstate_tags",
                                      "mlock_tags",
                                      "fuse_path_style",
                                      "fforce_path_style",
                                      "fskip_credentials_validation",
                                      "fskip_metadata_api_check",
                                      "fskip_region_validation",
                                      "fskip_requesting_account_id",
                                      "fskip_s3_checksum",
                                      "finsecure",
                                      "tcustom_ca_bundle",
                                      "thttp_proxy",
                                      "thttps_proxy",
                                      "tno_proxy",
                                      "nmax_retries",
                                      "sshared_config_files",
                                      "sshared_credentials_files",
                                      NULL};

static const struct {
    struct str type;
    const char *const *args;
} backends[] = {
    {STR("local"), local_args},
    {STR("http"), http_args},
    {STR("pg"), pg_args},
    {STR("s3"), s3_args},
};

bool backend_foreign(struct str type) {
    static const struct str names[] = {STR("azurerm"), STR("consul"),     STR("cos"),
                                       STR("gcs"),     STR("kubernetes"), STR("oss"),
                                       STR("remote"),  STR("cloud")};
    for (size_t i = 0; i < COUNT(names); i++)
        if (str_eq(names[i], type))
            return true;
    return false;
}

static const struct type *arg_type(char letter);

/* Members of an object: a letter for the type, as above, and the name. */
static const struct type *members_type(const char *const *members, size_t n) {
    const struct name *names[MAX_MEMBERS];
    const struct type *types[MAX_MEMBERS];
    for (size_t i = 0; i < n; i++) {
        names[i] = intern_name(str_from(members[i] + 1));
        types[i] = arg_type(members[i][0]);
    }
    return type_object(names, types, NULL, n);
}

/* The same as an argument's schema, where a role's ARN alone must be given. */
static const struct schema_object *object_schema(struct arena *arena, const struct type *type) {
    struct schema_attr *attrs = arena_array(arena, type->n, sizeof *attrs);
    struct schema_object *object = arena_alloc(arena, sizeof *object);
    for (uint32_t i = 0; i < type->n; i++) {
        attrs[i] = (struct schema_attr){
            .name = intern_str(type->names[i]), .type = type->items[i], .optional = true};
        attrs[i].required = str_eq(attrs[i].name, S("role_arn"));
        attrs[i].optional = !attrs[i].required;
    }
    *object = (struct schema_object){.nesting = NESTING_SINGLE, .attrs = attrs, .n_attrs = type->n};
    return object;
}

static const struct type *endpoints_type(void) {
    static const char *const services[] = {"tdynamodb", "tiam", "ts3", "tsso", "tsts"};
    return members_type(services, COUNT(services));
}

static const struct type *role_type(void) {
    static const char *const members[] = {"trole_arn",    "tduration",     "texternal_id",
                                          "tpolicy",      "tsession_name", "tsource_identity",
                                          "spolicy_arns", "mtags",         "stransitive_tag_keys"};
    return members_type(members, COUNT(members));
}

static const struct type *web_role_type(void) {
    static const char *const members[] = {"trole_arn",
                                          "tduration",
                                          "tpolicy",
                                          "spolicy_arns",
                                          "tsession_name",
                                          "tweb_identity_token",
                                          "tweb_identity_token_file"};
    return members_type(members, COUNT(members));
}

static const struct type *arg_type(char letter) {
    switch (letter) {
    case 'n':
        return type_number;
    case 'f':
        return type_bool;
    case 's':
        return type_set(type_string);
    case 'm':
        return type_map(type_string);
    case 'o':
        return endpoints_type();
    case 'r':
        return role_type();
    case 'w':
        return web_role_type();
    default:
        return type_string;
    }
}

static int attr_order(const void *a, const void *b) {
    return str_cmp(((const struct schema_attr *)a)->name, ((const struct schema_attr *)b)->name);
}

const struct schema_block *backend_schema(struct arena *arena, struct str type) {
    for (size_t i = 0; i < COUNT(backends); i++) {
        if (!str_eq(backends[i].type, type))
            continue;
        size_t n = 0;
        while (backends[i].args[n] != NULL)
            n++;
        struct schema_attr *attrs = arena_array(arena, n, sizeof *attrs);
        for (size_t j = 0; j < n; j++) {
            const char *arg = backends[i].args[j];
            const struct type *attr_type = arg_type(arg[0]);
            attrs[j] = (struct schema_attr){
                .name = str_from(arg + 1),
                .type = attr_type,
                .nested = attr_type->kind == TYPE_OBJECT ? object_schema(arena, attr_type) : NULL,
                .optional = true};
        }
        qsort(attrs, n, sizeof *attrs, attr_order);
        struct schema_block *block = arena_alloc(arena, sizeof *block);
        block->attrs = attrs;
        block->n_attrs = n;
        return block;
    }
    return NULL;
}

struct str backend_text(struct value config, const char *name, const char *const *variables) {
    struct value v;
    if (value_get(config, str_from(name), &v) && v.kind == VALUE_STRING)
        return value_str(v);
    for (; variables != NULL && *variables != NULL; variables++) {
        const char *text = getenv(*variables);
        if (text != NULL && text[0] != '\0')
            return str_from(text);
    }
    return S("");
}

bool backend_flag(struct value config, const char *name, const char *variable, bool otherwise) {
    struct value v;
    if (value_get(config, str_from(name), &v) && v.kind == VALUE_BOOL)
        return v.boolean;
    const char *text = variable == NULL ? NULL : getenv(variable);
    if (text != NULL && text[0] != '\0')
        return strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
    return otherwise;
}

int64_t backend_number(struct value config, const char *name, const char *variable,
                       int64_t otherwise) {
    struct value v;
    int64_t number = otherwise;
    if (value_get(config, str_from(name), &v) && value_is_number(v)) {
        (void)value_to_int(v, &number);
        return number;
    }
    const char *text = variable == NULL ? NULL : getenv(variable);
    if (text != NULL)
        (void)str_to_int(str_from(text), &number);
    return number;
}

bool backend_failed(struct diags *diags, const char *summary, struct str detail) {
    (void)diags_add(diags, SEVERITY_ERROR, (struct span){.file = 0}, str_from(summary), detail);
    return false;
}

bool backend_invalid(struct diags *diags, const char *path, const char *summary,
                     struct str detail) {
    struct diag *diag =
        diags_add(diags, SEVERITY_ERROR, (struct span){.file = 0}, str_from(summary), detail);
    diag->path = str_from(path);
    return false;
}

bool backend_print(const struct state_store *store, struct arena *arena, const struct state *state,
                   struct str *ret_bytes, struct diags *diags) {
    struct buf out;
    buf_init(&out, BACKEND_MAX_STATE);
    bool ok = state_store_encode(store, arena, state, &out, diags);
    *ret_bytes = buf_take(&out, arena);
    return ok;
}

bool backend_lock_wait(struct state_store *store, const struct state_lock_info *info,
                       int64_t timeout_ms,
                       bool (*once)(struct state_store *store, const struct state_lock_info *info,
                                    bool *ret_again, struct diags *diags),
                       struct diags *diags) {
    int64_t deadline = clock_monotonic_ms() + timeout_ms;
    for (;;) {
        bool again = false;
        struct diags attempt = {.arena = diags->arena};
        if (once(store, info, &again, &attempt))
            return true;
        if (!again || clock_monotonic_ms() + LOCK_RETRY_MS > deadline) {
            diags_append(diags, &attempt);
            return false;
        }
        clock_sleep_ms(LOCK_RETRY_MS);
    }
}

struct state_store *backend_open(struct arena *arena, struct str type, struct value config,
                                 struct str workspace, struct diags *diags) {
    bool named = workspace.len > 0 && !str_eq(workspace, S("default"));
    if (str_eq(type, S("local"))) {
        struct str path = backend_text(config, "path", NULL);
        struct str dir = backend_text(config, "workspace_dir", NULL);
        struct state_store *store =
            state_store_local(arena, state_store_local_path(arena, path, dir, workspace), S(""));
        if (dir.len > 0)
            state_store_local_workspaces(store, dir);
        return store;
    }
    if (str_eq(type, S("http"))) {
        if (named) {
            (void)backend_failed(diags, "Workspaces not supported",
                                 S("The http backend does not support workspaces."));
            return NULL;
        }
        return state_store_http(arena, config, diags);
    }
    if (str_eq(type, S("pg")))
        return state_store_pg(arena, config, workspace, diags);
    if (str_eq(type, S("s3")))
        return state_store_s3(arena, config, workspace, diags);
    (void)backend_failed(diags, "Unsupported backend type",
                         str_format(diags->arena,
                                    "There is no explicit support for the backend type \"%.*s\" "
                                    "in this version.",
                                    STR_ARG(type)));
    return NULL;
}
