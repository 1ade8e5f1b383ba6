/* SPDX-License-Identifier: Apache-2.0 */
/* The test files of a workspace, for the commands that read them without running them. */
#ifndef LOAM_TEST_FILES_H
#define LOAM_TEST_FILES_H

#include "cli/session.h"
#include "config/test_file.h"

struct test_files {
    struct test_file **at;
    size_t n, cap;
};

/* Reads those of the folder of the configuration and of `dir` in it ("tests" when empty). */
void test_files_read(struct cli *cli, struct str config_dir, struct str dir,
                     struct test_files *ret_files, struct diags *diags);
/* Does the run have a local module of its own, which is used where it lies? */
bool test_files_has_module(const struct test_run *run);
/* "test.tests.file.run": how the list of installed modules names that module. */
struct str test_files_key(struct arena *arena, const struct test_file *file,
                          const struct test_run *run);
/* Checks the modules that only tests run, which init must have seen; false with errors. */
bool test_files_validate(struct session *s, const struct test_files *files);

#endif
