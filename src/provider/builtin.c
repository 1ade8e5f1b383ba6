/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/builtin.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/rand.h"
#include "provider/builtin_int.h"
#include "value/as_json.h"

struct builtin {
    struct provider base;
    const struct builtin_hooks *hooks;
    struct provider_schema schema;
    const struct type *data_type; /* of terraform_data */
    const struct type *null_resource_type;
};

static struct builtin *builtin_of(struct provider *p) {
    return (struct builtin *)p;
}

/* ---- schemas ---- */

static const struct schema *make_schema(struct arena *arena, struct str name,
                                        const struct schema_attr *attrs, size_t n) {
    struct schema_block *block = arena_alloc(arena, sizeof *block);
    block->attrs = arena_copy(arena, attrs, n * sizeof *attrs);
    block->n_attrs = n;
    struct schema *schema = arena_alloc(arena, sizeof *schema);
    schema->name = name;
    schema->block = block;
    return schema;
}

static const struct schema *data_schema(struct arena *arena) {
    const struct schema_attr attrs[] = {
        {.name = STR("id"), .type = type_string, .computed = true},
        {.name = STR("input"), .type = type_dynamic, .optional = true},
        {.name = STR("output"), .type = type_dynamic, .computed = true},
        {.name = STR("triggers_replace"), .type = type_dynamic, .optional = true},
    };
    return make_schema(arena, S("terraform_data"), attrs, COUNT(attrs));
}

static const struct schema *remote_state_schema(struct arena *arena) {
    const struct schema_attr attrs[] = {
        {.name = STR("backend"),
         .type = type_string,
         .required = true,
         .markdown = true,
         .description = STR("The remote backend to use, e.g. `remote` or `http`.")},
        {.name = STR("config"),
         .type = type_dynamic,
         .optional = true,
         .markdown = true,
         .description = STR("The configuration of the remote backend. Although this is optional, "
                            "most backends require some configuration.\n\nThe object can use any "
                            "arguments that would be valid in the equivalent `terraform { backend "
                            "\"<TYPE>\" { ... } }` block.")},
        {.name = STR("defaults"),
         .type = type_dynamic,
         .optional = true,
         .markdown = true,
         .description = STR("Default values for outputs, in case the state file is empty or lacks "
                            "a required output.")},
        {.name = STR("outputs"),
         .type = type_dynamic,
         .computed = true,
         .markdown = true,
         .description = STR("An object containing every root-level output in the remote state.")},
        {.name = STR("workspace"),
         .type = type_string,
         .optional = true,
         .markdown = true,
         .description = STR("The Terraform workspace to use, if the backend supports workspaces.")},
    };
    return make_schema(arena, S("terraform_remote_state"), attrs, COUNT(attrs));
}

static const struct provider_function *
make_function(struct arena *arena, struct str name, struct str param, const struct type *param_type,
              const struct type *result, struct str summary, struct str description) {
    struct provider_function *function = arena_alloc(arena, sizeof *function);
    *function = (struct provider_function){
        .name = name,
        .param_names = arena_copy(arena, &param, sizeof param),
        .param_types = arena_copy(arena, &param_type, sizeof param_type),
        .n_params = 1,
        .result = result,
        .summary = summary,
        .description = description,
    };
    return function;
}

static void add_functions(struct arena *arena, struct map *functions) {
    map_put(arena, functions, S("decode_tfvars"),
            (void *)make_function(
                arena, S("decode_tfvars"), S("src"), type_string, type_dynamic,
                S("Parse a string containing syntax like that used in a `.tfvars` file"),
                S("A rarely-needed function which takes a string containing the content of a "
                  "`.tfvars` file and returns an object describing the raw variable values it "
                  "defines.")));
    map_put(arena, functions, S("encode_expr"),
            (void *)make_function(
                arena, S("encode_expr"), S("value"), type_dynamic, type_string,
                S("Produce a string representation of an arbitrary value using Terraform "
                  "expression syntax"),
                S("A rarely-needed function which takes any value and produces a string "
                  "containing Terraform language expression syntax approximating that value.")));
    map_put(arena, functions, S("encode_tfvars"),
            (void *)make_function(
                arena, S("encode_tfvars"), S("value"), type_dynamic, type_string,
                S("Produce a string representation of an object using the same syntax as for "
                  "`.tfvars` files"),
                S("A rarely-needed function which takes an object value and produces a string "
                  "containing a description of that object using the same syntax as Terraform "
                  "CLI would expect in a `.tfvars`.")));
}

static const struct provider_schema *get_schema(struct provider *p, struct diags *diags) {
    (void)diags;
    return &builtin_of(p)->schema;
}

/* ---- terraform_data ---- */

static bool unsupported(struct diags *diags, const char *what, struct str type) {
    diags_error(diags, (struct span){0}, "Unsupported resource type",
                "The terraform provider has no %s \"%.*s\".", what, STR_ARG(type));
    return false;
}

static bool is_data(struct str type) {
    return str_eq(type, S("terraform_data"));
}

static struct value data_value(struct arena *arena, struct value id, struct value input,
                               struct value output, struct value trigger) {
    const struct name *const names[] = {intern_name(S("id")), intern_name(S("input")),
                                        intern_name(S("output")),
                                        intern_name(S("triggers_replace"))};
    const struct value values[] = {id, input, output, trigger};
    return value_object(arena, names, values, COUNT(values));
}

static bool validate_config(struct provider *p, struct arena *arena, struct value config,
                            struct diags *diags) {
    (void)p, (void)arena, (void)config, (void)diags;
    return true;
}

static bool validate_resource(struct provider *p, struct arena *arena, struct str type,
                              struct value config, struct diags *diags) {
    (void)p, (void)arena;
    if (!is_data(type))
        return unsupported(diags, "resource type", type);
    static const struct str computed[] = {STR("id"), STR("output")};
    size_t before = diags->n_errors;
    for (size_t i = 0; i < COUNT(computed); i++) {
        if (value_is_null(value_attr(config, computed[i])))
            continue;
        char summary[64];
        snprintf(summary, sizeof summary, "\"%s\" attribute is read-only", computed[i].at);
        diags_error(diags, (struct span){0}, summary, NULL);
    }
    return diags->n_errors == before;
}

static bool validate_data(struct provider *p, struct arena *arena, struct str type,
                          struct value config, struct diags *diags) {
    if (!str_eq(type, S("terraform_remote_state")))
        return unsupported(diags, "data source", type);
    return remote_state_validate(builtin_of(p)->hooks, arena, config, diags);
}

static bool configure(struct provider *p, struct arena *arena, struct value config,
                      struct diags *diags) {
    return validate_config(p, arena, config, diags);
}

static bool from_json(struct arena *arena, const struct json *attributes, const struct type *type,
                      struct value *ret_state, struct diags *diags) {
    struct convert_error error = {0};
    if (as_json_read(arena, attributes, type, ret_state, &error))
        return true;
    struct str text = convert_error_text(arena, &error);
    diags_add(diags, SEVERITY_ERROR, (struct span){0}, text, S(""));
    return false;
}

static bool upgrade(struct provider *p, struct arena *arena, struct str type, int64_t version,
                    const struct json *attributes, struct value *ret_state, struct diags *diags) {
    (void)version;
    if (is_data(type))
        return from_json(arena, attributes, builtin_of(p)->data_type, ret_state, diags);
    const struct schema *schema = map_get(&builtin_of(p)->schema.data_sources, type);
    if (schema)
        return from_json(arena, attributes, schema_type(schema->block), ret_state, diags);
    return unsupported(diags, "resource type", type);
}

static bool read_resource(struct provider *p, struct arena *arena,
                          const struct provider_read_request *req,
                          struct provider_read_response *ret, struct diags *diags) {
    (void)p, (void)arena;
    if (!is_data(req->type))
        return unsupported(diags, "resource type", req->type);
    *ret = (struct provider_read_response){.state = req->state, .private_ = req->private_};
    return true;
}

static struct value unknown_id(struct arena *arena) {
    const struct value_unknown what = {.type = type_string, .not_null = true, .max_length = -1};
    return value_unknown_refined(arena, &what);
}

static bool plan(struct provider *p, struct arena *arena, const struct provider_plan_request *req,
                 struct provider_plan_response *ret, struct diags *diags) {
    (void)p;
    if (!is_data(req->type))
        return unsupported(diags, "resource type", req->type);
    struct provider_plan_response response = {.planned = req->proposed, .private_ = req->private_};
    if (value_is_null(req->proposed)) {
        *ret = response;
        return true;
    }
    struct value input = value_attr(req->proposed, S("input"));
    struct value trigger = value_attr(req->proposed, S("triggers_replace"));
    struct value id = value_attr(req->proposed, S("id"));
    struct value output = value_attr(req->proposed, S("output"));
    bool create = value_is_null(req->prior);
    bool replace = !create && !value_same(value_attr(req->prior, S("triggers_replace")), trigger);
    if (create || replace) {
        id = unknown_id(arena);
        output = value_is_null(input) ? input : value_unknown(value_type(input));
    } else if (!value_same(value_attr(req->prior, S("input")), input)) {
        output = value_unknown(value_type(input));
    }
    if (replace)
        paths_add(arena, &response.replace,
                  path_attr(arena, (struct path){0}, S("triggers_replace")));
    response.planned = data_value(arena, id, input, output, trigger);
    *ret = response;
    return true;
}

static bool apply(struct provider *p, struct arena *arena, const struct provider_apply_request *req,
                  struct provider_apply_response *ret, struct diags *diags) {
    (void)p;
    if (!is_data(req->type))
        return unsupported(diags, "resource type", req->type);
    struct provider_apply_response response = {.state = req->planned, .private_ = req->private_};
    if (!value_is_null(req->planned)) {
        struct value id = value_attr(req->planned, S("id"));
        struct value input = value_attr(req->planned, S("input"));
        struct value output = value_attr(req->planned, S("output"));
        if (!value_is_known(id))
            id = value_string_view(rand_uuid(arena));
        /* An output that is known was settled by the plan, null included. */
        if (!value_is_known(output))
            output = input;
        response.state =
            data_value(arena, id, input, output, value_attr(req->planned, S("triggers_replace")));
    }
    *ret = response;
    return true;
}

static bool import(struct provider *p, struct arena *arena, struct str type, struct str id,
                   struct value identity, struct provider_imported *ret, struct diags *diags) {
    (void)p, (void)identity;
    if (!is_data(type))
        return unsupported(diags, "resource type", type);
    struct value none = value_null(type_dynamic);
    ret->type = type;
    ret->private_ = S("");
    ret->state = data_value(arena, value_string(arena, id), none, none, none);
    return true;
}

/* Only null_resource, of whatever host, can become terraform_data. */
static bool can_move(const struct provider_move_request *req, struct diags *diags) {
    if (!is_data(req->to))
        return unsupported(diags, "resource type", req->to);
    if (!str_ends(req->from_provider, S("hashicorp/null"))) {
        diags_error(diags, (struct span){0}, "Unsupported source provider for move operation",
                    "Only moving from the official hashicorp/null provider to terraform_data is "
                    "supported.");
        return false;
    }
    if (!str_eq(req->from_type, S("null_resource"))) {
        diags_error(diags, (struct span){0}, "Unsupported source resource type for move operation",
                    "Only moving from the null_resource managed resource to terraform_data is "
                    "supported.");
        return false;
    }
    return true;
}

static bool move(struct provider *p, struct arena *arena, const struct provider_move_request *req,
                 struct provider_move_response *ret, struct diags *diags) {
    if (!can_move(req, diags))
        return false;
    struct value old;
    if (!from_json(arena, req->state, builtin_of(p)->null_resource_type, &old, diags))
        return false;
    struct value trigger = value_attr(old, S("triggers"));
    struct value none = value_null(type_dynamic);
    if (value_is_null(trigger)) {
        trigger = none;
    } else {
        size_t n = value_count(trigger);
        const struct name **names = arena_array(arena, n, sizeof *names);
        struct value *values = arena_array(arena, n, sizeof *values);
        for (size_t i = 0; i < n; i++) {
            names[i] = intern_name(value_key(trigger, i));
            values[i] = value_at(trigger, i);
        }
        trigger = value_object(arena, names, values, n);
    }
    *ret = (struct provider_move_response){
        .state = data_value(arena, value_attr(old, S("id")), none, none, trigger),
        .identity = none,
    };
    return true;
}

static bool read_data(struct provider *p, struct arena *arena, struct str type, struct value config,
                      struct value *ret_state, struct diags *diags) {
    if (!str_eq(type, S("terraform_remote_state")))
        return unsupported(diags, "data source", type);
    return remote_state_read(builtin_of(p)->hooks, arena, config, ret_state, diags);
}

static bool call(struct provider *p, struct arena *arena, struct str function,
                 const struct value *args, size_t n, struct value *ret_value, struct diags *diags) {
    const struct builtin_hooks *hooks = builtin_of(p)->hooks;
    struct str error = S("there is no such function");
    bool done = false;
    if (n == 1 && str_eq(function, S("encode_tfvars")) && hooks->format)
        done = tfvars_encode(hooks, arena, args[0], ret_value, &error);
    else if (n == 1 && str_eq(function, S("encode_expr")) && hooks->format)
        done = tfvars_encode_expr(hooks, arena, args[0], ret_value, &error);
    else if (n == 1 && str_eq(function, S("decode_tfvars")) && hooks->decode_tfvars)
        done = hooks->decode_tfvars(hooks->context, arena, value_str(args[0]), ret_value, &error);
    if (!done)
        diags_add(diags, SEVERITY_ERROR, (struct span){0}, S("Error in function call"), error);
    return done;
}

static bool open_ephemeral(struct provider *p, struct arena *arena, struct str type,
                           struct value config, struct value *ret_result, struct str *ret_private,
                           int64_t *ret_renew_at_ms, struct diags *diags) {
    (void)p, (void)arena, (void)config, (void)ret_result, (void)ret_private, (void)ret_renew_at_ms;
    return unsupported(diags, "ephemeral resource type", type);
}

static void do_nothing(struct provider *p) {
    (void)p;
}

static const struct provider_ops ops = {
    .schema = get_schema,
    .validate_config = validate_config,
    .validate_resource = validate_resource,
    .validate_data = validate_data,
    .configure = configure,
    .upgrade = upgrade,
    .read = read_resource,
    .plan = plan,
    .apply = apply,
    .import = import,
    .move = move,
    .read_data = read_data,
    .call = call,
    .open_ephemeral = open_ephemeral,
    .close = do_nothing,
};

struct provider *builtin_open(struct arena *arena, const struct builtin_hooks *hooks) {
    static const struct builtin_hooks none;
    struct builtin *b = arena_alloc(arena, sizeof *b);
    b->base = (struct provider){.ops = &ops, .name = S("terraform")};
    b->hooks = hooks ? hooks : &none;
    const struct schema *data = data_schema(arena);
    const struct schema *remote = remote_state_schema(arena);
    struct schema *config = arena_alloc(arena, sizeof *config);
    config->block = &schema_no_block;
    b->schema.config = config;
    map_put(arena, &b->schema.resources, data->name, (void *)data);
    map_put(arena, &b->schema.data_sources, remote->name, (void *)remote);
    add_functions(arena, &b->schema.functions);
    b->data_type = schema_type(data->block);
    const struct name *const names[] = {intern_name(S("id")), intern_name(S("triggers"))};
    const struct type *const types[] = {type_string, type_map(type_string)};
    b->null_resource_type = type_object(names, types, NULL, COUNT(names));
    return &b->base;
}
