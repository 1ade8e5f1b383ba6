/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "wire/codec.h"
#include "wire/model_ids.h"

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

static void assert_str(struct str have, const char *want) {
    assert_string_equal(str_c(arena, have), want);
}

static struct message *user_request(void) {
    struct message *m = message_request(arena, model_by_id(A_IAM_CreateUser));
    message_set_str(m, M_CreateUserRequest_UserName, S("alice"));
    struct message *tag = message_add_message(arena, m, M_CreateUserRequest_Tags);
    message_set_str(tag, M_Tag_Key, S("a b"));
    message_set_str(tag, M_Tag_Value, S("c&d"));
    return m;
}

static struct str write_query(int action, const struct message *m) {
    struct buf out;
    buf_init(&out, BUF_MAX_REQUEST);
    codec_write_query(&out, model_by_id(action), m);
    return buf_take(&out, arena);
}

static void a_request_survives_both_ways(void **state) {
    (void)state;
    const struct model_action *action;
    struct message *back;
    struct fault fault;
    struct str form = write_query(A_IAM_CreateUser, user_request());
    assert_str(form, "Action=CreateUser&Version=2010-05-08&UserName=alice&Tags.member.1.Key=a%20b"
                     "&Tags.member.1.Value=c%26d");
    assert_true(codec_read_query(arena, form, &action, &back, &fault));
    assert_int_equal(model_id(action), A_IAM_CreateUser);
    assert_str(message_str(back, M_CreateUserRequest_UserName), "alice");
    assert_int_equal(message_count(back, M_CreateUserRequest_Tags), 1);
    assert_str(message_str(message_at(back, M_CreateUserRequest_Tags, 0), M_Tag_Value), "c&d");
}

static const struct {
    const char *form;
    enum fault_code code;
} bad_forms[] = {
    {"", FAULT_MISSING_ACTION},
    {"Version=2010-05-08", FAULT_MISSING_ACTION},
    {"Action=Nope&Version=2010-05-08", FAULT_INVALID_ACTION},
    {"Action=CreateUser&Version=2011-06-15", FAULT_INVALID_ACTION},
    {"Action=CreateUser&Version=2010-05-08&UserName=%zz", FAULT_MALFORMED_QUERY},
    {"Action=ListUsers&Version=2010-05-08&MaxItems=many", FAULT_MALFORMED_INPUT},
    {"Action=ListUsers&Version=2010-05-08&MaxItems=99999999999999999999", FAULT_MALFORMED_INPUT},
    {"Action=CreateUser&Version=2010-05-08&UserName.a=b", FAULT_MALFORMED_INPUT},
    {"Action=CreateUser&Version=2010-05-08&Tags.member.0.Key=b", FAULT_MALFORMED_INPUT},
    {"Action=CreateUser&Version=2010-05-08&Tags.member.999999999.Key=b", FAULT_MALFORMED_INPUT},
    {"Action=CreateUser&Version=2010-05-08&Tags.other.1.Key=b", FAULT_MALFORMED_INPUT},
    {"Action=CreateUser&Version=2010-05-08&Tags.member.1=b", FAULT_MALFORMED_INPUT},
    {"Action=CreateUser&Version=2010-05-08&UserName=%FF", FAULT_MALFORMED_INPUT},
};

static void broken_forms_get_a_fault(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(bad_forms); i++) {
        const struct model_action *action;
        struct message *request;
        struct fault fault = {0};
        assert_false(
            codec_read_query(arena, str_from(bad_forms[i].form), &action, &request, &fault));
        if (fault.code != bad_forms[i].code)
            fail_msg("%s: %s", bad_forms[i].form, str_c(arena, fault.code_text));
    }
}

static void list_gaps_close(void **state) {
    (void)state;
    const struct model_action *action;
    struct message *m;
    struct fault fault;
    assert_true(codec_read_query(arena,
                                 S("Action=UntagUser&Version=2010-05-08&UserName=a"
                                   "&TagKeys.member.7=y&TagKeys.member.3=x&Unknown.thing=1"),
                                 &action, &m, &fault));
    assert_int_equal(message_count(m, M_UntagUserRequest_TagKeys), 2);
    assert_str(message_str_at(m, M_UntagUserRequest_TagKeys, 0), "x");
    assert_str(message_str_at(m, M_UntagUserRequest_TagKeys, 1), "y");
}

static const struct {
    const char *form, *text;
} limits[] = {
    {"Action=CreateUser&Version=2010-05-08",
     "1 validation error detected: Value at 'userName' failed to satisfy constraint: Member "
     "must not be null"},
    {"Action=CreateUser&Version=2010-05-08&UserName=a%20b",
     "The specified value for userName is invalid. It must contain only alphanumeric characters "
     "and/or the following: +=,.@_-"},
    {"Action=ListUsers&Version=2010-05-08&MaxItems=0",
     "1 validation error detected: Value at 'maxItems' failed to satisfy constraint: Member "
     "must have value greater than or equal to 1"},
    {"Action=UpdateAccessKey&Version=2010-05-08&AccessKeyId=AKIA&Status=On",
     "2 validation errors detected: Value at 'accessKeyId' failed to satisfy constraint: "
     "Member must have length greater than or equal to 16; Value at 'status' failed to "
     "satisfy constraint: Member must satisfy enum value set"},
    {"Action=TagUser&Version=2010-05-08&UserName=a&Tags.member.1.Key=&Tags.member.1.Value=x",
     "2 validation errors detected: Value at 'tags.1.member.key' failed to satisfy constraint: "
     "Member must have length greater than or equal to 1; Value at 'tags.1.member.key' failed "
     "to satisfy constraint: Member must satisfy regular expression pattern: "
     "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+"},
    /* Texts in a list share one violation; members come in the order of Java's hash map. */
    {"Action=CreateOpenIDConnectProvider&Version=2010-05-08&Url=http://x&ClientIDList.member.1="
     "&ThumbprintList.member.1=a",
     "2 validation errors detected: Value at 'clientIDList' failed to satisfy constraint: Member "
     "must satisfy constraint: [Member must have length less than or equal to 255, Member must "
     "have length greater than or equal to 1]; Value at 'thumbprintList' failed to satisfy "
     "constraint: Member must satisfy constraint: [Member must have length less than or equal to "
     "40, Member must have length greater than or equal to 40]"},
    {"Action=UpdateAccountPasswordPolicy&Version=2010-05-08&MinimumPasswordLength=129"
     "&MaxPasswordAge=1096&PasswordReusePrevention=25",
     "3 validation errors detected: Value at 'minimumPasswordLength' failed to satisfy "
     "constraint: Member must have value less than or equal to 128; Value at "
     "'passwordReusePrevention' failed to satisfy constraint: Member must have value less than or "
     "equal to 24; Value at 'maxPasswordAge' failed to satisfy constraint: Member must have value "
     "less than or equal to 1095"},
    /* STS shows what it was sent. */
    {"Action=AssumeRole&Version=2011-06-15&RoleArn=arn:aws:iam::1:role/abcdefg"
     "&RoleSessionName=Session1:2",
     "1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy "
     "constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*"},
};

static void violations_read_as_aws_words_them(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(limits); i++) {
        const struct model_action *action;
        struct message *m;
        struct fault fault;
        assert_true(codec_read_query(arena, str_from(limits[i].form), &action, &m, &fault));
        assert_false(codec_check(arena, action, m, false, &fault));
        assert_int_equal(fault.code, FAULT_VALIDATION);
        assert_str(fault.text, limits[i].text);
    }
}

static void an_answer_survives_both_ways(void **state) {
    (void)state;
    const struct model_action *action = model_by_id(A_IAM_GetUser);
    struct message *m = message_response(arena, action), *back;
    struct message *user = message_make(arena, m, M_GetUserResponse_User);
    struct fault fault;
    struct buf out;
    message_set_str(user, M_User_UserName, S("a<b>&\"c\""));
    message_set_int(user, M_User_CreateDate, 1700000000000);
    message_open(user, M_User_Tags);
    buf_init(&out, BUF_MAX_RESPONSE);
    codec_write_response(&out, action, m, S("id-1"));
    struct str xml = buf_take(&out, arena);
    assert_true(codec_read_response(arena, action, 200, xml, S(""), &back, &fault));
    user = message_get(back, M_GetUserResponse_User);
    assert_str(message_str(user, M_User_UserName), "a<b>&\"c\"");
    assert_true(message_int(user, M_User_CreateDate) == 1700000000000);
    assert_true(message_has(user, M_User_Tags));
    assert_int_equal(message_count(user, M_User_Tags), 0);
}

static void maps_survive_both_ways(void **state) {
    (void)state;
    const struct model_action *action = model_by_id(A_IAM_GetAccountSummary);
    struct message *m = message_response(arena, action), *back;
    struct fault fault;
    struct buf out;
    message_put(arena, m, M_GetAccountSummaryResponse_SummaryMap, S("Users"))->number = 5;
    buf_init(&out, BUF_MAX_RESPONSE);
    codec_write_response(&out, action, m, S("id-1"));
    assert_true(
        codec_read_response(arena, action, 200, buf_take(&out, arena), S(""), &back, &fault));
    const struct field *map = &back->fields[M_GetAccountSummaryResponse_SummaryMap];
    assert_int_equal(map->map.n, 1);
    assert_str(map->map.keys[0], "Users");
    assert_int_equal(map->map.items[0].number, 5);
}

static void faults_come_back_with_their_code(void **state) {
    (void)state;
    const struct model_action *action = model_by_id(A_IAM_GetUser);
    struct fault fault, back;
    struct message *response;
    struct buf out;
    fault_set(&fault, arena, FAULT_NO_SUCH_ENTITY, "The user with name %s cannot be found.", "x");
    fault.request_id = S("r-1");
    buf_init(&out, BUF_MAX_RESPONSE);
    codec_write_fault(&out, model_api(SERVICE_IAM), &fault);
    assert_false(
        codec_read_response(arena, action, 404, buf_take(&out, arena), S(""), &response, &back));
    assert_int_equal(back.code, FAULT_NO_SUCH_ENTITY);
    assert_int_equal(back.http, 404);
    assert_str(back.text, "The user with name x cannot be found.");
    assert_str(back.request_id, "r-1");
}

static const char *const foreign[] = {
    "",
    "<html><body>502</body></html>",
    "<GetUserResponse><GetUserResult><User>",
    "<!DOCTYPE x [<!ENTITY a \"b\">]><x>&a;</x>",
    "not xml at all",
    "<ErrorResponse/>",
};

static void foreign_answers_are_faults(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(foreign); i++) {
        struct message *response;
        struct fault fault = {0};
        assert_false(codec_read_response(arena, model_by_id(A_IAM_GetUser), 502,
                                         str_from(foreign[i]), S("h"), &response, &fault));
        assert_int_equal(fault.http, 502);
        assert_true(fault.retryable);
    }
}

/* Faults that the description names must be known, or clients would see them as "other". */
static void the_list_of_faults_is_complete(void **state) {
    (void)state;
    for (int s = 0; s < SERVICE_COUNT; s++) {
        const struct model_api *api = model_api((enum model_service)s);
        for (int i = 0; i < api->n_shapes; i++) {
            const struct model_shape *shape = &api->shapes[i];
            if (!shape->fault_code.len)
                continue;
            enum fault_code code = fault_from_text(shape->fault_code);
            if (code == FAULT_OTHER || fault_http(code) != shape->http_status)
                fail_msg("%s %d", shape->fault_code.at, shape->http_status);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_survives_both_ways),
        cmocka_unit_test(broken_forms_get_a_fault),
        cmocka_unit_test(list_gaps_close),
        cmocka_unit_test(violations_read_as_aws_words_them),
        cmocka_unit_test(an_answer_survives_both_ways),
        cmocka_unit_test(maps_survive_both_ways),
        cmocka_unit_test(faults_come_back_with_their_code),
        cmocka_unit_test(foreign_answers_are_faults),
        cmocka_unit_test(the_list_of_faults_is_complete),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
