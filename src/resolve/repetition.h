/* SPDX-License-Identifier: Apache-2.0 */
/* The meta-arguments that say how often: evaluated and checked in the reference's words. */
#ifndef LOAM_REPETITION_H
#define LOAM_REPETITION_H

#include "resolve/frame.h"

/* allow_unknown: for validate; an unknown then passes and the result is of no meaning. */
bool repetition_count(struct frame *frame, struct arena *arena, const struct expr *expr,
                      bool allow_unknown, int64_t *ret_count, struct diags *diags);
/* A map, object or set of strings. */
bool repetition_each(struct frame *frame, struct arena *arena, const struct expr *expr,
                     bool allow_unknown, struct value *ret_value, struct diags *diags);
bool repetition_enabled(struct frame *frame, struct arena *arena, const struct expr *expr,
                        bool allow_unknown, bool *ret_enabled, struct diags *diags);

#endif
