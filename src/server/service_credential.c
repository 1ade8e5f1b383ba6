/* SPDX-License-Identifier: Apache-2.0 */
#include "server/service_credential.h"

#include "base/arena.h"
#include "server/ident.h"
#include "server/owned.h"
#include "server/server_int.h"

#define DAY_MS ((int64_t)86400000)

/* Services that have such credentials; API keys are secrets without a user name. */
static const struct {
    struct str name;
    bool api_key;
} services[] = {
    {STR("codecommit.amazonaws.com"), false},
    {STR("cassandra.amazonaws.com"), false},
    {STR("bedrock.amazonaws.com"), true},
    {STR("logs.amazonaws.com"), true},
};

static const bool *find_service(struct str name) {
    for (size_t i = 0; i < COUNT(services); i++)
        if (str_eq(services[i].name, name))
            return &services[i].api_key;
    return NULL;
}

static struct str service_user(struct call *call, const struct entity *user, bool api_key) {
    return api_key ? str_format(call->arena, "%.*s+1-at-%.*s", STR_ARG(user->name),
                                STR_ARG(call->account))
                   : str_format(call->arena, "%.*s-at-%.*s", STR_ARG(user->name),
                                STR_ARG(call->account));
}

/* The secret goes out once and stays only in its sealed form. */
static void answer(struct call *call, const struct entity *entity, struct str secret, bool api_key,
                   struct message *to) {
    kind_describe(call, entity, to);
    message_set_str(to,
                    api_key ? M_ServiceSpecificCredential_ServiceCredentialSecret
                            : M_ServiceSpecificCredential_ServicePassword,
                    secret);
}

static int64_t count_for(struct call *call, const struct entity *user, struct str service) {
    int64_t n = 0;
    struct entity_page have =
        entity_owned(call->tx, call->arena, user->id, KIND_SERVICE_CREDENTIAL, S(""), 0);
    for (size_t i = 0; i < have.n; i++)
        n += str_eq(
            message_str(kind_body(call, &have.items[i]), M_ServiceSpecificCredential_ServiceName),
            service);
    return n;
}

bool service_credential_create(struct call *call) {
    const struct message *request = call->request;
    struct str service = message_str(request, M_CreateServiceSpecificCredentialRequest_ServiceName);
    const bool *api_key = find_service(service);
    struct entity *user = owned_user(call, M_CreateServiceSpecificCredentialRequest_UserName);
    if (!user)
        return false;
    if (!api_key)
        return call_fail(call, FAULT_NO_SUCH_ENTITY,
                         "No such service %.*s is supported for Service Specific Credentials",
                         STR_ARG(service));
    if (!kind_within(call, "ServiceSpecificCredentialsPerUser", count_for(call, user, service)))
        return false;
    const struct model_api *api = model_api(SERVICE_IAM);
    struct message *body =
        message_new(call->arena, api, &api->shapes[T_IAM_ServiceSpecificCredential]);
    struct str secret = ident_secret(call->arena), id = ident_new(call->arena, "ACCA");
    int64_t days = message_int(request, M_CreateServiceSpecificCredentialRequest_CredentialAgeDays);
    message_set_str(body, M_ServiceSpecificCredential_UserName, user->name);
    message_set_str(body, M_ServiceSpecificCredential_ServiceName, service);
    message_set_str(body, M_ServiceSpecificCredential_Status, S("Active"));
    message_set_str(body,
                    *api_key ? M_ServiceSpecificCredential_ServiceCredentialAlias
                             : M_ServiceSpecificCredential_ServiceUserName,
                    service_user(call, user, *api_key));
    if (days)
        message_set_int(body, M_ServiceSpecificCredential_ExpirationDate,
                        call->now_ms + days * DAY_MS);
    struct entity *entity = owned_add(call, user, KIND_SERVICE_CREDENTIAL, id, body,
                                      seal_text(&call->server->seal, call->arena, secret));
    answer(call, entity, secret, *api_key,
           message_make(call->arena, call->response,
                        M_CreateServiceSpecificCredentialResponse_ServiceSpecificCredential));
    return true;
}

bool service_credential_reset(struct call *call) {
    const struct message *request = call->request;
    struct entity *user = owned_user(call, M_ResetServiceSpecificCredentialRequest_UserName);
    struct entity *entity =
        user ? owned_child(
                   call, user, KIND_SERVICE_CREDENTIAL,
                   message_str(request,
                               M_ResetServiceSpecificCredentialRequest_ServiceSpecificCredentialId))
             : NULL;
    if (!entity)
        return false;
    struct str secret = ident_secret(call->arena);
    struct message *body = kind_body(call, entity);
    const bool *api_key = find_service(message_str(body, M_ServiceSpecificCredential_ServiceName));
    entity->secret = seal_text(&call->server->seal, call->arena, secret);
    entity_update(call->tx, entity);
    answer(call, entity, secret, api_key && *api_key,
           message_make(call->arena, call->response,
                        M_ResetServiceSpecificCredentialResponse_ServiceSpecificCredential));
    return true;
}

bool service_credential_list(struct call *call) {
    const int list = M_ListServiceSpecificCredentialsResponse_ServiceSpecificCredentials;
    struct str service =
        message_str(call->request, M_ListServiceSpecificCredentialsRequest_ServiceName);
    bool all = message_bool(call->request, M_ListServiceSpecificCredentialsRequest_AllUsers);
    struct page page;
    struct entity *user =
        all ? NULL : owned_user(call, M_ListServiceSpecificCredentialsRequest_UserName);
    size_t have = 0;
    struct str last = S("");
    if ((!all && !user) || !call_page(call, &page))
        return false;
    if (service.len && !find_service(service))
        return call_fail(call, FAULT_NO_SUCH_ENTITY,
                         "No such service %.*s is supported for Service Specific Credentials",
                         STR_ARG(service));
    struct entity_page found =
        user ? entity_owned(call->tx, call->arena, user->id, KIND_SERVICE_CREDENTIAL, page.after, 0)
             : entity_list(call->tx, call->arena, call->account, KIND_SERVICE_CREDENTIAL, S(""),
                           page.after, 0);
    message_open(call->response, list);
    for (size_t i = 0; i < found.n; i++) {
        struct message *body = kind_body(call, &found.items[i]);
        if (service.len &&
            !str_eq(service, message_str(body, M_ServiceSpecificCredential_ServiceName)))
            continue;
        if (++have > (size_t)page.size)
            break;
        last = found.items[i].key;
        struct message *m = message_add_message(call->arena, call->response, list);
        message_copy(m, body);
        if (user)
            message_set_str(m, M_ServiceSpecificCredentialMetadata_UserName, user->name);
    }
    call_page_end(call, &page, have, last);
    return true;
}
