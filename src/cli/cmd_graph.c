/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/fs.h"
#include "cli/graph_dot.h"
#include "cli/saved_plan.h"
#include "cli/session.h"
#include "resolve/pool.h"

struct flags {
    struct str type, plan, module_depth;
    bool draw_cycles, verbose;
    struct variable_list variables;
};

static const struct option options[] = {
    {"type", OPTION_STR, offsetof(struct flags, type), "=TYPE",
     "What to show: \"plan\", \"plan-refresh-only\",\n\"plan-destroy\" or \"apply\". By default only "
     "the\nresources."},
    {"plan", OPTION_STR, offsetof(struct flags, plan), "=tfplan",
     "Show what applying this saved plan evaluates."},
    {"draw-cycles", OPTION_BOOL, offsetof(struct flags, draw_cycles), NULL,
     "Accepted; cycles are errors."},
    {"verbose", OPTION_BOOL, offsetof(struct flags, verbose), NULL, NULL},
    {"module-depth", OPTION_STR, offsetof(struct flags, module_depth), NULL, NULL},
    {"var", OPTION_VAR, offsetof(struct flags, variables), NULL, NULL},
    {"var-file", OPTION_VAR_FILE, offsetof(struct flags, variables), NULL, NULL},
};

static bool is_type(struct str type) {
    static const struct str types[] = {STR("plan"), STR("plan-refresh-only"), STR("plan-destroy"),
                                       STR("apply")};
    for (size_t i = 0; i < COUNT(types); i++)
        if (str_eq(type, types[i]))
            return true;
    return !type.len;
}

static bool open_plan(struct session *s, struct str path) {
    struct cli *cli = s->cli;
    struct steps_file file;
    struct str bytes;
    int error = fs_read(cli->arena, path, BUF_MAX_DOCUMENT, &bytes);
    if (error) {
        struct str why = fs_error_text(cli->arena, error);
        ui_errf(cli, "stat %.*s: %.*s\n", STR_ARG(path), STR_ARG(why));
        return false;
    }
    return saved_plan_open(s, bytes, path, &file) != NULL;
}

static bool draw_destroy(struct session *s, struct buf *out) {
    struct session_state_flags none = {.lock = false};
    if (!session_open_store(s, &none))
        return false;
    struct state *state = session_read_state(s);
    if (state)
        graph_dot_destroy(out, s->config, state);
    return state != NULL;
}

static bool draw_units(struct session *s, const struct flags *flags, struct buf *out) {
    struct cli *cli = s->cli;
    if (!s->providers.n && !session_find_providers(s, NULL))
        return false;
    struct pool *pool = pool_new(cli->arena, &s->providers);
    struct units *units = units_new(cli->arena, s->config, pool, cli->diags);
    bool ok = units != NULL;
    if (ok) /* a graph is shown of a faulty configuration, too */
        diags_truncate(cli->diags, 0);
    if (ok && !flags->type.len && !flags->plan.len)
        graph_dot_resources(out, units);
    else if (ok)
        graph_dot_units(out, units, !flags->plan.len && !str_eq(flags->type, S("apply")));
    pool_close(pool);
    return ok;
}

static bool draw(struct session *s, const struct flags *flags, struct buf *out) {
    static const struct str gone[] = {STR("validate"), STR("eval")};
    for (size_t i = 0; i < COUNT(gone); i++)
        if (str_eq(flags->type, gone[i])) {
            diags_error(s->cli->diags, (struct span){.file = 0}, "Graph type no longer available",
                        "The graph type \"%.*s\" is no longer available. Use -type=plan instead to "
                        "get a similar result.",
                        STR_ARG(flags->type));
            return false;
        }
    if (!is_type(flags->type)) {
        diags_error(s->cli->diags, (struct span){.file = 0}, "Unsupported graph type",
                    "The -type=... argument must be either \"plan\", \"plan-refresh-only\", "
                    "\"plan-destroy\", or \"apply\".");
        return false;
    }
    const struct session_state_flags none = {.lock = false};
    if (flags->plan.len ? !open_plan(s, flags->plan)
                        : !session_load_config(s) || !session_open_store(s, &none))
        return false;
    return str_eq(flags->type, S("plan-destroy")) ? draw_destroy(s, out)
                                                  : draw_units(s, flags, out);
}

static int run(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct flags *flags = untyped;
    struct session s = session_start(cli);
    struct buf out;
    (void)rest;
    if (n_rest) {
        ui_err(S("Too many command line arguments. Did you mean to use -chdir?\n"));
        return 1;
    }
    buf_init(&out, BUF_MAX_DOCUMENT);
    bool ok = draw(&s, flags, &out);
    ok = ui_diags(cli) && ok;
    if (ok)
        ui_out(buf_str(&out));
    buf_clear(&out);
    return ok ? 0 : 1;
}

const struct command command_graph = {
    .name = "graph",
    .synopsis = "[options]",
    .summary = "Draw the dependencies of the configuration",
    .help = "  Prints which resources need which, in the DOT language, for Graphviz and others.\n"
            "  With -type it shows everything that an operation evaluates.",
    .options = options,
    .n_options = COUNT(options),
    .flags_size = sizeof(struct flags),
    .usage = USAGE_PLAIN,
    .run = run,
};
