/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/json.h"
#include "hcl/parse.h"
#include "state/encryption.h"

#define KEY(name, phrase)                                                                          \
    "key_provider \"pbkdf2\" \"" name "\" {\n  passphrase = \"" phrase                             \
    "\"\n  iterations = 1000\n}\n"                                                                 \
    "method \"aes_gcm\" \"" name "\" {\n  keys = key_provider.pbkdf2." name "\n}\n"
#define PLAIN "method \"unencrypted\" \"none\" {}\n"

static const char state_text[] = "{\"version\": 4, \"serial\": 3, \"lineage\": \"l\"}\n";

static struct encryption *read_text(struct arena *arena, const char *text, struct diags *diags) {
    struct sources *sources = sources_new(arena);
    struct encryption *encryption = NULL;
    uint32_t file = sources_add(sources, S("t"), str_from(text));
    struct body *body = parse_file(arena, sources, file, diags);
    struct scope scope = {.sources = sources, .constant_only = true};
    return encryption_read(arena, &scope, body, S("state"), &encryption, diags) ? encryption : NULL;
}

static struct str seal(struct arena *arena, const struct encryption *encryption) {
    struct diags diags = {.arena = arena};
    struct str bytes;
    assert_true(
        encryption_seal(encryption, arena, str_from(state_text), 3, S("l"), &bytes, &diags));
    return bytes;
}

static void sealed_states_open_again(void **unused) {
    (void)unused;
    struct arena *arena = arena_new();
    struct diags diags = {.arena = arena};
    struct encryption *e = read_text(
        arena, KEY("k", "correct horse battery") "state {\n  method = method.aes_gcm.k\n}\n",
        &diags);
    assert_non_null(e);
    struct str first = seal(arena, e);
    struct str second = seal(arena, e);
    struct str plain;
    struct json_error error;
    assert_false(str_eq(first, second));
    assert_true(str_find(first, S("version\": 4")) < 0);
    const struct json *json = json_parse(arena, first, &error);
    int64_t serial = 0;
    assert_true(json_get_int(json, S("serial"), &serial) && serial == 3);
    assert_non_null(json_get(json_get(json, S("meta")), S("key_provider.pbkdf2.k")));
    assert_true(encryption_open(e, arena, first, &plain, &diags));
    assert_true(str_eq(plain, str_from(state_text)));
    assert_false(encryption_open(NULL, arena, first, &plain, &diags));
    /* Plain states are refused unless a method says otherwise. */
    assert_false(encryption_open(e, arena, str_from(state_text), &plain, &diags));
    arena_free(arena);
}

static void tampering_is_noticed(void **unused) {
    (void)unused;
    struct arena *arena = arena_new();
    struct diags diags = {.arena = arena};
    struct encryption *e = read_text(
        arena, KEY("k", "correct horse battery") "state {\n  method = method.aes_gcm.k\n}\n",
        &diags);
    struct str sealed = seal(arena, e);
    ptrdiff_t data = str_find(sealed, S("\"encrypted_data\":\""));
    assert_true(data > 0);
    for (size_t i = 0; i < 40; i++) {
        struct str copy = str_dup(arena, sealed);
        char *at = (char *)copy.at + data + 18 + i;
        struct str plain;
        *at = *at == 'A' ? 'B' : 'A';
        if (*at != sealed.at[data + 18 + (ptrdiff_t)i])
            assert_false(encryption_open(e, arena, copy, &plain, &diags));
    }
    struct encryption *other = read_text(
        arena, KEY("k", "wrong horse battery!") "state {\n  method = method.aes_gcm.k\n}\n",
        &diags);
    struct str plain;
    assert_false(encryption_open(other, arena, sealed, &plain, &diags));
    arena_free(arena);
}

static void fallbacks_read_the_old_form(void **unused) {
    (void)unused;
    struct arena *arena = arena_new();
    struct diags diags = {.arena = arena};
    struct encryption *old = read_text(
        arena, KEY("a", "correct horse battery") "state {\n  method = method.aes_gcm.a\n}\n",
        &diags);
    struct encryption *both =
        read_text(arena,
                  KEY("a", "correct horse battery") KEY("b", "a newer, better phrase") PLAIN
                  "state {\n  method = method.aes_gcm.b\n  fallback {\n"
                  "    method = method.aes_gcm.a\n    fallback {\n"
                  "      method = method.unencrypted.none\n    }\n  }\n}\n",
                  &diags);
    struct str plain;
    assert_non_null(both);
    assert_true(encryption_open(both, arena, seal(arena, old), &plain, &diags));
    assert_true(encryption_open(both, arena, seal(arena, both), &plain, &diags));
    assert_true(encryption_open(both, arena, str_from(state_text), &plain, &diags));
    assert_false(encryption_open(old, arena, seal(arena, both), &plain, &diags));
    arena_free(arena);
}

static void mistakes_are_told(void **unused) {
    (void)unused;
    static const struct {
        const char *text, *summary;
    } cases[] = {
        {KEY("k", "short"), "Invalid key provider configuration"},
        {"key_provider \"magic\" \"k\" {}\n", "Unsupported key provider"},
        {"method \"rot13\" \"k\" {}\n", "Unsupported encryption method"},
        {"method \"aes_gcm\" \"k\" {\n  keys = key_provider.pbkdf2.x\n}\n",
         "Undeclared key provider"},
        {"state {\n  method = method.aes_gcm.x\n}\n", "Undeclared encryption method"},
        {"state {\n  method = nonsense\n}\n", "Invalid reference"},
        {"nonsense {}\n", "Unsupported block type"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena *arena = arena_new();
        struct diags diags = {.arena = arena};
        assert_null(read_text(arena, cases[i].text, &diags));
        assert_true(diags.n_errors > 0);
        assert_string_equal(str_c(arena, diags.at[0].summary), cases[i].summary);
        arena_free(arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sealed_states_open_again),
        cmocka_unit_test(tampering_is_noticed),
        cmocka_unit_test(fallbacks_read_the_old_form),
        cmocka_unit_test(mistakes_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
