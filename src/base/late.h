/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Libraries that only some commands need, opened at their door on first use: a start that does not
 * touch the net, a database or a terminal pays for none of them.
 */
#ifndef LOAM_LATE_H
#define LOAM_LATE_H

#include <stdbool.h>
#include <stddef.h>

struct late_symbol {
    const char *name;
    void **to; /* a function pointer of the right type */
};

/*
 * Opens a shared library, for example "libpq.so.5", and finds each symbol; false: it or one of them
 * is not there. It stays open until the process ends.
 */
bool late_open(const char *file, const struct late_symbol *symbols, size_t n);
/* Why this thread's last late_open() failed. */
const char *late_error(void);

#endif
