/* SPDX-License-Identifier: Apache-2.0 */
/* JSON Web Tokens (RFC 7519) with RSA and ECDSA signatures; keys as JWK sets (RFC 7517). */
#ifndef LOAM_JWT_H
#define LOAM_JWT_H

#include "base/json.h"
#include "base/str.h"

struct arena;

struct jwt {
    struct str signed_part; /* "header.payload" */
    struct str signature;   /* decoded */
    struct json *header, *payload;
};

/* Takes a token apart; false: it is none. Nothing is verified. */
bool jwt_read(struct arena *arena, struct str token, struct jwt *ret_jwt);
/* By the key of the set that the header names. RS256/384/512 and ES256/384 only. */
bool jwt_verify(struct arena *arena, const struct jwt *jwt, struct str jwks);
/* Signs a payload with a private key (PEM); algorithm RS256 or ES384. Empty on failure. */
struct str jwt_sign(struct arena *arena, struct str payload, struct str algorithm, struct str pem,
                    struct str key_id);
/* The public half of a private key (PEM) as a JSON Web Key. */
struct str jwt_public_key(struct arena *arena, struct str pem, struct str algorithm,
                          struct str key_id);
/* A new private key for an algorithm, as PEM. */
struct str jwt_new_key(struct arena *arena, struct str algorithm);

#endif
