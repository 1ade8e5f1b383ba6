/* SPDX-License-Identifier: Apache-2.0 */
#include "steps/steps.h"

bool steps_action_replaces(enum action action) {
    return action == ACTION_DELETE_CREATE || action == ACTION_CREATE_DELETE ||
           action == ACTION_FORGET_CREATE;
}

struct str steps_reason_name(enum action_reason reason) {
    static const struct str names[] = {
        [REASON_NONE] = STR(""),
        [REASON_REPLACE_TAINTED] = STR("replace_because_tainted"),
        [REASON_REPLACE_REQUESTED] = STR("replace_by_request"),
        [REASON_REPLACE_CANNOT_UPDATE] = STR("replace_because_cannot_update"),
        [REASON_REPLACE_TRIGGERS] = STR("replace_by_triggers"),
        [REASON_DELETE_NO_RESOURCE] = STR("delete_because_no_resource_config"),
        [REASON_DELETE_WRONG_REPETITION] = STR("delete_because_wrong_repetition"),
        [REASON_DELETE_COUNT_INDEX] = STR("delete_because_count_index"),
        [REASON_DELETE_EACH_KEY] = STR("delete_because_each_key"),
        [REASON_DELETE_NO_MODULE] = STR("delete_because_no_module"),
        [REASON_DELETE_NO_MOVE_TARGET] = STR("delete_because_no_move_target"),
        [REASON_READ_CONFIG_UNKNOWN] = STR("read_because_config_unknown"),
        [REASON_READ_DEPENDENCY_PENDING] = STR("read_because_dependency_pending"),
        [REASON_READ_CHECK_NESTED] = STR("read_because_check_nested"),
        [REASON_DELETE_NOT_ENABLED] = STR("delete_because_enabled_false"),
        [REASON_FORGET_CONFIG] = STR("forgot_because_lifecycle_destroy_in_config"),
        [REASON_FORGET_STATE] = STR("forgot_because_lifecycle_destroy_in_state"),
    };
    return (size_t)reason < COUNT(names) ? names[reason] : S("");
}

bool steps_is_forgotten(const struct change *change) {
    return change->action == ACTION_FORGET &&
           (change->reason == REASON_FORGET_CONFIG || change->reason == REASON_FORGET_STATE);
}

static void count_change(struct plan_counts *counts, const struct change *change) {
    if (change->addr.resource.mode != MODE_MANAGED)
        return;
    if (change->importing)
        counts->import++;
    if (change->moved)
        counts->move++;
    switch (change->action) {
    case ACTION_CREATE:
        counts->add++;
        break;
    case ACTION_UPDATE:
        counts->change++;
        break;
    case ACTION_DELETE:
        counts->destroy++;
        break;
    case ACTION_DELETE_CREATE:
    case ACTION_CREATE_DELETE:
        counts->add++;
        counts->destroy++;
        break;
    case ACTION_FORGET_CREATE:
        counts->add++;
        counts->forget++;
        break;
    case ACTION_FORGET:
        counts->forget += steps_is_forgotten(change);
        break;
    case ACTION_NOOP:
    case ACTION_READ:
    case ACTION_OPEN:
        break;
    }
}

struct plan_counts steps_counts(const struct plan *plan) {
    struct plan_counts counts = {0};
    for (size_t i = 0; i < plan->n_changes; i++)
        count_change(&counts, plan->changes[i]);
    return counts;
}

bool steps_has_changes(const struct plan *plan) {
    for (size_t i = 0; i < plan->n_changes; i++) {
        const struct change *change = plan->changes[i];
        if (change->action == ACTION_OPEN)
            continue;
        if (change->action != ACTION_NOOP || change->moved || change->importing)
            return true;
    }
    for (size_t i = 0; i < plan->n_outputs; i++)
        if (plan->outputs[i].action != ACTION_NOOP)
            return true;
    /* A move alone is nothing that a refresh found. */
    for (size_t i = 0; plan->mode == PLAN_REFRESH_ONLY && i < plan->n_drifts; i++)
        if (plan->drifts[i].action != ACTION_NOOP)
            return true;
    return false;
}
