/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/plan_int.h"

#include "config/config_provisioner.h"
#include "config/decode.h"
#include "provider/provisioner.h"
#include "resolve/locate.h"
#include "resolve/ref_check.h"
#include "value/convert.h"
#include "resolve/repetition.h"
#include "resolve/rules.h"

/* Checking without state and API: every unit once in each module, in the order of the graph. */
struct checker {
    struct arena *arena;
    struct units *units;
    struct resolve *resolve;
    const struct unit *unit;
    struct diags *diags;
};

static void check_message(struct checker *c, struct frame *frame, const struct expr *message) {
    size_t before = c->diags->n_errors;
    struct convert_error error;
    struct value v;
    if (!message)
        return;
    v = eval_expr(c->arena, &frame->scope, message, c->diags);
    if (c->diags->n_errors == before && !convert_value(c->arena, v, type_string, &v, &error))
        diags_error(c->diags, expr_span(message), "Invalid error message",
                    "Unsuitable value for error message: %.*s.",
                    STR_ARG(convert_error_text(c->arena, &error)));
}

static bool check_rules(struct checker *c, struct frame *frame, const struct config_rules *rules) {
    size_t before = c->diags->n_errors;
    frame->in_rule = true;
    for (size_t i = 0; i < rules->n; i++) {
        const struct config_rule *rule = &rules->at[i];
        eval_expr_as(c->arena, &frame->scope, rule->condition, type_bool,
                     S("Invalid condition result"), c->diags);
        check_message(c, frame, rule->error_message);
    }
    return c->diags->n_errors == before;
}

/* Of a check block: the names in the conditions, and what the messages give. */
static bool check_asserts(struct checker *c, struct frame *frame,
                          const struct config_rules *asserts) {
    size_t before = c->diags->n_errors;
    for (size_t i = 0; i < asserts->n; i++) {
        const struct config_rule *rule = &asserts->at[i];
        struct refs refs = {0};
        struct value v;
        bool used_key;
        if (rule->condition)
            refs_of_expr(c->arena, rule->condition, &refs, NULL);
        for (size_t k = 0; k < refs.n; k++)
            if (refs.at[k].kind != REF_PROVIDER_FUNCTION)
                (void)frame->scope.ops->get(&frame->scope, c->arena, &refs.at[k], NULL, &v,
                                            &used_key, c->diags);
        check_message(c, frame, rule->error_message);
    }
    return c->diags->n_errors == before;
}

static bool check_ephemeral(struct checker *c, struct value v) {
    const struct unit *unit = c->unit;
    if (!(value_marks_inside(v) & VALUE_EPHEMERAL) || unit->resource->addr.mode == MODE_EPHEMERAL)
        return true;
    struct paths paths = {0};
    path_marked(c->arena, v, VALUE_EPHEMERAL, &paths);
    bool ok = true;
    for (size_t i = 0; i < paths.n; i++) {
        const struct schema_attr *attr =
            paths.at[i].n ? schema_attr(unit->schema->block, paths.at[i].at[0].name) : NULL;
        if (attr && attr->write_only)
            continue;
        struct str name = path_text(c->arena, paths.at[i]);
        if (name.len && name.at[0] == '.')
            name = str_slice(name, 1, name.len);
        struct diag *d = diags_error(
            c->diags, decode_span(unit->resource->config, unit->schema->block, paths.at[i]),
            "Invalid use of ephemeral value",
            "Ephemeral values are not valid for \"%.*s\", because it is not a write-only "
            "attribute and must be persisted to state.",
            STR_ARG(name));
        d->address = unit_config_text(c->arena, unit);
        ok = false;
    }
    return ok;
}

static bool ask_provider(struct checker *c, struct value config) {
    const struct unit *unit = c->unit;
    struct provider *provider = pool_plain(c->units->pool, unit->provider_addr.provider, c->diags);
    if (!provider)
        return false;
    bool (*ask)(struct provider *, struct arena *, struct str, struct value, struct diags *) =
        unit->resource->addr.mode == MODE_MANAGED     ? provider->ops->validate_resource
        : unit->resource->addr.mode == MODE_DATA      ? provider->ops->validate_data
        : unit->resource->addr.mode == MODE_EPHEMERAL ? provider->ops->validate_ephemeral
                                                      : NULL;
    if (!ask)
        return unit->resource->addr.mode != MODE_LIST ||
               list_plan_validate(c->arena, unit, provider, config, c->diags);
    size_t first = c->diags->n;
    bool ok =
        ask(provider, c->arena, unit->schema->name, value_unmark_deep(c->arena, config), c->diags);
    /* The built-in provider's plain errors are about no place at all; the attribute they name is in
     * their words. */
    if (!addr_provider_eq(unit->provider_addr.provider, addr_provider_builtin) ||
        (c->diags->n > first && c->diags->at[first].path.len > 0))
        locate_diags(c->arena, c->diags, first, unit_config_text(c->arena, unit),
                     unit->resource->config, unit->schema->block);
    return ok;
}

/* A block that lacks an argument was refused for that: its values are not looked at. */
static bool has_required(const struct schema_block *block, struct value config) {
    for (size_t i = 0; i < block->n_attrs; i++)
        if (block->attrs[i].required && value_is_null(value_attr(config, block->attrs[i].name)))
            return false;
    return true;
}

/* One provisioner with its connection; `self` is there, what it is is not known. */
static bool check_provisioner(struct checker *c, struct frame *frame,
                              const struct config_provisioner *provisioner) {
    const struct schema_block *block = provisioner_schema(c->arena, provisioner->type);
    if (!block) {
        diags_error(c->diags, (struct span){0}, "Missing required provisioner plugin",
                    "This configuration requires provisioner plugin \"%.*s\", which isn't "
                    "available. If you're intending to use an external provisioner plugin, you "
                    "must install it manually into one of the plugin search directories before "
                    "running Loam.",
                    STR_ARG(provisioner->type));
        return false;
    }
    struct value config;
    bool ok = decode_block(c->arena, &frame->scope, provisioner->config, block, &config, c->diags);
    size_t first = c->diags->n;
    if (ok || has_required(block, config))
        ok = provisioner_validate(provisioner->type, value_unmark_deep(c->arena, config),
                                  c->diags) &&
             ok;
    /* The other two say nothing of where. */
    if (str_eq(provisioner->type, S("local-exec")))
        locate_diags(c->arena, c->diags, first, unit_config_text(c->arena, c->unit),
                     provisioner->config, block);
    const struct body *connection =
        config_provisioner_connection(c->arena, c->unit->resource, provisioner);
    if (connection)
        ok = decode_block(c->arena, &frame->scope, connection,
                          provisioner_connection_schema(c->arena), &config, c->diags) &&
             ok;
    return ok;
}

/* The first that is wrong ends it, as in the reference. */
static bool check_provisioners(struct checker *c, struct frame *frame) {
    const struct config_resource *r = c->unit->resource;
    for (size_t i = 0; i < r->n_provisioners; i++)
        if (!check_provisioner(c, frame, &r->provisioners[i]))
            return false;
    return true;
}

/* ignore_changes names attributes that must exist. */
static bool check_ignored(struct checker *c) {
    const struct config_lifecycle *lifecycle = &c->unit->resource->lifecycle;
    bool ok = true;
    for (size_t i = 0; i < lifecycle->n_ignore; i++) {
        const struct traversal *t = &lifecycle->ignore_changes[i];
        struct step *steps = arena_array(c->arena, (size_t)t->n + 1, sizeof *steps);
        uint32_t n = 0;
        if (t->root.len)
            steps[n++] = (struct step){.kind = STEP_ATTR, .name = t->root, .span = t->root_span};
        for (uint32_t k = 0; k < t->n; k++)
            steps[n++] = t->steps[k];
        ok = ref_check_steps(c->unit->schema->block, steps, n, c->diags) && ok;
    }
    return ok;
}

static bool check_resource(struct checker *c, struct module_inst *inst) {
    const struct unit *unit = c->unit;
    const struct config_resource *r = unit->resource;
    struct expansion *e = expansion_of(c->resolve, inst, unit, c->diags);
    if (!e)
        return false;
    if (!unit->schema || e->n == 0 || !r->config)
        return true;
    struct frame frame;
    frame_init(&frame, c->resolve, inst, e, &e->at[0]);
    if (e->kind == REPEAT_UNKNOWN)
        frame.key.kind = r->count ? KEY_INT : KEY_STRING;
    struct value config;
    if (!frame_config(&frame, c->arena, unit, &config, c->diags) || !check_ephemeral(c, config) ||
        !ask_provider(c, config))
        return false;
    bool ok = check_rules(c, &frame, &r->preconditions);
    frame.has_self = true;
    frame.self = value_unknown(schema_type(unit->schema->block));
    ok = check_rules(c, &frame, &r->postconditions) && ok;
    ok = check_provisioners(c, &frame) && ok;
    return check_ignored(c) && ok;
}

static bool check_provider(struct checker *c, struct module_inst *inst) {
    const struct unit *unit = c->unit;
    struct provider *provider = pool_plain(c->units->pool, unit->provider_addr.provider, c->diags);
    if (!provider || !unit->schema)
        return false;
    if (!unit->provider || !unit->provider->config || !unit->used)
        return true;
    const struct expansion *e = expansion_of(c->resolve, inst, unit, c->diags);
    if (!e)
        return false;
    struct frame frame;
    frame_init(&frame, c->resolve, inst, e, &e->at[0]);
    if (unit->provider->for_each)
        frame.key.kind = KEY_STRING;
    struct value config;
    if (!decode_block(c->arena, &frame.scope, unit->provider->config, unit->schema->block, &config,
                      c->diags))
        return false;
    size_t first = c->diags->n;
    bool ok = !provider->ops->validate_config ||
              provider->ops->validate_config(provider, c->arena,
                                             value_unmark_deep(c->arena, config), c->diags);
    locate_diags(c->arena, c->diags, first,
                 addr_provider_config_text(c->arena, &unit->provider_addr), unit->provider->config,
                 unit->schema->block);
    return ok;
}

static bool check_output(struct checker *c, struct module_inst *inst) {
    if (!inst->parent && c->unit->output->ephemeral) {
        diags_error(c->diags, c->unit->output->span, "Ephemeral output not allowed",
                    "Ephemeral outputs are not allowed in context of a root module");
        return false;
    }
    struct value v;
    struct frame frame;
    frame_init(&frame, c->resolve, inst, NULL, NULL);
    const struct config_rules *rules = &c->unit->output->preconditions;
    struct rules_result result = {0};
    bool ok = check_rules(c, &frame, rules);
    /* Unlike those of resources, they are decided as soon as what they need is known. */
    if (ok && rules->n > 0)
        ok = rules_check(&frame, c->arena, rules, RULES_OUTPUT, &result, c->diags);
    if (!resolve_value(c->resolve, inst, c->unit, &v, c->diags))
        return false;
    return plan_results_output_check(inst, c->unit->output, v, c->diags) && ok;
}

static bool check_validation(struct checker *c, struct module_inst *inst) {
    const struct unit *variable = map_get(&c->unit->module->variables, c->unit->name);
    struct value v;
    if (!resolve_value(c->resolve, inst, variable, &v, c->diags))
        return false;
    struct frame frame;
    frame_init(&frame, c->resolve, inst, NULL, NULL);
    struct span span = variable->input && inst->parent ? expr_span(variable->input->expr)
                                                       : variable->variable->span;
    struct rules_result result;
    return rules_validate(&frame, c->arena, variable->variable, v, span, &result, c->diags);
}

static bool visit(void *context, struct module_inst *inst) {
    struct checker *c = context;
    struct frame frame;
    struct value v;
    switch (c->unit->kind) {
    case UNIT_VARIABLE:
    case UNIT_LOCAL:
        return resolve_value(c->resolve, inst, c->unit, &v, c->diags);
    case UNIT_OUTPUT:
        return check_output(c, inst);
    case UNIT_RESOURCE:
        return check_resource(c, inst);
    case UNIT_CALL:
        return expansion_of(c->resolve, inst, c->unit, c->diags) != NULL;
    case UNIT_PROVIDER:
        return check_provider(c, inst);
    case UNIT_VALIDATION:
        return check_validation(c, inst);
    case UNIT_CHECK:
        frame_init(&frame, c->resolve, inst, NULL, NULL);
        return check_asserts(c, &frame, &c->unit->check->asserts);
    case UNIT_CLOSE:
        return true;
    }
    return true;
}

/* A unit whose needs failed is left out: its errors would only repeat theirs. */
static bool needs_failed(const struct units *units, const bool *failed, uint32_t unit) {
    uint32_t n;
    const uint32_t *needs = graph_needs(&units->graph, unit, &n);
    for (uint32_t i = 0; i < n; i++)
        if (failed[needs[i]])
            return true;
    return false;
}

bool plan_validate_units(struct arena *arena, struct units *units, const struct plan_options *where,
                         struct diags *diags) {
    struct diags found = {.arena = arena};
    const struct map none = {0};
    struct resolve_options options = {
        .phase = RESOLVE_VALIDATE,
        .inputs = &none,
        .root_dir = where->root_dir,
        .cwd = where->cwd,
        .workspace = where->workspace,
    };
    struct checker c = {
        .arena = arena,
        .units = units,
        .resolve = resolve_new(arena, units, &options),
        .diags = &found,
    };
    uint32_t *order = graph_order(arena, &units->graph);
    bool *failed = arena_array(arena, units->n, sizeof *failed);
    bool ok = true;
    for (size_t i = 0; i < units->n; i++) {
        c.unit = units->at[order[i]];
        if (c.unit->kind == UNIT_VARIABLE)
            deprecations_warn_input(c.unit, &found);
        bool good = !c.unit->broken && !needs_failed(units, failed, order[i]) &&
                    resolve_each_module(c.resolve, c.unit->module, visit, &c, &found);
        failed[order[i]] = !good;
        ok = ok && good;
    }
    ok = imports_validate(arena, units, c.resolve, &found) && ok;
    resolve_free(c.resolve);
    diags_append(diags, &found);
    return ok && found.n_errors == 0;
}

bool plan_validate(struct arena *arena, struct config *config,
                   const struct provider_factories *providers, const struct plan_options *options,
                   struct diags *diags) {
    struct pool *pool = pool_new(arena, providers);
    size_t before = diags->n_errors;
    struct units *units = units_new(arena, config, pool, diags);
    bool ok = units && plan_validate_units(arena, units, options, diags);
    pool_close(pool);
    return ok && diags->n_errors == before;
}
