/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/buf.h"
#include "cli/json_out.h"
#include "cli/session.h"
#include "cli/state_access.h"
#include "config/version.h"
#include "provider/schema_json.h"
#include "resolve/pool.h"

struct flags {
    bool json;
    struct str test_directory;
    struct variable_list variables;
};

static const struct option options[] = {
    {"test-directory", OPTION_STR, offsetof(struct flags, test_directory), "=path",
     "Where test files are, \"tests\" by default."},
    {"var", OPTION_VAR, offsetof(struct flags, variables), NULL, NULL},
    {"var-file", OPTION_VAR_FILE, offsetof(struct flags, variables), NULL, NULL},
};

static const struct option schema_options[] = {
    {"json", OPTION_BOOL, offsetof(struct flags, json), NULL,
     "Print the schemas as JSON; must be given."},
    {"var", OPTION_VAR, offsetof(struct flags, variables), NULL, NULL},
    {"var-file", OPTION_VAR_FILE, offsetof(struct flags, variables), NULL, NULL},
};

static int fail(struct cli *cli) {
    ui_diags(cli);
    return 1;
}

/* A line of the tree: a provider or a module with what it needs. */
struct tree {
    struct str text;
    const struct config_module *module; /* or NULL */
};

static struct str need_text(struct session *s, struct provider_addr addr, struct str version) {
    struct str name = addr_provider_text(s->cli->arena, addr);
    if (!version.len)
        return str_format(s->cli->arena, "provider[%.*s]", STR_ARG(name));
    version = version_constraints_text(s->cli->arena, version);
    return str_format(s->cli->arena, "provider[%.*s] %.*s", STR_ARG(name), STR_ARG(version));
}

static void add_line(struct arena *arena, struct tree **lines, size_t *n, size_t *cap,
                     struct str text, const struct config_module *module) {
    for (size_t i = 0; i < *n; i++)
        if (!module && str_eq((*lines)[i].text, text))
            return;
    *lines = arena_grow(arena, *lines, *n, cap, sizeof **lines);
    (*lines)[(*n)++] = (struct tree){text, module};
}

static struct tree *lines_of(struct session *s, const struct config_module *module, size_t *ret_n) {
    struct arena *arena = s->cli->arena;
    struct tree *lines = NULL;
    size_t n = 0, cap = 0;
    struct map named = {0};
    for (size_t i = 0; i < module->required.n; i++) {
        const struct config_required_provider *r = module->required.entries[i].value;
        map_put(arena, &named, addr_provider_text(arena, r->addr), lines);
        add_line(arena, &lines, &n, &cap, need_text(s, r->addr, r->version), NULL);
    }
    for (size_t i = 0; i < module->resources.n; i++) {
        const struct config_resource *r = module->resources.entries[i].value;
        if (map_find(&named, addr_provider_text(arena, r->provider_addr)) < 0)
            add_line(arena, &lines, &n, &cap, need_text(s, r->provider_addr, S("")), NULL);
    }
    struct map_entry *calls = map_sorted(arena, &module->calls);
    for (size_t i = 0; i < module->calls.n; i++) {
        const struct config_call *call = calls[i].value;
        add_line(arena, &lines, &n, &cap, str_format(arena, "module.%.*s", STR_ARG(call->name)),
                 call->module);
    }
    *ret_n = n;
    return lines;
}

static void print_tree(struct session *s, const struct config_module *module, struct str prefix,
                       struct buf *out) {
    size_t n;
    struct tree *lines = lines_of(s, module, &n);
    for (size_t i = 0; i < n; i++) {
        bool last = i + 1 == n;
        buf_addf(out, "%.*s%s%.*s\n", STR_ARG(prefix), last ? "└── " : "├── ",
                 STR_ARG(lines[i].text));
        if (lines[i].module)
            print_tree(s, lines[i].module,
                       str_cat(s->cli->arena, prefix, last ? S("    ") : S("│   ")), out);
    }
}

/* Providers that only the state knows: their resources left the configuration. */
static void print_state_needs(struct session *s, const struct state *state, struct buf *out) {
    struct map seen = {0};
    for (size_t i = 0; state && i < state->resources.n; i++) {
        const struct state_resource *r = state->resources.entries[i].value;
        struct str text = need_text(s, r->provider.provider, S(""));
        if (r->n_instances)
            map_put(s->cli->arena, &seen, text, s);
    }
    if (!seen.n)
        return;
    struct map_entry *sorted = map_sorted(s->cli->arena, &seen);
    buf_add_c(out, "Providers required by state:\n\n");
    for (size_t i = 0; i < seen.n; i++)
        buf_addf(out, "    %.*s\n\n", STR_ARG(sorted[i].key));
}

/* Which release of a provider loam itself answers as under these constraints. */
static void print_builtin(struct session *s, struct buf *out) {
    size_t n;
    struct config_need *needs = config_needs(s->cli->arena, s->config, &n);
    for (size_t i = 0; i < n; i++) {
        struct str version, name = addr_provider_display(s->cli->arena, needs[i].addr);
        if (session_builtin_version(s, &needs[i], &version))
            buf_addf(out, "Built in to " UI_PRODUCT ":\n\n    %.*s, as release %.*s\n\n",
                     STR_ARG(name), STR_ARG(version));
    }
}

static bool check_config(struct cli *cli) {
    if (config_exists(S(".")))
        return true;
    struct str cwd = cli->start_dir;
    diags_error(cli->diags, (struct span){0}, "No configuration files",
                "The directory %.*s contains no " UI_PRODUCT " configuration files.", STR_ARG(cwd));
    return false;
}

static int run(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    struct session s = session_start(cli);
    struct session_state_flags none = {0};
    struct state *state = NULL;
    struct buf out;
    const struct flags *flags = untyped;
    (void)rest;
    if (n_rest) {
        ui_err(S("Too many command line arguments. Did you mean to use -chdir?\n"));
        return 1;
    }
    session_check_test_directory(&s, flags->test_directory);
    if (!check_config(cli) || !session_load_config(&s) || !session_open_store(&s, &none) ||
        !state_access_read(cli, s.store, &state))
        return fail(cli);
    buf_init(&out, BUF_MAX_TEXT);
    buf_add_c(&out, "\nProviders required by configuration:\n.\n");
    print_tree(&s, s.config->root, S(""), &out);
    buf_byte(&out, '\n');
    print_state_needs(&s, state, &out);
    print_builtin(&s, &out);
    ui_out(buf_str(&out));
    buf_clear(&out);
    ui_diags(cli);
    return 0;
}

/* The member "provider_schemas", left out when there is none. */
static void write_schemas(struct session *s, struct pool *pool, struct json_out *json) {
    bool any = false;
    for (size_t i = 0; i < s->providers.n; i++) {
        struct addr_error error;
        struct provider_addr addr;
        if (!s->providers.at[i].listed ||
            !addr_provider_parse(s->cli->arena, s->providers.at[i].source, &addr, &error))
            continue;
        if (!any) {
            json_out_key(json, S("provider_schemas"));
            json_out_open(json, '{');
            any = true;
        }
        json_out_key(json, s->providers.at[i].source);
        schema_json_write(json->to, pool_schema(pool, addr, s->cli->diags));
        json->comma = true;
    }
    if (any)
        json_out_close(json, '}');
}

static int run_schema(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct flags *flags = untyped;
    struct session s = session_start(cli);
    struct session_state_flags none = {0};
    struct state *state = NULL;
    struct buf out;
    struct json_out json = {.to = &out};
    (void)rest;
    (void)n_rest;
    if (!flags->json) {
        ui_err(S("The `" UI_PROGRAM " providers schema` command requires the `-json` flag.\n\n"));
        command_help(cli, cli->command, 2);
        return 1;
    }
    s.queries = true;
    if (!session_load_config(&s) || !session_open_store(&s, &none) ||
        !state_access_read(cli, s.store, &state) || !session_find_providers(&s, state))
        return fail(cli);
    struct pool *pool = pool_new(cli->arena, &s.providers);
    buf_init(&out, BUF_MAX_DOCUMENT);
    json_out_open(&json, '{');
    json_out_member(&json, S("format_version"), S("1.0"));
    write_schemas(&s, pool, &json);
    json_out_close(&json, '}');
    buf_byte(&out, '\n');
    ui_out(buf_str(&out));
    buf_clear(&out);
    pool_close(pool);
    return 0;
}

const struct command command_providers = {
    .name = "providers",
    .synopsis = "[options] [DIR]",
    .summary = "Show the providers required for this configuration",
    .help = "  Shows which modules need which providers, with their version constraints.",
    .options = options,
    .n_options = COUNT(options),
    .flags_size = sizeof(struct flags),
    .usage = USAGE_PLAIN,
    .run = run,
};

const struct command command_providers_schema = {
    .name = "providers schema",
    .synopsis = "-json",
    .summary = "Show schemas for the providers used in the configuration",
    .help = "  Prints the schemas of every provider that configuration and state need.",
    .options = schema_options,
    .n_options = COUNT(schema_options),
    .flags_size = sizeof(struct flags),
    .usage = USAGE_PLAIN,
    .run = run_schema,
};
