/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/backend_setup.h"

#include <inttypes.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/json.h"
#include "cli/backend_ask.h"
#include "cli/backend_migrate.h"
#include "config/decode.h"
#include "hcl/body.h"
#include "hcl/parse.h"
#include "state/backend.h"
#include "state/encryption.h"
#include "value/as_json.h"
#include "value/convert.h"

#define MAX_RECORD ((size_t)1 << 20)

static const struct span nowhere = {0};

/* What init wrote down. */
struct record {
    bool exists;
    struct str type;
    const struct json *config;
    int64_t hash;
};

/* A backend block with its values, ready to be opened. */
struct setup {
    struct str type;
    const struct schema_block *schema;
    struct value config;
    int64_t hash; /* of what the block itself says */
};

static struct str record_path(struct session *s) {
    return fs_join(s->cli->arena, s->data_dir, S("terraform.tfstate"));
}

static struct record read_record(struct session *s) {
    struct record record = {.type = S("")};
    struct str bytes;
    struct json_error error;
    if (fs_read(s->cli->arena, record_path(s), MAX_RECORD, &bytes) != 0)
        return record;
    const struct json *root = json_parse(s->cli->arena, bytes, &error);
    const struct json *backend =
        root && root->kind == JSON_OBJECT ? json_get(root, S("backend")) : NULL;
    if (!backend || backend->kind != JSON_OBJECT)
        return record;
    record.type = json_get_str(backend, S("type"));
    record.config = json_get(backend, S("config"));
    (void)json_get_int(backend, S("hash"), &record.hash);
    record.exists = record.type.len && record.config;
    return record;
}

static bool write_record(struct session *s, const struct setup *setup) {
    struct arena *arena = s->cli->arena;
    struct buf config, out;
    struct json_error parse_error;
    struct str level = ui_env(s->cli, LEVEL_VARIABLE);
    buf_init(&config, MAX_RECORD);
    buf_init(&out, MAX_RECORD);
    as_json_write(&config, setup->config, schema_type(setup->schema), true);
    buf_addf(&out, "{\"version\":3,\"terraform_version\":\"%.*s\",\"backend\":{\"type\":",
             STR_ARG(level.len ? level : S(UI_TERRAFORM_VERSION)));
    json_write_string(&out, setup->type, true);
    buf_addf(&out, ",\"config\":%.*s,\"hash\":%" PRId64 "}}", STR_ARG(buf_str(&config)),
             setup->hash);
    struct json *json = json_parse(arena, buf_take(&out, arena), &parse_error);
    buf_clear(&config);
    buf_init(&out, MAX_RECORD);
    json_write(&out, json, 2, true);
    int error = fs_mkdirs(s->data_dir, 0755);
    if (!error)
        error = fs_write_atomic(record_path(s), buf_str(&out), 0600);
    buf_clear(&out);
    if (!error)
        return true;
    struct str why = fs_error_text(arena, error);
    diags_error(s->cli->diags, nowhere, "Failed to record the backend", "%.*s: %.*s.",
                STR_ARG(record_path(s)), STR_ARG(why));
    return false;
}

static bool find_schema(struct session *s, const struct config_backend *block,
                        struct setup *setup) {
    setup->type = block->type;
    setup->schema = backend_schema(s->cli->arena, block->type);
    if (setup->schema)
        return true;
    static const struct str gone[] = {STR("artifactory"), STR("etcd"), STR("etcdv3"), STR("manta"),
                                      STR("swift")};
    bool removed = false;
    for (size_t i = 0; i < COUNT(gone); i++)
        removed = removed || str_eq(block->type, gone[i]);
    if (removed)
        diags_error(s->cli->diags, block->span, "Unsupported backend type",
                    "The \"%.*s\" backend is not supported in Terraform v1.3 or later.",
                    STR_ARG(block->type));
    else if (backend_foreign(block->type))
        diags_error(s->cli->diags, block->span, "Unsupported backend type",
                    UI_PRODUCT " cannot keep state in \"%.*s\". It has the backends http, local, "
                               "pg and s3.",
                    STR_ARG(block->type));
    else
        diags_error(s->cli->diags, block->span, "Unsupported backend type",
                    "There is no backend type named \"%.*s\".", STR_ARG(block->type));
    return false;
}

/* What the block says; names, types and constants only. */
static bool read_block(struct session *s, const struct config_backend *block,
                       struct setup *ret_setup) {
    struct arena *arena = s->cli->arena;
    struct scope scope = {.sources = s->cli->sources, .constant_only = true};
    struct setup setup;
    if (!find_schema(s, block, &setup) ||
        !decode_block(arena, &scope, block->config, setup.schema, &setup.config, s->cli->diags))
        return false;
    const struct value hashed[] = {value_string(arena, block->type), setup.config};
    setup.hash = set_key_hash(value_tuple(arena, hashed, COUNT(hashed)));
    *ret_setup = setup;
    return true;
}

static bool set_argument(struct session *s, struct setup *setup, struct str name, struct value v) {
    struct arena *arena = s->cli->arena;
    const struct schema_attr *attr = schema_attr(setup->schema, name);
    struct convert_error error;
    if (!attr) {
        diags_error(s->cli->diags, nowhere, "Invalid backend configuration argument",
                    "The backend configuration argument \"%.*s\" given on the command line is not "
                    "expected for the selected backend type.",
                    STR_ARG(name));
        return false;
    }
    if (!convert_value(arena, v, attr->type, &v, &error)) {
        diags_error(s->cli->diags, nowhere, "Invalid backend configuration argument",
                    "The backend configuration argument \"%.*s\" is not usable: %.*s.",
                    STR_ARG(name), STR_ARG(error.text));
        return false;
    }
    struct path path = path_attr(arena, (struct path){0}, name);
    setup->config = path_set(arena, setup->config, path, v);
    return true;
}

static bool override_from_file(struct session *s, struct setup *setup, struct str path) {
    struct arena *arena = s->cli->arena;
    struct str bytes;
    int error = fs_read(arena, path, MAX_RECORD, &bytes);
    if (error) {
        diags_error(s->cli->diags, nowhere, "Failed to read file",
                    "The file \"%.*s\" could not be read.", STR_ARG(path));
        return false;
    }
    size_t before = s->cli->diags->n_errors;
    uint32_t file = sources_add(s->cli->sources, path, bytes);
    struct body *body = parse_file(arena, s->cli->sources, file, s->cli->diags);
    struct body_content *content = body_attributes(arena, body, s->cli->diags);
    struct scope scope = {.sources = s->cli->sources, .constant_only = true};
    bool ok = s->cli->diags->n_errors == before;
    for (size_t i = 0; ok && i < content->n_attrs; i++) {
        struct value v = eval_expr(arena, &scope, content->attrs[i]->expr, s->cli->diags);
        ok =
            s->cli->diags->n_errors == before && set_argument(s, setup, content->attrs[i]->name, v);
    }
    return ok;
}

static bool override_config(struct session *s, struct setup *setup,
                            const struct str_list *overrides) {
    for (size_t i = 0; overrides && i < overrides->n; i++) {
        struct str text = overrides->at[i];
        ptrdiff_t equals = str_find_byte(text, '=');
        bool ok = equals < 0
                      ? override_from_file(s, setup, text)
                      : set_argument(s, setup, str_slice(text, 0, (size_t)equals),
                                     value_string(s->cli->arena,
                                                  str_slice(text, (size_t)equals + 1, text.len)));
        if (!ok)
            return false;
    }
    return true;
}

static bool config_of_record(struct session *s, const struct record *record,
                             struct setup *ret_setup) {
    struct setup setup = {.type = record->type, .hash = record->hash};
    struct convert_error error;
    setup.schema = backend_schema(s->cli->arena, record->type);
    if (!setup.schema || !as_json_read(s->cli->arena, record->config, schema_type(setup.schema),
                                       &setup.config, &error)) {
        diags_error(s->cli->diags, nowhere,
                    "Backend initialization required, please run \"" UI_PROGRAM " init\"",
                    "The backend that was set up before, \"%.*s\", cannot be read from %.*s.",
                    STR_ARG(record->type), STR_ARG(record_path(s)));
        return false;
    }
    *ret_setup = setup;
    return true;
}

/* An argument of the block, if it has it; what is inside one is told of the block. */
static struct span span_of(struct arena *arena, const struct setup *setup,
                           const struct config_backend *block, struct str path) {
    struct path attr = path_attr(arena, (struct path){0}, path);
    struct value v;
    bool here = value_get(setup->config, path, &v) && v.kind != VALUE_NULL;
    struct span span = {0};
    if (here)
        span = decode_span(block->config, setup->schema, attr);
    return span.file ? span : block->span;
}

static struct state_store *open_setup(struct session *s, const struct setup *setup,
                                      const struct config_backend *block) {
    size_t first = s->cli->diags->n;
    struct state_store *store =
        backend_open(s->cli->arena, setup->type, setup->config, s->workspace, s->cli->diags);
    for (size_t i = first; block && i < s->cli->diags->n; i++) {
        struct diag *diag = &s->cli->diags->at[i];
        if (!diag->subject.file && diag->path.len)
            diag->subject = span_of(s->cli->arena, setup, block, diag->path);
    }
    return store;
}

static bool changed_error(struct session *s) {
    diags_error(s->cli->diags, nowhere, "Backend configuration changed",
                "A change in the backend configuration has been detected, which may require "
                "migrating existing state.\n\nIf you wish to attempt automatic migration of the "
                "state, use \"" UI_PROGRAM " init -migrate-state\".\nIf you wish to store the "
                "current configuration with no changes to the state, use \"" UI_PROGRAM
                " init -reconfigure\".");
    return false;
}

/* The local file that holds state while there is no backend. */
static struct state_store *open_plain(struct session *s, const void *context) {
    (void)context;
    struct str path = state_store_local_path(s->cli->arena, S(""), S(""), s->workspace);
    struct state_store *store = state_store_local(s->cli->arena, path, S(""));
    return backend_setup_encryption(s, store) ? store : NULL;
}

static struct state_store *open_side(struct session *s, const void *context) {
    struct state_store *store = open_setup(s, context, NULL);
    return store && backend_setup_encryption(s, store) ? store : NULL;
}

static const struct backend_side plain_side = {.type = STR("local"), .open = open_plain};

static struct backend_side side_of(const struct setup *setup) {
    return (struct backend_side){.type = setup->type, .open = open_side, .context = setup};
}

/* The record stays, and says that there is no backend. */
static bool write_empty_record(struct session *s) {
    struct str level = ui_env(s->cli, LEVEL_VARIABLE);
    struct str text =
        str_format(s->cli->arena, "{\n  \"version\": 3,\n  \"terraform_version\": \"%.*s\"\n}",
                   STR_ARG(level.len ? level : S(UI_TERRAFORM_VERSION)));
    int error = fs_write_atomic(record_path(s), text, 0600);
    if (error)
        diags_error(s->cli->diags, nowhere, "Failed to record the backend", "%.*s: %.*s.",
                    STR_ARG(record_path(s)), STR_ARG(fs_error_text(s->cli->arena, error)));
    return error == 0;
}

static bool unset(struct session *s, const struct record *record,
                  const struct backend_setup_options *options) {
    struct setup old;
    if (options->reconfigure)
        return true;
    if (!options->migrate)
        return changed_error(s);
    ui_outf(s->cli,
            UI_PRODUCT " has detected you're unconfiguring your previously set \"%.*s\" backend.\n",
            STR_ARG(record->type));
    if (!config_of_record(s, record, &old))
        return false;
    const struct backend_side from = side_of(&old);
    if (!backend_migrate(s, options, &from, &plain_side) || !write_empty_record(s))
        return false;
    ui_outf(s->cli,
            "\n\nSuccessfully unset the backend \"%.*s\". " UI_PRODUCT
            " will now operate locally.\n",
            STR_ARG(record->type));
    return true;
}

static bool without_block(struct session *s, const struct record *record,
                          const struct backend_setup_options *options) {
    if (options->overrides && options->overrides->n)
        diags_warn(s->cli->diags, nowhere, "Missing backend configuration",
                   "-backend-config was used without a \"backend\" block in the configuration.\n\n"
                   "If you intended to override the default local backend configuration,\nno "
                   "action is required, but you may add an explicit backend block to your\n"
                   "configuration to clear this warning:\n\nterraform {\n  backend \"local\" {}\n"
                   "}\n\nHowever, if you intended to override a defined backend, please verify "
                   "that\nthe backend configuration is present and valid.");
    return !record->exists || unset(s, record, options);
}

/* Is the new backend the very file that held the state without one? */
static bool is_plain_file(const struct setup *setup) {
    struct value path;
    return str_eq(setup->type, S("local")) &&
           (!value_get(setup->config, S("path"), &path) || path.kind != VALUE_STRING ||
            str_eq(value_str(path), S("terraform.tfstate")));
}

/* The state that was kept elsewhere until now, if any. */
static bool migrate_to(struct session *s, const struct record *record, const struct setup *setup,
                       const struct backend_setup_options *options) {
    struct setup old;
    const struct backend_side to = side_of(setup);
    if (!record->exists)
        return is_plain_file(setup) || (backend_migrate(s, options, &plain_side, &to) &&
                                        backend_migrate_empty(s, &plain_side));
    if (options->reconfigure)
        return true;
    if (!str_eq(record->type, setup->type))
        ui_outf(s->cli,
                UI_PRODUCT " detected that the backend type changed from \"%.*s\" to \"%.*s\".\n\n",
                STR_ARG(record->type), STR_ARG(setup->type));
    else
        ui_out(S(
            "Backend configuration changed!\n\n" UI_PRODUCT
            " has detected that the configuration specified for the backend\nhas changed. " UI_PRODUCT
            " will now check for existing state in the backends.\n\n"));
    if (!config_of_record(s, record, &old))
        return false;
    const struct backend_side from = side_of(&old);
    return backend_migrate(s, options, &from, &to);
}

/* The workspace that is selected may be one that only the old backend can have. */
static bool check_setup(struct session *s, const struct setup *setup,
                        const struct config_backend *block) {
    struct str selected = s->workspace;
    s->workspace = S("default");
    struct state_store *store = open_setup(s, setup, block);
    s->workspace = selected;
    if (store)
        store->ops->close(store);
    return store != NULL;
}

bool backend_setup_init(struct session *s, const struct config_module *root,
                        const struct backend_setup_options *options) {
    const struct config_backend *block = root->backend;
    struct record record = read_record(s);
    struct setup setup, recorded;
    if (root->cloud) {
        diags_error(s->cli->diags, root->cloud->span, "Unsupported block type",
                    UI_PRODUCT " has no access to HCP Terraform. Use a backend block instead.");
        return false;
    }
    if (!block)
        return without_block(s, &record, options);
    if (!read_block(s, block, &setup) || !override_config(s, &setup, options->overrides))
        return false;
    if (options->input && !record.exists)
        backend_ask_arguments(s->cli, setup.type, &setup.config);
    bool same = record.exists && str_eq(record.type, setup.type) && record.hash == setup.hash &&
                !options->reconfigure;
    if (same && config_of_record(s, &record, &recorded) &&
        (!options->overrides->n || value_same(recorded.config, setup.config)))
        return true;
    if (record.exists && !options->reconfigure && !options->migrate)
        return changed_error(s);
    if (!check_setup(s, &setup, block))
        return false;
    bool ok = migrate_to(s, &record, &setup, options) && write_record(s, &setup);
    if (ok && s->cli->json)
        ui_notice(s->cli, "backend_configured_success", false,
                  str_format(s->cli->arena, "Successfully configured the backend \"%.*s\"!",
                             STR_ARG(setup.type)));
    else if (ok)
        ui_outf(s->cli,
                "%s\nSuccessfully configured the backend \"%.*s\"! " UI_PRODUCT
                " will automatically\nuse this backend unless the backend configuration "
                "changes.%s\n",
                ui_code(s->cli, UI_GREEN), STR_ARG(setup.type), ui_code(s->cli, UI_RESET));
    return ok;
}

static bool init_required(struct session *s, char mark, struct str reason) {
    struct str summary =
        str_format(s->cli->arena,
                   "Backend initialization required%c please run \"" UI_PROGRAM " init\"", mark);
    diags_error(s->cli->diags, nowhere, str_c(s->cli->arena, summary),
                "Reason: %.*s\n\nThe \"backend\" is the interface that " UI_PRODUCT
                " uses to store state,\nperform operations, etc. If this message is showing up, it "
                "means that the\n" UI_PRODUCT
                " configuration you're using is using a custom configuration for\nthe " UI_PRODUCT
                " backend.\n\nChanges to backend configurations require reinitialization. This "
                "allows\n" UI_PRODUCT " to set up the new configuration, copy existing state, etc. "
                "Please run\n\"" UI_PROGRAM
                " init\" with either the \"-reconfigure\" or \"-migrate-state\" flags to\nuse the "
                "current configuration.\n\nIf the change reason above is incorrect, please verify "
                "your configuration\nhasn't changed and try again. At this point, no changes to "
                "your existing\nconfiguration or state have been made.",
                STR_ARG(reason));
    return false;
}

/* The configuration of the folder; commands on state alone have not loaded it. */
static struct config *find_config(struct session *s, struct diags *diags) {
    if (s->config || !config_exists(S(".")))
        return s->config;
    return config_load(s->cli->arena, s->cli->sources, S("."), S(""), false, diags);
}

/* false: the configuration is faulty, and so nobody can say where its state is. */
static bool find_block(struct session *s, const struct config_backend **ret_block) {
    size_t before = s->cli->diags->n_errors;
    const struct config *config = find_config(s, s->cli->diags);
    *ret_block = config && config->root ? config->root->backend : NULL;
    return s->cli->diags->n_errors == before;
}

/* What input variables mean in an encryption block. */
struct static_inputs {
    struct config *config;
    struct map inputs;
};

static bool get_static(const struct scope *scope, struct arena *arena, const struct ref *ref,
                       const struct value *key, struct value *ret_value, bool *ret_used_key,
                       struct diags *diags) {
    const struct static_inputs *inputs = scope->context;
    const struct config_variable *v =
        ref->kind == REF_VARIABLE ? map_get(&inputs->config->root->variables, ref->name) : NULL;
    (void)key;
    *ret_used_key = false;
    if (!v) {
        diags_error(diags, ref->span, "Variables not allowed",
                    "Only input variables may be used here.");
        return false;
    }
    return variables_final(arena, inputs->config, v, map_get(&inputs->inputs, ref->name), ret_value,
                           diags);
}

/* TF_ENCRYPTION, in either syntax, laid over the block. */
static const struct body *encryption_body(struct session *s, const struct body *block) {
    struct str text = ui_env(s->cli, "TF_ENCRYPTION");
    struct arena *arena = s->cli->arena;
    if (!str_trim(text).len)
        return block;
    uint32_t file = sources_add(s->cli->sources, S("TF_ENCRYPTION"), text);
    struct body *body = str_starts(str_trim(text), S("{"))
                            ? parse_json_file(arena, s->cli->sources, file, s->cli->diags)
                            : parse_file(arena, s->cli->sources, file, s->cli->diags);
    if (!block)
        return body;
    struct body *both = arena_copy(arena, block, sizeof *block);
    both->over = body;
    both->over_adds = false;
    return both;
}

static bool read_encryption(struct session *s, struct str target,
                            struct encryption **ret_encryption) {
    static const struct scope_ops ops = {.get = get_static};
    struct diags unheard = {.arena = s->cli->arena};
    struct static_inputs inputs = {.config = find_config(s, &unheard)};
    struct scope scope = {.ops = &ops, .context = &inputs, .sources = s->cli->sources};
    struct diags ignored = {.arena = s->cli->arena};
    struct encryption *encryption = NULL;
    size_t before = s->cli->diags->n_errors;
    const struct body *body = encryption_body(
        s, inputs.config && inputs.config->root ? inputs.config->root->encryption : NULL);
    *ret_encryption = NULL;
    if (!body)
        return true;
    if (!inputs.config)
        scope.ops = NULL;
    else
        (void)variables_collect(s->cli->arena, inputs.config, S("."), s->cli->environ_, NULL, 0,
                                &inputs.inputs, &ignored);
    if (s->cli->diags->n_errors > before ||
        !encryption_read(s->cli->arena, &scope, body, target, &encryption, s->cli->diags))
        return false;
    *ret_encryption = encryption;
    return true;
}

bool backend_setup_encryption(struct session *s, struct state_store *store) {
    struct encryption *encryption = NULL;
    bool ok = read_encryption(s, S("state"), &encryption);
    store->encryption = encryption;
    return ok;
}

struct encryption *backend_setup_remote_encryption(struct session *s) {
    struct encryption *encryption = NULL;
    (void)read_encryption(s, S("remote_state_data_sources"), &encryption);
    return encryption;
}

bool backend_setup_seal_plan(struct session *s, struct str plain, struct str *ret_bytes) {
    struct encryption *encryption = NULL;
    return read_encryption(s, S("plan"), &encryption) &&
           encryption_seal(encryption, s->cli->arena, plain, 0, S(""), ret_bytes, s->cli->diags);
}

bool backend_setup_open_plan(struct session *s, struct str bytes, struct str *ret_plain) {
    struct encryption *encryption = NULL;
    if (!read_encryption(s, S("plan"), &encryption))
        return false;
    if (!encryption) {
        *ret_plain = bytes;
        return true;
    }
    return encryption_open(encryption, s->cli->arena, bytes, ret_plain, s->cli->diags);
}

bool backend_setup_open(struct session *s, struct state_store **ret_store) {
    const struct config_backend *block;
    struct record record = read_record(s);
    struct setup setup;
    *ret_store = NULL;
    if (!find_block(s, &block))
        return false;
    if (!block && !record.exists)
        return true;
    if (!block)
        return init_required(s, ',',
                             str_format(s->cli->arena,
                                        "Unsetting the previously set backend \"%.*s\"",
                                        STR_ARG(record.type)));
    if (!read_block(s, block, &setup))
        return false;
    if (!record.exists)
        return init_required(s, ',',
                             str_format(s->cli->arena,
                                        "Initial configuration of the requested backend \"%.*s\"",
                                        STR_ARG(block->type)));
    if (!str_eq(record.type, block->type))
        return init_required(s, ':',
                             str_format(s->cli->arena,
                                        "Backend type changed from \"%.*s\" to \"%.*s\"",
                                        STR_ARG(record.type), STR_ARG(block->type)));
    if (record.hash != setup.hash)
        return init_required(s, ':', S("Backend configuration block has changed"));
    if (!config_of_record(s, &record, &setup))
        return false;
    *ret_store = open_setup(s, &setup, block);
    if (*ret_store && str_eq(setup.type, S("local"))) {
        struct value path, dir;
        bool has_path = value_get(setup.config, S("path"), &path) && path.kind == VALUE_STRING;
        bool has_dir =
            value_get(setup.config, S("workspace_dir"), &dir) && dir.kind == VALUE_STRING;
        s->state_path = state_store_local_path(s->cli->arena, has_path ? value_str(path) : S(""),
                                               has_dir ? value_str(dir) : S(""), s->workspace);
    } else {
        /* The journal of a remote state lies with the data of the workspace. */
        s->state_path = fs_join(s->cli->arena, s->data_dir, S("remote.tfstate"));
    }
    return *ret_store != NULL;
}
