/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Data keys of AWS KMS for what is encrypted at rest: OpenTofu's key provider aws_kms. A key is
 * made by GenerateDataKey, only its wrapped form is kept with what it encrypts, and Decrypt gives
 * it back.
 */
#ifndef LOAM_KMS_H
#define LOAM_KMS_H

#include "eval/eval.h"

struct kms;

struct kms_key {
    struct str plain;   /* the key itself: never to be shown or written */
    struct str wrapped; /* what KMS makes it from again */
};

/* The arguments of a `key_provider "aws_kms"` block, without a request. */
bool kms_read(struct arena *arena, const struct scope *scope, const struct block *block,
              struct kms **ret_kms, struct diags *diags);
/* Its encrypted_metadata_alias, or empty. */
struct str kms_alias(const struct kms *kms);
/* Each call is one request, with the credentials of that moment. Errors name the block and have the
 * service's words. */
bool kms_generate(const struct kms *kms, struct arena *arena, struct kms_key *ret_key,
                  struct diags *diags);
bool kms_decrypt(const struct kms *kms, struct arena *arena, struct str wrapped,
                 struct str *ret_plain, struct diags *diags);

#endif
