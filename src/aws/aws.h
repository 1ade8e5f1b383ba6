/* SPDX-License-Identifier: Apache-2.0 */
/* The native AWS IAM provider: answers for hashicorp/aws as far as IAM and STS go. */
#ifndef LOAM_AWS_H
#define LOAM_AWS_H

#include "provider/provider.h"

struct server;

/* How requests to `loam:PATH` reach the embedded IAM, given by the command line (aws/ does not know
 * server/): sends one signed request, returns status and body. */
struct aws_transport {
    bool (*send)(void *context, struct arena *arena, struct str endpoint, struct str method,
                 struct str path, const struct str *header_names, const struct str *header_values,
                 size_t n_headers, struct str body, int *ret_status, struct str *ret_body,
                 struct str *ret_request_id, struct str *ret_error);
    /* Root credentials of that store, for runs without credentials. */
    bool (*root_key)(void *context, struct arena *arena, struct str endpoint,
                     struct str *ret_access_key_id, struct str *ret_secret);
    void *context;
};

struct provider *aws_open(struct arena *arena, const struct aws_transport *transport);
/* A release of hashicorp/aws that loam stands for, to satisfy `constraint` ("~> 6.0"); empty: none.
 */
struct str aws_version(struct arena *arena, const struct str *constraints, size_t n);

#endif
