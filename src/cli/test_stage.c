/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/test_stage.h"

#include "base/arena.h"
#include "base/fs.h"
#include "cli/test_mock.h"
#include "cli/test_scope.h"

/* Where a stand-in takes the place of a provider. */
struct rule {
    bool whole;           /* for all that a configuration manages, else for what target names */
    struct str config;    /* when whole: that configuration as text */
    struct target target; /* keys that it lacks may be any */
    struct str source;    /* of the stand-in */
};

/* The rules of one run, first the run's own. */
struct rules {
    struct rule *at;
    size_t n, cap;
};

struct stage {
    struct test_suite *suite;
    const struct test_run *run;
    struct arena *arena;
    struct config_module *root;
    struct provider_factory *factories;
    size_t n_factories;
    struct rules *rules;
    struct map hollowed; /* modules that have been overridden: what comes first counts */
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

static bool is_mocked(const struct stage *s, const struct config_provider_ref *ref) {
    for (size_t i = 0; i < s->suite->file->n_mocks; i++)
        if (str_eq(s->suite->file->mocks[i].name, ref->name) &&
            str_eq(s->suite->file->mocks[i].alias, ref->alias))
            return true;
    return false;
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
        else if (!is_mocked(s, &map->outer))
            diags_error(s->suite->cli->diags, map->outer.span,
                        str_c(s->arena, str_format(s->arena, "Missing provider definition for %.*s",
                                                   STR_ARG(provider_key(s->arena, map->outer.name,
                                                                        map->outer.alias)))),
                        "This provider block references a provider definition that does not "
                        "exist.");
    }
}

static struct value evaluate(struct stage *s, const struct expr *expr) {
    if (!expr)
        return value_null(type_dynamic);
    return value_unmark(eval_expr(s->arena, &s->scope.scope, expr, s->suite->cli->diags));
}

/* A block without arguments, so that a mock asks nothing of its configuration. */
static const struct body *no_arguments(struct stage *s) {
    return arena_alloc(s->arena, sizeof(struct body));
}

static const struct provider_factory *find_factory(const struct stage *s, struct str source) {
    for (size_t i = 0; i < s->n_factories; i++)
        if (str_eq(s->factories[i].source, source))
            return &s->factories[i];
    return NULL;
}

static struct rule *add_rule(struct stage *s) {
    struct rules *rules = s->rules;
    rules->at = arena_grow(s->arena, rules->at, rules->n, &rules->cap, sizeof *rules->at);
    rules->at[rules->n] = (struct rule){.whole = false};
    return &rules->at[rules->n++];
}

/* A provider that makes up what the one at source would answer; returns its own source. */
static struct str add_stand_in(struct stage *s, const struct provider_factory *real,
                               const struct test_mock_values *values, size_t n) {
    struct test_suite *suite = s->suite;
    struct test_mock_setup *setup = arena_alloc(s->arena, sizeof *setup);
    *setup = (struct test_mock_setup){.real = *real, .at = values, .n = n};
    struct str name = str_format(s->arena, "s%zu", suite->n_stand_ins);
    struct str source = addr_provider_text(
        s->arena, (struct provider_addr){
                      .host = S(TEST_STAND_IN_HOST), .namespace_ = S("test"), .type = name});
    suite->stand_ins = arena_grow(s->arena, suite->stand_ins, suite->n_stand_ins,
                                  &suite->cap_stand_ins, sizeof *suite->stand_ins);
    suite->stand_ins[suite->n_stand_ins++] = (struct provider_factory){
        .source = source,
        .open = test_mock_open,
        .context = setup,
        .version = real->version,
        .listed = true,
    };
    return source;
}

/* The mock in the place of the configuration with this name in the module under test. */
static void place_mock(struct stage *s, const struct test_mock_provider *mock, struct str source,
                       struct str name, struct str alias) {
    struct config_provider *block = arena_alloc(s->arena, sizeof *block);
    *block = (struct config_provider){
        .name = name, .alias = alias, .config = no_arguments(s), .span = mock->span};
    map_put(s->arena, &s->root->providers, provider_key(s->arena, name, alias), block);
    const struct provider_config_addr addr = {
        .provider = config_provider_addr(s->arena, s->root, name), .alias = alias};
    struct rule *rule = add_rule(s);
    rule->whole = true;
    rule->config = addr_provider_config_text(s->arena, &addr);
    rule->source = source;
}

static void set_mock(struct stage *s, const struct test_mock_provider *mock) {
    const struct provider_factory *real = find_factory(
        s, addr_provider_text(s->arena, config_provider_addr(s->arena, s->root, mock->name)));
    if (!real)
        return;
    struct test_mock_values *values = arena_array(s->arena, mock->n_mocks, sizeof *values);
    for (size_t i = 0; i < mock->n_mocks; i++)
        values[i] = (struct test_mock_values){.data = mock->mocks[i].data,
                                              .type = mock->mocks[i].type,
                                              .values = evaluate(s, mock->mocks[i].defaults),
                                              .during_plan = mock->mocks[i].during_plan};
    struct str source = add_stand_in(s, real, values, mock->n_mocks);
    if (!s->run->providers_set)
        place_mock(s, mock, source, mock->name, mock->alias);
    for (size_t i = 0; i < s->run->n_providers; i++) {
        const struct config_provider_map *map = &s->run->providers[i];
        if (str_eq(map->outer.name, mock->name) && str_eq(map->outer.alias, mock->alias))
            place_mock(s, mock, source, map->inner.name, map->inner.alias);
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

/* A provider of its own for one resource, or for some of its instances. */
static void stand_in(struct stage *s, const struct config_resource *resource,
                     const struct test_override *override) {
    const struct provider_factory *real =
        find_factory(s, addr_provider_text(s->arena, resource->provider_addr));
    if (!real)
        return;
    struct test_mock_values *values = arena_alloc(s->arena, sizeof *values);
    *values = (struct test_mock_values){.values = evaluate(s, override->values),
                                        .during_plan = override->during_plan};
    struct rule *rule = add_rule(s);
    rule->target = override->target;
    rule->source = add_stand_in(s, real, values, 1);
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
        struct value given = value_null(type_dynamic);
        if (outputs.kind == VALUE_OBJECT || outputs.kind == VALUE_MAP)
            (void)value_get(outputs, output->name, &given);
        output->expr = expr_literal(s->arena, output->expr, given);
        output->preconditions = (struct config_rules){.n = 0};
    }
}

/* Every run meets the overrides of its file, and the first one tells of them. */
static void warn_missing(struct stage *s, const struct test_override *override) {
    struct diags *late = s->suite->late;
    struct str text = addr_target_text(s->arena, &override->target);
    for (size_t i = 0; i < late->n; i++)
        if (late->at[i].subject.file == override->target_span.file &&
            late->at[i].subject.start == override->target_span.start)
            return;
    diags_warn(late, override->target_span, "Invalid override target",
               "The override target %.*s does not exist within the configuration under test. This "
               "could indicate a typo in the target address or an unnecessary override.",
               STR_ARG(text));
}

static void override_one(struct stage *s, const struct test_override *override) {
    struct config_module *module = module_of(s, override->target.addr.module);
    struct str text = module ? addr_module_text(s->arena, module->path) : S("");
    if (!module) {
        warn_missing(s, override);
        return;
    }
    if (override->kind == TEST_OVERRIDE_MODULE) {
        if (module != s->root && !map_get(&s->hollowed, text))
            hollow(s, module, override);
        map_put(s->arena, &s->hollowed, text, module);
        return;
    }
    const struct config_resource *resource =
        config_resource(module, override->target.addr.resource);
    if (resource)
        stand_in(s, resource, override);
    else if (!map_get(&s->hollowed, text))
        warn_missing(s, override);
}

static void set_overrides(struct stage *s, const struct test_override *at, size_t n) {
    for (size_t i = 0; i < n; i++)
        override_one(s, &at[i]);
}

static bool key_fits(struct key wanted, struct key key) {
    return wanted.kind == KEY_NONE || addr_key_eq(wanted, key);
}

/* How many keys of an instance's address a target gives; below 0: it is about something else. */
static int fit(const struct target *target, const struct instance_addr *addr) {
    const struct module_path want = target->addr.module;
    int keys = target->addr.key.kind != KEY_NONE;
    if (want.n != addr->module.n || !addr_resource_eq(target->addr.resource, addr->resource) ||
        !key_fits(target->addr.key, addr->key))
        return -1;
    for (size_t i = 0; i < want.n; i++) {
        if (!str_eq(want.at[i].name, addr->module.at[i].name) ||
            !key_fits(want.at[i].key, addr->module.at[i].key))
            return -1;
        keys += want.at[i].key.kind != KEY_NONE;
    }
    return keys;
}

/* The most specific override of the object, of those the first; else what mocks its provider. */
static struct str choose(const void *context, struct str config, struct str address) {
    const struct rules *rules = context;
    struct arena *scratch = arena_new();
    struct diags quiet = {.arena = scratch};
    struct instance_addr addr;
    struct str source = S("");
    int best = -1;
    bool is_object = addr_parse_instance(scratch, address, &addr, &quiet);
    for (size_t i = 0; i < rules->n; i++) {
        const struct rule *rule = &rules->at[i];
        int keys = -1;
        if (!rule->whole && is_object)
            keys = fit(&rule->target, &addr);
        if (rule->whole && best < 0 && !source.len && str_eq(rule->config, config))
            source = rule->source;
        if (keys <= best)
            continue;
        best = keys;
        source = rule->source;
    }
    arena_free(scratch);
    return source;
}

/* The factories of the run and every stand-in so far. */
static struct provider_factories join(const struct stage *s) {
    size_t n = s->n_factories + s->suite->n_stand_ins;
    struct provider_factory *all = arena_array(s->arena, n, sizeof *all);
    for (size_t i = 0; i < s->n_factories; i++)
        all[i] = s->factories[i];
    for (size_t i = 0; i < s->suite->n_stand_ins; i++)
        all[s->n_factories + i] = s->suite->stand_ins[i];
    return (struct provider_factories){
        .at = all, .n = n, .stand_in = s->rules->n ? choose : NULL, .stand_in_context = s->rules};
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
                      .n_factories = session.providers.n,
                      .rules = arena_alloc(cli->arena, sizeof *s.rules)};
    test_scope_init(&s.scope, suite);
    set_providers(&s);
    for (size_t i = 0; i < suite->file->n_mocks; i++)
        set_mock(&s, &suite->file->mocks[i]);
    set_overrides(&s, run->overrides, run->n_overrides);
    set_overrides(&s, suite->file->overrides, suite->file->n_overrides);
    for (size_t i = 0; i < suite->file->n_mocks; i++)
        set_overrides(&s, suite->file->mocks[i].overrides, suite->file->mocks[i].n_overrides);
    ret_stage->providers = join(&s);
    return !diags_failed(cli->diags);
}
