/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One API call on its way through the server: who asks for what, in which transaction, and what is
 * answered. A handler reads `request`, fills `response`, and returns false when it has set the
 * fault.
 */
#ifndef LOAM_CALL_H
#define LOAM_CALL_H

#include "server/kind.h"
#include "store/entity.h"
#include "store/store.h"
#include "wire/fault.h"
#include "wire/message.h"
#include "wire/model_ids.h"
#include "wire/sigv4.h"

struct action;
struct server;
struct session;

enum caller_kind {
    CALLER_NOBODY, /* unsigned actions */
    CALLER_ROOT,
    CALLER_USER,
    CALLER_ROLE,      /* a session of a role */
    CALLER_FEDERATED, /* a session of GetFederationToken */
    CALLER_ANYONE,    /* an unknown key of a permissive server */
};

struct caller {
    enum caller_kind kind;
    struct str account;
    struct str arn; /* as GetCallerIdentity tells it */
    struct str id;  /* aws:userid */
    struct str access_key_id;
    struct entity *entity;         /* user or role, or NULL */
    const struct session *session; /* temporary credentials, or NULL */
};

struct call {
    struct server *server;
    struct arena *arena;
    struct store_tx *tx;
    const struct action *action;
    const struct model_action *model;
    const struct http_request *http;
    struct message *request, *response;
    struct fault *fault;
    struct caller caller;
    struct str account;   /* the caller's, or where an unsigned action works */
    struct str partition; /* "aws" */
    struct str region;
    struct str peer;
    struct str request_id;
    int64_t now_ms;
};

/* Sets the fault; returns false for the handler to return. */
bool call_fail(struct call *call, enum fault_code code, const char *format, ...) PRINTF_LIKE(3, 4);
/* A member of the request; empty when -1. */
struct str call_str(const struct call *call, int member);
/* "arn:aws:iam::123456789012:user/path/name" */
struct str call_arn(const struct call *call, struct str account, const char *type, struct str path,
                    struct str name);
/* RFC 3986 escapes, as policy documents are answered. */
struct str call_escaped(const struct call *call, struct str text);

/* What remains of a list after one page. */
struct page {
    struct str after; /* key behind which the page starts */
    int64_t size;
};

/* Reads Marker and MaxItems. A broken marker is a fault. */
bool call_page(struct call *call, struct page *ret_page);
/*
 * Sets IsTruncated and Marker. Fetch one more than `size`; `have` is what came, and the result is
 * how many of them to answer. last_key is the key of the last that is answered.
 */
size_t call_page_count(const struct page *page, size_t have);
void call_page_end(struct call *call, const struct page *page, size_t have, struct str last_key);

#endif
