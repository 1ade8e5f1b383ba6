/* SPDX-License-Identifier: Apache-2.0 */
/* What `test` tells while it runs, as text or as lines of JSON, and the JUnit file at its end. */
#ifndef LOAM_TEST_REPORT_H
#define LOAM_TEST_REPORT_H

#include "cli/test_run.h"

/* A file and what became of its runs. */
struct test_record {
    const struct test_file *file;
    struct test_result *results; /* for each run of the file */
    enum test_status status;
};

struct test_report {
    struct cli *cli;
    bool verbose;
    struct test_record *at;
    size_t n;
};

void test_report_found(struct test_report *report);
void test_report_file_start(struct test_report *report, const struct test_file *file);
void test_report_run_start(struct test_report *report, const struct test_file *file,
                           const struct test_run *run);
/* With its diagnostics and, when verbose, its plan or state. */
void test_report_run(struct test_report *report, const struct test_file *file,
                     const struct test_run *run, const struct test_result *result);
void test_report_tear_down(struct test_report *report, const struct test_file *file);
/* Before the objects of the last run that applied are destroyed, and when that failed: what is left
 * is named, since nothing else knows of it. */
void test_report_run_tear_down(struct test_report *report, const struct test_file *file,
                               const struct test_run *run);
void test_report_left_over(struct test_report *report, const struct test_file *file,
                           const struct test_run *run, const struct state *left);
void test_report_file(struct test_report *report, const struct test_record *record);
/* The counts; true when nothing failed. */
bool test_report_summary(struct test_report *report);
/* Writes the JUnit file; false: an error was added to cli->diags. */
bool test_report_junit(struct test_report *report, struct str path);

#endif
