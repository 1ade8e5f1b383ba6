/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "server/action_table.h"
#include "server/ident.h"
#include "server/jwt.h"
#include "server/mfa.h"
#include "server/qr.h"
#include "server/seal.h"
#include "server/server.h"
#include "server/role_session.h"
#include "wire/query.h"

static struct arena *arena;
static struct server *server;
static struct credentials root;

static int set_up(void **state) {
    (void)state;
    struct server_options options = {.memory = true,
                                     .root_access_key_id = S("AKIAROOT000000000000"),
                                     .root_secret_access_key = S("rootsecret")};
    struct credentials made;
    struct str error;
    arena = arena_new();
    server = server_open(&options, arena, &made, &error);
    root = (struct credentials){options.root_access_key_id, options.root_secret_access_key, S("")};
    return server ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    server_close(server);
    arena_free(arena);
    return 0;
}

/* Signs and sends "Action=...&..." as `who`; the service follows from the version. */
static struct server_answer send_as(const struct credentials *who, const char *form) {
    bool sts = strstr(form, "Version=2011-06-15") != NULL;
    struct http_header headers[8] = {{S("Content-Type"), S("application/x-www-form-urlencoded")},
                                     {S("Host"), S("localhost")}};
    struct http_request request = {.method = S("POST"),
                                   .path = S("/"),
                                   .query = S(""),
                                   .headers = headers,
                                   .n_headers = 2,
                                   .body = str_from(form)};
    size_t n;
    struct http_header *added = sigv4_sign(arena, &request, who, S("us-east-1"),
                                           sts ? S("sts") : S("iam"), clock_now_ms(), &n);
    for (size_t i = 0; i < n; i++)
        headers[request.n_headers++] = added[i];
    struct server_answer answer;
    server_handle(server, arena, &request, S("127.0.0.1"), &answer);
    return answer;
}

static struct server_answer iam(const struct credentials *who, const char *form) {
    return send_as(who, str_format(arena, "%s&Version=2010-05-08", form).at);
}

static struct server_answer sts(const struct credentials *who, const char *form) {
    return send_as(who, str_format(arena, "%s&Version=2011-06-15", form).at);
}

static void assert_answer(struct server_answer answer, int status, const char *part) {
    if (answer.status != status || str_find(answer.body, str_from(part)) < 0)
        fail_msg("%d %s\nwanted %d with %s", answer.status, str_c(arena, answer.body), status,
                 part);
}

/* The text of the first element of that name. */
static struct str element(struct server_answer answer, const char *name) {
    struct str open = str_format(arena, "<%s>", name);
    ptrdiff_t at = str_find(answer.body, open);
    if (at < 0)
        return S("");
    struct str rest = str_slice(answer.body, (size_t)at + open.len, answer.body.len), text;
    (void)str_split(&rest, '<', &text);
    return text;
}

static struct str escaped(const char *text) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    query_escape(&out, str_from(text), false);
    return buf_take(&out, arena);
}

static struct credentials key_of(const char *user) {
    struct server_answer answer =
        iam(&root, str_format(arena, "Action=CreateAccessKey&UserName=%s", user).at);
    return (struct credentials){
        element(answer, "AccessKeyId"),
        str_replace(arena, element(answer, "SecretAccessKey"), S("&amp;"), S("&")), S("")};
}

static void names_are_unique_whatever_their_case(void **state) {
    (void)state;
    assert_answer(iam(&root, "Action=CreateUser&UserName=alice"), 200, "user/alice</Arn>");
    assert_answer(iam(&root, "Action=CreateUser&UserName=Alice"), 409,
                  "User with name Alice already exists.");
    assert_answer(iam(&root, "Action=GetUser&UserName=bob"), 404,
                  "The user with name bob cannot be found.");
    assert_int_equal(element(iam(&root, "Action=GetUser&UserName=alice"), "UserId").len, 21);
}

static void policies_are_enforced(void **state) {
    (void)state;
    iam(&root, "Action=CreateUser&UserName=eve");
    struct credentials eve = key_of("eve");
    assert_answer(iam(&eve, "Action=ListUsers"), 403,
                  "User: arn:aws:iam::123456789012:user/eve is not authorized to perform: "
                  "iam:ListUsers on resource: arn:aws:iam::123456789012:user/ because no "
                  "identity-based policy allows the iam:ListUsers action");
    iam(&root, str_format(arena, "Action=PutUserPolicy&UserName=eve&PolicyName=p&PolicyDocument=%s",
                          escaped("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":"
                                  "\"Allow\",\"Action\":\"iam:List*\",\"Resource\":\"*\"}]}")
                              .at)
                   .at);
    assert_answer(iam(&eve, "Action=ListUsers"), 200, "<UserName>eve</UserName>");
    assert_answer(iam(&eve, "Action=DeleteUser&UserName=eve"), 403, "on resource: user eve");
}

static void roles_are_assumed_by_whom_they_trust(void **state) {
    (void)state;
    const char *trust = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\","
                        "\"Principal\":{\"AWS\":\"arn:aws:iam::123456789012:user/carol\"},"
                        "\"Action\":\"sts:AssumeRole\"}]}";
    iam(&root, "Action=CreateUser&UserName=carol");
    iam(&root, "Action=CreateUser&UserName=dave");
    struct credentials carol = key_of("carol"), dave = key_of("dave");
    assert_answer(
        iam(&root, str_format(arena, "Action=CreateRole&RoleName=R&AssumeRolePolicyDocument=%s",
                              escaped(trust).at)
                       .at),
        200, "role/R</Arn>");
    const char *ask = "Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2FR"
                      "&RoleSessionName=work";
    assert_answer(sts(&dave, ask), 403,
                  "is not authorized to perform: sts:AssumeRole on resource: "
                  "arn:aws:iam::123456789012:role/R</Message>");
    struct server_answer answer = sts(&carol, ask);
    assert_answer(answer, 200, "assumed-role/R/work</Arn>");
    struct credentials session = {element(answer, "AccessKeyId"),
                                  element(answer, "SecretAccessKey"),
                                  element(answer, "SessionToken")};
    assert_answer(sts(&session, "Action=GetCallerIdentity"), 200, "assumed-role/R/work</Arn>");
    session.session_token = S("forged");
    assert_answer(sts(&session, "Action=GetCallerIdentity"), 403, "InvalidClientTokenId");
}

static void what_is_in_use_is_not_deleted(void **state) {
    (void)state;
    iam(&root, "Action=CreateUser&UserName=frank");
    (void)key_of("frank");
    assert_answer(iam(&root, "Action=DeleteUser&UserName=frank"), 409,
                  "Cannot delete entity, must delete access keys first.");
    (void)key_of("frank");
    assert_answer(iam(&root, "Action=CreateAccessKey&UserName=frank"), 409,
                  "Cannot exceed quota for AccessKeysPerUser: 2");
}

static void lists_come_in_pages(void **state) {
    (void)state;
    struct str marker = S("");
    int users = 0;
    for (int i = 0; i < 7; i++)
        iam(&root, str_format(arena, "Action=CreateUser&Path=%%2Fpaged%%2F&UserName=p%d", i).at);
    for (int page = 0; page < 4; page++) {
        struct server_answer answer = iam(
            &root, str_format(arena, "Action=ListUsers&PathPrefix=%%2Fpaged%%2F&MaxItems=3%s%.*s",
                              marker.len ? "&Marker=" : "", STR_ARG(escaped(marker.at)))
                       .at);
        for (struct str rest = answer.body;;) {
            ptrdiff_t at = str_find(rest, S("<UserName>"));
            if (at < 0)
                break;
            users++;
            rest = str_slice(rest, (size_t)at + 1, rest.len);
        }
        marker = element(answer, "Marker");
        if (!marker.len)
            break;
        marker = str_dup(arena, marker);
    }
    assert_int_equal(users, 7);
    assert_answer(iam(&root, "Action=ListUsers&Marker=nonsense"), 400, "Invalid Marker");
}

static const struct {
    const char *method, *body;
    int status;
    const char *code;
} strangers[] = {
    {"POST", "Action=ListUsers&Version=2010-05-08", 403, "MissingAuthenticationToken"},
    {"POST", "", 403, "MissingAuthenticationToken"},
    {"GET", "", 403, "MissingAuthenticationToken"},
    {"PUT", "\xff\xfe", 403, "MissingAuthenticationToken"},
};

static void unsigned_requests_get_nowhere(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(strangers); i++) {
        struct http_request request = {.method = str_from(strangers[i].method),
                                       .path = S("/"),
                                       .query = S(""),
                                       .body = str_from(strangers[i].body)};
        struct server_answer answer;
        server_handle(server, arena, &request, S("127.0.0.1"), &answer);
        assert_answer(answer, strangers[i].status, strangers[i].code);
    }
    struct credentials wrong = root;
    wrong.secret_access_key = S("guess");
    assert_answer(iam(&wrong, "Action=ListUsers"), 403, "SignatureDoesNotMatch");
    wrong.access_key_id = S("AKIAUNKNOWN000000000");
    assert_answer(iam(&wrong, "Action=ListUsers"), 403, "InvalidClientTokenId");
    assert_answer(iam(&root, "Action=Nonsense"), 400, "InvalidAction");
}

static void every_action_of_the_model_is_offered(void **state) {
    (void)state;
    for (int i = 0; i < A_COUNT; i++)
        if (!action_table_row(i))
            fail_msg("%s", model_by_id(i)->name.at);
}

/* RFC 6238 appendix B, six digits. */
static void codes_follow_the_standard(void **state) {
    (void)state;
    struct str seed = S("12345678901234567890");
    assert_int_equal(mfa_code(seed, 59 / 30), 287082);
    assert_int_equal(mfa_code(seed, 1111111109 / 30), 81804);
    assert_int_equal(mfa_code(seed, 2000000000 / 30), 279037);
}

static void secrets_survive_sealing_and_nothing_else_opens_them(void **state) {
    (void)state;
    struct seal seal, other;
    struct str plain;
    seal_random(&seal);
    seal_random(&other);
    struct str sealed = seal_text(&seal, arena, S("secret"));
    assert_true(str_find(sealed, S("secret")) < 0);
    assert_true(seal_unseal(&seal, arena, sealed, &plain));
    assert_string_equal(plain.at, "secret");
    assert_false(seal_unseal(&other, arena, sealed, &plain));
    assert_false(seal_unseal(&seal, arena, S("AAAA"), &plain));
}

static void sessions_survive_their_token(void **state) {
    (void)state;
    struct seal seal;
    struct session_pair tag = {S("Team"), S("a\"b"), true};
    struct session session = {
        .access_key_id = S("ASIA"), .expires_ms = 5, .tags = &tag, .n_tags = 1, .has_policy = true};
    seal_random(&seal);
    struct session *back =
        role_session_read(&seal, arena, role_session_token(&seal, arena, &session));
    assert_non_null(back);
    assert_int_equal(back->expires_ms, 5);
    assert_true(back->has_policy);
    assert_int_equal(back->n_tags, 1);
    assert_string_equal(back->tags[0].value.at, "a\"b");
    assert_true(back->tags[0].transitive);
}

static void key_ids_carry_their_account(void **state) {
    (void)state;
    struct str account;
    for (int i = 0; i < 100; i++) {
        assert_true(
            ident_account(arena, ident_access_key(arena, "AKIA", S("000000000042")), &account));
        assert_string_equal(account.at, "000000000042");
    }
    assert_false(ident_account(arena, S("short"), &account));
}

static void tokens_verify_with_their_own_key_only(void **state) {
    (void)state;
    static const char *const algorithms[] = {"RS256", "ES384"};
    for (size_t i = 0; i < COUNT(algorithms); i++) {
        struct jwt jwt;
        struct str algorithm = str_from(algorithms[i]);
        struct str token =
            jwt_sign(arena, S("{\"sub\":\"x\"}"), algorithm, jwt_new_key(arena, algorithm), S("k"));
        assert_true(jwt_read(arena, token, &jwt));
        assert_string_equal(str_c(arena, json_get_str(jwt.payload, S("sub"))), "x");
        assert_false(jwt_verify(arena, &jwt, S("{\"keys\":[]}")));
    }
    struct jwt jwt;
    assert_false(jwt_read(arena, S("a.b"), &jwt));
    assert_false(jwt_read(arena, S("????"), &jwt));
}

static void a_qr_code_is_a_png(void **state) {
    (void)state;
    for (size_t n = 1; n < 700; n += 97) {
        char text[700];
        memset(text, 'x', sizeof text);
        struct str png = qr_png(arena, (struct str){text, n});
        assert_true(str_starts(png, S("\x89PNG\r\n\x1a\n")));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_unique_whatever_their_case),
        cmocka_unit_test(policies_are_enforced),
        cmocka_unit_test(roles_are_assumed_by_whom_they_trust),
        cmocka_unit_test(what_is_in_use_is_not_deleted),
        cmocka_unit_test(lists_come_in_pages),
        cmocka_unit_test(unsigned_requests_get_nowhere),
        cmocka_unit_test(every_action_of_the_model_is_offered),
        cmocka_unit_test(codes_follow_the_standard),
        cmocka_unit_test(secrets_survive_sealing_and_nothing_else_opens_them),
        cmocka_unit_test(sessions_survive_their_token),
        cmocka_unit_test(key_ids_carry_their_account),
        cmocka_unit_test(tokens_verify_with_their_own_key_only),
        cmocka_unit_test(a_qr_code_is_a_png),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
