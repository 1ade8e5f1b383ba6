/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many reads at the price of a few: GetAccountAuthorizationDetails and ListRoles show what single
 * reads would, a hundred and more objects a call. Their answers are cut into those of single reads,
 * so that whatever reads them finds the same either way.
 */
#ifndef LOAM_PREFETCH_H
#define LOAM_PREFETCH_H

#include "aws/resource.h"

/* What bulk calls could save. */
struct prefetch_plan;

struct prefetch_plan *prefetch_plan_new(struct arena *arena);
void prefetch_plan_free(struct prefetch_plan *plan);
/* Counts the reads of one object: op->now is its state. */
void prefetch_plan_add(struct prefetch_plan *plan, struct op *op);
/*
 * Fetches when that is fewer calls than single reads. False when the caller may not: *ret_fault
 * says why, in the service's words.
 */
bool prefetch_run(struct prefetch_plan *plan, struct service *service, struct arena *scratch,
                  struct str *ret_fault);

#endif
