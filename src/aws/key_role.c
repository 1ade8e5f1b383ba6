/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/keychain_int.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/fs.h"
#include "wire/model_ids.h"

#define TOKEN_MAX ((size_t)64 << 10)

static struct str session_name(struct arena *arena, const struct settings_role *role) {
    if (role->session_name.len > 0)
        return role->session_name;
    return str_format(arena, "loam-%lld", (long long)clock_now_ms());
}

static struct keys from_message(const struct message *m) {
    return (struct keys){
        .c = {message_str(m, M_Credentials_AccessKeyId),
              message_str(m, M_Credentials_SecretAccessKey),
              message_str(m, M_Credentials_SessionToken)},
        .expires_ms = message_int(m, M_Credentials_Expiration),
    };
}

static void set_text(struct message *m, int member, struct str text) {
    if (text.len > 0)
        message_set_str(m, member, text);
}

static void add_tags(struct arena *arena, struct message *m, const struct settings_role *role) {
    for (size_t i = 0; i < role->n_tags; i++) {
        struct message *tag = message_add_message(arena, m, M_AssumeRoleRequest_Tags);
        message_set_str(tag, M_Tag_Key, role->tag_keys[i]);
        message_set_str(tag, M_Tag_Value, role->tag_values[i]);
    }
    for (size_t i = 0; i < role->n_transitive; i++)
        message_add_str(arena, m, M_AssumeRoleRequest_TransitiveTagKeys, role->transitive_keys[i]);
}

static bool finish(struct key_search *s, int action, struct message *response, int member,
                   const struct settings_role *role, const struct fault *fault, struct keys *ret) {
    if (!response) {
        struct str why = api_fault_text(s->arena, action, fault);
        s->error = str_format(s->arena, "IAM Role (%.*s) cannot be assumed: %.*s",
                              STR_ARG(role->role_arn), STR_ARG(why));
        s->cause = why;
        return false;
    }
    *ret = from_message(message_get(response, member));
    return true;
}

bool key_role_assume(struct key_search *s, const struct settings_role *role,
                     const struct keys *with, struct keys *ret) {
    struct message *m = message_request(s->arena, api_action(A_STS_AssumeRole));
    message_set_str(m, M_AssumeRoleRequest_RoleArn, role->role_arn);
    message_set_str(m, M_AssumeRoleRequest_RoleSessionName, session_name(s->arena, role));
    set_text(m, M_AssumeRoleRequest_ExternalId, role->external_id);
    set_text(m, M_AssumeRoleRequest_Policy, role->policy);
    set_text(m, M_AssumeRoleRequest_SourceIdentity, role->source_identity);
    set_text(m, M_AssumeRoleRequest_SerialNumber, role->mfa_serial);
    set_text(m, M_AssumeRoleRequest_TokenCode, role->mfa_code);
    if (role->duration_s > 0)
        message_set_int(m, M_AssumeRoleRequest_DurationSeconds, role->duration_s);
    for (size_t i = 0; i < role->n_policy_arns; i++) {
        struct message *arn = message_add_message(s->arena, m, M_AssumeRoleRequest_PolicyArns);
        message_set_str(arn, M_PolicyDescriptorType_arn, role->policy_arns[i]);
    }
    add_tags(s->arena, m, role);
    struct fault fault;
    struct message *response = api_call(s->api, s->arena, A_STS_AssumeRole, m, &with->c, &fault);
    if (!finish(s, A_STS_AssumeRole, response, M_AssumeRoleResponse_Credentials, role, &fault, ret))
        return false;
    ret->source = S("AssumeRoleProvider");
    return true;
}

bool key_role_web(struct key_search *s, const struct settings_role *role, struct keys *ret) {
    struct str token = role->web_token;
    if (token.len == 0) {
        int error = fs_read(s->arena, role->web_token_file, TOKEN_MAX, &token);
        if (error != 0) {
            s->error =
                str_format(s->arena, "reading web identity token %.*s: %.*s",
                           STR_ARG(role->web_token_file), STR_ARG(fs_error_text(s->arena, error)));
            s->cause = s->error;
            return false;
        }
        token = str_trim(token);
    }
    int action = A_STS_AssumeRoleWithWebIdentity;
    struct message *m = message_request(s->arena, api_action(action));
    message_set_str(m, M_AssumeRoleWithWebIdentityRequest_RoleArn, role->role_arn);
    message_set_str(m, M_AssumeRoleWithWebIdentityRequest_RoleSessionName,
                    session_name(s->arena, role));
    message_set_str(m, M_AssumeRoleWithWebIdentityRequest_WebIdentityToken, token);
    set_text(m, M_AssumeRoleWithWebIdentityRequest_Policy, role->policy);
    if (role->duration_s > 0)
        message_set_int(m, M_AssumeRoleWithWebIdentityRequest_DurationSeconds, role->duration_s);
    for (size_t i = 0; i < role->n_policy_arns; i++) {
        struct message *arn =
            message_add_message(s->arena, m, M_AssumeRoleWithWebIdentityRequest_PolicyArns);
        message_set_str(arn, M_PolicyDescriptorType_arn, role->policy_arns[i]);
    }
    struct fault fault;
    struct message *response = api_call(s->api, s->arena, action, m, NULL, &fault);
    if (!finish(s, action, response, M_AssumeRoleWithWebIdentityResponse_Credentials, role, &fault,
                ret))
        return false;
    ret->source = S("WebIdentityCredentials");
    return true;
}
