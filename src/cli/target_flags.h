/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses given to -target, -exclude and -replace, and the files of -target-file and
 * -exclude-file. What cannot be read is told with the flag's name and the text as it was given.
 */
#ifndef LOAM_TARGET_FLAGS_H
#define LOAM_TARGET_FLAGS_H

#include "addr/addr.h"
#include "cli/command.h"

/* What a flag's addresses may name. */
enum target_flags_kind { TARGET_FLAGS_TARGET, TARGET_FLAGS_EXCLUDE, TARGET_FLAGS_REPLACE };

/* Appends the addresses in files, one a line, without empty lines and comments. */
bool target_flags_add_files(struct cli *cli, const struct str_list *files, struct str_list *list);
/* One target for each text; false with an error for every text that is no such address. */
bool target_flags_parse(struct cli *cli, enum target_flags_kind kind, const struct str_list *texts,
                        struct target **ret_targets);

#endif
