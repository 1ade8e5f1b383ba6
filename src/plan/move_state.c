/* SPDX-License-Identifier: Apache-2.0 */
/* An object that moved to another type, or to another provider: its state is told anew. */
#include "plan/plan_int.h"

#include "base/json.h"
#include "value/as_json.h"

static struct str json_text(struct arena *arena, struct value v, const struct type *type) {
    struct buf text;
    buf_init(&text, BUF_MAX_DOCUMENT);
    as_json_write(&text, v, type, false);
    return buf_take(&text, arena);
}

static bool is_other_kind(const struct prior *prior) {
    const struct unit *unit = prior->unit;
    return prior->moved && unit && unit->schema && prior->instance->current &&
           prior->addr.resource.mode == MODE_MANAGED &&
           (!str_eq(prior->prev_addr->resource.type, prior->addr.resource.type) ||
            !addr_provider_eq(prior->provider->provider, unit->provider_addr.provider));
}

/* The object in the words of its new type; NULL with errors. */
static struct state_object *translate(struct planner *p, const struct prior *prior,
                                      struct diags *diags) {
    const struct unit *unit = prior->unit;
    const struct schema *schema = unit->schema;
    const struct state_object *old = prior->instance->current;
    struct json_error error;
    struct provider *plain = pool_plain(p->pool, unit->provider_addr.provider, diags);
    if (!plain || !plain->ops->move)
        return NULL;
    const struct provider_move_request request = {
        .from_provider = addr_provider_text(p->arena, prior->provider->provider),
        .from_type = prior->prev_addr->resource.type,
        .from_version = old->schema_version,
        .state = state_attributes(p->arena, old),
        .private_ = old->private_,
        .identity = old->identity.len ? json_parse(p->arena, old->identity, &error) : NULL,
        .identity_version = old->identity_schema_version,
        .to = prior->addr.resource.type,
    };
    struct provider_move_response moved;
    if (!request.state || !plain->ops->move(plain, p->arena, &request, &moved, diags))
        return NULL;
    if (value_is_null(moved.state)) {
        struct str address = addr_instance_text(p->arena, &prior->addr);
        diags_error(diags, (struct span){0}, "Provider returned invalid value",
                    "The provider returned no object when it moved the state of %.*s.",
                    STR_ARG(address));
        return NULL;
    }
    struct state_object *object = arena_copy(p->arena, old, sizeof *old);
    object->attributes = json_text(p->arena, moved.state, schema_type(schema->block));
    object->schema_version = schema->version;
    object->sensitive = (struct paths){0};
    object->private_ = moved.private_;
    object->identity = S("");
    if (moved.identity.kind == VALUE_OBJECT && schema->identity) {
        object->identity =
            json_text(p->arena, moved.identity, schema_object_type(schema->identity));
        object->identity_schema_version = schema->identity_version;
    }
    return object;
}

void move_state_translate(struct planner *p, struct diags *diags) {
    for (size_t i = 0; i < p->n_priors; i++) {
        struct prior *prior = &p->priors[i];
        if (!is_other_kind(prior))
            continue;
        struct state_object *object = translate(p, prior, diags);
        if (!object)
            continue;
        prior->instance->current = object;
        prior->resource->provider = prior->unit->provider_addr;
        prior->instance->provider_key = (struct key){.kind = KEY_NONE};
        prior->provider = &prior->unit->provider_addr;
    }
}
