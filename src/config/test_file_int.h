/* SPDX-License-Identifier: Apache-2.0 */
/* How the readers of test files share their work. */
#ifndef LOAM_TEST_FILE_INT_H
#define LOAM_TEST_FILE_INT_H

#include "config/config_int.h"
#include "config/test_file.h"

struct test_override_list {
    struct test_override *at;
    size_t n, cap;
};

/* test_file_mock.c */
bool test_file_is_override(struct str block_type);
void test_file_override(const struct config_reader *reader, const struct block *block,
                        struct test_override_list *list);
void test_file_mock(const struct config_reader *reader, const struct block *block,
                    struct test_mock_provider *ret_mock);

/*
 * Is this the first block of its type in a run block or a file (what)? seen: where the first is,
 * none yet when its file is 0.
 */
bool test_file_once(const struct config_reader *reader, const struct block *block, const char *what,
                    struct span *seen);

/* test_file_run.c */
void test_file_inputs(const struct config_reader *reader, const struct block *block,
                      struct test_inputs *inputs);
void test_file_run(const struct config_reader *reader, const struct block *block,
                   struct test_run *run);

#endif
