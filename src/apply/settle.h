/* SPDX-License-Identifier: Apache-2.0 */
/* A planned object once everything that its configuration waited for is known. */
#ifndef LOAM_SETTLE_H
#define LOAM_SETTLE_H

#include "value/value.h"

/*
 * `planned` with each unknown part replaced by that part of `final`, the configuration evaluated
 * again with computed attributes left unknown. What the plan knew stays as planned. Both unmarked.
 */
struct value settle_planned(struct arena *arena, struct value planned, struct value final);
/* v with null for every unknown, so that it can be kept. */
struct value settle_known(struct arena *arena, struct value v);

#endif
