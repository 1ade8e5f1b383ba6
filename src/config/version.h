/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Version numbers and the constraints on them ("Version Constraints"): `>= 1.2, < 2.0, ~> 1.4`.
 */
#ifndef LOAM_VERSION_H
#define LOAM_VERSION_H

#include "base/str.h"

struct arena;

struct version {
    int64_t parts[3];
    int n_parts;           /* as written: 1 to 3; the rest count as 0 */
    struct str prerelease; /* without the dash */
    struct str metadata;
};

enum version_op {
    VERSION_EQUAL,
    VERSION_NOT_EQUAL,
    VERSION_GREATER,
    VERSION_LESS,
    VERSION_GREATER_EQUAL,
    VERSION_LESS_EQUAL,
    VERSION_PESSIMISTIC, /* ~> */
};

struct version_constraint {
    enum version_op op;
    struct version version;
};

/* All must hold. */
struct version_constraints {
    struct version_constraint *at;
    size_t n;
};

bool version_parse(struct str text, struct version *ret_version);
int version_order(const struct version *a, const struct version *b);

bool version_parse_constraints(struct arena *arena, struct str text,
                               struct version_constraints *ret_constraints);
/* As commands show them: by version, numbers filled up, none twice. A text that is none stays. */
struct str version_constraints_text(struct arena *arena, struct str text);
/* A prerelease satisfies only a constraint that names a prerelease of the same numbers. */
bool version_allowed(const struct version *version, const struct version_constraints *constraints);
/* Do all n texts of constraints allow it? A text that is none allows nothing. */
bool version_admitted(struct arena *arena, const struct version *version, const struct str *texts,
                      size_t n);

#endif
