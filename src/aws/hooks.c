/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/hooks.h"

#include "aws/arn.h"
#include "aws/equal.h"
#include "aws/lost.h"
#include "aws/resource_call.h"
#include "base/arena.h"
#include "base/clock.h"
#include "policy/policy_equal.h"
#include "wire/model_ids.h"

#define VERSIONS_MAX 5
#define DELETION_MS (10 * 60 * 1000)
#define ROLE_VISIBLE_MS (2 * 60 * 1000)

static bool changed(const struct op *op, struct str name) {
    return !value_same(record_get(&op->now, name), record_get(&op->prior, name));
}

/* A call with its inputs as rows have them; the answer is of no interest. */
static bool run(struct op *op, int action, const struct bind *in, const char *frame, bool missing) {
    struct message *answer;
    struct call_row call = {
        .action = (int16_t)action, .in = in, .frame = frame, .missing_is_done = missing};
    return resource_call(op, &call, &answer);
}

/* Policies. */

/* Deletes the oldest version that is not the default when there is no room for another. */
static bool prune_versions(struct op *op) {
    static const struct bind in[] = {{"arn", M_ListPolicyVersionsRequest_PolicyArn}, {0}};
    static const struct bind drop[] = {{"arn", M_DeletePolicyVersionRequest_PolicyArn},
                                       {".item", M_DeletePolicyVersionRequest_VersionId},
                                       {0}};
    struct call_row list = {
        .action = A_IAM_ListPolicyVersions, .in = in, .frame = "updating IAM Policy ({arn})"};
    struct message *answer;
    if (!resource_call(op, &list, &answer))
        return false;
    const struct message *oldest = NULL;
    size_t n = message_count(answer, M_ListPolicyVersionsResponse_Versions);
    for (size_t i = 0; i < n; i++) {
        const struct message *v = message_at(answer, M_ListPolicyVersionsResponse_Versions, i);
        if (!message_bool(v, M_PolicyVersion_IsDefaultVersion) &&
            (!oldest || message_int(v, M_PolicyVersion_CreateDate) <
                            message_int(oldest, M_PolicyVersion_CreateDate)))
            oldest = v;
    }
    if (n < VERSIONS_MAX || !oldest)
        return true;
    record_set_text(&op->now, S(".item"), message_str(oldest, M_PolicyVersion_VersionId));
    return run(op, A_IAM_DeletePolicyVersion, drop, "deleting IAM Policy ({arn}) version ({.item})",
               true);
}

static bool make_default_later(struct op *op, struct str version, int64_t delay_ms) {
    static const struct bind in[] = {{"arn", M_SetDefaultPolicyVersionRequest_PolicyArn},
                                     {".item", M_SetDefaultPolicyVersionRequest_VersionId},
                                     {0}};
    record_set_text(&op->now, S(".item"), version);
    clock_sleep_ms(delay_ms);
    return run(op, A_IAM_SetDefaultPolicyVersion, in, "updating IAM Policy ({arn})", false);
}

/* A version of which nobody was told is the one in question, or takes the place of another. */
static bool create_version(struct op *op, struct str *ret_version) {
    static const struct bind in[] = {{"arn", M_CreatePolicyVersionRequest_PolicyArn},
                                     {"policy", M_CreatePolicyVersionRequest_PolicyDocument},
                                     {".default", M_CreatePolicyVersionRequest_SetAsDefault},
                                     {0}};
    struct call_row create = {
        .action = A_IAM_CreatePolicyVersion, .in = in, .frame = "updating IAM Policy ({arn})"};
    struct fault fault;
    int64_t began = service_now_ms(op->service);
    struct message *answer = resource_try(op, &create, &fault);
    struct str version = S("");
    if (answer)
        version = message_str(message_get(answer, M_CreatePolicyVersionResponse_PolicyVersion),
                              M_PolicyVersion_VersionId);
    if (fault.repeated)
        version = lost_versions(op, began, version);
    *ret_version = version;
    if (version.len > 0)
        return true;
    resource_fault(op, &create, &fault);
    return false;
}

bool hooks_policy_update(struct op *op) {
    int64_t delay = 0;
    struct str version;
    if (!changed(op, S("policy")))
        return true;
    value_to_int(record_get(&op->now, S("delay_after_policy_creation_in_ms")), &delay);
    record_set(&op->now, S(".default"), value_bool(delay <= 0));
    if (!prune_versions(op) || !create_version(op, &version))
        return false;
    return delay <= 0 || make_default_later(op, version, delay);
}

/* Roles. */

static struct str inline_text(struct value policy, struct str attr) {
    struct value v;
    if (!value_get(policy, attr, &v) || v.kind != VALUE_STRING)
        return S("");
    return value_str(v);
}

static bool has_inline(struct value set, struct str name, struct str document) {
    for (size_t i = 0; set.kind == VALUE_SET && i < value_count(set); i++) {
        struct value p = value_at(set, i);
        if (str_eq(inline_text(p, S("name")), name) &&
            (document.len == 0 || str_eq(inline_text(p, S("policy")), document)))
            return true;
    }
    return false;
}

static bool put_inline(struct op *op, struct value wanted, struct value have) {
    static const struct bind put[] = {{"name", M_PutRolePolicyRequest_RoleName},
                                      {".item", M_PutRolePolicyRequest_PolicyName},
                                      {".document", M_PutRolePolicyRequest_PolicyDocument},
                                      {0}};
    for (size_t i = 0; i < value_count(wanted); i++) {
        struct str name = inline_text(value_at(wanted, i), S("name"));
        struct str document = inline_text(value_at(wanted, i), S("policy"));
        if (document.len == 0 || has_inline(have, name, document))
            continue;
        record_set_text(&op->now, S(".item"), name);
        record_set_text(&op->now, S(".document"), document);
        if (!run(op, A_IAM_PutRolePolicy, put,
                 "creating inline policy ({.item}) for IAM Role ({name})", false))
            return false;
    }
    return true;
}

bool hooks_role_inline(struct op *op) {
    static const struct bind drop[] = {{"name", M_DeleteRolePolicyRequest_RoleName},
                                       {".item", M_DeleteRolePolicyRequest_PolicyName},
                                       {0}};
    struct value wanted = record_get(&op->now, S("inline_policy"));
    struct value have = record_get(&op->prior, S("inline_policy"));
    if (wanted.kind != VALUE_SET || value_same(wanted, have))
        return true;
    for (size_t i = 0; have.kind == VALUE_SET && i < value_count(have); i++) {
        struct str name = inline_text(value_at(have, i), S("name"));
        if (name.len == 0 || has_inline(wanted, name, S("")))
            continue;
        record_set_text(&op->now, S(".item"), name);
        if (!run(op, A_IAM_DeleteRolePolicy, drop,
                 "deleting inline policy ({.item}) of IAM Role ({name})", true))
            return false;
    }
    return put_inline(op, wanted, have);
}

/* One document as it is there; *ret_kept: the set before says the same under that name. */
static bool read_inline(struct op *op, const struct type *element, struct str name,
                        struct value before, struct value *ret, bool *ret_kept) {
    static const struct bind in[] = {{"name", M_GetRolePolicyRequest_RoleName},
                                     {".item", M_GetRolePolicyRequest_PolicyName},
                                     {0}};
    struct call_row get = {.action = A_IAM_GetRolePolicy,
                           .in = in,
                           .frame = "reading IAM Role ({name}) inline policy ({.item})"};
    struct message *answer;
    record_set_text(&op->now, S(".item"), name);
    if (!resource_call(op, &get, &answer))
        return false;
    struct str remote = resource_call_decode(
        op->arena, message_str(answer, M_GetRolePolicyResponse_PolicyDocument));
    *ret_kept = false;
    for (size_t i = 0; before.kind == VALUE_SET && i < value_count(before); i++)
        if (str_eq(inline_text(value_at(before, i), S("name")), name))
            *ret_kept =
                policy_equal(op->arena, inline_text(value_at(before, i), S("policy")), remote);
    struct record r;
    record_init(&r, op->arena, element, value_null(element));
    record_set_text(&r, S("name"), name);
    record_set(&r, S("policy"),
               resource_call_document(op->arena, true, value_null(type_string), remote));
    *ret = record_value(&r);
    return true;
}

/* Documents of the set that have a name: a block without one means that there are to be none. */
static size_t count_named(struct value set) {
    size_t n = 0;
    for (size_t i = 0; set.kind == VALUE_SET && i < value_count(set); i++)
        n += inline_text(value_at(set, i), S("name")).len > 0;
    return n;
}

/* The set stays in the words of the configuration as long as all of it says the same. */
bool hooks_role_read_inline(struct op *op) {
    static const struct bind in[] = {{"name", M_ListRolePoliciesRequest_RoleName}, {0}};
    struct call_row list = {.action = A_IAM_ListRolePolicies,
                            .in = in,
                            .frame = "reading inline policies for IAM Role ({name})"};
    struct value before = record_get(&op->now, S("inline_policy"));
    const struct type *element = value_type(before)->element;
    struct message *answer;
    if (!resource_call(op, &list, &answer))
        return false;
    size_t n = message_count(answer, M_ListRolePoliciesResponse_PolicyNames);
    struct value *at = arena_array(op->arena, n + 1, sizeof *at);
    bool all_kept = before.kind == VALUE_SET && count_named(before) == n;
    for (size_t i = 0; i < n; i++) {
        struct str name = message_str_at(answer, M_ListRolePoliciesResponse_PolicyNames, i);
        bool kept;
        if (!read_inline(op, element, name, before, &at[i], &kept))
            return false;
        all_kept = all_kept && kept;
    }
    if (!all_kept)
        record_set(&op->now, S("inline_policy"), value_set(op->arena, element, at, n));
    return true;
}

bool hooks_role_destroy(struct op *op) {
    struct value arns = record_get(&op->now, S("managed_policy_arns"));
    struct value documents = record_get(&op->now, S("inline_policy"));
    bool force = record_true(&op->now, S("force_detach_policies"));
    record_set(&op->now, S(".detach"),
               value_bool(force || (arns.kind == VALUE_SET && value_count(arns) > 0)));
    record_set(&op->now, S(".strip"),
               value_bool(force || (documents.kind == VALUE_SET && value_count(documents) > 0)));
    return true;
}

bool hooks_group_plan(struct op *op) {
    if (!op->creating && (changed(op, S("name")) || changed(op, S("path"))))
        record_set(&op->now, S("arn"), value_unknown(type_string));
    return true;
}

/* Instance profiles. */

static const struct settle role_not_seen[] = {
    {FAULT_NO_SUCH_ENTITY, "The role with name"},
    {FAULT_VALIDATION, "Invalid IAM Instance Profile name"},
    {0},
};

bool hooks_profile_add_role(struct op *op) {
    static const struct bind in[] = {
        {"name", M_AddRoleToInstanceProfileRequest_InstanceProfileName},
        {"role", M_AddRoleToInstanceProfileRequest_RoleName},
        {0}};
    struct call_row add = {.action = A_IAM_AddRoleToInstanceProfile,
                           .in = in,
                           .frame = "adding IAM Role ({role}) to IAM Instance Profile ({name})",
                           .settle = role_not_seen};
    struct fault fault;
    if (record_text(&op->now, S("role")).len == 0 || resource_try(op, &add, &fault))
        return true;
    /* The profile was empty and takes one role: a repeated call finds what a lost answer told. */
    if (fault.repeated && fault.code == FAULT_LIMIT_EXCEEDED)
        return true;
    resource_fault(op, &add, &fault);
    return false;
}

static const struct bind remove_role[] = {
    {"name", M_RemoveRoleFromInstanceProfileRequest_InstanceProfileName},
    {"role", M_RemoveRoleFromInstanceProfileRequest_RoleName, 0, BIND_PRIOR},
    {0}};

bool hooks_profile_change_role(struct op *op) {
    if (!changed(op, S("role")))
        return true;
    if (record_text(&op->prior, S("role")).len > 0 &&
        !run(op, A_IAM_RemoveRoleFromInstanceProfile, remove_role,
             "removing IAM Role ({~role}) from IAM Instance Profile ({name})", true))
        return false;
    return hooks_profile_add_role(op);
}

bool hooks_profile_remove_role(struct op *op) {
    if (record_text(&op->now, S("role")).len == 0)
        return true;
    op->prior = op->now;
    return run(op, A_IAM_RemoveRoleFromInstanceProfile, remove_role,
               "removing IAM Role ({role}) from IAM Instance Profile ({name})", true);
}

/* Organization features. */

static const struct {
    struct str name;
    int enable, disable;
} features[] = {
    {STR("RootCredentialsManagement"), A_IAM_EnableOrganizationsRootCredentialsManagement,
     A_IAM_DisableOrganizationsRootCredentialsManagement},
    {STR("RootSessions"), A_IAM_EnableOrganizationsRootSessions,
     A_IAM_DisableOrganizationsRootSessions},
};

static bool in_set(struct value set, struct str text) {
    for (size_t i = 0; set.kind == VALUE_SET && i < value_count(set); i++)
        if (str_eq(value_str(value_at(set, i)), text))
            return true;
    return false;
}

bool hooks_organizations_set(struct op *op) {
    struct value wanted = record_get(&op->now, S("enabled_features"));
    struct value have = record_get(&op->prior, S("enabled_features"));
    for (size_t i = 0; i < COUNT(features); i++) {
        bool want = in_set(wanted, features[i].name), is = in_set(have, features[i].name);
        if (want != is && !run(op, want ? features[i].enable : features[i].disable, NULL,
                               "updating IAM Organizations Features ({id})", false))
            return false;
    }
    return true;
}

bool hooks_organizations_clear(struct op *op) {
    struct value have = record_get(&op->now, S("enabled_features"));
    for (size_t i = 0; i < COUNT(features); i++)
        if (in_set(have, features[i].name) &&
            !run(op, features[i].disable, NULL, "deleting IAM Organizations Features ({id})",
                 false))
            return false;
    return true;
}

/* Account settings. */

bool hooks_federation_enable(struct op *op) {
    struct call_row call = {.action = A_IAM_EnableOutboundWebIdentityFederation,
                            .frame = "creating IAM Outbound Web Identity Federation"};
    struct fault fault;
    if (resource_try(op, &call, &fault) || str_starts(fault.code_text, S("FeatureEnabled")))
        return true;
    resource_fault(op, &call, &fault);
    return false;
}

bool hooks_token_version(struct op *op) {
    struct call_row call = {.action = A_IAM_GetAccountSummary,
                            .frame = "reading IAM Security Token Service Preferences"};
    struct message *answer;
    record_set_text(&op->now, S(".account"), service_account(op->service));
    if (!resource_call(op, &call, &answer))
        return false;
    const struct field *map = &answer->fields[M_GetAccountSummaryResponse_SummaryMap];
    for (size_t i = 0; map->set && i < map->map.n; i++)
        if (str_eq(map->map.keys[i], S("GlobalEndpointTokenVersion")))
            record_set_text(
                &op->now, S("global_endpoint_token_version"),
                str_format(op->arena, "v%lldToken", (long long)map->map.items[i].number));
    return true;
}

/* Things that carry their name in the ARN. */

bool hooks_saml_name(struct op *op) {
    struct str arn = record_text(&op->now, S("arn"));
    if (arn.len == 0)
        arn = record_text(&op->now, S("id"));
    record_set_text(&op->now, S("name"), arn_name(arn));
    return true;
}

bool hooks_linked_role_name(struct op *op) {
    struct arn arn;
    struct str text = record_text(&op->now, S("arn"));
    if (!arn_parse(text, &arn) || !str_starts(arn.resource, S("role/aws-service-role/"))) {
        resource_error(op, "reading IAM Service Linked Role ({id})",
                       "the ARN is not that of a service-linked role");
        return false;
    }
    struct str rest = str_slice(arn.resource, S("role/aws-service-role/").len, arn.resource.len);
    ptrdiff_t slash = str_find_byte(rest, '/');
    struct str name = arn_name(arn.resource);
    record_set_text(&op->now, S("aws_service_name"),
                    str_slice(rest, 0, slash < 0 ? rest.len : (size_t)slash));
    record_set_text(&op->now, S("name"), name);
    ptrdiff_t underscore = str_rfind_byte(name, '_');
    if (underscore >= 0)
        record_set_text(&op->now, S("custom_suffix"),
                        str_slice(name, (size_t)underscore + 1, name.len));
    return true;
}

bool hooks_linked_role_delete(struct op *op) {
    static const struct bind in[] = {{"name", M_DeleteServiceLinkedRoleRequest_RoleName}, {0}};
    static const struct bind ask[] = {
        {".task", M_GetServiceLinkedRoleDeletionStatusRequest_DeletionTaskId}, {0}};
    struct call_row begin = {.action = A_IAM_DeleteServiceLinkedRole,
                             .in = in,
                             .frame = "deleting IAM Service Linked Role ({arn})",
                             .missing_is_done = true};
    struct call_row status = {.action = A_IAM_GetServiceLinkedRoleDeletionStatus,
                              .in = ask,
                              .frame = "waiting for IAM Service Linked Role ({arn}) delete",
                              .missing_is_done = true};
    struct message *answer;
    if (!resource_call(op, &begin, &answer))
        return false;
    if (!answer)
        return true;
    record_set_text(&op->now, S(".task"),
                    message_str(answer, M_DeleteServiceLinkedRoleResponse_DeletionTaskId));
    int64_t deadline = clock_monotonic_ms() + DELETION_MS;
    for (int64_t attempt = 0; clock_monotonic_ms() < deadline; attempt++) {
        if (!resource_call(op, &status, &answer))
            return false;
        struct str state =
            answer ? message_str(answer, M_GetServiceLinkedRoleDeletionStatusResponse_Status)
                   : S("SUCCEEDED");
        if (str_eq(state, S("SUCCEEDED")))
            return true;
        if (str_eq(state, S("FAILED"))) {
            const struct message *why =
                message_get(answer, M_GetServiceLinkedRoleDeletionStatusResponse_Reason);
            struct str text =
                why ? message_str(why, M_DeletionTaskFailureReasonType_Reason) : S("");
            resource_error(op, status.frame,
                           "unexpected state 'FAILED', wanted target ''. last "
                           "error: %.*s",
                           STR_ARG(text));
            return false;
        }
        resource_call_pause(attempt);
    }
    resource_error(op, status.frame, "timeout while waiting for state to become 'SUCCEEDED'");
    return false;
}

/* Certificates and keys. */

/* The text in the state where the service's is the same but for line ends. */
static void keep_pem(struct op *op, struct str attr, struct str remote) {
    struct str kept = record_text(&op->now, attr);
    if (kept.len == 0 || !equal_pem(op->arena, kept, remote))
        record_set_text(&op->now, attr, remote);
}

bool hooks_certificate_read(struct op *op) {
    keep_pem(op, S("certificate_body"), record_text(&op->now, S(".body")));
    keep_pem(op, S("certificate_chain"), record_text(&op->now, S(".chain")));
    return true;
}

bool hooks_ssh_key_read(struct op *op) {
    struct str key = str_trim(record_text(&op->now, S(".key")));
    if (str_starts(key, S("ssh-")))
        key = equal_ssh_bare(key);
    record_set_text(&op->now, S("public_key"), key);
    return true;
}

/* Made active; anything else is a second call. */
static bool set_status(struct op *op, int action, const struct bind *in, const char *frame) {
    struct str status = record_text(&op->now, S("status"));
    if (status.len == 0 || str_eq(status, S("Active")))
        return true;
    return run(op, action, in, frame, false);
}

bool hooks_credential_status(struct op *op) {
    static const struct bind in[] = {
        {"service_specific_credential_id",
         M_UpdateServiceSpecificCredentialRequest_ServiceSpecificCredentialId},
        {"status", M_UpdateServiceSpecificCredentialRequest_Status},
        {"user_name", M_UpdateServiceSpecificCredentialRequest_UserName},
        {0}};
    return set_status(op, A_IAM_UpdateServiceSpecificCredential, in,
                      "setting IAM Service-Specific Credential ({id}) status");
}

bool hooks_signing_status(struct op *op) {
    static const struct bind in[] = {
        {"certificate_id", M_UpdateSigningCertificateRequest_CertificateId},
        {"status", M_UpdateSigningCertificateRequest_Status},
        {"user_name", M_UpdateSigningCertificateRequest_UserName},
        {0}};
    return set_status(op, A_IAM_UpdateSigningCertificate, in,
                      "setting IAM Signing Certificate ({id}) status");
}

bool hooks_ssh_status(struct op *op) {
    static const struct bind in[] = {
        {"username", M_UpdateSSHPublicKeyRequest_UserName},
        {"ssh_public_key_id", M_UpdateSSHPublicKeyRequest_SSHPublicKeyId},
        {"status", M_UpdateSSHPublicKeyRequest_Status},
        {0}};
    return set_status(op, A_IAM_UpdateSSHPublicKey, in, "updating IAM User SSH Key ({id})");
}

/* "user/group1/group2": the part behind the user, cut into groups. */
bool hooks_membership_import(struct op *op) {
    struct str rest = record_text(&op->now, S(".groups"));
    struct value *at = arena_array(op->arena, rest.len + 1, sizeof *at);
    size_t n = 0;
    struct str group;
    if (rest.len == 0)
        return true;
    while (str_split(&rest, '/', &group))
        if (group.len > 0)
            at[n++] = value_string(op->arena, group);
    record_set(&op->now, S("groups"), value_set(op->arena, type_string, at, n));
    return true;
}
