/* SPDX-License-Identifier: Apache-2.0 */
/* AWS Signature Version 4 ("Create a signed AWS API request"), signing and checking. */
#ifndef LOAM_SIGV4_H
#define LOAM_SIGV4_H

#include "base/str.h"
#include "wire/fault.h"

struct arena;

struct http_header {
    struct str name; /* any case */
    struct str value;
};

struct http_request {
    struct str method;
    struct str path;  /* as sent, without the query */
    struct str query; /* without '?' */
    const struct http_header *headers;
    size_t n_headers;
    struct str body;
};

struct credentials {
    struct str access_key_id;
    struct str secret_access_key;
    struct str session_token; /* or empty */
};

/* Headers to add: X-Amz-Date, X-Amz-Security-Token, Authorization. */
struct http_header *sigv4_sign(struct arena *arena, const struct http_request *request,
                               const struct credentials *credentials, struct str region,
                               struct str service, int64_t now_ms, size_t *ret_n);

/* What a request claims, parsed from the Authorization header or the query (presigned). */
struct sigv4_claim {
    bool present; /* false: no signature at all */
    bool presigned;
    struct str access_key_id, date, region, service;
    struct str signed_headers; /* "host;x-amz-date" */
    struct str signature;
    struct str session_token;
    int64_t time_ms;
    int64_t expires_s; /* presigned */
};

bool sigv4_parse(struct arena *arena, const struct http_request *request,
                 struct sigv4_claim *ret_claim, struct fault *ret_fault);
/* Signature, date (skew_ms, 0 = not checked) and expiry; fault in AWS's words. */
bool sigv4_verify(struct arena *arena, const struct http_request *request,
                  const struct sigv4_claim *claim, struct str secret_access_key, int64_t now_ms,
                  int64_t skew_ms, struct fault *ret_fault);

#endif
