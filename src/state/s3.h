/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The few requests to S3 and DynamoDB that keep state there, and to KMS for its keys: signed, with
 * the AWS credential chain, tried again when the service is not well.
 */
#ifndef LOAM_S3_H
#define LOAM_S3_H

#include "diag/diag.h"
#include "value/value.h"

struct arena;
struct s3;

struct s3_answer {
    int status;
    struct str body;
    struct str code, message; /* of an error */
};

/* config: the arguments of an s3 backend; without a bucket only tables and keys can be asked for.
 * NULL with errors. */
struct s3 *s3_open(struct arena *arena, struct value config, struct diags *diags);
void s3_close(struct s3 *s3);

struct s3_header {
    struct str name, value;
};

/* key is the plain object key, or empty for the bucket itself. false: *ret_error says why there was
 * no answer; an answer with an error status is an answer. */
bool s3_object(struct s3 *s3, struct arena *arena, struct str method, struct str key,
               struct str query, const struct s3_header *headers, size_t n_headers, struct str body,
               struct s3_answer *ret_answer, struct str *ret_error);
/* operation: "PutItem"; body is its JSON. */
bool s3_table(struct s3 *s3, struct arena *arena, const char *operation, struct str body,
              struct s3_answer *ret_answer, struct str *ret_error);
/* The same of KMS; operation: "Decrypt". */
bool s3_keys(struct s3 *s3, struct arena *arena, const char *operation, struct str body,
             struct s3_answer *ret_answer, struct str *ret_error);

#endif
