/* SPDX-License-Identifier: Apache-2.0 */
/* Regular expressions: RE2, whose syntax is the language's own and whose time is linear. */
#ifndef LOAM_RE2_SHIM_H
#define LOAM_RE2_SHIM_H

#include "base/str.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Why a pattern is refused: as Go's regexp/syntax says it, and the part of the pattern. */
struct re2_shim_error {
    const char *code; /* constant text */
    char part[256];
    size_t part_len;
};

struct re2_shim;

/* NULL when the pattern is malformed. Free with re2_shim_free(). */
struct re2_shim *re2_shim_new(struct str pattern, struct re2_shim_error *ret_error);
void re2_shim_free(struct re2_shim *re);
int re2_shim_groups(const struct re2_shim *re);
/* Name of a group (from 1); an empty view when it has none. */
struct str re2_shim_group_name(const struct re2_shim *re, int group);
/* First match at or behind start. ret_groups has groups + 1 places; .at NULL: not taken part. */
bool re2_shim_match(const struct re2_shim *re, struct str text, size_t start,
                    struct str *ret_groups);

#ifdef __cplusplus
}
#endif

#endif
