/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/test_stage.h"

#include "base/arena.h"
#include "base/fs.h"
#include "cli/test_mock.h"
#include "cli/test_scope.h"

/* Addresses of stand-ins: a host that no registry can have. */
#define STAND_IN_HOST "stand-in.invalid"

struct stage {
    struct test_suite *suite;
    const struct test_run *run;
    struct arena *arena;
    struct config_module *root;
    struct provider_factory *factories;
    size_t n_factories;
    struct test_scope scope;
};

static bool load(struct test_suite *suite, const struct test_run *run, struct test_stage *stage) {
    struct cli *cli = suite->cli;
    struct str data_dir = suite->session->data_dir;
    stage->dir = S(".");
    if (run->source.len) {
        if (config_source_kind(run->source) != SOURCE_LOCAL) {
            diags_error(cli->diags, run->module_span, "Module not installed",
                        "Only local modules can be tested without being called. Call this module "
                        "from a local one and test that.");
            return false;
        }
        stage->dir = fs_clean(cli->arena, run->source);
        data_dir = S("");
    }
    if (run->source.len && !config_exists(stage->dir)) {
        diags_error(cli->diags, run->module_span, "Module not installed",
                    "This module is not yet installed. Run \"" UI_PROGRAM
                    " init\" to install all modules required by this configuration.");
        return false;
    }
    stage->config = config_load(cli->arena, cli->sources, stage->dir, data_dir, true, cli->diags);
    return stage->config && !diags_failed(cli->diags);
}

/* ---- providers ---- */

static struct str provider_key(struct arena *arena, struct str name, struct str alias) {
    return alias.len ? str_format(arena, "%.*s.%.*s", STR_ARG(name), STR_ARG(alias)) : name;
}

static void put_provider(struct stage *s, const struct config_provider *from, struct str name,
                         struct str alias) {
    struct config_provider *provider = arena_copy(s->arena, from, sizeof *from);
    provider->name = name;
    provider->alias = alias;
    provider->config = test_scope_bake(&s->scope, from->config);
    map_put(s->arena, &s->root->providers, provider_key(s->arena, name, alias), provider);
}

/* The file's provider blocks replace those of the module, by name or as the run maps them. */
static void set_providers(struct stage *s) {
    const struct map *given = &s->suite->file->providers;
    for (size_t i = 0; !s->run->providers_set && i < given->n; i++) {
        const struct config_provider *provider = given->entries[i].value;
        put_provider(s, provider, provider->name, provider->alias);
    }
    for (size_t i = 0; i < s->run->n_providers; i++) {
        const struct config_provider_map *map = &s->run->providers[i];
        const struct config_provider *provider =
            map_get(given, provider_key(s->arena, map->outer.name, map->outer.alias));
        if (provider)
            put_provider(s, provider, map->inner.name, map->inner.alias);
    }
}

static struct value evaluate(struct stage *s, const struct expr *expr) {
    if (!expr)
        return value_null(type_dynamic);
    return value_unmark(eval_expr(s->arena, &s->scope.scope, expr, s->suite->cli->diags));
}

static bool is_used(const struct stage *s, const struct test_mock_provider *mock) {
    for (size_t i = 0; i < s->run->n_providers; i++)
        if (str_eq(s->run->providers[i].outer.name, mock->name) &&
            str_eq(s->run->providers[i].outer.alias, mock->alias))
            return true;
    return !s->run->providers_set;
}

/* A block without arguments, so that a mock asks nothing of its configuration. */
static const struct body *no_arguments(struct stage *s) {
    return arena_alloc(s->arena, sizeof(struct body));
}

static void set_mock(struct stage *s, const struct test_mock_provider *mock) {
    struct str source =
        addr_provider_text(s->arena, config_provider_addr(s->arena, s->root, mock->name));
    struct test_mock_values *values = arena_array(s->arena, mock->n_mocks, sizeof *values);
    for (size_t i = 0; i < mock->n_mocks; i++)
        values[i] = (struct test_mock_values){.data = mock->mocks[i].data,
                                              .type = mock->mocks[i].type,
                                              .values = evaluate(s, mock->mocks[i].defaults),
                                              .during_plan = mock->mocks[i].during_plan};
    struct config_provider *block = arena_alloc(s->arena, sizeof *block);
    *block = (struct config_provider){
        .name = mock->name, .alias = mock->alias, .config = no_arguments(s), .span = mock->span};
    map_put(s->arena, &s->root->providers, provider_key(s->arena, mock->name, mock->alias), block);
    for (size_t i = 0; i < s->n_factories; i++) {
        struct provider_factory *f = &s->factories[i];
        if (!str_eq(f->source, source) || f->open == test_mock_open)
            continue;
        struct test_mock_setup *setup = arena_alloc(s->arena, sizeof *setup);
        *setup = (struct test_mock_setup){.real = *f, .at = values, .n = mock->n_mocks};
        f->open = test_mock_open;
        f->context = setup;
    }
}

/* ---- overrides ---- */

static struct config_module *module_of(struct stage *s, struct module_path path) {
    struct config_module *module = s->root;
    for (size_t i = 0; module && i < path.n; i++) {
        const struct config_call *call = map_get(&module->calls, path.at[i].name);
        module = call ? call->module : NULL;
    }
    return module;
}

static const struct provider_factory *find_factory(const struct stage *s, struct str source) {
    for (size_t i = 0; i < s->n_factories; i++)
        if (str_eq(s->factories[i].source, source))
            return &s->factories[i];
    return NULL;
}

/* A provider of its own for one resource, which the state remembers for the runs to come. */
static void stand_in(struct stage *s, struct config_resource *resource,
                     const struct test_override *override) {
    struct test_suite *suite = s->suite;
    const struct provider_factory *real =
        find_factory(s, addr_provider_text(s->arena, resource->provider_addr));
    if (!real)
        return;
    struct test_mock_values *values = arena_alloc(s->arena, sizeof *values);
    *values = (struct test_mock_values){.values = evaluate(s, override->values),
                                        .during_plan = override->during_plan};
    struct test_mock_setup *setup = arena_alloc(s->arena, sizeof *setup);
    *setup = (struct test_mock_setup){.real = *real, .at = values, .n = 1};
    if (real->open == test_mock_open)
        setup->real = ((const struct test_mock_setup *)real->context)->real;
    struct str name = str_format(s->arena, "s%zu", suite->n_stand_ins);
    resource->provider = (struct config_provider_ref){.name = name};
    resource->provider_addr =
        (struct provider_addr){.host = S(STAND_IN_HOST), .namespace_ = S("test"), .type = name};
    suite->stand_ins = arena_grow(s->arena, suite->stand_ins, suite->n_stand_ins,
                                  &suite->cap_stand_ins, sizeof *suite->stand_ins);
    suite->stand_ins[suite->n_stand_ins++] = (struct provider_factory){
        .source = addr_provider_text(s->arena, resource->provider_addr),
        .open = test_mock_open,
        .context = setup,
        .version = real->version,
        .listed = true,
    };
}

/* Nothing is left of an overridden module but its outputs, with the given values. */
static void hollow(struct stage *s, struct config_module *module,
                   const struct test_override *override) {
    struct value outputs = evaluate(s, override->values);
    struct map *const emptied[] = {&module->resources, &module->calls, &module->locals,
                                   &module->checks, &module->providers};
    for (size_t i = 0; i < COUNT(emptied); i++)
        *emptied[i] = (struct map){.n = 0};
    for (size_t i = 0; i < module->outputs.n; i++) {
        struct config_output *output = module->outputs.entries[i].value;
        struct expr *expr = arena_copy(s->arena, output->expr, sizeof *expr);
        struct value given = value_null(type_dynamic);
        if (outputs.kind == VALUE_OBJECT || outputs.kind == VALUE_MAP)
            (void)value_get(outputs, output->name, &given);
        expr->kind = EXPR_LITERAL;
        expr->height = 0;
        expr->literal = given;
        output->expr = expr;
        output->preconditions = (struct config_rules){.n = 0};
    }
}

static void override_one(struct stage *s, const struct test_override *override) {
    struct config_module *module = module_of(s, override->target.addr.module);
    if (!module)
        return;
    if (override->kind == TEST_OVERRIDE_MODULE) {
        if (module != s->root)
            hollow(s, module, override);
        return;
    }
    struct config_resource *resource = config_resource(module, override->target.addr.resource);
    if (resource && !str_eq(resource->provider_addr.host, S(STAND_IN_HOST)))
        stand_in(s, resource, override);
}

static void set_overrides(struct stage *s, const struct test_override *at, size_t n) {
    for (size_t i = n; i-- > 0;)
        override_one(s, &at[i]);
}

/* The factories of the run and every stand-in so far, whose objects a state may hold. */
static struct provider_factories join(const struct stage *s) {
    size_t n = s->n_factories + s->suite->n_stand_ins;
    struct provider_factory *all = arena_array(s->arena, n, sizeof *all);
    for (size_t i = 0; i < s->n_factories; i++)
        all[i] = s->factories[i];
    for (size_t i = 0; i < s->suite->n_stand_ins; i++)
        all[s->n_factories + i] = s->suite->stand_ins[i];
    return (struct provider_factories){.at = all, .n = n};
}

bool test_stage_set(struct test_suite *suite, const struct test_run *run,
                    struct test_stage *ret_stage) {
    struct cli *cli = suite->cli;
    struct session session = *suite->session;
    if (!load(suite, run, ret_stage))
        return false;
    session.config = ret_stage->config;
    if (!session_find_providers(&session, NULL))
        return false;
    struct stage s = {.suite = suite,
                      .run = run,
                      .arena = cli->arena,
                      .root = ret_stage->config->root,
                      .factories = arena_copy(cli->arena, session.providers.at,
                                              session.providers.n * sizeof *s.factories),
                      .n_factories = session.providers.n};
    test_scope_init(&s.scope, suite);
    set_providers(&s);
    for (size_t i = 0; i < suite->file->n_mocks; i++)
        if (is_used(&s, &suite->file->mocks[i]))
            set_mock(&s, &suite->file->mocks[i]);
    set_overrides(&s, run->overrides, run->n_overrides);
    set_overrides(&s, suite->file->overrides, suite->file->n_overrides);
    for (size_t i = 0; i < suite->file->n_mocks; i++)
        set_overrides(&s, suite->file->mocks[i].overrides, suite->file->mocks[i].n_overrides);
    ret_stage->providers = join(&s);
    return !diags_failed(cli->diags);
}
