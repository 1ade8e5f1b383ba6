/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the rows of tests/policy/, whose answers were agreed by independent evaluators. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/fs.h"
#include "base/json.h"
#include "policy/policy_lines.h"

static struct arena *arena;

static int set_up(void **state) {
    (void)state;
    arena = arena_new();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

typedef void answer_line(struct arena *scratch, struct str line, struct buf *out);
typedef const char *judge(const struct json *expected, const struct json *answer);

static bool holds(const struct json *list, struct str text) {
    for (size_t i = 0; list && i < list->n; i++)
        if (str_eq(list->items[i].text, text))
            return true;
    return false;
}

static const char *judge_decision(const struct json *expected, const struct json *answer) {
    return str_eq(expected->text, json_get_str(answer, S("decision"))) ? NULL : "decision";
}

static struct str without_stop(struct str text) {
    while (text.len && (text.at[text.len - 1] == '.' || text.at[text.len - 1] == ' '))
        text.len--;
    return text;
}

static bool has_message(const struct json *expected, struct str error) {
    const struct json *want = json_get(expected, S("message"));
    if (!want)
        return true;
    if (want->kind != JSON_ARRAY)
        return str_eq(without_stop(want->text), without_stop(error));
    for (size_t i = 0; i < want->n; i++)
        if (str_eq(without_stop(want->items[i].text), without_stop(error)))
            return true;
    return false;
}

static const char *judge_check(const struct json *expected, const struct json *answer) {
    const struct json *valid = json_get(expected, S("valid"));
    const struct json *wanted = json_get(expected, S("findings"));
    const struct json *absent = json_get(expected, S("absent"));
    const struct json *found = json_get(answer, S("findings"));
    if (valid && valid->boolean != json_get_bool(answer, S("valid")))
        return "valid";
    if (valid && !valid->boolean) {
        if (!has_message(expected, json_get_str(answer, S("error"))))
            return "message";
        if (!str_eq(json_get_str(expected, S("code")), json_get_str(answer, S("code"))))
            return "code";
    }
    for (size_t i = 0; wanted && i < wanted->n; i++)
        if (!holds(found, wanted->items[i].text))
            return "missing finding";
    for (size_t i = 0; absent && i < absent->n; i++)
        if (holds(found, absent->items[i].text))
            return "unwanted finding";
    return NULL;
}

static void run_file(const char *name, answer_line *answer, judge *judged) {
    struct str path = str_format(arena, "%s/%s", POLICY_ROWS, name), text, line;
    assert_int_equal(fs_read(arena, path, BUF_MAX_DOCUMENT, &text), 0);
    size_t failed = 0, n = 0;
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    while (str_split(&text, '\n', &line)) {
        struct json_error error;
        if (!line.len)
            continue;
        struct json *row = json_parse(arena, line, &error);
        assert_non_null(row);
        buf_reset(&out);
        answer(arena, line, &out);
        struct json *answered = json_parse(arena, buf_str(&out), &error);
        assert_non_null(answered);
        const char *wrong = judged(json_get(row, S("expected")), answered);
        n++;
        if (!wrong)
            continue;
        failed++;
        print_error("%.*s: %s: %.*s\n", STR_ARG(json_get_str(row, S("id"))), wrong,
                    STR_ARG(json_get_str(row, S("note"))));
    }
    buf_clear(&out);
    assert_true(n > 100);
    assert_int_equal(failed, 0);
}

static void decides_as_agreed(void **state) {
    (void)state;
    run_file("eval.jsonl", policy_lines_eval, judge_decision);
}

static void checks_as_recorded(void **state) {
    (void)state;
    run_file("check.jsonl", policy_lines_check, judge_check);
}

static void answers_malformed_rows(void **state) {
    (void)state;
    static const char *const rows[] = {"",
                                       "[]",
                                       "{\"id\":1}",
                                       "{\"id\":1,\"request\":[]}",
                                       "{\"id\":1,\"request\":{},\"identityPolicies\":[5]}",
                                       "nul"};
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct json_error error;
        buf_reset(&out);
        policy_lines_eval(arena, str_from(rows[i]), &out);
        struct json *answer = json_parse(arena, buf_str(&out), &error);
        assert_non_null(answer);
        assert_true(json_get_str(answer, S("error")).len > 0);
    }
    buf_clear(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decides_as_agreed),
        cmocka_unit_test(checks_as_recorded),
        cmocka_unit_test(answers_malformed_rows),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
