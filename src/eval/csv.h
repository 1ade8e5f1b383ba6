/* SPDX-License-Identifier: Apache-2.0 */
/* Comma-separated values (RFC 4180), one row at a time, with the errors of Go's reader. */
#ifndef LOAM_CSV_H
#define LOAM_CSV_H

#include "base/str.h"

struct arena;

struct csv {
    struct arena *arena;
    struct str text;
    size_t at;
    size_t line;      /* of the last row, from 1 */
    size_t n_fields;  /* of the first row; the others must have as many */
    struct str error; /* why csv_next stopped; empty at the end of the text */
};

struct csv_row {
    struct str *fields;
    size_t n, cap;
};

bool csv_next(struct csv *csv, struct csv_row *ret_row);

#endif
