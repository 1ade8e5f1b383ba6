/* SPDX-License-Identifier: Apache-2.0 */
/* Releases of hashicorp/aws and the version constraints of configurations. */
#ifndef LOAM_RELEASE_H
#define LOAM_RELEASE_H

#include "base/str.h"

struct arena;

/* The release whose schema this is, for configurations that leave the choice open. */
#define RELEASE_DEFAULT "6.64.0"

/* The newest 5.x or 6.x release that every constraint ("~> 6.0, != 6.2.0") admits, or empty. */
struct str release_choose(struct arena *arena, const struct str *constraints, size_t n);

#endif
