/* SPDX-License-Identifier: Apache-2.0 */
/* The well-known policies that AWS itself manages, as far as a rehearsal needs them. */
#ifndef LOAM_AWS_MANAGED_H
#define LOAM_AWS_MANAGED_H

#include "store/store.h"

struct arena;

/* Puts them into a new store. */
void aws_managed_add(struct store_tx *tx, struct arena *arena);
/*
 * And those of a folder that are not there yet: NAME.json is arn:aws:iam::aws:policy/NAME, in a
 * folder service-role it is arn:aws:iam::aws:policy/service-role/NAME.
 */
void aws_managed_load(struct store_tx *tx, struct arena *arena, struct str folder);

#endif
