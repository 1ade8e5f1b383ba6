/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/config_json.h"

#include "base/arena.h"
#include "hcl/body.h"
#include "value/as_json.h"

struct writer {
    struct json_out *o;
    struct arena *arena;
    const struct config *config;
    struct pool *pool;
    struct diags *ignored; /* the plan reported these before */
    struct map keys;       /* "module.m:aws" -> struct str *: the configuration that serves it */
};

static void member_expr(struct writer *w, struct str name, const struct expr *expr);
static void body(struct writer *w, const struct body *body, const struct schema_block *block);

static void item(struct writer *w, struct str text) {
    json_out_item(w->o);
    json_out_str(w->o, text);
}

static struct str step_text(struct arena *arena, const struct step *step) {
    if (step->kind == STEP_ATTR)
        return str_format(arena, ".%.*s", STR_ARG(step->name));
    return addr_key_text(arena, addr_key_of(step->index));
}

/* Longest first: a reference, then what is left when its steps are taken off one by one. */
static void reference(struct writer *w, const struct ref *ref) {
    struct str whole = refs_text(w->arena, ref);
    struct str keyed = whole;
    if (ref->has_key)
        keyed = str_cat(w->arena, whole, addr_key_text(w->arena, addr_key_of(ref->key)));
    for (uint32_t n = ref->n_rest; n > 0; n--) {
        struct str text = keyed;
        for (uint32_t i = 0; i < n; i++)
            text = str_cat(w->arena, text, step_text(w->arena, &ref->rest[i]));
        item(w, text);
    }
    item(w, keyed);
    bool output = ref->kind == REF_MODULE && ref->n_rest > 0;
    if (ref->has_key && !output)
        item(w, whole);
}

static void references(struct writer *w, const struct refs *refs) {
    json_out_key(w->o, S("references"));
    json_out_open(w->o, '[');
    for (size_t i = 0; i < refs->n; i++)
        reference(w, &refs->at[i]);
    json_out_close(w->o, ']');
}

static bool calls_function(const struct expr *expr);

static bool any_calls(struct expr *const *list, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (list[i] && calls_function(list[i]))
            return true;
    return false;
}

/* The reference evaluates constants without functions, so a call hides the value. */
static bool calls_function(const struct expr *expr) {
    switch (expr->kind) {
    case EXPR_CALL:
        return true;
    case EXPR_TEMPLATE:
    case EXPR_TUPLE:
        return any_calls(expr->list.at, expr->list.n);
    case EXPR_OBJECT:
        for (uint32_t i = 0; i < expr->items.n; i++)
            if (calls_function(expr->items.at[i].key) || calls_function(expr->items.at[i].value))
                return true;
        return false;
    case EXPR_FOR: {
        struct expr *parts[] = {expr->loop->collection, expr->loop->key, expr->loop->value,
                                expr->loop->condition};
        return any_calls(parts, COUNT(parts));
    }
    case EXPR_RELATIVE:
        return calls_function(expr->relative.source);
    case EXPR_WRAP:
    case EXPR_PARENS:
    case EXPR_UNARY:
    case EXPR_JOIN:
        return any_calls(expr->operand, 1);
    case EXPR_INDEX:
    case EXPR_SPLAT:
    case EXPR_BINARY:
        return any_calls(expr->operand, 2);
    case EXPR_CONDITIONAL:
        return any_calls(expr->operand, 3);
    default:
        return false;
    }
}

/* In JSON syntax the constant is the text as it stands, templates and all. */
static void raw_constant(struct writer *w, const struct expr *expr) {
    struct json_error error;
    struct str text = sources_text(w->config->sources, expr_span(expr));
    struct json *json = json_parse(w->arena, text, &error);
    if (!json)
        return;
    json_out_key(w->o, S("constant_value"));
    json_write(w->o->to, json, 0, true);
    w->o->comma = true;
}

/* {"constant_value": ...}, {"references": [...]}, or {} when neither can be told. */
static void expression(struct writer *w, const struct expr *expr) {
    struct refs refs = {0};
    json_out_open(w->o, '{');
    refs_of_expr(w->arena, expr, &refs, w->ignored);
    if (expr->json)
        raw_constant(w, expr);
    if (refs.n) {
        references(w, &refs);
    } else if (!expr->json && !calls_function(expr)) {
        struct scope scope = {.sources = w->config->sources, .base_dir = S("."), .pure = true};
        struct diags *diags = diags_new(w->arena);
        struct value v = eval_expr(w->arena, &scope, expr, diags);
        if (!diags_failed(diags) && value_is_wholly_known(v)) {
            json_out_key(w->o, S("constant_value"));
            as_json_write_plain(w->o->to, value_unmark_deep(w->arena, v), 0, true);
        }
    }
    json_out_close(w->o, '}');
}

static void member_expr(struct writer *w, struct str name, const struct expr *expr) {
    if (!expr)
        return;
    json_out_key(w->o, name);
    expression(w, expr);
}

/* The same, left out when nothing can be told. */
static void member_repetition(struct writer *w, struct str name, const struct expr *expr) {
    struct refs refs = {0};
    if (!expr)
        return;
    refs_of_expr(w->arena, expr, &refs, w->ignored);
    if (refs.n || expr->json || !calls_function(expr))
        member_expr(w, name, expr);
}

/* The names a schema knows, so that bodies of both syntaxes can be read. */
static struct body_content *content_of(struct writer *w, const struct body *b,
                                       const struct schema_block *block) {
    struct body_attr_schema *attrs = arena_array(w->arena, block->n_attrs, sizeof *attrs);
    struct body_block_schema *blocks = arena_array(w->arena, block->n_blocks, sizeof *blocks);
    static const struct str key_label[] = {STR("key")};
    struct body *remain;
    for (size_t i = 0; i < block->n_attrs; i++)
        attrs[i] = (struct body_attr_schema){block->attrs[i].name, false};
    for (size_t i = 0; i < block->n_blocks; i++) {
        bool map = block->blocks[i].nesting == NESTING_MAP;
        blocks[i] = (struct body_block_schema){block->blocks[i].name, key_label, map ? 1 : 0};
    }
    struct body_schema schema = {attrs, block->n_attrs, blocks, block->n_blocks};
    return body_partial_content(w->arena, b, &schema, &remain, w->ignored);
}

static void nested_blocks(struct writer *w, const struct body_content *content,
                          const struct schema_nested *nested) {
    bool open = false, map = nested->nesting == NESTING_MAP;
    bool single = nested->nesting == NESTING_SINGLE || nested->nesting == NESTING_GROUP;
    for (size_t i = 0; i < content->n_blocks; i++) {
        const struct block *b = content->blocks[i];
        if (!str_eq(b->type, nested->name))
            continue;
        if (!open) {
            json_out_key(w->o, nested->name);
            if (!single)
                json_out_open(w->o, map ? '{' : '[');
            open = true;
        }
        if (map && b->n_labels)
            json_out_key(w->o, b->labels[0]);
        else if (!single)
            json_out_item(w->o);
        body(w, b->body, nested->block);
        if (single)
            return;
    }
    if (open)
        json_out_close(w->o, map ? '}' : ']');
}

static void body(struct writer *w, const struct body *b, const struct schema_block *block) {
    struct body_content *content = content_of(w, b, block);
    json_out_open(w->o, '{');
    for (size_t i = 0; i < block->n_attrs; i++) {
        const struct attribute *attr = body_attr(content, block->attrs[i].name);
        if (attr)
            member_expr(w, attr->name, attr->expr);
    }
    for (size_t i = 0; i < block->n_blocks; i++)
        nested_blocks(w, content, &block->blocks[i]);
    json_out_close(w->o, '}');
}

/* "expressions", left out when empty. */
static void expressions(struct writer *w, const struct body *b, const struct schema_block *block) {
    struct buf kept;
    struct json_out own = {.to = &kept}, *outer = w->o;
    if (!b || !block)
        return;
    buf_init(&kept, BUF_MAX_DOCUMENT);
    w->o = &own;
    body(w, b, block);
    w->o = outer;
    if (!str_eq(buf_str(&kept), S("{}"))) {
        json_out_key(outer, S("expressions"));
        json_out_raw(outer, buf_str(&kept));
        outer->comma = true;
    }
    buf_clear(&kept);
}

static void depends_on(struct writer *w, const struct refs *refs) {
    if (!refs->n)
        return;
    json_out_key(w->o, S("depends_on"));
    json_out_open(w->o, '[');
    for (size_t i = 0; i < refs->n; i++)
        item(w, refs_text(w->arena, &refs->at[i]));
    json_out_close(w->o, ']');
}

static struct str module_prefix(struct writer *w, const struct config_module *module) {
    if (!module->path.n)
        return S("");
    return str_cat(w->arena, addr_module_text(w->arena, module->path), S(":"));
}

static struct str local_name(const struct config_resource *r) {
    if (r->provider.name.len)
        return r->provider.name;
    ptrdiff_t bar = str_find_byte(r->addr.type, '_');
    return bar > 0 ? str_slice(r->addr.type, 0, (size_t)bar) : r->addr.type;
}

static struct str config_key(struct writer *w, const struct config_module *module, struct str name,
                             struct str alias) {
    struct str prefix = module_prefix(w, module);
    return str_format(w->arena, "%.*s%.*s%s%.*s", STR_ARG(prefix), STR_ARG(name),
                      alias.len ? "." : "", STR_ARG(alias));
}

/* A configuration that a module inherits is named as the module that has it names it. */
static struct str provider_key(struct writer *w, const struct config_module *module,
                               const struct config_resource *r) {
    struct str key = config_key(w, module, local_name(r), r->provider.alias);
    const struct str *served_by = map_get(&w->keys, key);
    return served_by ? *served_by : key;
}

static void provisioners(struct writer *w, const struct config_resource *r) {
    if (!r->n_provisioners)
        return;
    json_out_key(w->o, S("provisioners"));
    json_out_open(w->o, '[');
    for (size_t i = 0; i < r->n_provisioners; i++) {
        struct body_content *content =
            body_attributes(w->arena, r->provisioners[i].config, w->ignored);
        json_out_item(w->o);
        json_out_open(w->o, '{');
        json_out_member(w->o, S("type"), r->provisioners[i].type);
        json_out_key(w->o, S("expressions"));
        json_out_open(w->o, '{');
        for (size_t k = 0; k < content->n_attrs; k++)
            member_expr(w, content->attrs[k]->name, content->attrs[k]->expr);
        json_out_close(w->o, '}');
        json_out_close(w->o, '}');
    }
    json_out_close(w->o, ']');
}

static void resource(struct writer *w, const struct config_module *module,
                     const struct config_resource *r) {
    const struct provider_schema *all = pool_schema(w->pool, r->provider_addr, w->ignored);
    const struct schema *schema = all ? pool_type(all, r->addr.mode, r->addr.type) : NULL;
    json_out_item(w->o);
    json_out_open(w->o, '{');
    json_out_member(w->o, S("address"), addr_resource_text(w->arena, r->addr));
    json_out_member(w->o, S("mode"), r->addr.mode == MODE_MANAGED ? S("managed") : S("data"));
    json_out_member(w->o, S("type"), r->addr.type);
    json_out_member(w->o, S("name"), r->addr.name);
    json_out_member(w->o, S("provider_config_key"), provider_key(w, module, r));
    provisioners(w, r);
    expressions(w, r->config, schema ? schema->block : NULL);
    json_out_key(w->o, S("schema_version"));
    json_out_int(w->o, schema ? schema->version : 0);
    member_repetition(w, S("count_expression"), r->count);
    member_repetition(w, S("for_each_expression"), r->for_each);
    depends_on(w, &r->depends_on);
    json_out_close(w->o, '}');
}

/* Ephemeral resources are left out, as Terraform does. */
static void resources(struct writer *w, const struct config_module *module) {
    static const enum resource_mode order[] = {MODE_MANAGED, MODE_DATA};
    struct map_entry *sorted = map_sorted(w->arena, &module->resources);
    if (!module->resources.n)
        return;
    json_out_key(w->o, S("resources"));
    json_out_open(w->o, '[');
    for (size_t m = 0; m < COUNT(order); m++)
        for (size_t i = 0; i < module->resources.n; i++) {
            const struct config_resource *r = sorted[i].value;
            if (r->addr.mode == order[m])
                resource(w, module, r);
        }
    json_out_close(w->o, ']');
}

static void outputs(struct writer *w, const struct config_module *module) {
    struct map_entry *sorted = map_sorted(w->arena, &module->outputs);
    if (!module->outputs.n)
        return;
    json_out_key(w->o, S("outputs"));
    json_out_open(w->o, '{');
    for (size_t i = 0; i < module->outputs.n; i++) {
        const struct config_output *output = sorted[i].value;
        json_out_key(w->o, output->name);
        json_out_open(w->o, '{');
        if (output->sensitive)
            json_out_flag(w->o, S("sensitive"), true);
        if (output->ephemeral)
            json_out_flag(w->o, S("ephemeral"), true);
        member_expr(w, S("expression"), output->expr);
        depends_on(w, &output->depends_on);
        if (output->description.len)
            json_out_member(w->o, S("description"), output->description);
        if (output->deprecated.len)
            json_out_member(w->o, S("deprecated"), output->deprecated);
        json_out_close(w->o, '}');
    }
    json_out_close(w->o, '}');
}

static void variables(struct writer *w, const struct config_module *module) {
    struct map_entry *sorted = map_sorted(w->arena, &module->variables);
    if (!module->variables.n)
        return;
    json_out_key(w->o, S("variables"));
    json_out_open(w->o, '{');
    for (size_t i = 0; i < module->variables.n; i++) {
        const struct config_variable *v = sorted[i].value;
        json_out_key(w->o, v->name);
        json_out_open(w->o, '{');
        if (v->has_default) {
            json_out_key(w->o, S("default"));
            json_out_known(w->o, value_unmark_deep(w->arena, v->default_value));
        }
        if (v->description.len)
            json_out_member(w->o, S("description"), v->description);
        if (v->deprecated.len)
            json_out_member(w->o, S("deprecated"), v->deprecated);
        if (v->sensitive)
            json_out_flag(w->o, S("sensitive"), true);
        json_out_close(w->o, '}');
    }
    json_out_close(w->o, '}');
}

static void module_members(struct writer *w, const struct config_module *module);

static void call_inputs(struct writer *w, const struct config_call *call) {
    struct body_content *content = body_attributes(w->arena, call->config, w->ignored);
    if (!content->n_attrs)
        return;
    json_out_key(w->o, S("expressions"));
    json_out_open(w->o, '{');
    for (size_t i = 0; i < content->n_attrs; i++)
        member_expr(w, content->attrs[i]->name, content->attrs[i]->expr);
    json_out_close(w->o, '}');
}

static void calls(struct writer *w, const struct config_module *module) {
    struct map_entry *sorted = map_sorted(w->arena, &module->calls);
    if (!module->calls.n)
        return;
    json_out_key(w->o, S("module_calls"));
    json_out_open(w->o, '{');
    for (size_t i = 0; i < module->calls.n; i++) {
        const struct config_call *call = sorted[i].value;
        json_out_key(w->o, call->name);
        json_out_open(w->o, '{');
        json_out_member(w->o, S("source"), call->source);
        call_inputs(w, call);
        member_repetition(w, S("count_expression"), call->count);
        member_repetition(w, S("for_each_expression"), call->for_each);
        json_out_key(w->o, S("module"));
        json_out_open(w->o, '{');
        if (call->module)
            module_members(w, call->module);
        json_out_close(w->o, '}');
        if (call->version.len)
            json_out_member(w->o, S("version_constraint"), call->version);
        depends_on(w, &call->depends_on);
        json_out_close(w->o, '}');
    }
    json_out_close(w->o, '}');
}

static void module_members(struct writer *w, const struct config_module *module) {
    outputs(w, module);
    resources(w, module);
    calls(w, module);
    variables(w, module);
}

/* One entry of "provider_config": `p` is NULL for a provider without a block. */
static void provider(struct writer *w, const struct config_module *module, struct str name,
                     const struct config_provider *p) {
    struct provider_addr addr = config_provider_addr(w->arena, module, name);
    const struct config_required_provider *required = map_get(&module->required, name);
    const struct provider_schema *all = pool_schema(w->pool, addr, w->ignored);
    struct str key = p && p->alias.len
                         ? str_format(w->arena, "%.*s.%.*s", STR_ARG(name), STR_ARG(p->alias))
                         : name;
    struct str version = required && required->version.len ? required->version
                         : p                               ? p->version
                                                           : S("");
    json_out_key(w->o, str_cat(w->arena, module_prefix(w, module), key));
    json_out_open(w->o, '{');
    json_out_member(w->o, S("name"), name);
    json_out_member(w->o, S("full_name"), addr_provider_text(w->arena, addr));
    if (p && p->alias.len)
        json_out_member(w->o, S("alias"), p->alias);
    if (version.len)
        json_out_member(w->o, S("version_constraint"), version);
    if (module->path.n)
        json_out_member(w->o, S("module_address"), addr_module_text(w->arena, module->path));
    if (p)
        expressions(w, p->config, all && all->config ? all->config->block : NULL);
    json_out_close(w->o, '}');
}

static void serve(struct writer *w, struct str key, struct str served_by) {
    map_put(w->arena, &w->keys, key, arena_copy(w->arena, &served_by, sizeof served_by));
}

/* A provider without a block: the parent's where it has one, else one of its own. */
static void implied_provider(struct writer *w, const struct config_module *module,
                             struct str name) {
    struct str key = config_key(w, module, name, S(""));
    if (map_get(&w->keys, key))
        return;
    const struct str *inherited =
        module->parent ? map_get(&w->keys, config_key(w, module->parent, name, S(""))) : NULL;
    serve(w, key, inherited ? *inherited : key);
    if (!inherited)
        provider(w, module, name, NULL);
}

/* What a call passes on by name. */
static void passed_providers(struct writer *w, const struct config_module *module,
                             const struct config_call *call) {
    for (size_t i = 0; i < call->n_providers; i++) {
        const struct config_provider_map *p = &call->providers[i];
        struct str outer = config_key(w, module, p->outer.name, p->outer.alias);
        const struct str *served_by = map_get(&w->keys, outer);
        serve(w, config_key(w, call->module, p->inner.name, p->inner.alias),
              served_by ? *served_by : outer);
    }
}

/* Configurations of a module: with a block, required, or used by a resource. */
static void providers(struct writer *w, const struct config_module *module) {
    for (size_t i = 0; i < module->providers.n; i++) {
        const struct config_provider *p = module->providers.entries[i].value;
        struct str key = config_key(w, module, p->name, p->alias);
        serve(w, key, key);
        provider(w, module, p->name, p);
    }
    for (size_t i = 0; i < module->required.n; i++)
        implied_provider(w, module, module->required.entries[i].key);
    for (size_t i = 0; i < module->resources.n; i++)
        implied_provider(w, module, local_name(module->resources.entries[i].value));
    for (size_t i = 0; i < module->calls.n; i++) {
        const struct config_call *call = module->calls.entries[i].value;
        if (!call->module)
            continue;
        passed_providers(w, module, call);
        providers(w, call->module);
    }
}

void config_json_write(struct json_out *o, struct arena *arena, const struct config *config,
                       struct pool *pool) {
    struct writer w = {
        .o = o, .arena = arena, .config = config, .pool = pool, .ignored = diags_new(arena)};
    struct buf kept;
    struct json_out own = {.to = &kept};
    buf_init(&kept, BUF_MAX_DOCUMENT);
    json_out_open(o, '{');
    w.o = &own;
    json_out_open(&own, '{');
    providers(&w, config->root);
    json_out_close(&own, '}');
    w.o = o;
    if (!str_eq(buf_str(&kept), S("{}"))) {
        json_out_key(o, S("provider_config"));
        json_out_raw(o, buf_str(&kept));
        o->comma = true;
    }
    buf_clear(&kept);
    json_out_key(o, S("root_module"));
    json_out_open(o, '{');
    module_members(&w, config->root);
    json_out_close(o, '}');
    json_out_close(o, '}');
}
