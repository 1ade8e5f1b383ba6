/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/rand.h"

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

static void hashes(void **state) {
    (void)state;
    static const struct {
        enum digest_kind kind;
        const char *text, *hex;
    } rows[] = {
        {DIGEST_MD5, "", "d41d8cd98f00b204e9800998ecf8427e"},
        {DIGEST_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
        {DIGEST_SHA256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {DIGEST_SHA512, "abc",
         "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
         "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_string_equal(digest_hex(arena, rows[i].kind, str_from(rows[i].text)).at,
                            rows[i].hex);
    assert_int_equal(digest_crc32(S("123456789")), 0xcbf43926u);
}

/* RFC 4231, case 2. */
static void authenticates(void **state) {
    (void)state;
    uint8_t mac[DIGEST_MAX];
    size_t n = digest_hmac(DIGEST_SHA256, S("Jefe"), S("what do ya want for nothing?"), mac);
    assert_string_equal(digest_to_hex(arena, mac, n).at,
                        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    assert_true(digest_equal(S("abc"), S("abc")));
    assert_false(digest_equal(S("abc"), S("abd")));
    assert_false(digest_equal(S("abc"), S("ab")));
}

static void base64_of_the_rfc(void **state) {
    (void)state;
    static const char *const rows[][2] = {{"", ""},
                                          {"f", "Zg=="},
                                          {"fo", "Zm8="},
                                          {"foo", "Zm9v"},
                                          {"foob", "Zm9vYg=="},
                                          {"fooba", "Zm9vYmE="},
                                          {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct str back;
        assert_string_equal(digest_to_base64(arena, str_from(rows[i][0])).at, rows[i][1]);
        assert_true(digest_from_base64(arena, str_from(rows[i][1]), &back));
        assert_true(str_eq(back, str_from(rows[i][0])));
    }
    static const char *const bad[] = {"Zg", "Zg=", "Z", "Zm9v=", "Z?==", "====", "Zm9vYg==Zg"};
    struct str back;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(digest_from_base64(arena, str_from(bad[i]), &back));
    assert_true(digest_from_base64(arena, S("Zm9v\r\nYmFy\n"), &back));
    assert_true(digest_from_base64url(arena, S("_-8"), &back));
    assert_int_equal(back.len, 2);
}

static void random_bytes_round_trip(void **state) {
    (void)state;
    for (size_t n = 0; n < 100; n++) {
        char bytes[100];
        rand_bytes(bytes, n);
        struct str data = {bytes, n}, back;
        assert_true(digest_from_base64(arena, digest_to_base64(arena, data), &back));
        assert_true(str_eq(back, data));
        assert_true(digest_from_hex(arena, digest_to_hex(arena, bytes, n), &back));
        assert_true(str_eq(back, data));
    }
    struct str back;
    assert_false(digest_from_hex(arena, S("abc"), &back));
    assert_false(digest_from_hex(arena, S("zz"), &back));
}

static void draws_from_the_whole_range(void **state) {
    (void)state;
    unsigned seen = 0;
    for (int i = 0; i < 1000; i++) {
        uint64_t drawn = rand_below(10);
        assert_true(drawn < 10);
        seen |= 1u << drawn;
    }
    assert_int_equal(seen, 0x3ff);
    assert_int_equal(rand_uuid(arena).len, 36);
    assert_int_equal(rand_text(arena, 20, S("ab")).len, 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes),
        cmocka_unit_test(authenticates),
        cmocka_unit_test(base64_of_the_rfc),
        cmocka_unit_test(random_bytes_round_trip),
        cmocka_unit_test(draws_from_the_whole_range),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
