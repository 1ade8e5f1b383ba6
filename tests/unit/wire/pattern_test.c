/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include "wire/model.h"
#include "wire/pattern.h"

static const struct {
    struct str pattern, text;
    bool matches;
} cases[] = {
    {STR("[\\w+=,.@-]+"), STR("alice@example.com"), true},
    {STR("[\\w+=,.@-]+"), STR("a b"), false},
    {STR("[\\w+=,.@-]+"), STR(""), false},
    {STR("(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)"), STR("/"), true},
    {STR("(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)"), STR("/a/b/"), true},
    {STR("(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)"), STR("/a"), false},
    {STR("(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)"), STR("a/"), false},
    {STR("((/[A-Za-z0-9\\.,\\+@=_-]+)*)/"), STR("/a/b.c/"), true},
    {STR("((/[A-Za-z0-9\\.,\\+@=_-]+)*)/"), STR("/"), true},
    {STR("((/[A-Za-z0-9\\.,\\+@=_-]+)*)/"), STR("//"), false},
    {STR("^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$"), STR("my-alias"), true},
    {STR("^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$"), STR("my--alias"), false},
    {STR("^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$"), STR("ab"), false},
    {STR("^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$"), STR("-abc"), false},
    {STR("[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+"), STR("na\xC3\xAFve 42"), true},
    {STR("[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+"), STR("a!b"), false},
    {STR("[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*"), STR(""), true},
    {STR("\\d{12}"), STR("123456789012"), true},
    {STR("\\d{12}"), STR("12345678901"), false},
    {STR("\\d{12}"), STR("1234567890123"), false},
    {STR("v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?"), STR("v12"), true},
    {STR("v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?"), STR("v1.b"), true},
    {STR("v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?"), STR("v0"), false},
    {STR("[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"), STR("{\n\t\"a\": 1}"), true},
    {STR("[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"), STR("\xE2\x82\xAC"), false},
    {STR("[ -~]+"), STR("plain text"), true},
    {STR("^http(s?)://[a-zA-Z0-9._/-]*(\\?[a-zA-Z0-9._=&-]*)?(#[a-zA-Z0-9._/-]*)?$"),
     STR("https://a.b/c?d=e#f"), true},
    {STR("^http(s?)://[a-zA-Z0-9._/-]*(\\?[a-zA-Z0-9._=&-]*)?(#[a-zA-Z0-9._/-]*)?$"),
     STR("ftp://a"), false},
    {STR("[\\x{10000}-\\x{10FFFF}]+"), STR("\xF0\x9F\x98\x80"), true},
};

static void patterns_match_as_described(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (pattern_match(cases[i].pattern, cases[i].text) != cases[i].matches)
            fail_msg("%s on '%s'", cases[i].pattern.at, cases[i].text.at);
}

/* A pattern that goes on at the end of its own text, or for ever, would show here. */
static void every_pattern_of_the_model_ends(void **state) {
    (void)state;
    char long_text[4096];
    for (size_t i = 0; i < sizeof long_text; i++)
        long_text[i] = "/a-"[i % 3];
    for (int s = 0; s < SERVICE_COUNT; s++) {
        const struct model_api *api = model_api((enum model_service)s);
        for (int i = 0; i < api->n_shapes; i++) {
            if (!api->shapes[i].pattern.len)
                continue;
            (void)pattern_match(api->shapes[i].pattern, S(""));
            (void)pattern_match(api->shapes[i].pattern, (struct str){long_text, sizeof long_text});
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_match_as_described),
        cmocka_unit_test(every_pattern_of_the_model_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
