/* SPDX-License-Identifier: Apache-2.0 */
/* Names that the service makes: unique ids, access key ids, secrets. */
#ifndef LOAM_IDENT_H
#define LOAM_IDENT_H

#include "base/str.h"

struct arena;

/* Prefix and random capitals and digits, 21 characters; an empty prefix gives 24 (certificates). */
struct str ident_new(struct arena *arena, const char *prefix);
/* 20 characters; the account is coded into them as AWS does, so that ident_account finds it. */
struct str ident_access_key(struct arena *arena, const char *prefix, struct str account);
/* The account of an access key id; false when it carries none. */
bool ident_account(struct arena *arena, struct str access_key_id, struct str *ret_account);
/* 40 characters, as secret access keys. */
struct str ident_secret(struct arena *arena);

#endif
