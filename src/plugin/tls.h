/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS to a plugin as go-plugin has it: each side makes itself a certificate that nobody else has
 * and takes only the one certificate that the other side named over the pipe. Bytes in, bytes out:
 * the connection's owner does the reading and writing. libssl is loaded on first use.
 */
#ifndef LOAM_TLS_H
#define LOAM_TLS_H

#include "base/buf.h"

struct tls;
struct tls_key;

/* A fresh key with its certificate, or NULL when there is no libssl. */
struct tls_key *tls_key_new(void);
void tls_key_free(struct tls_key *key);
/* The certificate in PEM, in arena. */
struct str tls_key_pem(const struct tls_key *key, struct arena *arena);

/*
 * A session over a connected socket, greeted already: certificate is the peer's as it stands in the
 * handshake line, base64 of DER. NULL: *ret_error says why. Waits ten seconds at most.
 */
struct tls *tls_connect(struct arena *arena, int fd, const struct tls_key *key,
                        struct str certificate, struct str *ret_error);
/* What was received, decrypted, behind ret_plain; answers of the protocol itself go to out. */
bool tls_open(struct tls *t, struct str bytes, struct buf *ret_plain, struct buf *out);
/* plain, encrypted, behind out. */
bool tls_seal(struct tls *t, struct str plain, struct buf *out);
void tls_free(struct tls *t);

#endif
