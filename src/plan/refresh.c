/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/plan_int.h"

#include "resolve/locate.h"

/* Marks of the old value that its new one can still carry. */
static struct value keep_marks(struct arena *arena, struct value old, struct value v) {
    if (!(value_marks_inside(old) & VALUE_SENSITIVE) || value_is_null(v))
        return v;
    struct paths paths = {0};
    path_marked(arena, old, VALUE_SENSITIVE, &paths);
    return path_mark(arena, v, &paths, VALUE_SENSITIVE);
}

bool refresh_prior(struct job *job, struct item *item, struct provider *provider,
                   const struct schema *schema, const struct body *body, bool read) {
    struct prior *prior = item->prior;
    bool deposed = item->kind == ITEM_DEPOSED;
    const struct state_object *object =
        deposed ? &prior->instance->deposed[item->deposed].object : prior->instance->current;
    struct str key = deposed ? prior->instance->deposed[item->deposed].key : S("");
    struct provider *plain = pool_plain(job->p->pool, prior->provider->provider, &job->diags);
    struct str address = addr_instance_text(job->arena, &prior->addr);
    struct value before;
    if (deposed) {
        if (!prior_object_value(job, object, schema, plain, address, &before))
            return false;
    } else {
        if (!prior_decode(job, prior, schema, plain))
            return false;
        before = prior->value;
    }
    if (!prior_identity(job, object, schema, plain, address, &item->identity))
        return false;
    item->after = before;
    item->has_after = true;
    item->private_after = object->private_;
    if (!read || !job->p->options->refresh)
        return true;
    job_event(job, EVENT_REFRESH_START, &prior->addr, key, before, 0, S(""));
    struct provider_read_response response = {0};
    size_t first = job->diags.n;
    const struct provider_read_request request = {.type = schema->name,
                                                  .state = value_unmark_deep(job->scratch, before),
                                                  .private_ = object->private_,
                                                  .identity = item->identity};
    bool ok = provider->ops->read(provider, job->scratch, &request, &response, &job->diags);
    locate_diags(job->arena, &job->diags, first, address, body, schema->block);
    if (!ok)
        return false;
    struct value v = keep_marks(job->scratch, before, response.state);
    item->after = job_keep(job, job_mark_schema(job->scratch, schema, v), before);
    item->private_after = job_keep_text(job, response.private_, object->private_);
    item->identity_after = value_keep(job->arena, job->scratch, response.identity);
    item->refreshed = true;
    job_event(job, EVENT_REFRESH_DONE, &prior->addr, key, item->after, 0, S(""));
    return true;
}
