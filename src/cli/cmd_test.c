/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/arena.h"
#include "base/fs.h"
#include "cli/event_json.h"
#include "cli/operation.h"
#include "cli/test_report.h"
#include "cli/test_run.h"

struct flags {
    struct str_list filters;
    bool json, verbose;
    struct str junit_xml, test_directory;
    int64_t parallelism;
    struct variable_list variables;
};

static const struct option options[] = {
    {"filter", OPTION_LIST, offsetof(struct flags, filters), "=testfile",
     "Run only this file. May be used several times."},
    {"json", OPTION_BOOL, offsetof(struct flags, json), NULL, "Write events as JSON, one a line."},
    {"junit-xml", OPTION_STR, offsetof(struct flags, junit_xml), "=path",
     "Also write a report in JUnit's format."},
    {"parallelism", OPTION_INT, offsetof(struct flags, parallelism), "=n",
     "How many operations run at the same time.\nDefaults to 10."},
    {"test-directory", OPTION_STR, offsetof(struct flags, test_directory), "=path",
     "Where test files are besides the current folder,\n\"tests\" by default."},
    {"var", OPTION_VAR, offsetof(struct flags, variables), " 'foo=bar'",
     "Set a variable of the root module. May be used\nseveral times."},
    {"var-file", OPTION_VAR_FILE, offsetof(struct flags, variables), "=filename",
     "Load values of variables from a file."},
    {"verbose", OPTION_BOOL, offsetof(struct flags, verbose), NULL,
     "Show the plan or state of each run."},
};

static const struct flags defaults = {.test_directory = STR("tests"), .parallelism = 10};

static const struct span nowhere = {.file = 0};

static bool is_wanted(struct cli *cli, const struct flags *flags, struct str path) {
    for (size_t i = 0; i < flags->filters.n; i++)
        if (str_eq(fs_clean(cli->arena, flags->filters.at[i]), path))
            return true;
    return !flags->filters.n;
}

/* Adds the test files of a folder; false when one of them has errors. */
static bool add_folder(struct test_report *report, const struct flags *flags, struct str dir) {
    struct cli *cli = report->cli;
    struct str *names;
    size_t n;
    if (fs_list(cli->arena, dir, &names, &n) != 0)
        return true;
    struct test_record *at = arena_array(cli->arena, report->n + n, sizeof *at);
    for (size_t i = 0; i < report->n; i++)
        at[i] = report->at[i];
    report->at = at;
    for (size_t i = 0; i < n; i++) {
        struct str path = fs_clean(cli->arena, fs_join(cli->arena, dir, names[i]));
        if (!test_file_is_name(names[i]))
            continue;
        struct test_file *file = test_file_read(cli->arena, cli->sources, path, cli->diags);
        if (!file || !is_wanted(cli, flags, path))
            continue;
        report->at[report->n++] = (struct test_record){
            .file = file,
            .results = arena_array(cli->arena, file->n_runs, sizeof(struct test_result)),
            .status = TEST_PASS,
        };
    }
    return !diags_failed(cli->diags);
}

/* All runs in order; after one that could not be carried out the others are passed over. */
static void run_all(struct test_report *report, struct test_suite *suite,
                    struct test_record *record) {
    for (size_t i = 0; i < record->file->n_runs; i++) {
        const struct test_run *run = &record->file->runs[i];
        struct test_result *result = &record->results[i];
        bool skip = record->status == TEST_ERROR || *operation_cancelled();
        if (skip) {
            result->status = TEST_SKIP;
        } else {
            test_report_run_start(report, record->file, run);
            *result = test_run_execute(suite, run);
        }
        test_report_run(report, record->file, run, result);
        record->status = result->status > record->status ? result->status : record->status;
    }
}

/* The latest state first, since what is in it may stand on the earlier ones. */
static bool tear_down(struct test_report *report, struct test_suite *suite) {
    bool ok = true;
    test_report_tear_down(report, suite->file);
    for (size_t i = suite->n_states; i-- > 0;) {
        struct test_state *kept = &suite->states[i];
        if (!kept->config || state_is_empty(kept->state))
            continue;
        test_report_run_tear_down(report, suite->file, kept->run);
        if (test_run_tear_down(suite, kept))
            continue;
        test_report_left_over(report, suite->file, kept->run, kept->state);
        ok = false;
    }
    return ok;
}

static void run_file(struct test_report *report, const struct flags *flags,
                     const struct session *session, struct diags *late,
                     struct test_record *record) {
    struct cli *cli = report->cli;
    struct test_suite suite = {.cli = cli,
                               .session = session,
                               .file = record->file,
                               .variables = &flags->variables,
                               .parallelism = flags->parallelism,
                               .late = late};
    test_report_file_start(report, record->file);
    if (test_run_prepare(&suite))
        (void)ui_diags(cli);
    run_all(report, &suite, record);
    if (!tear_down(report, &suite))
        record->status = TEST_ERROR;
    diags_truncate(cli->diags, 0);
    test_report_file(report, record);
}

/* A file of -var-file that is not there, and a folder that is not inside this one. */
static bool check_paths(struct cli *cli, const struct flags *flags) {
    struct str dir = fs_clean(cli->arena, flags->test_directory);
    if (str_starts(dir, S("/")) || str_eq(dir, S("..")) || str_starts(dir, S("../")))
        diags_error(cli->diags, nowhere, "Invalid testing directory",
                    "The testing directory must be a relative path pointing to a directory local "
                    "to the configuration directory.");
    for (size_t i = 0; i < flags->variables.n; i++) {
        const struct variable_arg *arg = &flags->variables.at[i];
        if (arg->is_file && !fs_exists(arg->text))
            diags_error(cli->diags, nowhere, "Failed to read variables file",
                        "Given variables file %.*s does not exist.", STR_ARG(arg->text));
    }
    return !diags_failed(cli->diags);
}

static int by_path(const void *a, const void *b) {
    const struct test_record *x = a, *y = b;
    return str_cmp(x->file->path, y->file->path);
}

static int run(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct flags *flags = untyped;
    struct test_report report = {.cli = cli, .verbose = flags->verbose};
    struct session session = session_start(cli);
    struct diags *late = diags_new(cli->arena);
    (void)rest;
    (void)n_rest; /* the reference ignores them, too */
    operation_catch_signals();
    cli->json = flags->json;
    if (cli->json)
        event_json_version(cli);
    if (flags->parallelism < 1)
        diags_error(cli->diags, nowhere, "Invalid -parallelism",
                    "The -parallelism option must be a positive whole number.");
    if (diags_failed(cli->diags) || !check_paths(cli, flags) ||
        !add_folder(&report, flags, S(".")) || !add_folder(&report, flags, flags->test_directory) ||
        !session_load_config(&session)) {
        ui_diags(cli);
        return 1;
    }
    if (!str_eq(flags->test_directory, defaults.test_directory))
        session_check_test_directory(&session, flags->test_directory);
    if (report.n > 1)
        qsort(report.at, report.n, sizeof *report.at, by_path);
    (void)ui_diags(cli);
    test_report_found(&report);
    for (size_t i = 0; i < report.n; i++)
        run_file(&report, flags, &session, late, &report.at[i]);
    diags_append(cli->diags, late);
    (void)ui_diags(cli);
    bool ok = test_report_summary(&report);
    if (flags->junit_xml.len)
        ok = test_report_junit(&report, flags->junit_xml) && ok;
    return ui_diags(cli) && ok ? 0 : 1;
}

const struct command command_test = {
    .name = "test",
    .synopsis = "[options]",
    .summary = "Run the tests of the current module",
    .help = "  Runs the blocks of every .tftest.hcl file in this folder and in \"tests\": each\n"
            "  plans or applies the module and checks the result. What a file has made is\n"
            "  destroyed when its runs are done.",
    .options = options,
    .n_options = COUNT(options),
    .flags_size = sizeof(struct flags),
    .defaults = &defaults,
    .run = run,
};
