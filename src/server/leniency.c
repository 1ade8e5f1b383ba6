/* SPDX-License-Identifier: Apache-2.0 */
#include "server/leniency.h"

#include "server/action_table.h"
#include "server/server_int.h"

/* Beginnings of the messages that are forgiven: paths without slashes, names with spaces. */
static const struct str forgiven[] = {
    STR("The specified value for path is invalid."),
    STR("The specified value for newPath is invalid."),
    STR("The specified value for policyName is invalid."),
};

bool leniency_forgives(struct call *call) {
    struct fault *fault = call->fault;
    if (!call->server->permissive || fault->code != FAULT_VALIDATION ||
        call->action->kind == KIND_MFA)
        return false;
    bool hit = str_starts(fault->text, S("1 validation error")) &&
               str_find(fault->text, S("at 'pathPrefix' failed")) >= 0;
    for (size_t i = 0; i < COUNT(forgiven); i++)
        hit |= str_starts(fault->text, forgiven[i]);
    if (hit)
        *fault = (struct fault){0};
    return hit;
}

bool leniency_takes_trust(const struct call *call) {
    return call->server->permissive;
}
