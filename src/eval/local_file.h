/* SPDX-License-Identifier: Apache-2.0 */
/* Files as functions of the language name them: `~`, the module's folder, errors in its words. */
#ifndef LOAM_LOCAL_FILE_H
#define LOAM_LOCAL_FILE_H

#include "eval/func.h"

/* The path of argument `arg`, home folder filled in, relative ones below the scope's folder. */
struct str local_file_path(const struct func_call *call, size_t arg);
/* "~" and "~/x" */
struct str local_file_expand(struct arena *arena, struct str path);
/* For file() and its like: failures are about the argument. */
bool local_file_read(struct func_call *call, size_t arg, struct str *ret_bytes);
/* The same for a file that must be UTF-8. */
bool local_file_read_text(struct func_call *call, size_t arg, struct str *ret_text);
/* For the hashes: "open x: no such file or directory". */
bool local_file_open(struct func_call *call, size_t arg, struct str *ret_bytes);

#endif
