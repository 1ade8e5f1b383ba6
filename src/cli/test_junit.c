/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/fs.h"
#include "cli/test_report.h"
#include "diag/diag_render.h"

#define JUNIT_WIDTH 78

static void add_attribute(struct buf *out, const char *name, struct str text) {
    buf_addf(out, " %s=\"", name);
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c == '&' || c == '<' || c == '>' || c == '"' || c < ' ')
            buf_addf(out, "&#%u;", c);
        else
            buf_byte(out, text.at[i]);
    }
    buf_byte(out, '"');
}

/* The end mark cannot stand inside such a section, so it is divided between two. */
static void add_section(struct arena *scratch, struct buf *out, struct str text) {
    struct str safe = str_replace(scratch, text, S("]]>"), S("]]]]><![CDATA[>"));
    buf_addf(out, "<![CDATA[%.*s]]>", STR_ARG(safe));
}

static struct str render(const struct cli *cli, const struct diags *diags, enum severity severity) {
    struct buf text;
    buf_init(&text, BUF_MAX_TEXT);
    for (size_t i = 0; diags && i < diags->n; i++)
        if (diags->at[i].severity == severity)
            diag_render_text(&text, &diags->at[i], cli->sources, false, JUNIT_WIDTH);
    return buf_take(&text, cli->arena);
}

/* How many assertions failed, and what the one said if it was one. */
static struct str failure_message(struct arena *arena, const struct test_run *run,
                                  const struct diags *diags) {
    size_t failed = 0;
    struct str said = S("");
    for (size_t i = 0; i < diags->n; i++)
        if (diags->at[i].severity == SEVERITY_ERROR && failed++ == 0)
            said = diags->at[i].detail;
    if (failed == 1)
        return str_format(arena, "1 of %zu assertions failed: %.*s", run->asserts.n, STR_ARG(said));
    return str_format(arena, "%zu of %zu assertions failed", failed, run->asserts.n);
}

static struct str errored_before(const struct test_record *record, size_t run) {
    for (size_t i = 0; i < run; i++)
        if (record->results[i].status == TEST_ERROR)
            return record->file->runs[i].name;
    return S("");
}

static void add_skipped(struct arena *arena, struct buf *out, const struct test_record *record,
                        size_t run) {
    struct str before = errored_before(record, run);
    if (!before.len) {
        buf_add_c(out, "\n      <skipped></skipped>\n    ");
        return;
    }
    buf_add_c(out,
              "\n      <skipped message=\"Testcase skipped due to a previous testcase error\">");
    add_section(arena, out,
                str_format(arena,
                           "Previous testcase \"%.*s\" ended in error, which caused the remaining "
                           "tests in the file to be skipped",
                           STR_ARG(before)));
    buf_add_c(out, "</skipped>\n    ");
}

static void add_outcome(const struct cli *cli, struct buf *out, const struct test_record *record,
                        size_t run) {
    const struct test_result *result = &record->results[run];
    struct str errors = render(cli, result->diags, SEVERITY_ERROR);
    struct str warnings = render(cli, result->diags, SEVERITY_WARNING);
    bool failed = result->status == TEST_FAIL;
    if (failed || result->status == TEST_ERROR) {
        buf_add_c(out, failed ? "\n      <failure" : "\n      <error");
        add_attribute(out, "message",
                      failed ? failure_message(cli->arena, &record->file->runs[run], result->diags)
                             : S("Encountered an error"));
        buf_byte(out, '>');
        add_section(cli->arena, out, errors);
        buf_add_c(out, failed ? "</failure>" : "</error>");
    }
    if (warnings.len) {
        buf_add_c(out, "\n      <system-err>");
        add_section(cli->arena, out, warnings);
        buf_add_c(out, "</system-err>");
    }
    if (result->status != TEST_PASS || warnings.len)
        buf_add_c(out, "\n    ");
}

static void add_case(const struct cli *cli, struct buf *out, const struct test_record *record,
                     size_t run) {
    const struct test_result *result = &record->results[run];
    bool ran = result->status > TEST_SKIP;
    buf_add_c(out, "    <testcase");
    add_attribute(out, "name", record->file->runs[run].name);
    add_attribute(out, "classname", record->file->path);
    if (ran) {
        struct str when = clock_rfc3339(cli->arena, result->start_ms);
        buf_addf(out, " time=\"%lld.%03d\"", (long long)(result->elapsed_ms / 1000),
                 (int)(result->elapsed_ms % 1000));
        add_attribute(out, "timestamp", when);
    }
    buf_byte(out, '>');
    if (ran)
        add_outcome(cli, out, record, run);
    else
        add_skipped(cli->arena, out, record, run);
    buf_add_c(out, "</testcase>\n");
}

static size_t count(const struct test_record *record, enum test_status status) {
    size_t n = 0;
    for (size_t i = 0; i < record->file->n_runs; i++)
        n += record->results[i].status == status;
    return n;
}

static void add_suite(const struct cli *cli, struct buf *out, const struct test_record *record) {
    buf_add_c(out, "  <testsuite");
    add_attribute(out, "name", record->file->path);
    buf_addf(out, " tests=\"%zu\" skipped=\"%zu\" failures=\"%zu\" errors=\"%zu\">\n",
             record->file->n_runs, count(record, TEST_SKIP) + count(record, TEST_PENDING),
             count(record, TEST_FAIL), count(record, TEST_ERROR));
    for (size_t i = 0; i < record->file->n_runs; i++)
        add_case(cli, out, record, i);
    buf_add_c(out, "  </testsuite>\n");
}

bool test_report_junit(struct test_report *report, struct str path) {
    struct buf out;
    buf_init(&out, BUF_MAX_DOCUMENT);
    buf_add_c(&out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><testsuites>\n");
    for (size_t i = 0; i < report->n; i++)
        add_suite(report->cli, &out, &report->at[i]);
    buf_add_c(&out, "</testsuites>");
    int error = fs_write(path, buf_str(&out), 0644);
    buf_clear(&out);
    if (error)
        diags_error(report->cli->diags, (struct span){.file = 0}, "Failed to save JUnit file",
                    "Could not write %.*s: %.*s.", STR_ARG(path),
                    STR_ARG(fs_error_text(report->cli->arena, error)));
    return error == 0;
}
