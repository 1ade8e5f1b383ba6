/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/plan_int.h"

void relevant_find(struct planner *p)
{
    (void)p;
}
