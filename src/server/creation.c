/* SPDX-License-Identifier: Apache-2.0 */
#include "server/creation.h"

#include "base/arena.h"
#include "server/action_table.h"
#include "server/attachment.h"
#include "server/describe.h"
#include "server/inline_policy.h"
#include "server/leniency.h"
#include "server/tagging.h"

static struct message *new_body(struct call *call, enum kind_id kind) {
    const struct model_api *api = model_api(SERVICE_IAM);
    return message_new(call->arena, api, &api->shapes[kind_rows[kind].shape]);
}

/* As a create action answers: the new thing with what the request gave it. */
static void answer(struct call *call, const struct entity *entity, int member) {
    describe_full(call, entity, message_make(call->arena, call->response, member));
}

bool creation_user(struct call *call) {
    if (!tagging_check(call, M_CreateUserRequest_Tags))
        return false;
    struct entity *user =
        kind_create(call, KIND_USER, message_str(call->request, M_CreateUserRequest_UserName),
                    message_str(call->request, M_CreateUserRequest_Path), S(""),
                    new_body(call, KIND_USER), S(""));
    if (!user ||
        !attachment_bound(call, user,
                          message_str(call->request, M_CreateUserRequest_PermissionsBoundary)) ||
        !tagging_create(call, user->id, M_CreateUserRequest_Tags))
        return false;
    answer(call, user, M_CreateUserResponse_User);
    return true;
}

bool creation_group(struct call *call) {
    struct entity *group =
        kind_create(call, KIND_GROUP, message_str(call->request, M_CreateGroupRequest_GroupName),
                    message_str(call->request, M_CreateGroupRequest_Path), S(""),
                    new_body(call, KIND_GROUP), S(""));
    if (group)
        answer(call, group, M_CreateGroupResponse_Group);
    return group != NULL;
}

bool creation_role(struct call *call) {
    struct str trust = message_str(call->request, M_CreateRoleRequest_AssumeRolePolicyDocument);
    struct message *body = new_body(call, KIND_ROLE);
    if (!tagging_check(call, M_CreateRoleRequest_Tags) ||
        (!leniency_takes_trust(call) && !inline_policy_check(call, POLICY_TRUST, trust)))
        return false;
    message_copy(body, call->request);
    message_unset(body, M_Role_Tags);
    if (!message_has(body, M_Role_MaxSessionDuration))
        message_set_int(body, M_Role_MaxSessionDuration, CREATION_SESSION_S);
    struct entity *role =
        kind_create(call, KIND_ROLE, message_str(call->request, M_CreateRoleRequest_RoleName),
                    message_str(call->request, M_CreateRoleRequest_Path), S(""), body, S(""));
    if (!role ||
        !attachment_bound(call, role,
                          message_str(call->request, M_CreateRoleRequest_PermissionsBoundary)) ||
        !tagging_create(call, role->id, M_CreateRoleRequest_Tags))
        return false;
    answer(call, role, M_CreateRoleResponse_Role);
    message_unset(message_get(call->response, M_CreateRoleResponse_Role), M_Role_RoleLastUsed);
    return true;
}

/* "autoscaling.amazonaws.com" is AWSServiceRoleForAutoScaling; names AWS spells its own way. */
static const struct {
    struct str service, name;
} service_roles[] = {
    {STR("autoscaling.amazonaws.com"), STR("AutoScaling")},
    {STR("cks.kafka.amazonaws.com"), STR("Kafka")},
    {STR("custom-resource.application-autoscaling.amazonaws.com"),
     STR("ApplicationAutoScaling_CustomResource")},
    {STR("ecs.amazonaws.com"), STR("ECS")},
    {STR("ecs.application-autoscaling.amazonaws.com"), STR("ApplicationAutoScaling_ECSService")},
    {STR("eks.amazonaws.com"), STR("AmazonEKS")},
    {STR("elasticache.amazonaws.com"), STR("ElastiCache")},
    {STR("elasticbeanstalk.amazonaws.com"), STR("ElasticBeanstalk")},
    {STR("elasticloadbalancing.amazonaws.com"), STR("ElasticLoadBalancing")},
    {STR("es.amazonaws.com"), STR("AmazonElasticsearchService")},
    {STR("lex.amazonaws.com"), STR("LexBots")},
    {STR("opensearchservice.amazonaws.com"), STR("AmazonOpenSearchService")},
    {STR("ops.apigateway.amazonaws.com"), STR("APIGateway")},
    {STR("organizations.amazonaws.com"), STR("Organizations")},
    {STR("rds.amazonaws.com"), STR("RDS")},
    {STR("spot.amazonaws.com"), STR("EC2Spot")},
    {STR("support.amazonaws.com"), STR("Support")},
    {STR("transitgateway.amazonaws.com"), STR("VPCTransitGateway")},
    {STR("trustedadvisor.amazonaws.com"), STR("TrustedAdvisor")},
};

static struct str service_role_name(struct call *call, struct str service, struct str suffix) {
    struct str name = S("");
    for (size_t i = 0; i < COUNT(service_roles); i++)
        if (str_eq(service_roles[i].service, service))
            name = service_roles[i].name;
    ptrdiff_t dot = str_find_byte(service, '.');
    if (!name.len)
        name = str_slice(service, 0, dot < 0 ? service.len : (size_t)dot);
    return str_format(call->arena, "AWSServiceRoleFor%.*s%s%.*s", STR_ARG(name),
                      suffix.len ? "_" : "", STR_ARG(suffix));
}

bool creation_service_linked_role(struct call *call) {
    const struct message *request = call->request;
    struct str service = message_str(request, M_CreateServiceLinkedRoleRequest_AWSServiceName);
    struct str suffix = message_str(request, M_CreateServiceLinkedRoleRequest_CustomSuffix);
    struct str name = service_role_name(call, service, suffix);
    struct message *body = new_body(call, KIND_ROLE);
    if (!str_ends(service, S(".amazonaws.com")))
        return call_fail(call, FAULT_INVALID_INPUT,
                         "Service role name %.*s is not a valid AWS service principal.",
                         STR_ARG(service));
    if (kind_look_up(call, KIND_ROLE, name))
        return call_fail(call, FAULT_INVALID_INPUT,
                         "Service role name %.*s has been taken in this account, please try a "
                         "different suffix.",
                         STR_ARG(name));
    message_copy(body, request);
    message_set_int(body, M_Role_MaxSessionDuration, CREATION_SESSION_S);
    message_set_str(body, M_Role_AssumeRolePolicyDocument,
                    str_format(call->arena,
                               "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Action\": "
                               "[\"sts:AssumeRole\"], \"Effect\": \"Allow\", \"Principal\": "
                               "{\"Service\": [\"%.*s\"]}}]}",
                               STR_ARG(service)));
    struct entity *role = kind_create(
        call, KIND_ROLE, name, str_format(call->arena, "/aws-service-role/%.*s/", STR_ARG(service)),
        S(""), body, S(""));
    if (role)
        answer(call, role, M_CreateServiceLinkedRoleResponse_Role);
    return role != NULL;
}

bool creation_profile(struct call *call) {
    const struct message *request = call->request;
    if (!tagging_check(call, M_CreateInstanceProfileRequest_Tags))
        return false;
    struct entity *profile =
        kind_create(call, KIND_PROFILE,
                    message_str(request, M_CreateInstanceProfileRequest_InstanceProfileName),
                    message_str(request, M_CreateInstanceProfileRequest_Path), S(""),
                    new_body(call, KIND_PROFILE), S(""));
    if (!profile || !tagging_create(call, profile->id, M_CreateInstanceProfileRequest_Tags))
        return false;
    answer(call, profile, M_CreateInstanceProfileResponse_InstanceProfile);
    return true;
}
