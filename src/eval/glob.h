/* SPDX-License-Identifier: Apache-2.0 */
/* File name patterns of fileset(): ?, *, **, [a-z], [^a], {a,b}, and \ before a plain character. */
#ifndef LOAM_GLOB_H
#define LOAM_GLOB_H

#include "base/str.h"

struct arena;

bool glob_is_valid(struct str pattern);
/*
 * Paths of regular files below dir that match a valid pattern, relative to it; false: there are
 * too many folders to look into. A folder that cannot be read has no files.
 */
bool glob_files(struct arena *arena, struct str dir, struct str pattern, struct str **ret_paths,
                size_t *ret_n);

#endif
