/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A real account taken over from the answer of iam:GetAccountAuthorizationDetails: users, groups,
 * roles, policies and what hangs on them, under their own ids. The answer has no credentials, so
 * nobody but root can sign until keys are made.
 */
#ifndef LOAM_SNAPSHOT_H
#define LOAM_SNAPSHOT_H

#include "base/str.h"

struct arena;
struct json;
struct server;

/* The number of the account that a document is the answer of; empty: it is none. */
struct str snapshot_account(struct arena *arena, struct str document);
/* Adds all of it to the account; what is there already must have other names. */
bool snapshot_import(struct server *server, struct arena *arena, const struct json *details,
                     struct str *ret_error);

#endif
