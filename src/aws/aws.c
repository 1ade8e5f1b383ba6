/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/aws.h"

#include <pthread.h>

#include "aws/data.h"
#include "aws/functions.h"
#include "aws/listing.h"
#include "aws/partition.h"
#include "aws/prefetch.h"
#include "aws/release.h"
#include "aws/resource.h"
#include "aws/settings_check.h"
#include "aws/validate.h"
#include "base/arena.h"
#include "base/json.h"
#include "value/as_json.h"

struct aws {
    struct provider provider; /* first */
    struct arena *arena;
    const struct aws_transport *transport;
    struct provider_schema schema;
    struct map resources, data; /* type name -> struct resource * */
    struct settings settings;
    struct service *service;
    pthread_mutex_t lock; /* warning */
    struct str warning;   /* told with the next read, once */
    bool refused;         /* bulk calls were: they are not tried again */
};

static struct aws *self(struct provider *p) {
    return (struct aws *)p;
}

/* Schemas, made once when the provider is opened. */

static void add_rows(struct aws *a, const struct resource_row *rows, size_t n,
                     const struct fact_schema *facts, size_t n_facts, struct map *into,
                     struct map *schemas) {
    for (size_t i = 0; i < n; i++) {
        const struct fact_schema *f = NULL;
        for (size_t k = 0; k < n_facts && !f; k++)
            if (str_eq(facts[k].name, rows[i].type))
                f = &facts[k];
        if (!f)
            bug("a row of the resource table has no facts");
        const struct schema *schema = facts_schema(a->arena, f);
        struct resource *r = arena_alloc(a->arena, sizeof *r);
        *r = (struct resource){&rows[i], f, schema, schema_type(schema->block)};
        map_put(a->arena, into, rows[i].type, r);
        map_put(a->arena, schemas, rows[i].type, (void *)schema);
    }
}

static const struct provider_schema *schema(struct provider *p, struct diags *diags) {
    (void)diags;
    return &self(p)->schema;
}

static const struct resource *find(struct map *map, struct str type, struct diags *diags) {
    const struct resource *r = map_get(map, type);
    if (!r)
        diags_error(diags, (struct span){0}, "Unknown resource type",
                    "The AWS provider has no \"%.*s\".", STR_ARG(type));
    return r;
}

/* Validation. */

static bool validate_config(struct provider *p, struct arena *arena, struct value config,
                            struct diags *diags) {
    (void)p;
    return validate_no_nulls(arena, config, diags) &&
           validate_block(arena, &facts_provider.block, false, config, diags);
}

static bool validate_type(const struct resource *r, struct arena *arena, struct value config,
                          struct diags *diags) {
    return r &&
           validate_block(arena, &r->facts->block, r->row->flags & ROW_FRAMEWORK, config, diags);
}

static bool validate_resource(struct provider *p, struct arena *arena, struct str type,
                              struct value config, struct diags *diags) {
    return validate_type(find(&self(p)->resources, type, diags), arena, config, diags);
}

static bool validate_data(struct provider *p, struct arena *arena, struct str type,
                          struct value config, struct diags *diags) {
    const struct resource *r = find(&self(p)->data, type, diags);
    bool framework = r && r->row->flags & ROW_FRAMEWORK;
    return (framework || validate_no_nulls(arena, config, diags)) &&
           validate_type(r, arena, config, diags);
}

static bool validate_list(struct provider *p, struct arena *arena, struct str type,
                          struct value config, struct diags *diags) {
    const struct list_row *row = listing_row(type);
    (void)p;
    return row && validate_block(arena, &row->config, true, config, diags);
}

/* Configuration. */

static bool in_process(const struct settings *s) {
    static const struct str scheme = STR("loam:");
    return str_starts(s->endpoint_iam, scheme) ||
           str_starts(settings_env("AWS_ENDPOINT_URL"), scheme) ||
           str_starts(settings_env("AWS_ENDPOINT_URL_IAM"), scheme);
}

static bool configure(struct provider *p, struct arena *arena, struct value config,
                      struct diags *diags) {
    struct aws *a = self(p);
    (void)arena;
    if (!settings_read(a->arena, config, &a->settings, diags) ||
        !settings_check_all(a->arena, config, &a->settings, diags))
        return false;
    if (a->settings.region.len == 0 && in_process(&a->settings))
        a->settings.region = S("us-east-1");
    if (!a->settings.skip_region_validation && !partition_region(a->settings.region)) {
        struct str text =
            str_format(a->arena, "invalid AWS Region: %.*s", STR_ARG(a->settings.region));
        diags_add(diags, SEVERITY_ERROR, (struct span){0}, text, S(""));
        return false;
    }
    a->service = service_new(a->arena, &a->settings, a->transport, diags);
    return a->service != NULL;
}

static uint64_t calls(struct provider *p) {
    return self(p)->service ? service_calls(self(p)->service) : 0;
}

static bool begin(struct provider *p, struct arena *arena, struct map *map, struct str type,
                  struct diags *diags, struct op *op) {
    const struct resource *r = find(map, type, diags);
    if (!r)
        return false;
    if (!self(p)->service) {
        diags_error(diags, (struct span){0}, "Provider not configured",
                    "The AWS provider was used before it was configured.");
        return false;
    }
    resource_op(op, arena, self(p)->service, r, diags);
    return true;
}

static void keep_warning(struct aws *a, struct str fault) {
    if (fault.len == 0)
        return;
    pthread_mutex_lock(&a->lock);
    if (!a->refused)
        a->warning = str_dup(a->arena, fault);
    a->refused = true;
    pthread_mutex_unlock(&a->lock);
}

static bool is_refused(struct aws *a) {
    pthread_mutex_lock(&a->lock);
    bool refused = a->refused;
    pthread_mutex_unlock(&a->lock);
    return refused;
}

/* Bulk refresh, when it saves calls. That it is not permitted is told with the first read. */
static void prefetch(struct provider *p, const struct provider_prefetch_item *items, size_t n) {
    struct aws *a = self(p);
    struct arena *scratch = arena_new(), *one = arena_new();
    struct prefetch_plan *planned = prefetch_plan_new(scratch);
    struct str fault;
    for (size_t i = 0; a->service && i < n; i++) {
        struct op op;
        const struct resource *r = map_get(&a->resources, items[i].type);
        if (!r)
            continue;
        arena_reset(one);
        resource_op(&op, one, a->service, r, diags_new(one));
        record_init(&op.now, one, r->type, items[i].state);
        if (value_is_null(items[i].state) &&
            !resource_import(&op, items[i].import_id, items[i].identity))
            continue;
        prefetch_plan_add(planned, &op);
    }
    arena_free(one);
    if (a->service && !is_refused(a) && !prefetch_run(planned, a->service, scratch, &fault))
        keep_warning(a, fault);
    prefetch_plan_free(planned);
    arena_free(scratch);
}

static void tell_warning(struct aws *a, struct diags *diags) {
    pthread_mutex_lock(&a->lock);
    struct str why = a->warning;
    a->warning = S("");
    pthread_mutex_unlock(&a->lock);
    if (why.len > 0)
        diags_warn(diags, (struct span){0}, "Objects are refreshed one by one",
                   "Reading many objects at once needs the permission "
                   "iam:GetAccountAuthorizationDetails (and iam:ListRoles for roles): %.*s",
                   STR_ARG(why));
}

/* What the legacy library keeps beside a state: time limits, or nothing. */
static struct str private_of(const struct resource *r, struct str before) {
    if (r->row->flags & ROW_FRAMEWORK)
        return before;
    if (r->facts->timeouts)
        return S("{\"e2bfb730-ecaa-11e6-8f88-34363bc7c4c0\":{\"delete\":900000000000}}");
    return S("null");
}

/* The verbs. */

static bool upgrade(struct provider *p, struct arena *arena, struct str type, int64_t version,
                    const struct json *attributes, struct value *ret_state, struct diags *diags) {
    const struct resource *r = find(&self(p)->resources, type, diags);
    if (!r)
        return false;
    if (version > r->schema->version) {
        diags_error(diags, (struct span){0}, "Resource instance managed by newer provider version",
                    "The current state was created by a newer version of the provider.");
        return false;
    }
    struct record record;
    record_init(&record, arena, r->type, schema_empty(arena, r->schema->block));
    for (uint32_t i = 0; i < r->type->n; i++) {
        struct convert_error error;
        const struct json *given = json_get(attributes, intern_str(r->type->names[i]));
        struct value v;
        if (!given || given->kind == JSON_NULL)
            continue;
        if (!as_json_read(arena, given, r->type->items[i], &v, &error)) {
            struct str why = convert_error_text(arena, &error);
            diags_error(diags, (struct span){0}, "Unable to Upgrade State",
                        "Attribute \"%.*s\": %.*s", STR_ARG(intern_str(r->type->names[i])),
                        STR_ARG(why));
            return false;
        }
        record.at[i] = v;
    }
    *ret_state = record_value(&record);
    return true;
}

static bool read(struct provider *p, struct arena *arena, const struct provider_read_request *req,
                 struct provider_read_response *ret, struct diags *diags) {
    struct op op;
    if (!begin(p, arena, &self(p)->resources, req->type, diags, &op))
        return false;
    tell_warning(self(p), diags);
    record_init(&op.now, arena, op.resource->type, req->state);
    struct record before = op.now;
    before.at = arena_copy(arena, op.now.at, op.resource->type->n * sizeof *op.now.at);
    if (!resource_read(&op))
        return false;
    resource_normalize(&op, &before, false);
    record_settle(&op.now);
    *ret = (struct provider_read_response){
        .state = op.gone ? value_null(op.resource->type) : record_value(&op.now),
        .private_ = req->private_,
        .identity = op.gone ? value_null(type_dynamic) : resource_identity(&op),
    };
    return true;
}

static bool plan(struct provider *p, struct arena *arena, const struct provider_plan_request *req,
                 struct provider_plan_response *ret, struct diags *diags) {
    struct op op;
    if (!begin(p, arena, &self(p)->resources, req->type, diags, &op))
        return false;
    struct provider_plan_response planned = {.private_ = req->private_, .legacy = true};
    if (value_is_null(req->proposed)) {
        planned.planned = req->proposed;
        *ret = planned;
        return true;
    }
    op.creating = value_is_null(req->prior);
    op.replace = &planned.replace;
    record_init(&op.prior, arena, op.resource->type, req->prior);
    record_init(&op.now, arena, op.resource->type, req->proposed);
    record_init(&op.config, arena, op.resource->type, req->config);
    if (!(op.resource->row->flags & ROW_FRAMEWORK) && !validate_no_nulls(arena, req->config, diags))
        return false;
    if (!resource_plan(&op))
        return false;
    planned.planned = record_value(&op.now);
    planned.legacy = !(op.resource->row->flags & ROW_FRAMEWORK);
    *ret = planned;
    return true;
}

static bool apply(struct provider *p, struct arena *arena, const struct provider_apply_request *req,
                  struct provider_apply_response *ret, struct diags *diags) {
    struct op op;
    if (!begin(p, arena, &self(p)->resources, req->type, diags, &op))
        return false;
    *ret = (struct provider_apply_response){
        .state = req->prior,
        .private_ = req->private_,
        .identity = value_null(type_dynamic),
        .legacy = !(op.resource->row->flags & ROW_FRAMEWORK),
    };
    record_init(&op.prior, arena, op.resource->type, req->prior);
    if (value_is_null(req->planned)) {
        record_init(&op.now, arena, op.resource->type, req->prior);
        bool gone = resource_destroy(&op);
        if (gone)
            ret->state = req->planned;
        return gone;
    }
    record_init(&op.now, arena, op.resource->type, req->planned);
    record_init(&op.config, arena, op.resource->type, value_unmark_deep(arena, req->config));
    resource_known(&op);
    struct record like = op.now;
    like.at = arena_copy(arena, op.now.at, op.resource->type->n * sizeof *op.now.at);
    bool creating = value_is_null(req->prior);
    bool done = creating ? resource_create(&op) : resource_update(&op);
    if (done)
        resource_normalize(&op, &like, true);
    record_settle(&op.now);
    ret->private_ = private_of(op.resource, req->private_);
    ret->state = op.gone ? value_null(op.resource->type) : record_value(&op.now);
    ret->identity = op.gone ? ret->identity : resource_identity(&op);
    return done;
}

static bool import(struct provider *p, struct arena *arena, struct str type, struct str id,
                   struct value identity, struct provider_imported *ret, struct diags *diags) {
    struct op op;
    if (!begin(p, arena, &self(p)->resources, type, diags, &op) ||
        !resource_import(&op, id, identity))
        return false;
    *ret = (struct provider_imported){
        .type = type,
        .state = record_value(&op.now),
        .private_ =
            op.resource->row->flags & ROW_FRAMEWORK ? S("") : S("{\"schema_version\":\"0\"}"),
    };
    return true;
}

static struct str import_id(struct provider *p, struct arena *arena, struct str type,
                            struct value planned) {
    struct op op;
    struct diags *ignored = diags_new(arena);
    if (!begin(p, arena, &self(p)->resources, type, ignored, &op) || value_is_null(planned))
        return S("");
    record_init(&op.now, arena, op.resource->type, planned);
    return resource_import_id(&op);
}

static struct value generated(struct provider *p, struct arena *arena, struct str type,
                              struct value config) {
    const struct resource *r = map_get(&self(p)->resources, type);
    if (!r || !r->row->equals)
        return config;
    struct record record;
    record_init(&record, arena, r->type, config);
    for (const struct equal_row *e = r->row->equals; e->attr; e++) {
        struct str text = record_text(&record, str_from(e->attr));
        if (e->written && text.len > 0)
            record_set_text(&record, str_from(e->attr), e->written(arena, text));
    }
    return record_value(&record);
}

static bool move(struct provider *p, struct arena *arena, const struct provider_move_request *req,
                 struct provider_move_response *ret, struct diags *diags) {
    (void)p;
    (void)arena;
    (void)ret;
    diags_error(diags, (struct span){0}, "Move Resource State Not Supported",
                "The \"%.*s\" resource type does not support moving resource state across resource "
                "types from \"%.*s\".",
                STR_ARG(req->to), STR_ARG(req->from_type));
    return false;
}

static bool read_data(struct provider *p, struct arena *arena, struct str type, struct value config,
                      struct value *ret_state, struct diags *diags) {
    struct op op;
    if (!begin(p, arena, &self(p)->data, type, diags, &op))
        return false;
    record_init(&op.now, arena, op.resource->type, value_unmark_deep(arena, config));
    if (!data_read(&op))
        return false;
    *ret_state = record_value(&op.now);
    return true;
}

/* What was listed, read as an import of it would be. */
static void prefetch_listed(struct aws *a, struct listing *listing) {
    struct provider_prefetch_item *items = arena_array(listing->arena, listing->n, sizeof *items);
    for (size_t i = 0; i < listing->n; i++) {
        struct op op;
        resource_op(&op, listing->arena, a->service, listing->resource, listing->diags);
        record_init(&op.now, op.arena, op.resource->type, value_null(op.resource->type));
        (void)resource_import(&op, S(""), listing->at[i].identity);
        items[i] = (struct provider_prefetch_item){
            .type = listing->row->type,
            .state = record_value(&op.now),
            .identity = value_null(type_dynamic),
        };
    }
    prefetch(&a->provider, items, listing->n);
}

/* The object in full; null when it went away meanwhile. */
static bool read_listed(struct aws *a, struct arena *arena, struct str type, struct value identity,
                        struct value *ret_state, struct diags *diags) {
    struct provider_imported imported;
    struct provider_read_response now;
    if (!import(&a->provider, arena, type, S(""), identity, &imported, diags))
        return false;
    const struct provider_read_request req = {type, imported.state, imported.private_, identity};
    if (!read(&a->provider, arena, &req, &now, diags))
        return false;
    *ret_state = now.state;
    return true;
}

static bool list(struct provider *p, struct arena *arena, const struct provider_list_request *req,
                 bool (*found)(void *context, const struct provider_listed *listed), void *context,
                 struct diags *diags) {
    struct aws *a = self(p);
    struct op op;
    if (!begin(p, arena, &a->resources, req->type, diags, &op))
        return false;
    struct listing listing = {
        .row = listing_row(req->type),
        .resource = op.resource,
        .service = a->service,
        .arena = arena,
        .config = req->config,
        .limit = req->limit > 0 ? (size_t)req->limit : 0,
        .diags = diags,
    };
    if (!listing.row || !listing_run(&listing))
        return false;
    keep_warning(a, listing.refused);
    if (req->include_resource)
        prefetch_listed(a, &listing);
    tell_warning(a, diags);
    for (size_t i = 0; i < listing.n; i++) {
        struct provider_listed one = {
            .display_name = listing.at[i].display,
            .identity = listing.at[i].identity,
            .state = value_null(op.resource->type),
        };
        if (req->include_resource) {
            if (!read_listed(a, arena, req->type, one.identity, &one.state, diags))
                return false;
            if (value_is_null(one.state))
                continue;
        }
        if (!found(context, &one))
            break;
    }
    return true;
}

static bool call(struct provider *p, struct arena *arena, struct str function,
                 const struct value *args, size_t n, struct value *ret_value, struct diags *diags) {
    (void)p;
    return functions_call(arena, function, args, n, ret_value, diags);
}

/* Requests end by themselves within seconds; only a second interrupt cuts them off. */
static void stop(struct provider *p, bool at_once) {
    if (at_once && self(p)->service)
        service_stop(self(p)->service);
}

static void close_(struct provider *p) {
    service_free(self(p)->service);
    self(p)->service = NULL;
}

static const struct provider_ops ops = {
    .schema = schema,
    .validate_config = validate_config,
    .validate_resource = validate_resource,
    .validate_data = validate_data,
    .configure = configure,
    .prefetch = prefetch,
    .calls = calls,
    .upgrade = upgrade,
    .read = read,
    .plan = plan,
    .apply = apply,
    .import = import,
    .import_id = import_id,
    .generated = generated,
    .move = move,
    .read_data = read_data,
    .validate_list = validate_list,
    .list = list,
    .call = call,
    .stop = stop,
    .close = close_,
};

struct provider *aws_open(struct arena *arena, const struct aws_transport *transport) {
    struct aws *a = arena_alloc(arena, sizeof *a);
    *a = (struct aws){
        .provider = {.ops = &ops, .name = S("aws"), .version = S(RELEASE_DEFAULT)},
        .arena = arena,
        .transport = transport,
    };
    pthread_mutex_init(&a->lock, NULL);
    a->schema.config = facts_schema(arena, &facts_provider);
    add_rows(a, resource_table, resource_table_n, facts_resources, facts_n_resources, &a->resources,
             &a->schema.resources);
    add_rows(a, link_table, link_table_n, facts_resources, facts_n_resources, &a->resources,
             &a->schema.resources);
    add_rows(a, data_table, data_table_n, facts_data_sources, facts_n_data_sources, &a->data,
             &a->schema.data_sources);
    for (size_t i = 0; i < list_table_n; i++)
        map_put(arena, &a->schema.lists, list_table[i].type,
                (void *)listing_schema(arena, &list_table[i]));
    functions_list(arena, &a->schema.functions);
    return &a->provider;
}

struct str aws_version(struct arena *arena, const struct str *constraints, size_t n) {
    return release_choose(arena, constraints, n);
}
