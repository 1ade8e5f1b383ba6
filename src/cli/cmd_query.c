/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "cli/generated.h"
#include "cli/operation.h"
#include "cli/wrap.h"

static const struct option options[] = {
    {"generate-config-out", OPTION_STR, offsetof(struct operation_flags, generate_config_out),
     "=path",
     "Write import and resource blocks for what is\nfound to a new file. With -json they are part\n"
     "of the events instead."},
    {"json", OPTION_BOOL, offsetof(struct operation_flags, json), NULL,
     "Write events as JSON, one a line."},
    {"var", OPTION_VAR, offsetof(struct operation_flags, variables), " 'foo=bar'",
     "Set a variable of the query files or of the\nroot module. May be used several times."},
    {"var-file", OPTION_VAR_FILE, offsetof(struct operation_flags, variables), "=filename",
     "Load values of variables from a file."},
    {"input", OPTION_BOOL, offsetof(struct operation_flags, input), "=false",
     "Never ask for missing values."},
    {"compact-warnings", OPTION_BOOL, offsetof(struct operation_flags, compact_warnings), NULL,
     "Show warnings by their summaries only."},
    {"parallelism", OPTION_INT, offsetof(struct operation_flags, parallelism), "=n",
     "How many lists are fetched at the same time.\nDefaults to 10."},
};

static bool has_lists(const struct config_module *root) {
    for (size_t i = 0; i < root->resources.n; i++) {
        const struct config_resource *resource = root->resources.entries[i].value;
        if (resource->addr.mode == MODE_LIST)
            return true;
    }
    return false;
}

/* "account_id=1,name=a" */
static struct str identity_text(struct arena *arena, struct value identity) {
    struct buf out;
    const struct type *type = value_type(identity);
    buf_init(&out, BUF_MAX_TEXT);
    for (uint32_t i = 0; type->kind == TYPE_OBJECT && i < type->n; i++) {
        struct value part = value_unmark(value_at(identity, i));
        struct str text = part.kind == VALUE_STRING ? value_str(part) : S("");
        int64_t number;
        if (value_is_number(part) && value_to_int(part, &number))
            text = str_format(arena, "%lld", (long long)number);
        else if (part.kind == VALUE_BOOL)
            text = part.boolean ? S("true") : S("false");
        buf_addf(&out, "%s%.*s=%.*s", i ? "," : "", STR_ARG(intern_str(type->names[i])),
                 STR_ARG(text));
    }
    return buf_take(&out, arena);
}

/* The objects of one list block in columns. */
static void print_list(struct cli *cli, const struct plan_list *list) {
    struct str address = addr_instance_text(cli->arena, &list->addr);
    struct str *identities = arena_array(cli->arena, list->n, sizeof *identities);
    size_t widest = 0;
    for (size_t i = 0; i < list->n; i++) {
        identities[i] = identity_text(cli->arena, list->at[i].identity);
        widest = identities[i].len > widest ? identities[i].len : widest;
    }
    for (size_t i = 0; i < list->n; i++)
        ui_outf(cli, "%.*s   %-*.*s   %.*s\n", STR_ARG(address), (int)widest,
                STR_ARG(identities[i]), STR_ARG(list->at[i].display_name));
    if (list->n)
        ui_out(S("\n"));
}

static void warn_empty(struct cli *cli, const struct plan_query *query) {
    struct buf text;
    bool any = false;
    buf_init(&text, BUF_MAX_DOCUMENT);
    for (size_t i = 0; i < query->n; i++) {
        struct str address = addr_instance_text(cli->arena, &query->lists[i]->addr);
        if (query->lists[i]->n)
            continue;
        buf_addf(&text, "%s%.*s", any ? ", " : "", STR_ARG(address));
        any = true;
    }
    struct str names = buf_take(&text, cli->arena);
    if (!any)
        return;
    buf_init(&text, BUF_MAX_DOCUMENT);
    wrap_text(&text,
              str_format(cli->arena, "%s%sWarning:%s%s list block(s) [%.*s] returned 0 results.%s",
                         ui_code(cli, UI_BOLD), ui_code(cli, UI_YELLOW), ui_code(cli, UI_RESET),
                         ui_code(cli, UI_BOLD), STR_ARG(names), ui_code(cli, UI_RESET)),
              cli->width);
    buf_add(&text, S("\n\n"));
    ui_out(buf_str(&text));
    buf_clear(&text);
}

static bool write_blocks(struct cli *cli, const struct plan_query *query, struct str path,
                         bool *ret_any) {
    struct buf text;
    *ret_any = false;
    generated_begin(&text);
    for (size_t i = 0; i < query->n; i++) {
        for (size_t k = 0; k < query->lists[i]->n; k++) {
            const struct plan_found *found = &query->lists[i]->at[k];
            if (!found->resource.len)
                continue;
            *ret_any = true;
            generated_add(&text, S(""), found->resource);
            buf_addf(&text, "\n%.*s\n", STR_ARG(found->import_));
        }
    }
    return generated_write(cli, path, &text, *ret_any);
}

/* What was found, also when some of it could not be. */
static bool show(struct cli *cli, const struct plan_query *query, struct str path, bool complete) {
    bool any = false, ok = true;
    if (cli->json)
        return true;
    for (size_t i = 0; i < query->n; i++)
        print_list(cli, query->lists[i]);
    if (complete)
        warn_empty(cli, query);
    if (complete && path.len)
        ok = write_blocks(cli, query, path, &any);
    if (ok && any)
        generated_say(cli, path);
    return ok;
}

static int run(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    struct operation_flags *flags = untyped;
    struct plan_query query = {.generate = flags->generate_config_out.len > 0};
    struct operation op;
    (void)rest;
    if (n_rest)
        return command_misuse(cli, "Too many command line arguments",
                              "To specify a working directory for the query, use the global "
                              "-chdir flag.");
    operation_catch_signals();
    if (!config_exists(S(".")) && !config_has_queries(S("."))) {
        diags_error(cli->diags, (struct span){0}, "No configuration files",
                    "Query requires a query configuration to be present. Create a " UI_PRODUCT
                    " query configuration file (.tfquery.hcl file) and try again.");
        ui_diags(cli);
        return 1;
    }
    if (!cli->json && !flags->json && !generated_check(cli, flags->generate_config_out))
        return 1;
    flags->query = &query;
    bool ok = operation_open(&op, cli, flags, "OperationTypeQuery");
    if (ok && !has_lists(op.session.config->root)) {
        diags_error(cli->diags, (struct span){0}, "No resources to query",
                    "The configuration does not contain any resources that can be queried.");
        ok = false;
    }
    ok = ok && operation_plan(&op);
    ok = show(cli, &query, flags->generate_config_out, ok) && ok;
    return operation_close(&op, ok);
}

static const struct operation_flags defaults = {
    .input = true, .parallelism = OPERATION_PARALLELISM, .quiet_state = true};

const struct command command_query = {
    .name = "query",
    .synopsis = "[options]",
    .summary = "List what exists, and generate its configuration",
    .help = "  Asks the providers for the objects that the list blocks of query files\n"
            "  (*.tfquery.hcl) describe, and shows them. With -generate-config-out, the\n"
            "  blocks that would import them are written as well. Nothing is changed.",
    .options = options,
    .n_options = COUNT(options),
    .flags_size = sizeof(struct operation_flags),
    .defaults = &defaults,
    .run = run,
};
