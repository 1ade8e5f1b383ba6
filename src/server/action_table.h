/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the server does for each action of the API: the handler, whether it writes, and what the
 * action is done to, which is all that authorization needs to know.
 */
#ifndef LOAM_ACTION_TABLE_H
#define LOAM_ACTION_TABLE_H

#include "server/call.h"

/* What stands in a policy's Resource for the action. */
enum target {
    TARGET_NONE,   /* "*" */
    TARGET_ENTITY, /* what member `name` names; the caller's user when it is optional and absent */
    TARGET_NEW,    /* the ARN that a new entity of that name will have */
    TARGET_LIST,   /* all of a kind below the path that `name` gives */
    TARGET_FREE,   /* needs no permission, or asks for it itself */
};

enum writes {
    WRITES_NOT,
    WRITES,
    WRITES_SOMETIMES, /* when member `a` is given, or the server is permissive */
};

struct action {
    bool (*run)(struct call *call);
    enum writes writes;
    enum target target;
    enum kind_id kind;
    int name; /* request member that names the target, or -1 */
    int a, b; /* further members, as the handler has it; with TARGET_NEW, `a` is the path */
};

/* Whether this call needs a transaction that writes. */
bool action_table_writes(const struct call *call);
/* NULL: not offered. */
const struct action *action_table_row(int action_id);

#endif
