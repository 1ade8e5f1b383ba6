/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Outbound web identity federation: tokens that say who a caller is to services elsewhere, signed
 * with keys of the account, and the documents by which such services find those keys. Handlers.
 */
#ifndef LOAM_ISSUER_H
#define LOAM_ISSUER_H

#include "server/call.h"

bool issuer_enable(struct call *call);
bool issuer_disable(struct call *call);
bool issuer_info(struct call *call);
bool issuer_issue_token(struct call *call);

/* The keys of an issuer (without its scheme) that is an account of this server. */
bool issuer_own_keys(struct call *call, struct str issuer, struct str *ret_jwks);
/* Answers GET of an issuer's configuration and keys; false: that is not what was asked for. */
bool issuer_publish(struct server *server, struct arena *arena, const struct http_request *http,
                    struct str *ret_document);

#endif
