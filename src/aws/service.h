/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configured account: API calls with its credentials, page after page where an answer has
 * pages, and faults as diagnostics in the provider's frame. While a bulk refresh (prefetch.h) holds
 * what single reads would return, reads are answered from it; the first write drops it.
 */
#ifndef LOAM_SERVICE_H
#define LOAM_SERVICE_H

#include "aws/api.h"
#include "diag/diag.h"

struct service;

/* Resolves credentials and, unless told not to, the account. */
struct service *service_new(struct arena *arena, const struct settings *settings,
                            const struct aws_transport *transport, struct diags *diags);
void service_free(struct service *service);
void service_stop(struct service *service);

const struct settings *service_settings(const struct service *service);
/* Empty when the account was not asked for. */
struct str service_account(const struct service *service);
struct str service_partition(const struct service *service);
uint64_t service_calls(const struct service *service);
const struct tag_policy *service_tag_policy(const struct service *service);
/* The service's clock, as its answers tell it: never ahead of it. */
int64_t service_now_ms(const struct service *service);

/* Between service_making() and service_made() something is made of which only the answer tells the
 * id (then noted), or, alone, is looked for. */
void service_making(struct service *service, bool alone);
void service_made(struct service *service);
void service_note_made(struct service *service, struct str id);
/* Alone only. */
bool service_is_made(const struct service *service, struct str id);

/* NULL and *ret_fault on failure; ret_fault->repeated is set in any case. */
struct message *service_call(struct service *service, struct arena *arena, int action,
                             const struct message *request, struct fault *ret_fault);
/* The same with all pages: lists of the later ones are appended to those of the first. */
struct message *service_list(struct service *service, struct arena *arena, int action,
                             struct message *request, struct fault *ret_fault);
/* Page after page, until visit() says false; false and *ret_fault on failure. */
bool service_pages(struct service *service, struct arena *arena, int action,
                   struct message *request,
                   bool (*visit)(void *context, const struct message *page), void *context,
                   struct fault *ret_fault);
struct message *service_request(struct arena *arena, int action);

/* Reads are answered from what is held (holdings.h), now the service's, until something changes. */
struct holdings;
void service_preload(struct service *service, struct holdings *held);

#endif
