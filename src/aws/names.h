/* SPDX-License-Identifier: Apache-2.0 */
/* Names and ids that the provider makes up: prefix, UTC time and a counter, 26 characters. */
#ifndef LOAM_NAMES_H
#define LOAM_NAMES_H

#include "base/str.h"

struct arena;

/* Distinct within the process; "terraform-" when prefix is empty. */
struct str names_unique(struct arena *arena, struct str prefix);
/* The prefix of a name that names_unique made, else empty. */
struct str names_prefix(struct str name);

#endif
