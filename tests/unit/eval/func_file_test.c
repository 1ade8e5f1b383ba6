/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that read files, in a folder made for the test. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "eval/glob.h"
#include "eval_fixture.h"

static char folder[] = "/tmp/loam-eval-XXXXXX";

static void put(const char *name, struct str bytes) {
    struct arena *arena = arena_new();
    struct str path = fs_join(arena, str_from(folder), str_from(name));
    assert_int_equal(fs_mkdirs(fs_dirname(path), 0755), 0);
    assert_int_equal(fs_write(path, bytes, 0644), 0);
    arena_free(arena);
}

static int make_files(void **state) {
    (void)state;
    assert_non_null(mkdtemp(folder));
    put("a.txt", S("hello\n"));
    put("b.md", S(""));
    put("sub/c.txt", S("c"));
    put("sub/deep/d.txt", S("d"));
    put("binary", S("\xff\xfe"));
    put("greet.tpl", S("Hi ${name}%{ for x in list }, ${x}%{ endfor }!"));
    put("whole.tpl", S("${list}"));
    put("bad.tpl", S("${"));
    put("again.tpl", S("${templatefile(\"greet.tpl\", {})}"));
    return 0;
}

static int remove_files(void **state) {
    char command[64];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

static void check(const char *expression, const char *expected) {
    struct fixture f = fixture_new();
    f.scope.base_dir = str_from(folder);
    struct value v = fixture_eval(&f, expression);
    struct str got = fixture_result(&f, &v);
    got = str_replace(f.arena, got, str_from(folder), S("DIR"));
    if (!str_eq(got, str_from(expected)))
        fail_msg("%s\n  want %s\n  got  %.*s", expression, expected, STR_ARG(got));
    fixture_free(&f);
}

static void files_are_read(void **state) {
    (void)state;
    check("file(\"a.txt\")", "\"hello\\n\"");
    check("filebase64(\"binary\")", "\"//4=\"");
    check("filemd5(\"b.md\")", "\"d41d8cd98f00b204e9800998ecf8427e\"");
    check("[fileexists(\"a.txt\"), fileexists(\"none\")]", "[true,false]");
    check("fileexists(\"sub\")",
          "! Error in function call: Call to function \"fileexists\" failed: "
          "\"DIR/sub\" is a directory, not a file.");
    check("filesha1(\"none\")",
          "! Error in function call: Call to function \"filesha1\" failed: open "
          "DIR/none: no such file or directory.");
}

static void templates_are_rendered(void **state) {
    (void)state;
    check("templatefile(\"greet.tpl\", {name = \"Ann\", list = [1, \"b\"]})", "\"Hi Ann, 1, b!\"");
    check("templatefile(\"whole.tpl\", {list = [1, \"b\"]})", "[1,\"b\"]");
    check("templatefile(\"greet.tpl\", {name = \"Ann\"})",
          "! Invalid function argument: Invalid value for \"vars\" parameter: vars map does not "
          "contain key \"list\", referenced at greet.tpl:1,23-27.");
    check("templatefile(\"greet.tpl\", {name = null, list = []})",
          "! Error in function call: Call to function \"templatefile\" failed: greet.tpl:1,6-10: "
          "Invalid template interpolation value; The expression result is null. Cannot include a "
          "null value in a string template..");
    check("templatefile(\"again.tpl\", {})",
          "! Error in function call: Call to function \"templatefile\" failed: again.tpl:1,3-16: "
          "Error in function call; Call to function \"templatefile\" failed: cannot recursively "
          "call templatefile from inside another template function..");
}

static void patterns_find_files(void **state) {
    (void)state;
    check("fileset(\".\", \"*.txt\")", "[\"a.txt\"]");
    check("fileset(\".\", \"**/*.txt\")", "[\"a.txt\",\"sub/c.txt\",\"sub/deep/d.txt\"]");
    check("fileset(\"sub\", \"**\")", "[\"c.txt\",\"deep/d.txt\"]");
    check("fileset(\".\", \"{a,b}.*\")", "[\"a.txt\",\"b.md\"]");
    check("fileset(\".\", \"[a-b].??\")", "[\"b.md\"]");
    check("fileset(\".\", \"[^a]*.md\")", "[\"b.md\"]");
    check("fileset(\"sub\", \"../*.txt\")", "[\"../a.txt\"]");
    check("fileset(\".\", \"sub\")", "[]");
    check("fileset(\"none\", \"*\")", "[]");
}

static void malformed_patterns_are_refused(void **state) {
    static const char *const bad[] = {"[", "[]", "a[b", "{a", "{a/b,c}", "x\\"};
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(glob_is_valid(str_from(bad[i])));
    assert_true(glob_is_valid(S("{a,b}[c-d^]\\[**")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_read),
        cmocka_unit_test(templates_are_rendered),
        cmocka_unit_test(patterns_find_files),
        cmocka_unit_test(malformed_patterns_are_refused),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
