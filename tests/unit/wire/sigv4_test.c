/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "wire/sigv4.h"

static struct arena *arena;
static int64_t now;

static const struct credentials key = {STR("AKIDEXAMPLE"),
                                       STR("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), STR("")};

static int set_up(void **state) {
    (void)state;
    arena = arena_new();
    now = clock_from_civil(2015, 8, 30, 12, 36, 0);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

static struct http_request list_users(void) {
    static const struct http_header headers[] = {
        {STR("Content-Type"), STR("application/x-www-form-urlencoded; charset=utf-8")},
        {STR("Host"), STR("iam.amazonaws.com")},
    };
    return (struct http_request){.method = S("GET"),
                                 .path = S("/"),
                                 .query = S("Action=ListUsers&Version=2010-05-08"),
                                 .headers = headers,
                                 .n_headers = 2};
}

static struct http_request sign(struct http_request request, const struct credentials *with) {
    size_t n;
    struct http_header *added =
        sigv4_sign(arena, &request, with, S("us-east-1"), S("iam"), now, &n);
    struct http_header *all = arena_array(arena, request.n_headers + n, sizeof *all);
    for (size_t i = 0; i < request.n_headers; i++)
        all[i] = request.headers[i];
    for (size_t i = 0; i < n; i++)
        all[request.n_headers + i] = added[i];
    request.headers = all;
    request.n_headers += n;
    return request;
}

/* The example of AWS's own description of the signing process. */
static void the_documented_example_signs_the_same(void **state) {
    (void)state;
    struct http_request request = sign(list_users(), &key);
    assert_string_equal(
        request.headers[request.n_headers - 1].value.at,
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date, "
        "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

static bool check(const struct http_request *request, struct str secret, int64_t at,
                  struct fault *fault) {
    struct sigv4_claim claim;
    return sigv4_parse(arena, request, &claim, fault) && claim.present &&
           sigv4_verify(arena, request, &claim, secret, at, 300000, fault);
}

static void what_is_signed_is_accepted_and_nothing_else(void **state) {
    (void)state;
    struct fault fault;
    struct http_request request = sign(list_users(), &key);
    assert_true(check(&request, key.secret_access_key, now, &fault));
    assert_true(check(&request, key.secret_access_key, now + 299000, &fault));
    assert_false(check(&request, S("another"), now, &fault));
    assert_int_equal(fault.code, FAULT_SIGNATURE_DOES_NOT_MATCH);
    struct http_request changed = request;
    changed.query = S("Action=ListRoles&Version=2010-05-08");
    assert_false(check(&changed, key.secret_access_key, now, &fault));
    changed = request;
    changed.body = S("more");
    assert_false(check(&changed, key.secret_access_key, now, &fault));
}

static void a_skewed_clock_is_refused(void **state) {
    (void)state;
    struct fault fault;
    struct http_request request = sign(list_users(), &key);
    assert_false(check(&request, key.secret_access_key, now + 301000, &fault));
    assert_string_equal(str_c(arena, fault.text),
                        "Signature expired: 20150830T123600Z is now earlier than "
                        "20150830T123601Z (20150830T124101Z - 5 min.)");
    assert_false(check(&request, key.secret_access_key, now - 301000, &fault));
    assert_string_equal(str_c(arena, fault.text),
                        "Signature not yet current: 20150830T123600Z is still later than "
                        "20150830T123559Z (20150830T123059Z + 5 min.)");
}

static const struct {
    const char *authorization;
    enum fault_code code;
} bad_headers[] = {
    {"Basic YTpi", FAULT_MISSING_AUTHENTICATION_TOKEN},
    {"AWS4-HMAC-SHA256 Credential", FAULT_INCOMPLETE_SIGNATURE},
    {"AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0",
     FAULT_INCOMPLETE_SIGNATURE},
    {"AWS4-HMAC-SHA256 SignedHeaders=host, Signature=0", FAULT_INCOMPLETE_SIGNATURE},
    {"AWS4-HMAC-SHA256 Credential=a/20150830/r/iam/aws4_request, SignedHeaders=host, Signature=0",
     FAULT_INCOMPLETE_SIGNATURE},
    {"AWS4-ECDSA-P256-SHA256 Credential=a", FAULT_INCOMPLETE_SIGNATURE},
};

static void broken_headers_get_a_fault(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(bad_headers); i++) {
        struct http_header header = {S("authorization"), str_from(bad_headers[i].authorization)};
        struct http_request request = {.method = S("POST"), .headers = &header, .n_headers = 1};
        struct sigv4_claim claim;
        struct fault fault = {0};
        assert_false(sigv4_parse(arena, &request, &claim, &fault));
        assert_int_equal(fault.code, bad_headers[i].code);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_documented_example_signs_the_same),
        cmocka_unit_test(what_is_signed_is_accepted_and_nothing_else),
        cmocka_unit_test(a_skewed_clock_is_refused),
        cmocka_unit_test(broken_headers_get_a_fault),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
