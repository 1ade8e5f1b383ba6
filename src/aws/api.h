/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One API action against IAM or STS: endpoint, signature, retries. Calls may run on many threads.
 * Retries follow the SDKs' standard mode ("Retry behavior", AWS SDKs reference guide): exponential
 * delay with full jitter, at most 20 s, for throttling, server errors and lost connections.
 */
#ifndef LOAM_API_H
#define LOAM_API_H

#include <stdatomic.h>

#include "aws/aws.h"
#include "aws/settings.h"
#include "wire/message.h"
#include "wire/sigv4.h"

struct api;
struct client;

/* Where a service is and how requests to it are signed. */
struct api_endpoint {
    struct str url; /* "https://iam.amazonaws.com" or "loam:PATH" */
    struct str sign_region;
    bool in_process;
    const char *wrong; /* why nothing can be sent there; NULL: it can */
};

struct api *api_new(struct arena *arena, const struct settings *settings,
                    const struct aws_transport *transport);
void api_free(struct api *api);

const struct model_action *api_action(int action);
const struct api_endpoint *api_endpoint(const struct api *api, enum model_service service);
/* Where another service of the credential chain is: as configured, or empty. `upper` is its name in
 * variables, `service` in files. */
struct str api_other_url(const struct api *api, struct arena *arena, const char *upper,
                         struct str service, struct str from_block);
/* The embedded IAM's root key when IAM is in process, for runs that have no credentials. */
bool api_root_key(struct api *api, struct arena *arena, struct credentials *ret);

/*
 * NULL and *ret_fault when the service refused or could not be reached; fault.text is then complete
 * for "operation error IAM: CreateUser, " but for its head: see api_fault_text. credentials NULL:
 * unsigned.
 */
struct message *api_call(struct api *api, struct arena *arena, int action,
                         const struct message *request, const struct credentials *credentials,
                         struct fault *ret_fault);
/* "operation error IAM: CreateUser, https response error StatusCode: 409, RequestID: x, Code: y" */
struct str api_fault_text(struct arena *arena, int action, const struct fault *fault);

uint64_t api_calls(const struct api *api);
/* The clock of the service that answered last, never ahead of it; ours while none has told. */
int64_t api_now_ms(struct api *api);
/* The HTTP client, made on first use, for credential sources; NULL when it cannot be loaded. */
struct client *api_client(struct api *api, struct arena *arena, struct str *ret_error);
/* Running calls give up at their next attempt. */
void api_stop(struct api *api);

#endif
