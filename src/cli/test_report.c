/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/test_report.h"

#include "base/arena.h"
#include "base/buf.h"
#include "cli/event_json.h"
#include "cli/json_out.h"
#include "cli/plan_view.h"
#include "cli/state_view.h"
#include "cli/test_details.h"
#include "cli/wrap.h"

static const struct str status_names[] = {STR("pending"), STR("skip"), STR("pass"), STR("fail"),
                                          STR("error")};

/* People read "fail" for an error too. */
static struct str status_word(enum test_status status) {
    return status_names[status == TEST_ERROR ? TEST_FAIL : status];
}

static const char *status_colour(const struct cli *cli, enum test_status status) {
    switch (status) {
    case TEST_PASS:
        return ui_code(cli, UI_GREEN);
    case TEST_FAIL:
    case TEST_ERROR:
        return ui_code(cli, UI_RED);
    default:
        return ui_code(cli, UI_DIM);
    }
}

/* One JSON line about a file or a run. */
struct notice {
    const struct test_file *file;
    const struct test_run *run; /* or NULL */
    struct str message;
    struct str progress;
    enum test_status status; /* TEST_PENDING: none */
    bool elapsed;
};

static void send(struct cli *cli, const struct notice *notice) {
    struct buf body;
    struct json_out json = {.to = &body};
    buf_init(&body, BUF_MAX_TEXT);
    json_out_open(&json, '{');
    json_out_member(&json, S("path"), notice->file->path);
    if (notice->run)
        json_out_member(&json, S("run"), notice->run->name);
    json_out_member(&json, S("progress"), notice->progress);
    if (notice->elapsed)
        json_out_key(&json, S("elapsed")), json_out_int(&json, 0);
    if (notice->status != TEST_PENDING)
        json_out_member(&json, S("status"), status_names[notice->status]);
    json_out_close(&json, '}');
    event_json_line(cli, &(struct event_line){
                             .message = notice->message,
                             .test_file = notice->file->path,
                             .test_run = notice->run ? notice->run->name : S(""),
                             .type = notice->run ? S("test_run") : S("test_file"),
                             .body = buf_str(&body),
                         });
    buf_clear(&body);
}

static size_t count_runs(const struct test_report *report) {
    size_t n = 0;
    for (size_t i = 0; i < report->n; i++)
        n += report->at[i].file->n_runs;
    return n;
}

void test_report_found(struct test_report *report) {
    struct cli *cli = report->cli;
    size_t runs = count_runs(report);
    if (!cli->json)
        return;
    struct buf body;
    struct json_out json = {.to = &body};
    buf_init(&body, BUF_MAX_TEXT);
    json_out_open(&json, '{');
    for (size_t i = 0; i < report->n; i++) {
        const struct test_file *file = report->at[i].file;
        json_out_key(&json, file->path);
        json_out_open(&json, '[');
        for (size_t k = 0; k < file->n_runs; k++) {
            json_out_item(&json);
            json_out_str(&json, file->runs[k].name);
        }
        json_out_close(&json, ']');
    }
    json_out_close(&json, '}');
    event_json_line(cli, &(struct event_line){
                             .message = str_format(
                                 cli->arena, "Found %zu file%s and %zu run block%s", report->n,
                                 report->n == 1 ? "" : "s", runs, runs == 1 ? "" : "s"),
                             .type = S("test_abstract"),
                             .body = buf_str(&body),
                         });
    buf_clear(&body);
}

void test_report_file_start(struct test_report *report, const struct test_file *file) {
    struct cli *cli = report->cli;
    struct str text = str_cat(cli->arena, file->path, S("... in progress"));
    if (cli->json) {
        send(cli, &(struct notice){.file = file, .message = text, .progress = S("starting")});
        return;
    }
    ui_outf(cli, "%.*s... %sin progress%s\n", STR_ARG(file->path), ui_code(cli, UI_DIM),
            ui_code(cli, UI_RESET));
}

/* For programs only: people are told of a run when it is over. */
static void send_step(struct cli *cli, const struct test_file *file, const struct test_run *run,
                      struct str progress, const char *words) {
    struct str text = str_format(cli->arena, "  \"%.*s\"... %s", STR_ARG(run->name), words);
    if (cli->json)
        send(cli,
             &(struct notice){
                 .file = file, .run = run, .message = text, .progress = progress, .elapsed = true});
}

void test_report_run_start(struct test_report *report, const struct test_file *file,
                           const struct test_run *run) {
    send_step(report->cli, file, run, S("starting"), "in progress");
}

void test_report_run_tear_down(struct test_report *report, const struct test_file *file,
                               const struct test_run *run) {
    send_step(report->cli, file, run, S("teardown"), "tearing down");
}

static void wrapped(struct cli *cli, struct str text) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    wrap_text(&out, text, cli->width);
    ui_err(buf_str(&out));
    buf_clear(&out);
}

static void send_left_over(struct cli *cli, struct str where, const struct state *left) {
    struct buf body;
    struct json_out json = {.to = &body};
    size_t n;
    struct state_entry *entries = state_entries(cli->arena, left, &n);
    buf_init(&body, BUF_MAX_TEXT);
    json_out_open(&json, '{');
    json_out_key(&json, S("failed_resources"));
    json_out_open(&json, '[');
    for (size_t i = 0; i < n; i++) {
        json_out_item(&json);
        json_out_open(&json, '{');
        json_out_member(&json, S("instance"), addr_instance_text(cli->arena, &entries[i].addr));
        json_out_close(&json, '}');
    }
    json_out_close(&json, ']');
    json_out_close(&json, '}');
    event_json_line(cli, &(struct event_line){
                             .level = EVENT_LEVEL_ERROR,
                             .message = str_format(
                                 cli->arena,
                                 UI_PRODUCT " left some resources in state after executing %.*s, "
                                            "they need to be cleaned up manually.",
                                 STR_ARG(where)),
                             .test_file = cli->test_file,
                             .test_run = cli->test_run,
                             .type = S("test_cleanup"),
                             .body = buf_str(&body),
                         });
    buf_clear(&body);
}

static void say_left_over(struct cli *cli, struct str where, const struct state *left) {
    size_t n;
    struct state_entry *entries = state_entries(cli->arena, left, &n);
    ui_err(S("\n"));
    wrapped(cli, str_format(cli->arena,
                            UI_PRODUCT " left the following resources in state after executing "
                                       "%.*s, and they need to be cleaned up manually:",
                            STR_ARG(where)));
    ui_err(S("\n"));
    for (size_t i = 0; i < n; i++)
        ui_errf(cli, "  - %.*s\n", STR_ARG(addr_instance_text(cli->arena, &entries[i].addr)));
}

void test_report_left_over(struct test_report *report, const struct test_file *file,
                           const struct test_run *run, const struct state *left) {
    struct cli *cli = report->cli;
    struct str where = str_format(cli->arena, "%.*s/%.*s", STR_ARG(file->path), STR_ARG(run->name));
    cli->test_file = file->path;
    cli->test_run = run->name;
    if (cli->json)
        send_left_over(cli, where, left);
    else
        wrapped(cli, str_format(cli->arena,
                                UI_PRODUCT " encountered an error destroying resources created "
                                           "while executing %.*s.",
                                STR_ARG(where)));
    if (!cli->json)
        ui_err(S("\n"));
    (void)ui_diags(cli);
    if (!cli->json)
        say_left_over(cli, where, left);
    cli->test_file = cli->test_run = S("");
}

static void send_details(struct test_report *report, const struct test_file *file,
                         const struct test_run *run, const struct test_result *result) {
    struct buf body;
    buf_init(&body, BUF_MAX_DOCUMENT);
    test_details_write(report->cli, result, &body);
    if (body.len)
        event_json_line(report->cli,
                        &(struct event_line){
                            .message = result->plan ? S("-verbose flag enabled, printing plan")
                                                    : S("-verbose flag enabled, printing state"),
                            .test_file = file->path,
                            .test_run = run->name,
                            .type = result->plan ? S("test_plan") : S("test_state"),
                            .body = buf_str(&body),
                        });
    buf_clear(&body);
}

static void show_details(struct test_report *report, const struct test_result *result) {
    struct cli *cli = report->cli;
    if (result->plan) {
        struct plan_view view = {.in_automation = true};
        plan_view_show(cli, result->plan, &view);
        ui_out(S("\n"));
    } else if (result->state) {
        struct state_view view = {false};
        struct pool *pool = pool_new(cli->arena, &result->providers);
        ui_out(S("\n"));
        (void)state_view_show(cli, result->state, pool, &view);
        pool_close(pool);
        ui_out(S("\n"));
    }
}

void test_report_run(struct test_report *report, const struct test_file *file,
                     const struct test_run *run, const struct test_result *result) {
    struct cli *cli = report->cli;
    struct str word = status_word(result->status);
    if (cli->json)
        send(cli, &(struct notice){
                      .file = file,
                      .run = run,
                      .message = str_format(cli->arena, "  \"%.*s\"... %.*s", STR_ARG(run->name),
                                            STR_ARG(word)),
                      .progress = S("complete"),
                      .status = result->status,
                  });
    else
        ui_outf(cli, "  run \"%.*s\"... %s%.*s%s\n", STR_ARG(run->name),
                status_colour(cli, result->status), STR_ARG(word), ui_code(cli, UI_RESET));
    if (report->verbose && cli->json)
        send_details(report, file, run, result);
    else if (report->verbose)
        show_details(report, result);
    cli->test_file = file->path;
    cli->test_run = run->name;
    if (result->diags)
        diags_append(cli->diags, result->diags);
    (void)ui_diags(cli);
    cli->test_file = cli->test_run = S("");
}

void test_report_tear_down(struct test_report *report, const struct test_file *file) {
    struct cli *cli = report->cli;
    struct str text = str_cat(cli->arena, file->path, S("... tearing down"));
    if (cli->json) {
        send(cli, &(struct notice){.file = file, .message = text, .progress = S("teardown")});
        return;
    }
    ui_outf(cli, "%.*s... %stearing down%s\n", STR_ARG(file->path), ui_code(cli, UI_DIM),
            ui_code(cli, UI_RESET));
}

void test_report_file(struct test_report *report, const struct test_record *record) {
    struct cli *cli = report->cli;
    struct str word = status_word(record->status);
    if (cli->json) {
        send(cli, &(struct notice){
                      .file = record->file,
                      .message = str_format(cli->arena, "%.*s... %.*s", STR_ARG(record->file->path),
                                            STR_ARG(word)),
                      .progress = S("complete"),
                      .status = record->status,
                  });
        return;
    }
    ui_outf(cli, "%.*s... %s%.*s%s\n", STR_ARG(record->file->path),
            status_colour(cli, record->status), STR_ARG(word), ui_code(cli, UI_RESET));
}

static void send_summary(struct cli *cli, enum test_status status, struct str text,
                         const size_t counts[]) {
    struct buf body;
    struct json_out json = {.to = &body};
    static const struct {
        struct str name;
        enum test_status status;
    } members[] = {{STR("passed"), TEST_PASS},
                   {STR("failed"), TEST_FAIL},
                   {STR("errored"), TEST_ERROR},
                   {STR("skipped"), TEST_SKIP}};
    buf_init(&body, BUF_MAX_TEXT);
    json_out_open(&json, '{');
    json_out_member(&json, S("status"), status_names[status]);
    for (size_t i = 0; i < COUNT(members); i++) {
        json_out_key(&json, members[i].name);
        json_out_int(&json, (int64_t)counts[members[i].status]);
    }
    json_out_close(&json, '}');
    event_json_line(cli, &(struct event_line){
                             .message = text, .type = S("test_summary"), .body = buf_str(&body)});
    buf_clear(&body);
}

bool test_report_summary(struct test_report *report) {
    struct cli *cli = report->cli;
    size_t counts[TEST_ERROR + 1] = {0};
    enum test_status status = TEST_PASS;
    for (size_t i = 0; i < report->n; i++) {
        const struct test_record *record = &report->at[i];
        status = record->status > status ? record->status : status;
        for (size_t k = 0; k < record->file->n_runs; k++)
            counts[record->results[k].status]++;
    }
    counts[TEST_SKIP] += counts[TEST_PENDING];
    bool ok = status == TEST_PASS;
    struct str text =
        str_format(cli->arena, "%s %zu passed, %zu failed", ok ? "Success!" : "Failure!",
                   counts[TEST_PASS], counts[TEST_FAIL] + counts[TEST_ERROR]);
    if (counts[TEST_SKIP])
        text = str_format(cli->arena, "%.*s, %zu skipped", STR_ARG(text), counts[TEST_SKIP]);
    text = str_cat(cli->arena, text, S("."));
    if (cli->json) {
        send_summary(cli, status, text, counts);
        return ok;
    }
    ptrdiff_t word = str_find_byte(text, ' ');
    ui_outf(cli, "\n%s%.*s%s%.*s\n", ui_code(cli, ok ? UI_GREEN : UI_RED), (int)word, text.at,
            ui_code(cli, UI_RESET), STR_ARG(str_slice(text, (size_t)word, text.len)));
    return ok;
}
