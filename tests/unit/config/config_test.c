/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/fs.h"
#include "config/config.h"
#include "hcl/body.h"

struct workspace {
    struct arena *arena;
    struct str dir;
    struct sources *sources;
    struct diags diags;
    struct str made[16];
    size_t n_made;
};

static struct workspace open_workspace(void) {
    struct workspace w = {.arena = arena_new()};
    char name[] = "/tmp/config_test.XXXXXX";
    assert_non_null(mkdtemp(name));
    w.dir = str_dup(w.arena, str_from(name));
    w.sources = sources_new(w.arena);
    w.diags.arena = w.arena;
    return w;
}

static void add_file(struct workspace *w, const char *name, const char *text) {
    struct str path = fs_join(w->arena, w->dir, str_from(name));
    assert_int_equal(fs_mkdirs(fs_dirname(path), 0755), 0);
    assert_int_equal(fs_write(path, str_from(text), 0644), 0);
    w->made[w->n_made++] = path;
}

static void close_workspace(struct workspace *w) {
    for (size_t i = w->n_made; i > 0; i--) {
        (void)fs_remove(w->made[i - 1]);
        (void)rmdir(str_c(w->arena, fs_dirname(w->made[i - 1])));
    }
    (void)rmdir(w->dir.at);
    arena_free(w->arena);
}

static struct config *load(struct workspace *w) {
    return config_load(w->arena, w->sources, w->dir, S(""), true, &w->diags);
}

static void blocks_are_read(void **unused) {
    (void)unused;
    struct workspace w = open_workspace();
    add_file(
        &w, "main.tf",
        "terraform {\n  required_version = \">= 1.0\"\n  required_providers {\n"
        "    aws = {\n      source  = \"hashicorp/aws\"\n      version = \"~> 6.0\"\n    }\n"
        "  }\n  backend \"local\" {}\n}\n"
        "provider \"aws\" {\n  alias = \"west\"\n}\n"
        "variable \"n\" {\n  type = number\n  default = \"3\"\n}\n"
        "locals {\n  a = 1\n  b = 2\n}\n"
        "resource \"aws_iam_user\" \"u\" {\n  for_each = toset([])\n  name = each.key\n"
        "  provider = aws.west\n  depends_on = [local.a]\n  lifecycle {\n"
        "    create_before_destroy = true\n    ignore_changes = [tags]\n  }\n}\n"
        "data \"aws_caller_identity\" \"c\" {}\n"
        "output \"o\" {\n  value = 1\n  sensitive = true\n}\n"
        "module \"m\" {\n  source = \"./m\"\n  x = 1\n  providers = {\n    aws = aws.west\n  }\n"
        "}\n"
        "moved {\n  from = aws_iam_user.old\n  to = aws_iam_user.u\n}\n"
        "import {\n  for_each = toset([])\n  to = aws_iam_user.u[each.key]\n  id = each.key\n"
        "}\n"
        "removed {\n  from = aws_iam_user.gone\n  lifecycle {\n    destroy = false\n  }\n}\n"
        "check \"c\" {\n  assert {\n    condition = local.a == 1\n    error_message = \"no\"\n"
        "  }\n}\n");
    add_file(&w, "m/main.tf",
             "variable \"x\" {}\nterraform {\n  required_providers {\n"
             "    aws = { source = \"hashicorp/aws\" }\n  }\n}\n");
    struct config *config = load(&w);
    assert_non_null(config);
    assert_int_equal(w.diags.n, 0);
    const struct config_module *root = config->root;
    const struct config_variable *n = map_get(&root->variables, S("n"));
    assert_int_equal(n->default_value.kind, VALUE_INT);
    assert_int_equal(root->locals.n, 2);
    const struct config_resource *u = map_get(&root->resources, S("aws_iam_user.u"));
    assert_true(u->lifecycle.create_before_destroy);
    assert_int_equal(u->lifecycle.n_ignore, 1);
    assert_true(str_eq(u->provider.alias, S("west")));
    assert_int_equal(u->depends_on.n, 1);
    assert_non_null(map_get(&root->resources, S("data.aws_caller_identity.c")));
    const struct config_call *m = map_get(&root->calls, S("m"));
    assert_non_null(m->module);
    assert_non_null(map_get(&m->module->variables, S("x")));
    assert_int_equal(m->n_providers, 1);
    assert_int_equal(root->n_moved, 1);
    assert_int_equal(root->n_imports, 1);
    assert_non_null(root->imports[0].to_key);
    assert_int_equal(root->n_removed, 1);
    assert_false(root->removed[0].destroy);
    assert_non_null(map_get(&root->checks, S("c")));
    assert_non_null(root->backend);
    size_t n_needs = 0;
    struct config_need *needs = config_needs(w.arena, config, &n_needs);
    assert_int_equal(n_needs, 1);
    assert_int_equal(needs[0].n_constraints, 1);
    assert_true(str_eq(needs[0].constraints[0], S("~> 6.0")));
    close_workspace(&w);
}

static const struct body_attr_schema x_and_y[] = {{STR("x"), false}, {STR("y"), false}};
static const struct body_block_schema only_b[] = {{.type = STR("b")}};
static const struct body_schema small_schema = {
    .attrs = x_and_y, .n_attrs = 2, .blocks = only_b, .n_blocks = 1};

/* Arguments are replaced one by one, blocks by type, in either syntax. */
static void check_override(const char *name, const char *text) {
    struct workspace w = open_workspace();
    add_file(&w, "main.tf",
             "resource \"t\" \"r\" {\n  x = 1\n  y = 2\n  b {}\n  b {}\n}\n"
             "variable \"v\" {\n  default = 1\n  description = \"d\"\n}\nlocals {\n  l = 1\n}\n");
    add_file(&w, name, text);
    struct config *config = load(&w);
    assert_int_equal(w.diags.n, 0);
    const struct config_resource *r = map_get(&config->root->resources, S("t.r"));
    struct body_content *content = body_content(w.arena, r->config, &small_schema, &w.diags);
    assert_int_equal(w.diags.n, 0);
    assert_int_equal(content->n_attrs, 2);
    assert_int_equal(body_attr(content, S("x"))->expr->literal.integer, 10);
    assert_int_equal(body_attr(content, S("y"))->expr->literal.integer, 2);
    assert_int_equal(content->n_blocks, 1);
    const struct config_variable *v = map_get(&config->root->variables, S("v"));
    assert_int_equal(v->default_value.integer, 5);
    assert_true(str_eq(v->description, S("d")));
    const struct config_local *l = map_get(&config->root->locals, S("l"));
    assert_int_equal(l->expr->literal.integer, 7);
    close_workspace(&w);
}

static void overrides(void **unused) {
    (void)unused;
    check_override(
        "z_override.tf",
        "resource \"t\" \"r\" {\n  x = 10\n  b {}\n}\nvariable \"v\" {\n  default = 5\n}\n"
        "locals {\n  l = 7\n}\n");
    check_override("override.tf.json",
                   "{\"resource\": {\"t\": {\"r\": {\"x\": 10, \"b\": {}}}}, \"variable\": {\"v\": "
                   "{\"default\": 5}}, \"locals\": {\"l\": 7}}");
}

static void tofu_files_stand_in(void **unused) {
    (void)unused;
    struct workspace w = open_workspace();
    add_file(&w, "main.tf", "locals {\n  a = 1\n}\n");
    add_file(&w, "main.tofu", "locals {\n  a = 2\n}\n");
    add_file(&w, "other.tf", "locals {\n  b = 3\n}\n");
    add_file(&w, ".hidden.tf", "nonsense");
    struct config *config = load(&w);
    assert_int_equal(w.diags.n, 0);
    const struct config_local *a = map_get(&config->root->locals, S("a"));
    assert_int_equal(a->expr->literal.integer, 2);
    assert_non_null(map_get(&config->root->locals, S("b")));
    close_workspace(&w);
}

static void errors_name_their_place(void **unused) {
    (void)unused;
    static const struct {
        const char *text, *summary;
        uint32_t line, column;
    } cases[] = {
        {"variable \"count\" {}\n", "Invalid variable name", 1, 10},
        {"variable \"a\" {\n  type = number\n  default = \"x\"\n}\n",
         "Invalid default value for variable", 3, 13},
        {"output \"a\" {}\n", "Missing required argument", 1, 12},
        {"resource \"a\" \"1\" {}\n", "Invalid resource name", 1, 14},
        {"resource \"a\" \"b\" {\n  count = 1\n  for_each = {}\n}\n",
         "Invalid combination of \"count\" and \"for_each\"", 3, 3},
        {"moved {\n  from = module.a\n  to = a.b\n}\n", "Invalid \"moved\" addresses", 1, 1},
        {"removed {\n  from = a.b[0]\n}\n", "Resource instance keys not allowed", 2, 13},
        {"module \"m\" {\n  source = \"x/y\"\n}\n", "Invalid module source address", 2, 12},
        {"module \"m\" {\n  source = \"./m\"\n  version = \"1.0\"\n}\n",
         "Invalid registry module source address", 2, 12},
        {"terraform {\n  required_version = \"> 99\"\n}\n", "Unsupported Terraform Core version", 2,
         3},
        {"check \"c\" {}\n", "Zero assert blocks", 1, 1},
        {"resource \"a\" \"b\" {\n  provisioner \"x\" {\n    when = never\n  }\n}\n",
         "Invalid \"when\" keyword", 3, 12},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct workspace w = open_workspace();
        add_file(&w, "main.tf", cases[i].text);
        (void)load(&w);
        assert_int_equal(w.diags.n_errors, 1);
        const struct diag *diag = &w.diags.at[0];
        struct place place = sources_place(w.sources, diag->subject.file, diag->subject.start);
        assert_string_equal(str_c(w.arena, diag->summary), cases[i].summary);
        assert_int_equal(place.line, cases[i].line);
        assert_int_equal(place.column, cases[i].column);
        close_workspace(&w);
    }
}

static void modules_must_be_installed(void **unused) {
    (void)unused;
    struct workspace w = open_workspace();
    struct str data_dir = fs_join(w.arena, w.dir, S("data"));
    add_file(&w, "main.tf", "module \"m\" {\n  source = \"./m\"\n}\n");
    add_file(&w, "m/main.tf", "output \"o\" {\n  value = 1\n}\n");
    (void)config_load(w.arena, w.sources, w.dir, data_dir, true, &w.diags);
    assert_int_equal(w.diags.n_errors, 1);
    assert_string_equal(str_c(w.arena, w.diags.at[0].summary), "Module not installed");
    diags_truncate(&w.diags, 0);
    w.diags.n_errors = 0;
    struct str manifest = str_format(w.arena,
                                     "{\"Modules\":[{\"Key\":\"\",\"Source\":\"\",\"Dir\":\".\"},"
                                     "{\"Key\":\"m\",\"Source\":\"./m\",\"Dir\":\"%.*s/m\"}]}",
                                     STR_ARG(w.dir));
    add_file(&w, "data/modules/modules.json", manifest.at);
    struct config *config = config_load(w.arena, w.sources, w.dir, data_dir, true, &w.diags);
    assert_int_equal(w.diags.n, 0);
    const struct config_call *m = map_get(&config->root->calls, S("m"));
    assert_non_null(m->module);
    (void)fs_remove(fs_join(w.arena, data_dir, S("modules/modules.json")));
    (void)rmdir(str_c(w.arena, fs_join(w.arena, data_dir, S("modules"))));
    (void)rmdir(str_c(w.arena, data_dir));
    close_workspace(&w);
}

/* Configurations that modules pass to each other. */
static void providers_must_fit(void **unused) {
    (void)unused;
    static const struct {
        const char *root, *child, *summary;
    } cases[] = {
        {"module \"m\" {\n  source = \"./m\"\n  count  = 1\n}\n",
         "provider \"aws\" {\n  region = \"x\"\n}\n",
         "Module is incompatible with count, for_each, and depends_on"},
        {"module \"m\" {\n  source = \"./m\"\n}\n",
         "terraform {\n  required_providers {\n    aws = {\n      source = \"hashicorp/aws\"\n"
         "      configuration_aliases = [aws.west]\n    }\n  }\n}\n",
         "Missing required provider configuration"},
        {"provider \"aws\" {\n  region = \"x\"\n}\nmodule \"m\" {\n  source = \"./m\"\n"
         "  providers = {\n    x = aws\n  }\n}\n",
         "terraform {\n  required_providers {\n    x = {\n      source = \"a/b\"\n    }\n  }\n}\n",
         "Provider type mismatch"},
        {"provider \"aws\" {\n  region = \"x\"\n}\nmodule \"m\" {\n  source = \"./m\"\n"
         "  providers = {\n    aws = aws\n  }\n}\n",
         "provider \"aws\" {\n  region = \"y\"\n}\n", "Cannot override provider configuration"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct workspace w = open_workspace();
        add_file(&w, "main.tf", cases[i].root);
        add_file(&w, "m/main.tf", cases[i].child);
        (void)load(&w);
        assert_int_equal(w.diags.n_errors, 1);
        assert_string_equal(str_c(w.arena, w.diags.at[0].summary), cases[i].summary);
        close_workspace(&w);
    }
}

static void sources_from_variables(void **unused) {
    (void)unused;
    struct workspace w = open_workspace();
    add_file(&w, "main.tf",
             "variable \"d\" {\n  default = \"m\"\n}\nlocals {\n  s = \"./${var.d}\"\n}\n"
             "module \"a\" {\n  source = local.s\n  sub = \"n\"\n}\n");
    add_file(&w, "m/main.tf",
             "variable \"sub\" {}\nmodule \"b\" {\n"
             "  source = \"./${var.sub}\"\n}\n");
    add_file(&w, "m/n/main.tf", "output \"o\" {\n  value = 1\n}\n");
    struct config *config = load(&w);
    assert_int_equal(w.diags.n, 0);
    const struct config_call *a = map_get(&config->root->calls, S("a"));
    assert_non_null(a->module);
    const struct config_call *b = map_get(&a->module->calls, S("b"));
    assert_non_null(b->module);
    assert_non_null(map_get(&b->module->outputs, S("o")));
    close_workspace(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_read),           cmocka_unit_test(overrides),
        cmocka_unit_test(tofu_files_stand_in),       cmocka_unit_test(errors_name_their_place),
        cmocka_unit_test(modules_must_be_installed), cmocka_unit_test(providers_must_fit),
        cmocka_unit_test(sources_from_variables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
