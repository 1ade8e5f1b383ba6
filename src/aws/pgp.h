/* SPDX-License-Identifier: Apache-2.0 */
/* OpenPGP (RFC 4880, RFC 9580) as far as encrypting a short secret for one public key goes. */
#ifndef LOAM_PGP_H
#define LOAM_PGP_H

#include "base/str.h"

struct arena;

struct pgp_key {
    struct str fingerprint;        /* of the primary key, hex */
    int algorithm;                 /* 1 RSA, 18 ECDH */
    uint8_t id[8];                 /* of the key that encrypts */
    struct str n, e;               /* RSA */
    struct str curve, point, kdf;  /* ECDH: curve OID, MPI bytes, hash and cipher */
    uint8_t fingerprint_bytes[20]; /* of the key that encrypts */
};

/* base64 of a binary public key, or "keybase:NAME" (which needs the network and is refused here).
 */
bool pgp_key_read(struct arena *arena, struct str text, struct pgp_key *ret_key,
                  struct str *ret_error);
/* A whole message: session key and encrypted, integrity-protected data. */
bool pgp_encrypt(struct arena *arena, const struct pgp_key *key, struct str secret,
                 struct str *ret_message, struct str *ret_error);

#endif
