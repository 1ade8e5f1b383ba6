/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What bulk calls showed of an account, and the answers of single reads made from it. Only objects
 * that somebody wants are kept, as they were told; an answer is made when it is asked for, so that
 * a large account costs what its objects do and not what could be asked of them.
 */
#ifndef LOAM_HOLDINGS_H
#define LOAM_HOLDINGS_H

#include "aws/service.h"
#include "wire/message.h"

enum holdings_kind {
    HOLDINGS_USER,
    HOLDINGS_ROLE,
    HOLDINGS_GROUP,
    HOLDINGS_POLICY, /* by ARN: its default version */
    HOLDINGS_USE,    /* by ARN: who has the policy */
    HOLDINGS_LIST,   /* by name of the action: a list that is the same for all who ask */
    HOLDINGS_KINDS,
};

/* An object as far as it is known. */
struct held;
struct holdings;

/* Empty, in memory of its own. */
struct holdings *holdings_new(void);
void holdings_free(struct holdings *h);
/* The kind of object that a single read asks of, and the request member that names it (-1: none);
 * HOLDINGS_KINDS when no bulk call can stand for the read. */
enum holdings_kind holdings_kind_of(int action, int *ret_member);
void holdings_want(struct holdings *h, enum holdings_kind kind, struct str name);

/* What a page of GetAccountAuthorizationDetails or ListRoles shows is copied where it is wanted.
 * Roles are whole only when both have shown them. */
void holdings_take_details(struct holdings *h, const struct message *page);
void holdings_take_roles(struct holdings *h, const struct message *page);
/* The answer of a list without arguments. */
void holdings_take_list(struct holdings *h, int action, const struct message *answer);

/* The answer to a single read, in arena and with texts of `h`; NULL: not known. */
struct message *holdings_answer(const struct holdings *h, struct arena *arena, int action,
                                const struct message *request);

#endif
