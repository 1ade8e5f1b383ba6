/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/model.h"

#include "base/arena.h"
#include "wire/model_ids.h"

static const struct model_api *const apis[SERVICE_COUNT] = {
    [SERVICE_IAM] = &model_iam,
    [SERVICE_STS] = &model_sts,
};

const struct model_api *model_api(enum model_service service) {
    return apis[service];
}

const struct model_action *model_by_id(int action_id) {
    if (action_id < 0 || action_id >= A_COUNT)
        bug("no such action id");
    return action_id < model_iam.n_actions ? &model_iam.actions[action_id]
                                           : &model_sts.actions[action_id - model_iam.n_actions];
}

int model_id(const struct model_action *action) {
    if (action->service == SERVICE_IAM)
        return (int)(action - model_iam.actions);
    return (int)(action - model_sts.actions) + model_iam.n_actions;
}

const struct model_action *model_action(struct str name, struct str version) {
    for (int s = 0; s < SERVICE_COUNT; s++) {
        if (version.len && !str_eq(version, apis[s]->version))
            continue;
        size_t low = 0, high = apis[s]->n_actions;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            int order = str_cmp(name, apis[s]->actions[middle].name);
            if (order == 0)
                return &apis[s]->actions[middle];
            if (order < 0)
                high = middle;
            else
                low = middle + 1;
        }
    }
    return NULL;
}

const struct model_shape *model_shape(const struct model_action *action, int32_t index) {
    return index < 0 ? NULL : &apis[action->service]->shapes[index];
}

int model_member(const struct model_shape *shape, struct str name) {
    for (int i = 0; i < shape->n_members; i++)
        if (str_eq(shape->members[i].name, name))
            return i;
    return -1;
}
