/* SPDX-License-Identifier: Apache-2.0 */
/* list blocks: what exists, asked of the provider, and the blocks that would import it. */
#include "plan/plan_int.h"

#include "config/decode.h"
#include "resolve/locate.h"

#define LIMIT_DEFAULT 100

struct asking {
    struct job *job;
    struct item *item;
    struct instance_addr addr;
    struct provider *provider;
    const struct schema *schema;  /* of the list block */
    const struct schema *managed; /* of the resources that it finds */
    struct value config;          /* of its block `config` */
    bool configured;              /* there is such a block */
    bool include;
    int64_t limit;
    struct plan_list *list;
    size_t cap;
    size_t ordinal; /* of this instance among those of count or for_each */
};

static void send(const struct asking *a, enum event_kind kind, const struct plan_found *found) {
    const struct event_list detail = {
        .config = a->configured ? a->config : value_null(type_dynamic),
        .found = found,
        .identity_version = a->managed ? a->managed->identity_version : 0,
        .total = a->list->n,
    };
    const struct event event = {.kind = kind, .addr = &a->addr, .list = &detail};
    events_send(a->job->p->options->events, &event);
}

/* ---- meta-arguments ---- */

static bool bad(struct asking *a, const struct expr *expr, const char *name, const char *why) {
    struct str summary = str_format(a->job->arena, "Invalid %s argument", name);
    struct str detail =
        str_format(a->job->arena, "The given \"%s\" argument value is unsuitable: %s.", name, why);
    diags_add(&a->job->diags, SEVERITY_ERROR, expr_span(expr), summary, detail);
    return false;
}

static bool meta_value(struct asking *a, struct frame *frame, const struct expr *expr,
                       const struct type *type, const char *name, struct value *ret_value) {
    size_t before = a->job->diags.n_errors;
    *ret_value = eval_expr_as(a->job->arena, &frame->scope, expr, type, S("Incorrect value type"),
                              &a->job->diags);
    if (a->job->diags.n_errors > before)
        return false;
    if (value_marks(*ret_value) & VALUE_EPHEMERAL)
        return bad(a, expr, name, "it must not be derived from an ephemeral value");
    *ret_value = value_unmark(*ret_value);
    if (!value_is_known(*ret_value))
        return bad(a, expr, name, "it is not known yet");
    return true;
}

static bool read_meta(struct asking *a, struct frame *frame) {
    const struct config_resource *c = a->job->node->unit->resource;
    struct value v;
    a->limit = LIMIT_DEFAULT;
    if (c->limit) {
        if (!meta_value(a, frame, c->limit, type_number, "limit", &v))
            return false;
        if (!value_is_null(v) && (!value_to_int(v, &a->limit) || a->limit < 0))
            return bad(a, c->limit, "limit", "must be a whole number, not below zero");
    }
    if (c->include_resource) {
        if (!meta_value(a, frame, c->include_resource, type_bool, "include_resource", &v))
            return false;
        a->include = !value_is_null(v) && v.boolean;
    }
    return true;
}

/* ---- configuration ---- */

static const struct schema_block *config_block(const struct schema *schema) {
    return schema_nested(schema->block, S("config"))->block;
}

/* Diagnostics of the provider are about the block `config`. */
static void locate(struct arena *arena, const struct unit *unit, struct str address, size_t first,
                   struct diags *diags) {
    for (size_t i = first; i < diags->n; i++) {
        struct diag *d = &diags->at[i];
        if (d->path.len)
            d->path = str_format(arena, "config%s%.*s", d->path.at[0] == '.' ? "" : ".",
                                 STR_ARG(d->path));
    }
    locate_diags(arena, diags, first, address, unit->resource->config, unit->schema->block);
}

/* What the provider is given of a decoded list block. */
static struct value config_of(struct arena *arena, const struct schema *schema,
                              struct value whole) {
    struct value config;
    if (!value_get(value_unmark(whole), S("config"), &config) || value_is_null(config))
        return schema_empty(arena, config_block(schema));
    return config;
}

bool list_plan_validate(struct arena *arena, const struct unit *unit, struct provider *provider,
                        struct value block, struct diags *diags) {
    size_t first = diags->n;
    struct value config = config_of(arena, unit->schema, block);
    bool ok = !provider->ops->validate_list ||
              provider->ops->validate_list(provider, arena, unit->schema->name,
                                           value_unmark_deep(arena, config), diags);
    locate(arena, unit, unit_config_text(arena, unit), first, diags);
    return ok;
}

static bool read_config(struct asking *a, struct frame *frame) {
    struct job *job = a->job;
    const struct unit *unit = job->node->unit;
    struct value whole;
    if (!frame_config(frame, job->arena, unit, &whole, &job->diags) ||
        !list_plan_validate(job->arena, unit, a->provider, whole, &job->diags))
        return false;
    struct value given;
    a->configured = value_get(value_unmark(whole), S("config"), &given) && !value_is_null(given);
    a->config = config_of(job->arena, a->schema, whole);
    if (!value_is_wholly_known(a->config)) {
        diags_error(&job->diags, unit->resource->span, "Invalid list configuration",
                    "The \"config\" block depends on values that are not known before an apply, "
                    "so Loam cannot tell what to look for.");
        return false;
    }
    return true;
}

/* ---- results ---- */

/* "users_0", with count or for_each "users_1_0". */
static struct str label(const struct asking *a) {
    struct arena *arena = a->job->arena;
    struct str name = a->addr.resource.name;
    if (a->addr.key.kind != KEY_NONE)
        name = str_format(arena, "%.*s_%zu", STR_ARG(name), a->ordinal);
    return str_format(arena, "%.*s_%zu", STR_ARG(name), a->list->n);
}

static bool found(void *context, const struct provider_listed *listed) {
    struct asking *a = context;
    struct job *job = a->job;
    struct plan_list *list = a->list;
    if ((int64_t)list->n >= a->limit)
        return false;
    list->at = arena_grow(job->arena, list->at, list->n, &a->cap, sizeof *list->at);
    struct plan_found *one = &list->at[list->n];
    *one = (struct plan_found){
        .display_name = listed->display_name,
        .identity = listed->identity,
        .state = a->include ? listed->state : value_null(value_type(listed->state)),
    };
    if (job->p->options->query->generate && !value_is_null(listed->state) && a->managed)
        generate_import(job, a->provider, a->managed, &job->node->unit->resource->provider,
                        label(a), listed, one);
    list->n++;
    send(a, EVENT_LIST_FOUND, one);
    return (int64_t)list->n < a->limit;
}

/* { data = [{ display_name, identity, state }] } */
static struct value list_value(struct asking *a) {
    static const struct str names[] = {STR("display_name"), STR("identity"), STR("state")};
    const struct name *of[COUNT(names)],
        *outer[] = {intern_name(S("config")), intern_name(S("data"))};
    struct arena *arena = a->job->arena;
    struct value *rows = arena_array(arena, a->list->n, sizeof *rows);
    for (size_t i = 0; i < COUNT(names); i++)
        of[i] = intern_name(names[i]);
    for (size_t i = 0; i < a->list->n; i++) {
        const struct plan_found *f = &a->list->at[i];
        struct value state = f->state;
        if (a->managed && !value_is_null(state))
            state = job_mark_schema(arena, a->managed, state);
        struct value parts[] = {value_string(arena, f->display_name), f->identity, state};
        rows[i] = value_object(arena, of, parts, COUNT(parts));
    }
    struct value both[] = {a->config, value_tuple(arena, rows, a->list->n)};
    return value_object(arena, outer, both, COUNT(both));
}

static struct plan_list *add_list(struct asking *a) {
    struct planner *p = a->job->p;
    struct plan_query *query = p->options->query;
    struct plan_list *list = arena_alloc(a->job->arena, sizeof *list);
    list->addr = addr_instance_copy(a->job->arena, &a->addr);
    pthread_mutex_lock(&p->lock);
    query->lists =
        arena_grow(p->locked_arena, query->lists, query->n, &query->cap, sizeof *query->lists);
    query->lists[query->n++] = list;
    pthread_mutex_unlock(&p->lock);
    return list;
}

static bool ask(struct asking *a) {
    struct job *job = a->job;
    struct provider_list_request request = {
        .type = a->schema->name,
        .config = value_unmark_deep(job->arena, a->config),
        .include_resource = a->include || job->p->options->query->generate,
        .limit = a->limit,
    };
    a->list = add_list(a);
    send(a, EVENT_LIST_START, NULL);
    size_t first = job->diags.n;
    bool ok = a->provider->ops->list(a->provider, job->arena, &request, found, a, &job->diags);
    locate(job->arena, job->node->unit, addr_instance_text(job->arena, &a->addr), first,
           &job->diags);
    if (!ok)
        return false;
    send(a, EVENT_LIST_DONE, NULL);
    expansion_set(a->item->expansion, a->item->instance, list_value(a));
    return true;
}

bool list_plan(struct job *job, struct item *item) {
    const struct unit *unit = job->node->unit;
    struct asking a = {
        .job = job,
        .item = item,
        .addr = job_addr(job, item),
        .schema = unit->schema,
        .ordinal = (size_t)(item->instance - item->expansion->at),
    };
    if (!job->p->options->query || !a.schema || !job_check_self(job, item))
        return false;
    a.provider = job_provider(job, item->provider, &a.addr);
    if (!a.provider)
        return false;
    if (!a.provider->ops->list) {
        diags_error(&job->diags, unit->resource->type_span, "Invalid list resource",
                    "The provider cannot list resources.");
        return false;
    }
    a.managed = pool_type(pool_schema(job->p->pool, unit->resource->provider_addr, &job->diags),
                          MODE_MANAGED, a.schema->name);
    struct frame frame;
    frame_init(&frame, job->p->resolve, item->inst, item->expansion, item->instance);
    frame.unit = unit;
    return read_meta(&a, &frame) && read_config(&a, &frame) && ask(&a);
}
