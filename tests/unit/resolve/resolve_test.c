/* SPDX-License-Identifier: Apache-2.0 */
#include "resolve/resolve.h"

#include "base/arena.h"
#include "base/buf.h"
#include "resolve/expansion.h"
#include "toy_provider.h"
#include "value/as_json.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* A configuration; then each root output as JSON, "?" where it is not known, and the errors. */
struct scene {
    const char *name;
    const char *files[9];
    const char *want;
};

static struct resolve *open_scene(struct arena *arena, const char *const *files,
                                  const struct resolve_options *options, struct diags *diags) {
    struct config *config = toy_config(arena, files, diags);
    assert_non_null(config);
    struct pool *pool = pool_new(arena, &toy_factories);
    struct units *units = units_new(arena, config, pool, diags);
    return units ? resolve_new(arena, units, options) : NULL;
}

static void print_outputs(struct buf *out, struct resolve *r, struct arena *arena,
                          struct diags *diags) {
    const struct map *outputs = &r->units->root->outputs;
    for (size_t i = 0; i < outputs->n; i++) {
        struct value v;
        if (!resolve_output(r, outputs->entries[i].key, &v, diags))
            continue;
        buf_addf(out, "%.*s = ", STR_ARG(outputs->entries[i].key));
        if (value_marks_inside(v) & VALUE_SENSITIVE)
            buf_add_c(out, "sensitive ");
        v = value_unmark_deep(arena, v);
        if (value_is_wholly_known(v))
            as_json_write_plain(out, v, 0, false);
        else
            buf_byte(out, '?');
        buf_byte(out, '\n');
    }
}

static const struct scene scenes[] = {
    {
        .name = "values through locals, variables and modules",
        .files = {"main.tf",
                  "variable \"v\" { default = 2 }\nlocals { a = var.v + 1 }\n"
                  "module \"m\" {\n  source = \"./m\"\n  x = local.a\n}\n"
                  "output \"o\" { value = module.m.y }\n",
                  "m/main.tf",
                  "variable \"x\" { type = string }\noutput \"y\" { value = \"<${var.x}>\" }\n"},
        .want = "o = \"<3>\"\n",
    },
    {
        .name = "module count and for_each, whole and by key",
        .files =
            {"main.tf",
             "module \"c\" {\n  source = \"./m\"\n  count = 2\n  x = count.index\n}\n"
             "module \"e\" {\n  source = \"./m\"\n  for_each = { a = \"A\", b = \"B\" }\n"
             "  x = \"${each.key}${each.value}\"\n}\n"
             "output \"c\" { value = module.c[*].y }\noutput \"c1\" { value = module.c[1].y }\n"
             "output \"e\" { value = { for k, m in module.e : k => m.y } }\n"
             "output \"eb\" { value = module.e[\"b\"].y }\n",
             "m/main.tf", "variable \"x\" {}\noutput \"y\" { value = var.x }\n"},
        .want = "c = [0,1]\nc1 = 1\ne = {\"a\":\"aA\",\"b\":\"bB\"}\neb = \"bB\"\n",
    },
    {
        .name = "an output that needs another of the same module",
        .files = {"main.tf",
                  "module \"m\" {\n  source = \"./m\"\n  x = module.n.b\n}\n"
                  "module \"n\" {\n  source = \"./m\"\n  x = \"1\"\n}\n"
                  "output \"o\" { value = module.m.b }\n",
                  "m/main.tf",
                  "variable \"x\" {}\noutput \"a\" { value = \"unused\" }\n"
                  "output \"b\" { value = \"b${var.x}\" }\n"},
        .want = "o = \"bb1\"\n",
    },
    {
        .name = "defaults, null and sensitivity of module variables",
        .files = {"main.tf",
                  "module \"m\" {\n  source = \"./m\"\n  n = null\n  s = \"x\"\n}\n"
                  "output \"n\" { value = module.m.n }\n"
                  "output \"s\" {\n  value = module.m.s\n  sensitive = true\n}\n",
                  "m/main.tf",
                  "variable \"n\" {\n  default = 1\n  nullable = false\n}\n"
                  "variable \"s\" { sensitive = true }\n"
                  "output \"n\" { value = var.n }\noutput \"s\" { value = var.s }\n"},
        .want = "n = 1\ns = sensitive \"x\"\n",
    },
    {
        .name = "resources that nobody set are unknown; their number is not",
        .files = {"main.tf", "resource \"toy_thing\" \"a\" {\n  count = 2\n}\n"
                             "output \"n\" { value = length(toy_thing.a) }\n"
                             "output \"i\" { value = toy_thing.a[0].id }\n"},
        .want = "n = 2\ni = ?\n",
    },
    {
        .name = "what is not declared",
        .files = {"main.tf",
                  "output \"a\" { value = var.none }\noutput \"b\" { value = local.none }\n"
                  "output \"c\" { value = toy_thing.none.id }\n"
                  "output \"d\" { value = module.none.x }\noutput \"e\" { value = 1 }\n"},
        .want = "e = 1\nerror: Reference to undeclared input variable\n"
                "error: Reference to undeclared local value\n"
                "error: Reference to undeclared resource\nerror: Reference to undeclared module\n",
    },
    {
        .name = "keys where there are none, and the other way round",
        .files = {"main.tf", "resource \"toy_thing\" \"a\" {}\n"
                             "resource \"toy_thing\" \"b\" {\n  count = 1\n}\n"
                             "output \"a\" { value = toy_thing.a[0].id }\n"
                             "output \"b\" { value = toy_thing.b.id }\n"
                             "output \"c\" { value = toy_thing.a.id.x }\n"
                             "output \"d\" { value = toy_thing.a.idd }\n"},
        .want = "error: Unexpected resource instance key\nerror: Missing resource instance key\n"
                "error: Unsupported attribute\nerror: Unsupported attribute\n",
    },
    {
        .name = "each and count out of place",
        .files = {"main.tf",
                  "output \"a\" { value = each.key }\noutput \"b\" { value = count.index }\n"
                  "output \"c\" { value = self.id }\noutput \"d\" { value = path.nope }\n"},
        .want = "error: Reference to \"each\" in context without for_each\n"
                "error: Reference to \"count\" in non-counted context\n"
                "error: Invalid \"self\" reference\nerror: Invalid \"path\" attribute\n",
    },
    {
        .name = "arguments of a module",
        .files = {"main.tf", "module \"m\" {\n  source = \"./m\"\n  y = 1\n}\n", "m/main.tf",
                  "variable \"x\" {}\n"},
        .want = "error: Unsupported argument\nerror: Missing required argument\n",
    },
};

static void scenes_come_out_as_told(void **state) {
    (void)state;
    const struct map none = {.n = 0};
    const struct resolve_options options = {
        .phase = RESOLVE_PLAN, .inputs = &none, .workspace = S("default")};
    for (size_t i = 0; i < COUNT(scenes); i++) {
        struct arena *arena = arena_new();
        struct diags diags = {.arena = arena};
        struct resolve *r = open_scene(arena, scenes[i].files, &options, &diags);
        assert_non_null(r);
        struct buf out;
        buf_init(&out, BUF_MAX_TEXT);
        print_outputs(&out, r, arena, &diags);
        for (size_t k = 0; k < diags.n; k++)
            buf_addf(&out, "error: %.*s\n", STR_ARG(diags.at[k].summary));
        if (!str_eq(buf_str(&out), str_from(scenes[i].want)))
            fail_msg("%s:\nwant:\n%sgot:\n%.*s", scenes[i].name, scenes[i].want,
                     STR_ARG(buf_str(&out)));
        buf_clear(&out);
        resolve_free(r);
        arena_free(arena);
    }
}

static void cycles_are_refused(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct diags diags = {.arena = arena};
    const char *const files[] = {
        "main.tf", "locals {\n  a = local.b\n  b = local.c\n  c = local.a\n}\n", NULL};
    const struct resolve_options options = {.phase = RESOLVE_PLAN};
    assert_null(open_scene(arena, files, &options, &diags));
    assert_int_equal(diags.n, 1);
    assert_true(str_eq(diags.at[0].summary,
                       S("Cycle: local.a (expand), local.b (expand), local.c (expand)")));
    arena_free(arena);
}

static void dependencies_are_transitive(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct diags diags = {.arena = arena};
    const char *const files[] = {
        "main.tf",
        "resource \"toy_thing\" \"a\" {}\ndata \"toy_data\" \"d\" { in = toy_thing.a.id }\n"
        "locals { x = data.toy_data.d.out }\nmodule \"m\" {\n  source = \"./m\"\n  x = local.x\n}\n"
        "resource \"toy_thing\" \"z\" { depends_on = [module.m] }\n",
        "m/main.tf", "variable \"x\" {}\nresource \"toy_thing\" \"b\" { name = var.x }\n", NULL};
    const struct resolve_options options = {.phase = RESOLVE_PLAN};
    struct resolve *r = open_scene(arena, files, &options, &diags);
    const struct unit *z =
        unit_resource(r->units->root, (struct resource_addr){MODE_MANAGED, S("toy_thing"), S("z")});
    assert_int_equal(z->n_dependencies, 3);
    assert_true(str_eq(z->dependencies[0], S("data.toy_data.d")));
    assert_true(str_eq(z->dependencies[1], S("module.m.toy_thing.b")));
    assert_true(str_eq(z->dependencies[2], S("toy_thing.a")));
    resolve_free(r);
    arena_free(arena);
}

static bool from_outside(void *context, struct arena *arena, const struct instance_addr *addr,
                         struct value *ret_value) {
    (void)context;
    if (addr->key.kind == KEY_INT && addr->key.number == 0)
        return false;
    const struct name *names[] = {intern_name(S("id"))};
    struct value id = value_string(arena, S("outside"));
    *ret_value = value_object(arena, names, &id, 1);
    return true;
}

/* A value that was set wins; then what the callback says; else it is unknown. */
static void instances_come_from_outside(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct diags diags = {.arena = arena};
    const char *const files[] = {"main.tf",
                                 "resource \"toy_thing\" \"a\" {\n  count = 3\n}\n"
                                 "output \"x\" { value = toy_thing.a[0].id }\n"
                                 "output \"y\" { value = toy_thing.a[1].id }\n"
                                 "output \"z\" { value = toy_thing.a[2].id }\n",
                                 NULL};
    const struct map none = {.n = 0};
    const struct resolve_options options = {
        .phase = RESOLVE_APPLY, .inputs = &none, .instance = from_outside};
    struct resolve *r = open_scene(arena, files, &options, &diags);
    struct instance_addr addr = {.resource = {MODE_MANAGED, S("toy_thing"), S("a")},
                                 .key = addr_key_int(2)};
    const struct name *names[] = {intern_name(S("id"))};
    struct value id = value_string(arena, S("set"));
    assert_true(expansion_set_at(r, &addr, value_object(arena, names, &id, 1)));
    addr.key = addr_key_int(3);
    assert_false(expansion_set_at(r, &addr, id));
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    print_outputs(&out, r, arena, &diags);
    assert_true(str_eq(buf_str(&out), S("x = ?\ny = \"outside\"\nz = \"set\"\n")));
    buf_clear(&out);
    resolve_free(r);
    arena_free(arena);
}

struct asker {
    struct resolve *r;
    struct arena *arena;
    struct value value;
    size_t n_errors;
};

static void *ask(void *context) {
    struct asker *asker = context;
    struct diags diags = {.arena = asker->arena};
    resolve_output(asker->r, S("o"), &asker->value, &diags);
    asker->n_errors = diags.n_errors;
    return NULL;
}

/* Many threads that want the same value get the one that was made. */
static void each_value_is_made_once(void **state) {
    (void)state;
    enum { THREADS = 8 };
    struct arena *arena = arena_new();
    struct diags diags = {.arena = arena};
    const char *const files[] = {"main.tf",
                                 "locals { l = [for i in range(500) : \"v${i}\"] }\n"
                                 "output \"o\" { value = { for s in local.l : s => s } }\n",
                                 NULL};
    const struct map none = {.n = 0};
    const struct resolve_options options = {.phase = RESOLVE_PLAN, .inputs = &none};
    struct resolve *r = open_scene(arena, files, &options, &diags);
    struct asker askers[THREADS];
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        askers[i] = (struct asker){.r = r, .arena = arena_new()};
        pthread_create(&threads[i], NULL, ask, &askers[i]);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(askers[i].n_errors, 0);
        assert_int_equal(value_count(askers[i].value), 500);
        assert_ptr_equal(askers[i].value.group, askers[0].value.group);
    }
    resolve_free(r);
    for (int i = 0; i < THREADS; i++)
        arena_free(askers[i].arena);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scenes_come_out_as_told),
        cmocka_unit_test(cycles_are_refused),
        cmocka_unit_test(dependencies_are_transitive),
        cmocka_unit_test(instances_come_from_outside),
        cmocka_unit_test(each_value_is_made_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
