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
#include "config/variables.h"

struct fixture {
    struct arena *arena;
    struct str dir;
    struct config *config;
    struct diags diags;
};

static const char *const files[] = {"main.tf",       "terraform.tfvars",   "terraform.tfvars.json",
                                    "b.auto.tfvars", "a.auto.tfvars.json", "more.tfvars"};

static struct fixture open_fixture(const char *main_tf) {
    struct fixture f = {.arena = arena_new()};
    char name[] = "/tmp/variables_test.XXXXXX";
    assert_non_null(mkdtemp(name));
    f.dir = str_dup(f.arena, str_from(name));
    f.diags.arena = f.arena;
    assert_int_equal(fs_write(fs_join(f.arena, f.dir, S("main.tf")), str_from(main_tf), 0644), 0);
    f.config = config_load(f.arena, sources_new(f.arena), f.dir, S(""), true, &f.diags);
    assert_int_equal(f.diags.n, 0);
    return f;
}

static void add_file(struct fixture *f, const char *name, const char *text) {
    assert_int_equal(fs_write(fs_join(f->arena, f->dir, str_from(name)), str_from(text), 0644), 0);
}

static void close_fixture(struct fixture *f) {
    for (size_t i = 0; i < COUNT(files); i++)
        (void)fs_remove(fs_join(f->arena, f->dir, str_from(files[i])));
    (void)rmdir(f->dir.at);
    arena_free(f->arena);
}

static struct value final(struct fixture *f, const struct map *inputs, const char *name) {
    struct value v;
    const struct config_variable *variable = map_get(&f->config->root->variables, str_from(name));
    assert_true(variables_final(f->arena, f->config, variable, map_get(inputs, str_from(name)), &v,
                                &f->diags));
    return v;
}

static void precedence(void **unused) {
    (void)unused;
    struct fixture f = open_fixture("variable \"a\" {}\nvariable \"b\" {}\nvariable \"c\" {}\n"
                                    "variable \"d\" {}\nvariable \"e\" {}\nvariable \"f\" {}\n"
                                    "variable \"g\" {\n  default = \"default\"\n}\n");
    char *environ_[] = {"TF_VAR_a=env", "TF_VAR_b=env", "TF_VAR_undeclared=x", "OTHER=1", NULL};
    add_file(&f, "terraform.tfvars", "b = \"tfvars\"\nc = \"tfvars\"\n");
    add_file(&f, "terraform.tfvars.json", "{\"c\": \"tfvars.json\", \"d\": \"tfvars.json\"}");
    add_file(&f, "a.auto.tfvars.json", "{\"d\": \"a.auto\", \"e\": \"a.auto\"}");
    add_file(&f, "b.auto.tfvars", "e = \"b.auto\"\nf = \"b.auto\"\n");
    add_file(&f, "more.tfvars", "f = \"file\"\n");
    struct variable_arg args[] = {
        {.is_file = false, .text = S("f=cli")},
        {.is_file = true, .text = fs_join(f.arena, f.dir, S("more.tfvars"))},
    };
    struct map inputs;
    assert_true(variables_collect(f.arena, f.config, f.dir, environ_, args, COUNT(args), &inputs,
                                  &f.diags));
    static const char *const want[][2] = {{"a", "env"},    {"b", "tfvars"}, {"c", "tfvars.json"},
                                          {"d", "a.auto"}, {"e", "b.auto"}, {"f", "file"},
                                          {"g", "default"}};
    for (size_t i = 0; i < COUNT(want); i++) {
        struct value v = final(&f, &inputs, want[i][0]);
        assert_string_equal(str_c(f.arena, value_str(v)), want[i][1]);
    }
    assert_int_equal(f.diags.n, 0);
    close_fixture(&f);
}

static void texts_are_read_by_type(void **unused) {
    (void)unused;
    struct fixture f =
        open_fixture("variable \"s\" {\n  type = string\n  sensitive = true\n}\n"
                     "variable \"n\" {\n  type = number\n}\n"
                     "variable \"l\" {\n  type = list(string)\n}\n"
                     "variable \"o\" {\n  type = object({ a = optional(number, 7) })\n}\n"
                     "variable \"nn\" {\n  default = 1\n  nullable = false\n}\n");
    struct variable_arg args[] = {
        {.text = S("s=[1")}, {.text = S("n=12")}, {.text = S("l=[\"a\", 2]")}, {.text = S("o={}")}};
    struct map inputs;
    assert_true(
        variables_collect(f.arena, f.config, f.dir, NULL, args, COUNT(args), &inputs, &f.diags));
    struct value s = final(&f, &inputs, "s");
    assert_string_equal(str_c(f.arena, value_str(s)), "[1");
    assert_int_equal(value_marks(s), VALUE_SENSITIVE);
    assert_int_equal(final(&f, &inputs, "n").integer, 12);
    assert_int_equal(value_count(final(&f, &inputs, "l")), 2);
    assert_int_equal(value_attr(final(&f, &inputs, "o"), S("a")).integer, 7);
    assert_int_equal(f.diags.n, 0);
    close_fixture(&f);
}

static void mistakes_are_told(void **unused) {
    (void)unused;
    struct fixture f = open_fixture("variable \"n\" {\n  type = number\n}\n"
                                    "variable \"r\" {\n  nullable = false\n}\n");
    add_file(&f, "terraform.tfvars", "x = 1\ny = 2\nz = 3\nr = null\n");
    struct variable_arg args[] = {{.text = S("n=abc")}};
    struct map inputs;
    assert_true(
        variables_collect(f.arena, f.config, f.dir, NULL, args, COUNT(args), &inputs, &f.diags));
    assert_int_equal(f.diags.n, 3);
    assert_string_equal(str_c(f.arena, f.diags.at[2].summary), "Values for undeclared variables");
    struct value v;
    const struct config_variable *n = map_get(&f.config->root->variables, S("n"));
    const struct config_variable *r = map_get(&f.config->root->variables, S("r"));
    assert_false(variables_final(f.arena, f.config, n, map_get(&inputs, S("n")), &v, &f.diags));
    assert_string_equal(str_c(f.arena, f.diags.at[3].detail),
                        "Unsuitable value for var.n set using -var=\"n=...\": a number is "
                        "required.");
    assert_false(variables_final(f.arena, f.config, r, map_get(&inputs, S("r")), &v, &f.diags));
    assert_string_equal(str_c(f.arena, f.diags.at[4].summary), "Required variable not set");
    assert_false(variables_final(f.arena, f.config, n, NULL, &v, &f.diags));
    assert_string_equal(str_c(f.arena, f.diags.at[5].summary), "No value for required variable");
    struct variable_arg bad[] = {{.text = S("n")}, {.text = S("undeclared=1")}};
    assert_false(variables_collect(f.arena, f.config, S("/nowhere"), NULL, bad, COUNT(bad), &inputs,
                                   &f.diags));
    assert_string_equal(str_c(f.arena, f.diags.at[6].summary), "Invalid -var option");
    assert_string_equal(str_c(f.arena, f.diags.at[7].summary), "Value for undeclared variable");
    close_fixture(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(precedence),
        cmocka_unit_test(texts_are_read_by_type),
        cmocka_unit_test(mistakes_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
