/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "base/arena.h"
#include "base/fs.h"
#include "cli/address.h"
#include "apply/settle.h"
#include "cli/operation_flags.h"
#include "eval/eval.h"

struct flags {
    struct operation_flags op;
    struct str config;
    bool ignore_remote;
};

static const struct option options[] = {
    {"config", OPTION_STR, offsetof(struct flags, config), "=path", "Folder of the configuration."},
    {"ignore-remote-version", OPTION_BOOL, offsetof(struct flags, ignore_remote), NULL, NULL},
};

static int no_config(struct cli *cli, const struct instance_addr *addr) {
    struct str address = addr_instance_text(cli->arena, addr);
    struct str module =
        addr->module.n ? addr_module_text(cli->arena, addr->module) : S("the root module");
    ui_errf(cli,
            "%sError:%s%s resource address \"%.*s\" does not exist in the configuration.%s\n\n"
            "Before importing this resource, please create its configuration in %.*s. For "
            "example:\n\nresource \"%.*s\" \"%.*s\" {\n  # (resource arguments)\n}\n\n",
            ui_code(cli, UI_RED), ui_code(cli, UI_RESET), ui_code(cli, UI_BOLD), STR_ARG(address),
            ui_code(cli, UI_RESET), STR_ARG(module), STR_ARG(addr->resource.type),
            STR_ARG(addr->resource.name));
    return 1;
}

/* Puts an import block into the root module, as if it had been written there. */
static void add_import(struct operation *op, const struct instance_addr *addr, struct str id) {
    struct arena *arena = op->session.cli->arena;
    struct config_module *root = op->session.config->root;
    struct config_import *imports = arena_array(arena, 1, sizeof *imports);
    struct expr *text = expr_new(arena, EXPR_LITERAL, (struct span){0});
    text->literal = value_string(arena, id);
    imports[0].to_static = (struct target){
        .kind = addr->key.kind == KEY_NONE ? TARGET_RESOURCE : TARGET_INSTANCE, .addr = *addr};
    imports[0].id = text;
    root->imports = imports;
    root->n_imports = 1;
}

static bool has_config(const struct operation *op, const struct instance_addr *addr) {
    const struct config_module *module = config_module(op->session.config, addr->module);
    return module && config_resource(module, addr->resource);
}

static bool already_managed(struct operation *op, const struct instance_addr *addr) {
    const struct state_instance *have = state_instance(op->state, addr);
    if (!have || !have->current)
        return false;
    struct str address = addr_instance_text(op->session.cli->arena, addr);
    diags_error(op->session.cli->diags, (struct span){0}, "Resource already managed by " UI_PRODUCT,
                UI_PRODUCT " is already managing a remote object for %.*s. To import to this "
                           "address you must first remove the existing object from the state.",
                STR_ARG(address));
    return true;
}

/* Only the imported object goes into the state; whatever else the plan found waits for an apply. */
/* Outputs as far as the state alone tells them: what stands on objects not yet made is null. */
static void keep_outputs(struct operation *op, struct state *after) {
    struct cli *cli = op->session.cli;
    const struct config_module *root = op->session.config->root;
    const struct plan_options how = {.variables = op->variables,
                                     .workspace = op->session.workspace,
                                     .root_dir = S("."),
                                     .cwd = cli->start_dir};
    struct diags *told = cli->diags;
    cli->diags = diags_new(cli->arena);
    const struct scope *scope =
        plan_console_scope(cli->arena, op->session.config, after, &op->session.providers,
                           arena_copy(cli->arena, &how, sizeof how), cli->diags);
    for (size_t i = 0; scope && i < root->outputs.n; i++) {
        const struct config_output *output = root->outputs.entries[i].value;
        size_t before = cli->diags->n_errors;
        struct value v = eval_expr(cli->arena, scope, output->expr, cli->diags);
        bool ok = cli->diags->n_errors == before && !output->ephemeral;
        if (!ok || (value_is_known(value_unmark(v)) && value_is_null(value_unmark(v))))
            continue;
        struct state_output *kept = arena_alloc(after->arena, sizeof *kept);
        *kept = (struct state_output){
            .name = output->name,
            .value = settle_known(after->arena, value_unmark_deep(after->arena, v)),
            .sensitive = output->sensitive};
        kept->type = value_type(kept->value);
        map_put(after->arena, &after->outputs, output->name, kept);
    }
    cli->diags = told;
}

static bool keep_imported(struct operation *op, const struct instance_addr *addr) {
    struct state *after = state_copy(op->session.cli->arena, op->state);
    const struct state_resource *resource =
        state_resource(op->plan->prior_state, addr->module, addr->resource);
    const struct state_instance *found = state_instance(op->plan->prior_state, addr);
    struct str address = addr_instance_text(op->session.cli->arena, addr);
    if (!resource || !found || !found->current) {
        diags_error(op->session.cli->diags, (struct span){0},
                    "Configuration for import target does not exist",
                    "The configuration for the given import %.*s does not exist. All target "
                    "instances must have an associated configuration to be imported.",
                    STR_ARG(address));
        return false;
    }
    struct provider_config_addr provider = state_provider(resource, found);
    state_set_current(after, addr, &provider, found->current);
    keep_outputs(op, after);
    return session_write_state(&op->session, op->state, after);
}

/* Progress as this command words it; what it does not know goes on to the usual printer. */
struct import_events {
    struct cli *cli;
    struct events next;
    bool asked; /* the provider was given the id, and has not answered */
};

static void tell_import(struct cli *cli, const struct instance_addr *addr, struct str id) {
    struct arena *scratch = arena_new();
    struct str address = addr_instance_text(scratch, addr);
    ui_outf(cli, "%s%.*s: Importing from ID %.*s...%s\n", ui_code(cli, UI_BOLD), STR_ARG(address),
            STR_ARG(address_quoted(scratch, id)), ui_code(cli, UI_RESET));
    arena_free(scratch);
}

static void tell_prepared(struct cli *cli, const struct instance_addr *addr) {
    struct arena *scratch = arena_new();
    struct str address = addr_instance_text(scratch, addr);
    ui_outf(cli, "%s%.*s: Import prepared!%s\n  Prepared %.*s for import\n", ui_code(cli, UI_GREEN),
            STR_ARG(address), ui_code(cli, UI_RESET), STR_ARG(addr->resource.type));
    arena_free(scratch);
}

static void on_event(void *context, const struct event *e) {
    struct import_events *told = context;
    if (e->kind == EVENT_REFRESH_START && told->asked) {
        told->asked = false;
        tell_prepared(told->cli, e->addr);
    }
    if (e->kind == EVENT_IMPORT_START) {
        told->asked = true;
        tell_import(told->cli, e->addr, e->text);
    } else {
        told->next.on(told->next.context, e);
    }
}

static bool read_address(struct cli *cli, struct str text, struct instance_addr *ret_addr) {
    if (!address_parse_shown(cli, S("<import-address>"), text, ret_addr)) {
        ui_diags(cli);
        ui_out(S("For information on valid syntax, "
                 "see:\nhttps://developer.hashicorp.com/terraform/cli/state/"
                 "resource-addressing\n"));
        return false;
    }
    if (ret_addr->resource.mode == MODE_MANAGED)
        return true;
    diags_error(cli->diags, (struct span){0},
                "A managed resource address is required. Importing into a data resource is not "
                "allowed.",
                NULL);
    return false;
}

static bool check_dir(struct cli *cli, struct str dir) {
    if (config_exists(dir.len ? dir : S(".")))
        return true;
    if (!dir.len)
        dir = fs_cwd(cli->arena);
    diags_error(cli->diags, (struct span){0}, "No " UI_PRODUCT " configuration files",
                "The directory %.*s does not contain any " UI_PRODUCT
                " configuration files (.tf or .tf.json). To specify a different configuration "
                "directory, use the -config=\"...\" command line option.",
                STR_ARG(dir));
    return false;
}

static int run(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    struct flags *flags = untyped;
    struct operation op;
    struct instance_addr addr;
    if (n_rest != 2) {
        ui_err(S("The import command expects two arguments.\n"));
        command_help(cli, cli->command, STDERR_FILENO);
        return 1;
    }
    operation_catch_signals();
    if (!read_address(cli, rest[0], &addr) || !check_dir(cli, flags->config) ||
        !operation_flags_check(cli, &flags->op)) {
        ui_diags(cli);
        return 1;
    }
    flags->op.config_dir = flags->config;
    flags->op.quiet_state = true;
    if (!operation_open(&op, cli, &flags->op, "OperationTypeImport"))
        return operation_close(&op, false);
    if (!config_module(op.session.config, addr.module)) {
        struct str module = addr_module_text(cli->arena, addr.module);
        diags_error(cli->diags, (struct span){0}, "Import to non-existent module",
                    "%.*s is not defined in the configuration. Please add configuration for this "
                    "module before importing into it.",
                    STR_ARG(module));
        return operation_close(&op, false);
    }
    if (!has_config(&op, &addr)) {
        session_unlock(&op.session);
        return no_config(cli, &addr);
    }
    add_import(&op, &addr, rest[1]);
    struct import_events told = {.cli = cli, .next = op.events};
    op.events = (struct events){on_event, &told};
    flags->op.refresh = false; /* everything but the imported object stays as the state has it */
    bool managed = already_managed(&op, &addr);
    if (managed) {
        tell_import(cli, &addr, rest[1]);
        tell_prepared(cli, &addr);
    }
    bool ok = operation_plan(&op) && !managed && keep_imported(&op, &addr);
    if (ok)
        ui_outf(cli,
                "\n%s%sImport successful!\n\nThe resources that were imported are shown above. "
                "These resources are now in\nyour " UI_PRODUCT
                " state and will henceforth be managed by " UI_PRODUCT ".%s\n\n",
                ui_code(cli, UI_BOLD), ui_code(cli, UI_GREEN), ui_code(cli, UI_RESET));
    return operation_close(&op, ok);
}

static const struct flags defaults = {.op = OPERATION_DEFAULTS};

const struct command command_import = {
    .name = "import",
    .synopsis = "[options] ADDR ID",
    .summary = "Associate existing infrastructure with a " UI_PRODUCT " resource",
    .help = "  Reads the existing object ID and records it in the state under ADDR, whose\n"
            "  resource block must be in the configuration. An `import` block does the same as\n"
            "  part of a plan.",
    .options = options,
    .n_options = COUNT(options),
    .shared = operation_options,
    .n_shared = OPERATION_N_OPTIONS,
    .flags_size = sizeof(struct flags),
    .defaults = &defaults,
    .usage = USAGE_PLAIN,
    .run = run,
};
