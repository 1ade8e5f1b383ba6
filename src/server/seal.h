/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets at rest: AES-256-GCM under a key that lies in a file of its own (0600), so that a copy of
 * the database alone gives none away.
 */
#ifndef LOAM_SEAL_H
#define LOAM_SEAL_H

#include "base/str.h"

struct arena;

struct seal {
    uint8_t key[32];
};

/* Reads the key file, or makes it. */
bool seal_open(struct seal *seal, struct str file, struct arena *scratch, struct str *ret_error);
/* A key that dies with the process. */
void seal_random(struct seal *seal);
/* Base64 of nonce, ciphertext and tag. */
struct str seal_text(const struct seal *seal, struct arena *arena, struct str plain);
/* false: not sealed with this key, or changed since. */
bool seal_unseal(const struct seal *seal, struct arena *arena, struct str sealed,
                 struct str *ret_plain);

#endif
