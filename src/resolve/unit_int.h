/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOAM_UNIT_INT_H
#define LOAM_UNIT_INT_H

#include "resolve/unit.h"

/* Adds the edges of all references, reporting those that lead nowhere (unit_refs.c). */
void unit_refs_connect(struct units *units, struct diags *diags);
#endif
