/* SPDX-License-Identifier: Apache-2.0 */
/* Deleting one object: current or deposed, alone or as half of a replacement. */
#include "apply/apply_int.h"

#include "apply/outcome.h"
#include "apply/settle.h"
#include "base/arena.h"

/* The deposed key that this node is about; empty: the current object. */
static struct str deposed_key(struct task *task) {
    if (task->change->action == ACTION_CREATE_DELETE)
        return task->run->progress[task->index].deposed;
    return task->change->deposed;
}

static void check_result(struct task *task, struct value result) {
    if (diags_failed(task->diags) || value_is_null(result))
        return;
    diags_error(task->diags, (struct span){0},
                "Provider returned invalid result object after apply",
                "After applying a Delete plan, the provider returned a non-null object for %.*s. "
                "Destroying should always produce a null value, so this is always a bug in the "
                "provider and should be reported in the provider's own repository. Loam will "
                "still save this errant object in the state for debugging and recovery.",
                STR_ARG(task->address));
}

static void keep_result(struct task *task, struct str deposed, const struct state_object *old,
                        const struct provider_apply_response *response) {
    if (value_is_null(response->state)) {
        if (diags_failed(task->diags))
            outcome_unchanged(task, deposed);
        else
            outcome_save(task, deposed, NULL);
        return;
    }
    struct paths sensitive = old->sensitive;
    struct value left = settle_known(task->scratch, response->state);
    outcome_save(task, deposed,
                 &(struct outcome){
                     .value = path_mark(task->scratch, left, &sensitive, VALUE_SENSITIVE),
                     .private_ = response->private_,
                     .identity = response->identity,
                     .tainted = old->tainted,
                 });
}

static bool delete_object(struct task *task, struct provider *provider, struct str deposed,
                          const struct state_object *old) {
    struct change *change = task->change;
    const struct type *type = schema_type(change->schema->block);
    const struct provider_apply_request request = {
        .type = change->addr.resource.type,
        .prior = value_unmark_deep(task->scratch, change->before),
        .planned = value_null(type),
        .config = value_null(type),
        .private_ = change->private_.len > 0 ? change->private_ : old->private_,
        .identity = change->identity,
    };
    struct provider_apply_response response = {0};
    size_t from = task->diags->n;
    if (!outcome_intent(task, deposed, S("delete"), request.planned))
        return false;
    provider->ops->apply(provider, task->scratch, &request, &response, task->diags);
    apply_blame(task, from);
    check_result(task, response.state);
    keep_result(task, deposed, old, &response);
    return !diags_failed(task->diags);
}

static bool destroy_object(struct task *task, struct str deposed, const struct state_object *old) {
    struct provider *provider = apply_provider(task);
    if (!provider)
        return false;
    struct event event = apply_event(task, EVENT_APPLY_START, ACTION_DELETE, task->change->before);
    event.deposed = deposed;
    ticker_begin(&task->run->ticker, task->worker->index, &event);
    bool provisioned =
        deposed.len > 0 || old->tainted || provision_run(task, task->change->before, true);
    bool done = provisioned && delete_object(task, provider, deposed, old);
    if (done) {
        pthread_mutex_lock(&task->run->lock);
        task->run->counts.destroyed++;
        pthread_mutex_unlock(&task->run->lock);
    }
    apply_end(task, event, !done, value_null(type_dynamic));
    return done;
}

bool destroy_run(struct task *task) {
    struct str deposed = deposed_key(task);
    if (task->change->action == ACTION_CREATE_DELETE && deposed.len == 0)
        return true;
    const struct state_object *old = outcome_object(task, deposed);
    if (!old)
        return true;
    if (task->change->action != ACTION_FORGET)
        return destroy_object(task, deposed, old);
    outcome_forget(task, deposed);
    pthread_mutex_lock(&task->run->lock);
    task->run->counts.forgotten++;
    pthread_mutex_unlock(&task->run->lock);
    return true;
}
