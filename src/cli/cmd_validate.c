/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/fs.h"
#include "cli/session.h"
#include "cli/test_files.h"
#include "diag/diag_render.h"

struct flags {
    bool json;
    struct str test_directory;
    bool no_tests;
    bool query;
    struct variable_list variables;
};

static const struct option options[] = {
    {"json", OPTION_BOOL, offsetof(struct flags, json), NULL,
     "Print the result as one JSON object."},
    {"no-tests", OPTION_BOOL, offsetof(struct flags, no_tests), NULL, "Leave out test files."},
    {"query", OPTION_BOOL, offsetof(struct flags, query), NULL,
     "Check query files (*.tfquery.hcl) too."},
    {"test-directory", OPTION_STR, offsetof(struct flags, test_directory), "=path",
     "Where test files are, \"tests\" by default."},
    {"var", OPTION_VAR, offsetof(struct flags, variables), NULL, NULL},
    {"var-file", OPTION_VAR_FILE, offsetof(struct flags, variables), NULL, NULL},
};

static size_t count(const struct diags *diags, enum severity severity) {
    size_t n = 0;
    for (size_t i = 0; i < diags->n; i++)
        n += diags->at[i].severity == severity;
    return n;
}

static void print_json(struct cli *cli, bool valid) {
    struct buf out;
    buf_init(&out, BUF_MAX_DOCUMENT);
    diags_sort(cli->diags, cli->sources);
    buf_addf(&out,
             "{\n  \"format_version\": \"1.0\",\n  \"valid\": %s,\n  \"error_count\": %zu,\n  "
             "\"warning_count\": %zu,\n  \"diagnostics\": [",
             valid ? "true" : "false", count(cli->diags, SEVERITY_ERROR),
             count(cli->diags, SEVERITY_WARNING));
    for (size_t i = 0; i < cli->diags->n; i++) {
        buf_add_c(&out, i ? ",\n    " : "\n    ");
        diag_render_json(&out, &cli->diags->at[i], cli->sources);
    }
    buf_add_c(&out, cli->diags->n ? "\n  ]\n}\n" : "]\n}\n");
    ui_out(buf_str(&out));
    buf_clear(&out);
}

static void validate(struct session *s, const struct flags *flags) {
    struct test_files tests = {.n = 0};
    bool loaded = session_load_config(s);
    if (!flags->no_tests)
        test_files_read(s->cli, s->config_dir, flags->test_directory, &tests, s->cli->diags);
    if (!loaded || diags_failed(s->cli->diags))
        return;
    const struct plan_options where = {
        .root_dir = s->config_dir, .cwd = s->cli->start_dir, .workspace = s->workspace};
    if (session_find_providers(s, NULL))
        (void)plan_validate(s->cli->arena, s->config, &s->providers, &where, s->cli->diags);
    (void)test_files_validate(s, &tests);
}

static int run(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct flags *flags = untyped;
    if (n_rest > 1)
        return command_misuse(cli, "Too many command line arguments",
                              "Expected at most one positional argument.");
    struct session s = session_start(cli);
    s.queries = flags->query;
    if (n_rest)
        s.config_dir = rest[0];
    if (!flags->no_tests)
        session_check_test_directory(&s, flags->test_directory);
    if (!fs_is_dir(s.config_dir))
        diags_error(cli->diags, (struct span){0}, "Failed to read module directory",
                    "Module directory %.*s does not exist or cannot be read.",
                    STR_ARG(s.config_dir));
    else
        validate(&s, flags);
    bool valid = !diags_failed(cli->diags);
    if (flags->json) {
        print_json(cli, valid);
        return valid ? 0 : 1;
    }
    bool warned = cli->diags->n > 0;
    ui_diags(cli);
    if (!valid)
        return 1;
    ui_outf(cli, "%s%sSuccess!%s The configuration is valid%s.\n\n", ui_code(cli, UI_GREEN),
            ui_code(cli, UI_BOLD), ui_code(cli, UI_RESET),
            warned ? ", but there were some\nvalidation warnings as shown above" : "");
    return 0;
}

const struct command command_validate = {
    .name = "validate",
    .synopsis = "[options]",
    .summary = "Check whether the configuration is valid",
    .help = "  Checks names, types and references of the configuration, without looking at\n"
            "  state or calling any API.",
    .options = options,
    .n_options = COUNT(options),
    .flags_size = sizeof(struct flags),
    .main = true,
    .run = run,
};
