/* SPDX-License-Identifier: Apache-2.0 */
/*
 * State and plans at rest under a key, as OpenTofu's `encryption` block has it: key providers
 * pbkdf2 and aws_kms, methods aes_gcm and unencrypted, a chain of fallbacks for reading. Files that
 * OpenTofu wrote are read and the other way round.
 */
#ifndef LOAM_ENCRYPTION_H
#define LOAM_ENCRYPTION_H

#include "eval/eval.h"

struct encryption;

/* Reads the block (or the text of TF_ENCRYPTION as a body); `scope` gives what var.x and local.x in
 * it mean; target is "state" or "plan". A key of a key service is made here. *ret is NULL when it
 * has no such block. */
bool encryption_read(struct arena *arena, const struct scope *scope, const struct body *body,
                     struct str target, struct encryption **ret_encryption, struct diags *diags);
/* encryption NULL: the bytes themselves. Each call takes a new nonce, and a new salt where a
 * passphrase is the key. */
bool encryption_seal(const struct encryption *encryption, struct arena *arena, struct str plain,
                     int64_t serial, struct str lineage, struct str *ret_bytes,
                     struct diags *diags);
/* Plain bytes pass only where `unencrypted` is the method or a fallback. */
bool encryption_open(const struct encryption *encryption, struct arena *arena, struct str bytes,
                     struct str *ret_plain, struct diags *diags);

#endif
