/* SPDX-License-Identifier: Apache-2.0 */
/* The provider's verbs against a service of canned answers: which calls are made, what comes of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "aws/aws.h"
#include "base/arena.h"
#include "base/buf.h"

#define CALLS_MAX 1000

struct canned {
    const char *action; /* and more of the form, where it matters */
    int status;
    const char *body; /* inside <XResponse>, or the code of a fault */
};

struct fake {
    struct arena *arena;
    const struct canned *answers;
    size_t n;
    struct str calls[CALLS_MAX]; /* forms as sent */
    size_t n_calls;
    size_t lost; /* answers still to be lost, after the call took effect */
};

static const struct canned identity = {
    "Action=GetCallerIdentity", 200,
    "<GetCallerIdentityResult><Account>123456789012</Account><UserId>U</UserId>"
    "<Arn>arn:aws:iam::123456789012:user/me</Arn></GetCallerIdentityResult>"};

static const struct canned *find(const struct fake *f, struct str form) {
    for (size_t i = 0; i < f->n; i++)
        if (str_find(form, str_from(f->answers[i].action)) >= 0)
            return &f->answers[i];
    return str_find(form, str_from(identity.action)) >= 0 ? &identity : NULL;
}

static struct str action_of(struct str form) {
    ptrdiff_t at = str_find(form, S("Action="));
    struct str rest = str_slice(form, (size_t)at + 7, form.len), part = S("");
    str_split(&rest, '&', &part);
    return part;
}

static bool send(void *context, struct arena *arena, struct str endpoint, struct str method,
                 struct str path, const struct str *names, const struct str *values, size_t n,
                 struct str body, int *ret_status, struct str *ret_body, struct str *ret_request_id,
                 struct str *ret_error) {
    struct fake *f = context;
    const struct canned *c = find(f, body);
    struct str action = action_of(body);
    (void)endpoint, (void)method, (void)path, (void)names, (void)values, (void)n, (void)ret_error;
    assert_true(f->n_calls < CALLS_MAX);
    f->calls[f->n_calls++] = str_dup(f->arena, body);
    *ret_request_id = S("r-1");
    *ret_status = c ? c->status : 404;
    const char *text = c ? c->body : "NoSuchEntity";
    if (f->lost > 0 && str_starts(action, S("Create"))) {
        f->lost--;
        *ret_status = 500;
        text = "ServiceFailure";
    }
    *ret_body =
        *ret_status == 200
            ? str_format(arena, "<%.*sResponse>%s</%.*sResponse>", STR_ARG(action), text,
                         STR_ARG(action))
            : str_format(arena,
                         "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>why"
                         "</Message></Error><RequestId>r-1</RequestId></ErrorResponse>",
                         text);
    return true;
}

static bool root_key(void *context, struct arena *arena, struct str endpoint, struct str *ret_id,
                     struct str *ret_secret) {
    (void)context, (void)arena, (void)endpoint;
    *ret_id = S("AKID");
    *ret_secret = S("secret");
    return true;
}

struct world {
    struct arena *arena;
    struct fake fake;
    struct aws_transport transport;
    struct provider *provider;
    struct diags *diags;
};

static void use(struct world *w, const struct canned *answers, size_t n) {
    w->fake.answers = answers;
    w->fake.n = n;
    w->fake.n_calls = 0;
}

static struct world *world_new(void) {
    struct arena *arena = arena_new();
    struct world *w = arena_alloc(arena, sizeof *w);
    w->arena = arena;
    w->fake.arena = arena;
    w->transport = (struct aws_transport){send, root_key, &w->fake};
    w->diags = diags_new(arena);
    w->provider = aws_open(arena, &w->transport);
    const struct provider_schema *schema = w->provider->ops->schema(w->provider, w->diags);
    struct value config = schema_empty(arena, schema->config->block);
    assert_true(w->provider->ops->configure(w->provider, arena, config, w->diags));
    return w;
}

static const struct schema *schema_of(struct world *w, struct str type) {
    return map_get(&w->provider->ops->schema(w->provider, w->diags)->resources, type);
}

/* An object of the type with some attributes set. */
static struct value object(struct world *w, struct str type, const char *const *names,
                           const struct value *values, size_t n) {
    struct value v = schema_empty(w->arena, schema_of(w, type)->block);
    struct path root = {0};
    for (size_t i = 0; i < n; i++)
        v = path_set(w->arena, v, path_attr(w->arena, root, str_from(names[i])), values[i]);
    return v;
}

static struct value text(struct world *w, const char *t) {
    return value_string(w->arena, str_from(t));
}

static struct value user(struct world *w, const char *name, const char *path) {
    static const char *const names[] = {"name", "path"};
    struct value values[] = {text(w, name), path ? text(w, path) : value_null(type_string)};
    return object(w, S("aws_iam_user"), names, values, COUNT(names));
}

static struct provider_plan_response planned(struct world *w, const char *type, struct value prior,
                                             struct value config) {
    struct provider_plan_response response;
    struct provider_plan_request request = {
        .type = str_from(type),
        .prior = prior,
        .config = config,
        .proposed = schema_propose(w->arena, schema_of(w, str_from(type))->block, prior, config),
    };
    assert_true(w->provider->ops->plan(w->provider, w->arena, &request, &response, w->diags));
    return response;
}

static void same_text(struct value v, const char *want) {
    assert_int_equal(v.kind, VALUE_STRING);
    if (!str_eq(value_str(v), str_from(want)))
        fail_msg("got %.*s, want %s", STR_ARG(value_str(v)), want);
}

static bool called(const struct world *w, size_t i, const char *part) {
    return i < w->fake.n_calls && str_find(w->fake.calls[i], str_from(part)) >= 0;
}

#define USER_OF_XML(name, path, made)                                                              \
    "<GetUserResult><User><Path>" path "</Path><UserName>" name                                    \
    "</UserName><UserId>AIDA1</UserId><Arn>arn:aws:iam::123456789012:user" path name               \
    "</Arn><CreateDate>" made "</CreateDate></User></GetUserResult>"
#define USER_XML(name, path) USER_OF_XML(name, path, "2026-01-02T03:04:05Z")

static void creates(void **state) {
    static const struct canned answers[] = {
        {"Action=CreateUser", 200, "<CreateUserResult/>"},
        {"Action=GetUser", 200, USER_XML("ann", "/")},
    };
    struct world *w = *state;
    struct value none = value_null(schema_type(schema_of(w, S("aws_iam_user"))->block));
    struct value config = user(w, "ann", NULL);
    struct provider_plan_response plan = planned(w, "aws_iam_user", none, config);
    same_text(value_attr(plan.planned, S("path")), "/");
    assert_false(value_is_known(value_attr(plan.planned, S("arn"))));
    assert_false(value_is_known(value_attr(plan.planned, S("tags_all"))));
    struct provider_apply_request request = {
        .type = S("aws_iam_user"), .prior = none, .planned = plan.planned, .config = config};
    struct provider_apply_response response;
    use(w, answers, COUNT(answers));
    assert_true(w->provider->ops->apply(w->provider, w->arena, &request, &response, w->diags));
    assert_int_equal(w->fake.n_calls, 2);
    assert_true(called(w, 0, "Action=CreateUser") && called(w, 0, "UserName=ann"));
    same_text(value_attr(response.state, S("arn")), "arn:aws:iam::123456789012:user/ann");
    same_text(value_attr(response.state, S("id")), "ann");
    same_text(value_attr(response.state, S("permissions_boundary")), "");
    assert_true(value_is_wholly_known(response.state));
    same_text(value_attr(response.identity, S("account_id")), "123456789012");
}

/* The first answer to CreateUser is lost, the second says that there is such a user. */
static bool lose_an_answer(struct world *w, const struct canned *answers, size_t n,
                           struct provider_apply_response *ret) {
    struct value none = value_null(schema_type(schema_of(w, S("aws_iam_user"))->block));
    struct value config = user(w, "ann", NULL);
    struct provider_apply_request request = {.type = S("aws_iam_user"),
                                             .prior = none,
                                             .config = config,
                                             .planned =
                                                 planned(w, "aws_iam_user", none, config).planned};
    use(w, answers, n);
    w->fake.lost = 1;
    return w->provider->ops->apply(w->provider, w->arena, &request, ret, w->diags);
}

static void knows_its_own_after_a_lost_answer(void **state) {
    static const struct canned answers[] = {
        {"Action=CreateUser", 409, "EntityAlreadyExists"},
        {"Action=GetUser", 200, USER_OF_XML("ann", "/", "2999-01-02T03:04:05Z")},
    };
    struct provider_apply_response response;
    assert_true(lose_an_answer(*state, answers, COUNT(answers), &response));
    same_text(value_attr(response.state, S("id")), "ann");
}

static void knows_others_after_a_lost_answer(void **state) {
    static const struct canned answers[] = {
        {"Action=CreateUser", 409, "EntityAlreadyExists"},
        {"Action=GetUser", 200, USER_XML("ann", "/")}, /* made long before */
    };
    struct provider_apply_response response;
    assert_false(lose_an_answer(*state, answers, COUNT(answers), &response));
    assert_true(value_is_null(response.state));
}

static void refuses_in_the_providers_frame(void **state) {
    static const struct canned answers[] = {{"Action=CreateUser", 409, "EntityAlreadyExists"}};
    struct world *w = *state;
    struct value none = value_null(schema_type(schema_of(w, S("aws_iam_user"))->block));
    struct value config = user(w, "ann", NULL);
    struct provider_apply_request request = {.type = S("aws_iam_user"),
                                             .prior = none,
                                             .config = config,
                                             .planned =
                                                 planned(w, "aws_iam_user", none, config).planned};
    struct provider_apply_response response;
    use(w, answers, COUNT(answers));
    assert_false(w->provider->ops->apply(w->provider, w->arena, &request, &response, w->diags));
    assert_true(value_is_null(response.state));
    assert_int_equal(w->diags->n_errors, 1);
    assert_true(str_eq(w->diags->at[w->diags->n - 1].summary,
                       S("creating IAM User (ann): operation error IAM: CreateUser, https response "
                         "error StatusCode: 409, RequestID: r-1, EntityAlreadyExists: why")));
}

/* State of a user as a read leaves it. */
static struct value read_user(struct world *w, struct value before) {
    struct provider_read_response response;
    const struct provider_read_request request = {.type = S("aws_iam_user"), .state = before};
    assert_true(w->provider->ops->read(w->provider, w->arena, &request, &response, w->diags));
    return response.state;
}

static void changes_with_one_call(void **state) {
    static const struct canned before[] = {{"Action=GetUser", 200, USER_XML("ann", "/")}};
    static const struct canned after[] = {
        {"Action=UpdateUser", 200, ""},
        {"Action=GetUser", 200, USER_XML("eve", "/x/")},
    };
    struct world *w = *state;
    use(w, before, COUNT(before));
    struct value prior = read_user(w, user(w, "ann", "/"));
    struct value config = user(w, "eve", "/x/");
    struct provider_plan_response plan = planned(w, "aws_iam_user", prior, config);
    assert_int_equal(plan.replace.n, 0);
    struct provider_apply_request request = {
        .type = S("aws_iam_user"), .prior = prior, .planned = plan.planned, .config = config};
    struct provider_apply_response response;
    use(w, after, COUNT(after));
    assert_true(w->provider->ops->apply(w->provider, w->arena, &request, &response, w->diags));
    assert_int_equal(w->fake.n_calls, 2);
    assert_true(called(w, 0, "UserName=ann") && called(w, 0, "NewUserName=eve") &&
                called(w, 0, "NewPath=%2Fx%2F"));
    same_text(value_attr(response.state, S("id")), "eve");
}

static void plans_nothing_for_what_is_the_same(void **state) {
    static const struct canned answers[] = {{"Action=GetUser", 200, USER_XML("ann", "/")}};
    struct world *w = *state;
    use(w, answers, COUNT(answers));
    struct value prior = read_user(w, user(w, "ann", "/"));
    prior = path_set(w->arena, prior, path_attr(w->arena, (struct path){0}, S("force_destroy")),
                     value_bool(false));
    struct provider_plan_response plan = planned(w, "aws_iam_user", prior, user(w, "ann", NULL));
    assert_true(value_same(plan.planned, prior));
}

static void replaces(void **state) {
    static const char *const names[] = {"user", "policy_arn", "id"};
    struct world *w = *state;
    struct str type = S("aws_iam_user_policy_attachment");
    struct value before[] = {text(w, "ann"), text(w, "arn:aws:iam::aws:policy/A"), text(w, "i")};
    struct value after[] = {text(w, "ann"), text(w, "arn:aws:iam::aws:policy/B")};
    struct provider_plan_response plan =
        planned(w, type.at, object(w, type, names, before, 3), object(w, type, names, after, 2));
    assert_int_equal(plan.replace.n, 1);
    assert_true(str_eq(plan.replace.at[0].at[0].name, S("policy_arn")));
}

static void sees_what_is_gone(void **state) {
    struct world *w = *state;
    use(w, NULL, 0);
    assert_true(value_is_null(read_user(w, user(w, "ann", "/"))));
    assert_int_equal(w->diags->n_errors, 0);
}

static const struct canned bulk[] = {
    {"Action=GetAccountAuthorizationDetails", 200,
     "<GetAccountAuthorizationDetailsResult><IsTruncated>false</IsTruncated><UserDetailList><member>"
     "<Path>/</Path><UserName>u7</UserName><UserId>AIDA7</UserId>"
     "<Arn>arn:aws:iam::123456789012:user/u7</Arn><CreateDate>2026-01-02T03:04:05Z</CreateDate>"
     "<Tags><member><Key>a</Key><Value>b</Value></member></Tags>"
     "<AttachedManagedPolicies><member><PolicyName>P</PolicyName>"
     "<PolicyArn>arn:aws:iam::aws:policy/P</PolicyArn></member></AttachedManagedPolicies>"
     "</member></UserDetailList></GetAccountAuthorizationDetailsResult>"},
};

static void prefetch_users(struct world *w, size_t n) {
    struct provider_prefetch_item *items = arena_array(w->arena, n, sizeof *items);
    for (size_t i = 0; i < n; i++)
        items[i] = (struct provider_prefetch_item){
            .type = S("aws_iam_user"), .state = user(w, str_format(w->arena, "u%zu", i).at, "/")};
    w->provider->ops->prefetch(w->provider, items, n);
}

static void reads_in_bulk(void **state) {
    struct world *w = *state;
    use(w, bulk, COUNT(bulk));
    prefetch_users(w, 200);
    assert_int_equal(w->fake.n_calls, 1);
    struct value v = read_user(w, user(w, "u7", "/"));
    assert_int_equal(w->fake.n_calls, 1); /* no call of its own */
    same_text(value_attr(v, S("unique_id")), "AIDA7");
    same_text(value_attr(value_attr(v, S("tags")), S("a")), "b");
    /* what the bulk answer does not show is asked for */
    assert_true(value_is_null(read_user(w, user(w, "u8", "/"))));
    assert_int_equal(w->fake.n_calls, 2);
}

static void reads_few_singly(void **state) {
    struct world *w = *state;
    use(w, bulk, COUNT(bulk));
    prefetch_users(w, 20);
    assert_int_equal(w->fake.n_calls, 0);
}

static void reads_singly_without_permission(void **state) {
    static const struct canned answers[] = {
        {"Action=GetAccountAuthorizationDetails", 403, "AccessDenied"},
        {"Action=GetUser", 200, USER_XML("u1", "/")},
    };
    struct world *w = *state;
    use(w, answers, COUNT(answers));
    prefetch_users(w, 200);
    same_text(value_attr(read_user(w, user(w, "u1", "/")), S("name")), "u1");
    read_user(w, user(w, "u1", "/"));
    assert_int_equal(w->diags->n, 1); /* one warning for all */
    assert_int_equal(w->diags->at[0].severity, SEVERITY_WARNING);
    assert_true(str_find(w->diags->at[0].detail, S("AccessDenied")) >= 0);
}

static void chooses_a_release(void **state) {
    struct world *w = *state;
    struct str both[] = {STR("~> 6.0"), STR("< 6.10.0")};
    struct str chosen = aws_version(w->arena, both, 2);
    assert_true(str_starts(chosen, S("6.")));
    assert_int_equal(aws_version(w->arena, (struct str[]){STR("~> 3.0")}, 1).len, 0);
}

static int set_up(void **state) {
    static const char *const leave[] = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE",
                                        "AWS_ENDPOINT_URL_IAM", "AWS_ENDPOINT_URL_STS"};
    for (size_t i = 0; i < COUNT(leave); i++)
        unsetenv(leave[i]);
    setenv("AWS_ENDPOINT_URL", "loam:test", 1);
    setenv("AWS_CONFIG_FILE", "/nonexistent", 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent", 1);
    *state = world_new();
    return 0;
}

static int tear_down(void **state) {
    struct world *w = *state;
    w->provider->ops->close(w->provider);
    arena_free(w->arena);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(creates, set_up, tear_down),
        cmocka_unit_test_setup_teardown(knows_its_own_after_a_lost_answer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(knows_others_after_a_lost_answer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_in_the_providers_frame, set_up, tear_down),
        cmocka_unit_test_setup_teardown(changes_with_one_call, set_up, tear_down),
        cmocka_unit_test_setup_teardown(plans_nothing_for_what_is_the_same, set_up, tear_down),
        cmocka_unit_test_setup_teardown(replaces, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sees_what_is_gone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_in_bulk, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_few_singly, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_singly_without_permission, set_up, tear_down),
        cmocka_unit_test_setup_teardown(chooses_a_release, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
