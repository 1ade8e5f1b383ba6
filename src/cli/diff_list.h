/* SPDX-License-Identifier: Apache-2.0 */
/* Which elements of two lists, lines of two texts or members of two sets belong together. */
#ifndef LOAM_DIFF_LIST_H
#define LOAM_DIFF_LIST_H

#include "value/value.h"

/* One past the end of a side means "none there". */
typedef void diff_list_visit(void *context, size_t before_at, size_t after_at);

/* Equal as JSON has them: marks do not count, unknown is null, a list is a tuple. */
bool diff_list_equal(struct value a, struct value b);

/*
 * Visits the elements of two lists in the order in which they are shown. Lists of one length are
 * compared place by place, others by their longest common subsequence; `objects` pairs removed and
 * added elements that stand at the same place, so that they show as changed.
 */
void diff_list_pairs(struct arena *scratch, struct value before, struct value after, bool objects,
                     diff_list_visit *visit, void *context);
/* The same for lines of text, always by common subsequence. */
void diff_list_lines(struct arena *scratch, const struct str *before, size_t n_before,
                     const struct str *after, size_t n_after, diff_list_visit *visit,
                     void *context);
/*
 * For each element of before the equal one of after, or SIZE_MAX; taken marks those of after.
 * Costs n log n.
 */
void diff_list_match_sets(struct arena *scratch, struct value before, struct value after,
                          size_t *pair, bool *taken);

#endif
