/* SPDX-License-Identifier: Apache-2.0 */
/* A plan as people read it: what changed outside, what will be done and why, and the counts. */
#ifndef LOAM_PLAN_VIEW_H
#define LOAM_PLAN_VIEW_H

#include "cli/ui.h"
#include "steps/steps.h"

struct plan_view {
    bool show_sensitive;
    bool in_automation; /* leaves out suggestions of commands */
};

/* Prints to stdout. */
void plan_view_show(struct cli *cli, const struct plan *plan, const struct plan_view *view);
/* The line that separates the plan from what is said about it. */
void plan_view_rule(struct cli *cli);

#endif
