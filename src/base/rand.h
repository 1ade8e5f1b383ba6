/* SPDX-License-Identifier: Apache-2.0 */
/* Randomness from the system's generator; fit for keys. */
#ifndef LOAM_RAND_H
#define LOAM_RAND_H

#include "base/str.h"

struct arena;

void rand_bytes(void *out, size_t n);
/* Uniform in [0, limit). */
uint64_t rand_below(uint64_t limit);
/* n characters, each drawn from alphabet. */
struct str rand_text(struct arena *arena, size_t n, struct str alphabet);
/* Version 4, lower case. */
struct str rand_uuid(struct arena *arena);

#endif
