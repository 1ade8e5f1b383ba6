/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs of a provider as calls of the plugin protocol; one set of field numbers serves both. */
#include "plugin/plugin_int.h"

#include "base/arena.h"
#include "base/json.h"
#include "plugin/protobuf.h"

/* A request under way. */
struct ask {
    struct plugin *p;
    struct arena *arena;
    struct diags *diags;
    struct buf request;
    struct str answer;
};

static struct ask ask_begin(struct provider *provider, struct arena *arena, struct diags *diags) {
    struct ask ask = {.p = (struct plugin *)provider, .arena = arena, .diags = diags};
    buf_init(&ask.request, BUF_MAX_DOCUMENT);
    return ask;
}

/* Sends; diagnostics of the answer are added. The answer is there even when some are errors. */
static bool ask_send(struct ask *ask, enum plugin_method method, uint32_t diags_field) {
    ask->answer = S("");
    bool done = plugin_call(ask->p, ask->arena, method, &ask->request, &ask->answer, ask->diags);
    buf_clear(&ask->request);
    return done && plugin_diags(ask->arena, ask->answer, diags_field, ask->diags);
}

static void ask_value(struct ask *ask, uint32_t field, struct value v, const struct type *type) {
    plugin_value_add(&ask->request, field, ask->arena, v, type);
}

static bool answer_value(struct ask *ask, uint32_t field, const struct type *type,
                         struct value *ret_value) {
    return plugin_value_read(ask->arena, protobuf_find(ask->answer, field), type, ret_value,
                             ask->diags);
}

static uint64_t answer_number(struct str answer, uint32_t field) {
    struct protobuf p = protobuf_reader(answer);
    uint64_t number = 0;
    while (protobuf_next(&p))
        if (p.field == field)
            number = p.number;
    return number;
}

/* We take what is write-only and keep it nowhere. */
static void ask_capabilities(struct ask *ask, uint32_t field) {
    struct buf capabilities;
    buf_init(&capabilities, BUF_MAX_REQUEST);
    protobuf_uint(&capabilities, 2, 1);
    protobuf_bytes(&ask->request, field, buf_str(&capabilities));
    buf_clear(&capabilities);
}

static const struct schema *find_schema(struct ask *ask, const struct map *map, struct str type) {
    const struct schema *schema = map_get(map, type);
    if (!schema)
        diags_error(ask->diags, (struct span){0}, "Invalid resource type",
                    "The provider %.*s does not support resource type \"%.*s\".",
                    STR_ARG(ask->p->base.name), STR_ARG(type));
    return schema;
}

static const struct schema *resource_schema(struct ask *ask, struct str type) {
    return find_schema(ask, &ask->p->host->schema.resources, type);
}

/* ResourceIdentityData in a message; no object where there is none. */
static bool read_identity(struct ask *ask, struct str message, uint32_t field,
                          const struct schema *schema, struct value *ret_identity) {
    struct str data = protobuf_find(message, field);
    *ret_identity = value_null(type_dynamic);
    return data.len == 0 || !schema->identity ||
           plugin_value_read(ask->arena, protobuf_find(data, 1),
                             schema_object_type(schema->identity), ret_identity, ask->diags);
}

static void ask_identity(struct ask *ask, uint32_t field, struct value identity,
                         const struct schema *schema) {
    struct buf data;
    if (identity.kind != VALUE_OBJECT || !schema->identity)
        return;
    buf_init(&data, BUF_MAX_DOCUMENT);
    plugin_value_add(&data, 1, ask->arena, identity, schema_object_type(schema->identity));
    protobuf_message(&ask->request, field, buf_str(&data));
    buf_clear(&data);
}

/* We say that nothing may be put off, so that a provider that does so has a fault. */
static bool is_decided(struct ask *ask, uint32_t field, struct str type) {
    struct protobuf p = protobuf_reader(ask->answer);
    bool deferred = false;
    while (protobuf_next(&p))
        deferred = deferred || p.field == field;
    if (deferred)
        diags_error(ask->diags, (struct span){0},
                    "Provider deferred changes when Loam did not allow deferrals",
                    "The provider signaled a deferred action for \"%.*s\", but in this context "
                    "deferrals are disabled. This is a bug in the provider, please file an issue "
                    "with the provider developers.",
                    STR_ARG(type));
    return !deferred;
}

/* ---- configuration ---- */

static bool recall_prepared(struct plugin_host *host, struct arena *arena, struct value config,
                            struct value *ret_prepared) {
    pthread_mutex_lock(&host->lock);
    bool known = host->has_prepared && value_same(host->prepared_from, config);
    if (known && ret_prepared)
        *ret_prepared = value_copy(arena, host->prepared);
    pthread_mutex_unlock(&host->lock);
    return known;
}

static void remember_prepared(struct plugin_host *host, struct value config,
                              struct value prepared) {
    pthread_mutex_lock(&host->lock);
    host->prepared_from = value_copy(host->arena, config);
    host->prepared = value_copy(host->arena, prepared);
    host->has_prepared = true;
    pthread_mutex_unlock(&host->lock);
}

/* Protocol 5 lets the provider fill in defaults before it is configured. */
static bool validate_config(struct provider *provider, struct arena *arena, struct value config,
                            struct diags *diags) {
    struct ask ask = ask_begin(provider, arena, diags);
    struct plugin_host *host = ask.p->host;
    const struct type *type = schema_type(host->schema.config->block);
    struct value prepared = config;
    if (recall_prepared(host, arena, config, NULL))
        return true;
    ask_value(&ask, 1, config, type);
    if (!ask_send(&ask, METHOD_VALIDATE_CONFIG, host->protocol == 6 ? 1 : 2))
        return false;
    if (host->protocol == 5 && !answer_value(&ask, 1, type, &prepared))
        return false;
    remember_prepared(host, config, value_is_null(prepared) ? config : prepared);
    return true;
}

static bool configure(struct provider *provider, struct arena *arena, struct value config,
                      struct diags *diags) {
    struct ask ask = ask_begin(provider, arena, diags);
    struct value prepared = config;
    if (!recall_prepared(ask.p->host, arena, config, &prepared)) {
        if (!validate_config(provider, arena, config, diags))
            return false;
        recall_prepared(ask.p->host, arena, config, &prepared);
    }
    protobuf_bytes(&ask.request, 1, ask.p->host->spec.terraform_version);
    ask_value(&ask, 2, prepared, schema_type(ask.p->host->schema.config->block));
    ask_capabilities(&ask, 3);
    return ask_send(&ask, METHOD_CONFIGURE, 1);
}

static bool validate(struct provider *provider, struct arena *arena, const struct map *schemas,
                     enum plugin_method method, struct str type, struct value config,
                     struct diags *diags) {
    struct ask ask = ask_begin(provider, arena, diags);
    const struct schema *schema = find_schema(&ask, schemas, type);
    if (!schema)
        return false;
    protobuf_bytes(&ask.request, 1, type);
    ask_value(&ask, 2, config, schema_type(schema->block));
    if (method == METHOD_VALIDATE_RESOURCE)
        ask_capabilities(&ask, 3);
    return ask_send(&ask, method, 1);
}

static bool validate_resource(struct provider *provider, struct arena *arena, struct str type,
                              struct value config, struct diags *diags) {
    struct plugin *p = (struct plugin *)provider;
    return validate(provider, arena, &p->host->schema.resources, METHOD_VALIDATE_RESOURCE, type,
                    config, diags);
}

static bool validate_data(struct provider *provider, struct arena *arena, struct str type,
                          struct value config, struct diags *diags) {
    struct plugin *p = (struct plugin *)provider;
    return validate(provider, arena, &p->host->schema.data_sources, METHOD_VALIDATE_DATA, type,
                    config, diags);
}

/* ---- resources ---- */

static void ask_raw_state(struct ask *ask, uint32_t field, const struct json *attributes) {
    struct buf json, raw;
    buf_init(&json, BUF_MAX_DOCUMENT);
    buf_init(&raw, BUF_MAX_DOCUMENT);
    json_write(&json, attributes, 0, false);
    protobuf_bytes(&raw, 1, buf_str(&json));
    protobuf_message(&ask->request, field, buf_str(&raw));
    buf_clear(&json);
    buf_clear(&raw);
}

static bool upgrade(struct provider *provider, struct arena *arena, struct str type,
                    int64_t version, const struct json *attributes, struct value *ret_state,
                    struct diags *diags) {
    struct ask ask = ask_begin(provider, arena, diags);
    const struct schema *schema = resource_schema(&ask, type);
    if (!schema)
        return false;
    protobuf_bytes(&ask.request, 1, type);
    protobuf_uint(&ask.request, 2, (uint64_t)version);
    ask_raw_state(&ask, 3, attributes);
    return ask_send(&ask, METHOD_UPGRADE, 2) &&
           answer_value(&ask, 1, schema_type(schema->block), ret_state);
}

static bool upgrade_identity(struct provider *provider, struct arena *arena, struct str type,
                             int64_t version, const struct json *identity,
                             struct value *ret_identity, struct diags *diags) {
    struct ask ask = ask_begin(provider, arena, diags);
    const struct schema *schema = resource_schema(&ask, type);
    if (!schema)
        return false;
    protobuf_bytes(&ask.request, 1, type);
    protobuf_uint(&ask.request, 2, (uint64_t)version);
    ask_raw_state(&ask, 3, identity);
    return ask_send(&ask, METHOD_UPGRADE_IDENTITY, 2) &&
           read_identity(&ask, ask.answer, 1, schema, ret_identity);
}

static bool read_resource(struct provider *provider, struct arena *arena,
                          const struct provider_read_request *req,
                          struct provider_read_response *ret, struct diags *diags) {
    struct ask ask = ask_begin(provider, arena, diags);
    const struct schema *schema = resource_schema(&ask, req->type);
    if (!schema)
        return false;
    const struct type *object = schema_type(schema->block);
    struct provider_read_response response = {0};
    protobuf_bytes(&ask.request, 1, req->type);
    ask_value(&ask, 2, req->state, object);
    protobuf_bytes(&ask.request, 3, req->private_);
    ask_capabilities(&ask, 5);
    ask_identity(&ask, 6, req->identity, schema);
    if (!ask_send(&ask, METHOD_READ, 2) || !is_decided(&ask, 4, req->type) ||
        !answer_value(&ask, 1, object, &response.state) ||
        !read_identity(&ask, ask.answer, 5, schema, &response.identity))
        return false;
    response.private_ = protobuf_find(ask.answer, 3);
    *ret = response;
    return true;
}

static bool plan(struct provider *provider, struct arena *arena,
                 const struct provider_plan_request *req, struct provider_plan_response *ret,
                 struct diags *diags) {
    struct ask ask = ask_begin(provider, arena, diags);
    const struct schema *schema = resource_schema(&ask, req->type);
    if (!schema)
        return false;
    const struct type *object = schema_type(schema->block);
    struct provider_plan_response response = {0};
    struct value proposed = req->proposed;
    /* On create the protocol has null, not unknown, for what the provider is to compute. */
    if (value_is_null(req->prior) && !value_is_null(proposed))
        proposed = schema_propose_plain(arena, schema->block, req->prior, req->config);
    protobuf_bytes(&ask.request, 1, req->type);
    ask_value(&ask, 2, req->prior, object);
    ask_value(&ask, 3, proposed, object);
    ask_value(&ask, 4, req->config, object);
    protobuf_bytes(&ask.request, 5, req->private_);
    ask_capabilities(&ask, 7);
    ask_identity(&ask, 8, req->identity, schema);
    if (!ask_send(&ask, METHOD_PLAN, 4) || !is_decided(&ask, 6, req->type) ||
        !answer_value(&ask, 1, object, &response.planned) ||
        !read_identity(&ask, ask.answer, 7, schema, &response.identity))
        return false;
    struct protobuf p = protobuf_reader(ask.answer);
    while (protobuf_next(&p))
        if (p.field == 2)
            paths_add(arena, &response.replace, plugin_path(arena, p.bytes));
    response.private_ = protobuf_find(ask.answer, 3);
    response.legacy = answer_number(ask.answer, 5) != 0;
    *ret = response;
    return true;
}

static bool apply(struct provider *provider, struct arena *arena,
                  const struct provider_apply_request *req, struct provider_apply_response *ret,
                  struct diags *diags) {
    struct ask ask = ask_begin(provider, arena, diags);
    const struct schema *schema = resource_schema(&ask, req->type);
    if (!schema)
        return false;
    const struct type *object = schema_type(schema->block);
    protobuf_bytes(&ask.request, 1, req->type);
    ask_value(&ask, 2, req->prior, object);
    ask_value(&ask, 3, req->planned, object);
    ask_value(&ask, 4, req->config, object);
    protobuf_bytes(&ask.request, 5, req->private_);
    ask_identity(&ask, 7, req->identity, schema);
    bool done = ask_send(&ask, METHOD_APPLY, 3);
    /* With errors too: what there is of the object must not get lost. */
    struct provider_apply_response response = {.state = value_null(object)};
    bool read = answer_value(&ask, 1, object, &response.state);
    response.private_ = protobuf_find(ask.answer, 2);
    response.legacy = answer_number(ask.answer, 4) != 0;
    read = read_identity(&ask, ask.answer, 5, schema, &response.identity) && read;
    *ret = response;
    return done && read;
}

static bool import(struct provider *provider, struct arena *arena, struct str type, struct str id,
                   struct value identity, struct provider_imported *ret, struct diags *diags) {
    struct ask ask = ask_begin(provider, arena, diags);
    const struct schema *schema = resource_schema(&ask, type);
    if (!schema)
        return false;
    protobuf_bytes(&ask.request, 1, type);
    protobuf_bytes(&ask.request, 2, id);
    ask_capabilities(&ask, 3);
    ask_identity(&ask, 4, identity, schema);
    if (!ask_send(&ask, METHOD_IMPORT, 2) || !is_decided(&ask, 3, type))
        return false;
    struct str imported = protobuf_find(ask.answer, 1);
    struct provider_imported response = {.type = type, .private_ = protobuf_find(imported, 3)};
    struct str other = protobuf_find(imported, 1);
    if (imported.len == 0 || (other.len > 0 && !str_eq(other, type))) {
        diags_error(diags, (struct span){0}, "Provider returned no resource",
                    "The provider gave no object of type %.*s for the import ID \"%.*s\".",
                    STR_ARG(type), STR_ARG(id));
        return false;
    }
    if (!plugin_value_read(arena, protobuf_find(imported, 2), schema_type(schema->block),
                           &response.state, diags) ||
        !read_identity(&ask, imported, 4, schema, &response.identity))
        return false;
    *ret = response;
    return true;
}

static bool move(struct provider *provider, struct arena *arena,
                 const struct provider_move_request *req, struct provider_move_response *ret,
                 struct diags *diags) {
    struct ask ask = ask_begin(provider, arena, diags);
    const struct schema *schema = resource_schema(&ask, req->to);
    struct provider_move_response response = {0};
    if (!schema)
        return false;
    protobuf_bytes(&ask.request, 1, req->from_provider);
    protobuf_bytes(&ask.request, 2, req->from_type);
    protobuf_uint(&ask.request, 3, (uint64_t)req->from_version);
    ask_raw_state(&ask, 4, req->state);
    protobuf_bytes(&ask.request, 5, req->to);
    protobuf_bytes(&ask.request, 6, req->private_);
    if (req->identity) {
        ask_raw_state(&ask, 7, req->identity);
        protobuf_uint(&ask.request, 8, (uint64_t)req->identity_version);
    }
    if (!ask_send(&ask, METHOD_MOVE, 2) ||
        !answer_value(&ask, 1, schema_type(schema->block), &response.state) ||
        !read_identity(&ask, ask.answer, 4, schema, &response.identity))
        return false;
    response.private_ = protobuf_find(ask.answer, 3);
    *ret = response;
    return true;
}

/* ---- the rest ---- */

static bool read_data(struct provider *provider, struct arena *arena, struct str type,
                      struct value config, struct value *ret_state, struct diags *diags) {
    struct ask ask = ask_begin(provider, arena, diags);
    const struct schema *schema = find_schema(&ask, &ask.p->host->schema.data_sources, type);
    if (!schema)
        return false;
    const struct type *object = schema_type(schema->block);
    protobuf_bytes(&ask.request, 1, type);
    ask_value(&ask, 2, config, object);
    ask_capabilities(&ask, 4);
    return ask_send(&ask, METHOD_READ_DATA, 2) && is_decided(&ask, 3, type) &&
           answer_value(&ask, 1, object, ret_state);
}

static bool call(struct provider *provider, struct arena *arena, struct str function,
                 const struct value *args, size_t n, struct value *ret_value, struct diags *diags) {
    struct ask ask = ask_begin(provider, arena, diags);
    const struct provider_function *f = map_get(&ask.p->host->schema.functions, function);
    protobuf_bytes(&ask.request, 1, function);
    for (size_t i = 0; f && i < n; i++) {
        const struct type *type = i < f->n_params ? f->param_types[i] : f->variadic;
        ask_value(&ask, 2, args[i], type ? type : type_dynamic);
    }
    if (!f) {
        buf_clear(&ask.request);
        diags_error(diags, (struct span){0}, "Error in function call", "there is no such function");
        return false;
    }
    if (!ask_send(&ask, METHOD_CALL, UINT32_MAX))
        return false;
    struct str error = protobuf_find(ask.answer, 2);
    if (error.len == 0)
        return answer_value(&ask, 1, f->result, ret_value);
    diags_add(diags, SEVERITY_ERROR, (struct span){0}, S("Error in function call"),
              protobuf_find(error, 1));
    return false;
}

static const struct schema *ephemeral_schema(struct ask *ask, struct str type) {
    return find_schema(ask, &ask->p->host->schema.ephemerals, type);
}

static bool validate_ephemeral(struct provider *provider, struct arena *arena, struct str type,
                               struct value config, struct diags *diags) {
    struct plugin *p = (struct plugin *)provider;
    return validate(provider, arena, &p->host->schema.ephemerals, METHOD_VALIDATE_EPHEMERAL, type,
                    config, diags);
}

/* A google.protobuf.Timestamp in a field of the answer; 0: none. */
static int64_t answer_time_ms(const struct ask *ask, uint32_t field) {
    struct str timestamp = protobuf_find(ask->answer, field);
    return (int64_t)answer_number(timestamp, 1) * 1000 +
           (int64_t)answer_number(timestamp, 2) / 1000000;
}

static bool open_ephemeral(struct provider *provider, struct arena *arena, struct str type,
                           struct value config, struct value *ret_result, struct str *ret_private,
                           int64_t *ret_renew_at_ms, struct diags *diags) {
    struct ask ask = ask_begin(provider, arena, diags);
    const struct schema *schema = ephemeral_schema(&ask, type);
    if (!schema)
        return false;
    const struct type *object = schema_type(schema->block);
    protobuf_bytes(&ask.request, 1, type);
    ask_value(&ask, 2, config, object);
    if (!ask_send(&ask, METHOD_OPEN, 1) || !answer_value(&ask, 3, object, ret_result))
        return false;
    *ret_private = protobuf_find(ask.answer, 4);
    *ret_renew_at_ms = answer_time_ms(&ask, 2);
    return true;
}

static bool renew_ephemeral(struct provider *provider, struct arena *arena, struct str type,
                            struct str private_, struct str *ret_private, int64_t *ret_renew_at_ms,
                            struct diags *diags) {
    struct ask ask = ask_begin(provider, arena, diags);
    protobuf_bytes(&ask.request, 1, type);
    protobuf_bytes(&ask.request, 2, private_);
    if (!ask_send(&ask, METHOD_RENEW, 1))
        return false;
    *ret_renew_at_ms = answer_time_ms(&ask, 2);
    *ret_private = protobuf_find(ask.answer, 3);
    return true;
}

static bool close_ephemeral(struct provider *provider, struct arena *arena, struct str type,
                            struct str private_, struct diags *diags) {
    struct ask ask = ask_begin(provider, arena, diags);
    protobuf_bytes(&ask.request, 1, type);
    protobuf_bytes(&ask.request, 2, private_);
    return ask_send(&ask, METHOD_CLOSE, 1);
}

static bool validate_list(struct provider *provider, struct arena *arena, struct str type,
                          struct value config, struct diags *diags) {
    struct plugin *p = (struct plugin *)provider;
    return validate(provider, arena, &p->host->schema.lists, METHOD_VALIDATE_LIST, type, config,
                    diags);
}

/* One event of a list; its diagnostics are added. */
static bool read_listed(struct ask *ask, struct str event, const struct schema *schema,
                        struct provider_listed *ret_listed) {
    *ret_listed = (struct provider_listed){.display_name = protobuf_find(event, 2)};
    return plugin_diags(ask->arena, event, 4, ask->diags) &&
           read_identity(ask, event, 1, schema, &ret_listed->identity) &&
           plugin_value_read(ask->arena, protobuf_find(event, 3), schema_type(schema->block),
                             &ret_listed->state, ask->diags);
}

static bool list(struct provider *provider, struct arena *arena,
                 const struct provider_list_request *req,
                 bool (*found)(void *context, const struct provider_listed *listed), void *context,
                 struct diags *diags) {
    struct ask ask = ask_begin(provider, arena, diags);
    const struct schema *config = find_schema(&ask, &ask.p->host->schema.lists, req->type);
    const struct schema *schema = config ? resource_schema(&ask, req->type) : NULL;
    if (!schema)
        return false;
    protobuf_bytes(&ask.request, 1, req->type);
    ask_value(&ask, 2, req->config, schema_type(config->block));
    protobuf_uint(&ask.request, 3, req->include_resource);
    protobuf_uint(&ask.request, 4, (uint64_t)req->limit);
    bool done = plugin_call(ask.p, arena, METHOD_LIST, &ask.request, &ask.answer, diags);
    buf_clear(&ask.request);
    struct str event;
    struct str rest = ask.answer;
    while (done && grpc_next(&rest, &event)) {
        struct provider_listed listed;
        if (!read_listed(&ask, event, schema, &listed))
            return false;
        /* An event may be there for a warning only. */
        if (listed.identity.kind == VALUE_OBJECT && !found(context, &listed))
            break;
    }
    return done;
}

const struct provider_ops plugin_verbs = {
    .validate_config = validate_config,
    .validate_resource = validate_resource,
    .validate_data = validate_data,
    .validate_ephemeral = validate_ephemeral,
    .configure = configure,
    .upgrade = upgrade,
    .upgrade_identity = upgrade_identity,
    .read = read_resource,
    .plan = plan,
    .apply = apply,
    .import = import,
    .move = move,
    .read_data = read_data,
    .call = call,
    .open_ephemeral = open_ephemeral,
    .renew_ephemeral = renew_ephemeral,
    .close_ephemeral = close_ephemeral,
    .validate_list = validate_list,
    .list = list,
};
