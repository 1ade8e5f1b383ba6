/* SPDX-License-Identifier: Apache-2.0 */
/* Messages for a public key: shape and refusals here; gpg itself reads them in the black-box tests.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aws/pgp.h"
#include "base/arena.h"
#include "base/digest.h"

/* An ed25519 key with a cv25519 subkey, made for this test. */
static const char key_text[] =
    "mDMEawYU6BYJKwYBBAHaRw8BAQdA3KY56DcLxJzRy2sdyojgwQlCClmUxivGuMjSoz3Guhi0FUJvYiA8Ym9i"
    "QGV4YW1wbGUuY29tPoiQBBMWCAA4FiEE6GOYUCkaDmpxqJNfIIQSNa6jDPwFAmsGFOgCGwMFCwkIBwIGFQoJ"
    "CAsCBBYCAwECHgECF4AACgkQIIQSNa6jDPyIQwD8CCEXGQL7R6ZFU2ModwbF7yZBHkzZ5QKpOcChBr0HYN4A"
    "/0GX+HznZvrsuNPX6VnxQ0n2q+G3cCEsg+jG1DetdMkHuDgEawYU6BIKKwYBBAGXVQEFAQEHQD3GJckEyOvn"
    "1kuZRr+uzvbe5mrysRjUeCFj61/Ls19hAwEIB4h4BBgWCAAgFiEE6GOYUCkaDmpxqJNfIIQSNa6jDPwFAmsG"
    "FOgCGwwACgkQIIQSNa6jDPzbzAEAiBudX7weITNbMhXZEy2CaY4MpOO7NYfnTdrajS+VChYBAKM0pjbPPXEa"
    "ClzfRzZYVh+xG+GlKPMSlbOZ85c9WZgK";

static void encrypts(void **state) {
    struct arena *arena = *state;
    struct pgp_key key;
    struct str one, two, error = S("");
    assert_true(pgp_key_read(arena, str_from(key_text), &key, &error));
    assert_int_equal(key.algorithm, 18);
    assert_int_equal(key.fingerprint.len, 40);
    assert_true(pgp_encrypt(arena, &key, S("secret"), &one, &error));
    assert_true(pgp_encrypt(arena, &key, S("secret"), &two, &error));
    assert_false(str_eq(one, two)); /* a new session key each time */
    assert_int_equal((unsigned char)one.at[0], 0xc1);
    assert_true(str_find(one, S("secret")) < 0);
}

static void refuses(void **state) {
    static const char *const bad[] = {"", "AAAA", "not base64!", "keybase:someone", "mDMEAAAAAA=="};
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct pgp_key key;
        struct str error = S("");
        assert_false(pgp_key_read(arena, str_from(bad[i]), &key, &error));
        assert_true(error.len > 0);
    }
}

/* Cut off anywhere, a key is refused or read, never read past its end. */
static void survives_cutting(void **state) {
    struct arena *arena = *state;
    struct str bytes;
    assert_true(digest_from_base64(arena, str_from(key_text), &bytes));
    for (size_t n = 0; n < bytes.len; n++) {
        struct pgp_key key;
        struct str error, cut = str_dup(arena, str_slice(bytes, 0, n));
        pgp_key_read(arena, digest_to_base64(arena, cut), &key, &error);
    }
}

static int set_up(void **state) {
    *state = arena_new();
    return 0;
}

static int tear_down(void **state) {
    arena_free(*state);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encrypts),
        cmocka_unit_test(refuses),
        cmocka_unit_test(survives_cutting),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
