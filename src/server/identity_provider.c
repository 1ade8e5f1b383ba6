/* SPDX-License-Identifier: Apache-2.0 */
#include "server/identity_provider.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/rand.h"
#include "server/action_table.h"
#include "server/describe.h"
#include "server/named.h"
#include "server/quota.h"
#include "server/server_int.h"
#include "server/tagging.h"

#define YEAR_MS ((int64_t)365 * 86400000)
#define VALID_YEARS 100

static struct message *new_body(struct call *call, enum kind_id kind) {
    const struct model_api *api = model_api(SERVICE_IAM);
    return message_new(call->arena, api, &api->shapes[kind_rows[kind].shape]);
}

/* ---- SAML ---- */

/* validUntil="2033-01-01T00:00:00Z" of the metadata; a century from now when it says nothing. */
static int64_t valid_until(struct call *call, struct str metadata) {
    int64_t when;
    ptrdiff_t at = str_find(metadata, S("validUntil=\""));
    if (at >= 0) {
        struct str rest = str_slice(metadata, (size_t)at + 12, metadata.len), text;
        if (str_split(&rest, '"', &text) && clock_parse(text, &when))
            return when;
    }
    return call->now_ms + VALID_YEARS * YEAR_MS;
}

static bool check_metadata(struct call *call, struct str metadata) {
    if (call->server->permissive ||
        (str_find(metadata, S("EntityDescriptor")) >= 0 && str_find(metadata, S("entityID=")) >= 0))
        return true;
    return call_fail(call, FAULT_INVALID_INPUT, "Could not parse metadata");
}

/* Keys for encrypted assertions: two at most, each by its id. */
static bool change_private_keys(struct call *call, struct message *body, struct entity *entity,
                                struct str add, struct str remove) {
    size_t n = message_count(body, M_GetSAMLProviderResponse_PrivateKeyList), kept = 0;
    struct field *list = &body->fields[M_GetSAMLProviderResponse_PrivateKeyList];
    for (size_t i = 0; i < n; i++) {
        struct message *key = message_at(body, M_GetSAMLProviderResponse_PrivateKeyList, i);
        if (!remove.len || !str_eq(message_str(key, M_SAMLPrivateKey_KeyId), remove))
            list->list.items[kept++] = list->list.items[i];
    }
    if (remove.len && kept == n)
        return call_fail(call, FAULT_NO_SUCH_ENTITY, "The private key %.*s cannot be found.",
                         STR_ARG(remove));
    if (n)
        list->list.n = kept;
    if (!add.len)
        return true;
    if (kept >= 2)
        return call_fail(call, FAULT_LIMIT_EXCEEDED,
                         "Cannot exceed quota for PrivateKeysPerSAMLProvider: 2");
    struct message *key =
        message_add_message(call->arena, body, M_GetSAMLProviderResponse_PrivateKeyList);
    message_set_str(
        key, M_SAMLPrivateKey_KeyId,
        str_upper(call->arena, str_replace(call->arena, rand_uuid(call->arena), S("-"), S(""))));
    message_set_int(key, M_SAMLPrivateKey_Timestamp, call->now_ms);
    entity->secret = seal_text(&call->server->seal, call->arena, add);
    return true;
}

bool identity_provider_create_saml(struct call *call) {
    const struct message *request = call->request;
    struct str metadata = message_str(request, M_CreateSAMLProviderRequest_SAMLMetadataDocument);
    struct entity draft = {.secret = S("")};
    struct message *body = new_body(call, KIND_SAML);
    if (!check_metadata(call, metadata) || !tagging_check(call, M_CreateSAMLProviderRequest_Tags) ||
        !change_private_keys(call, body, &draft,
                             message_str(request, M_CreateSAMLProviderRequest_AddPrivateKey),
                             S("")))
        return false;
    message_copy(body, request);
    message_unset(body, M_GetSAMLProviderResponse_Tags);
    message_set_int(body, M_GetSAMLProviderResponse_ValidUntil, valid_until(call, metadata));
    message_set_str(body, M_GetSAMLProviderResponse_SAMLProviderUUID,
                    str_upper(call->arena, rand_uuid(call->arena)));
    struct entity *provider =
        kind_create(call, KIND_SAML, message_str(request, M_CreateSAMLProviderRequest_Name), S("/"),
                    S(""), body, draft.secret);
    if (!provider || !tagging_create(call, provider->id, M_CreateSAMLProviderRequest_Tags))
        return false;
    message_set_str(call->response, M_CreateSAMLProviderResponse_SAMLProviderArn,
                    kind_arn(call, provider));
    tagging_echo(call, M_CreateSAMLProviderRequest_Tags, call->response,
                 M_CreateSAMLProviderResponse_Tags);
    return true;
}

bool identity_provider_update_saml(struct call *call) {
    const struct message *request = call->request;
    struct str metadata = message_str(request, M_UpdateSAMLProviderRequest_SAMLMetadataDocument);
    struct entity *provider = named_target(call);
    if (!provider || (metadata.len && !check_metadata(call, metadata)))
        return false;
    struct message *body = kind_body(call, provider);
    if (!change_private_keys(call, body, provider,
                             message_str(request, M_UpdateSAMLProviderRequest_AddPrivateKey),
                             message_str(request, M_UpdateSAMLProviderRequest_RemovePrivateKey)))
        return false;
    message_copy(body, request);
    if (metadata.len)
        message_set_int(body, M_GetSAMLProviderResponse_ValidUntil, valid_until(call, metadata));
    kind_save(call, provider, body);
    message_set_str(call->response, M_UpdateSAMLProviderResponse_SAMLProviderArn,
                    kind_arn(call, provider));
    return true;
}

/* ---- OpenID Connect ---- */

static bool within_lists(struct call *call, const struct message *body) {
    int64_t clients = (int64_t)message_count(body, M_GetOpenIDConnectProviderResponse_ClientIDList);
    int64_t prints =
        (int64_t)message_count(body, M_GetOpenIDConnectProviderResponse_ThumbprintList);
    int64_t quota = quota_of(call, "ClientIdsPerOpenIdConnectProvider");
    if (prints > quota_of(call, "ThumbprintsPerOpenIdConnectProvider"))
        return call_fail(call, FAULT_INVALID_INPUT,
                         "Thumbprint list must contain fewer than 5 entries.");
    if (clients > quota)
        return call_fail(call, FAULT_LIMIT_EXCEEDED,
                         "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: %lld",
                         (long long)quota);
    return true;
}

/* "https://host/path?query" is known as "host/path". */
static bool provider_name(struct call *call, struct str url, struct str *ret_name) {
    struct str rest = url, name;
    if (!str_starts(url, S("https://")) &&
        !(call->server->permissive && str_starts(url, S("http://"))))
        return call_fail(call, FAULT_VALIDATION, "Invalid Open ID Connect Provider URL");
    rest = str_slice(url, (size_t)str_find(url, S("://")) + 3, url.len);
    (void)str_split(&rest, '?', &name);
    while (name.len && name.at[name.len - 1] == '/')
        name.len--;
    if (!name.len)
        return call_fail(call, FAULT_VALIDATION, "Invalid Open ID Connect Provider URL");
    *ret_name = name;
    return true;
}

bool identity_provider_create_oidc(struct call *call) {
    const struct message *request = call->request;
    struct str name = S("");
    struct message *body = new_body(call, KIND_OIDC);
    message_copy(body, request);
    message_unset(body, M_GetOpenIDConnectProviderResponse_Tags);
    if (!provider_name(call, message_str(request, M_CreateOpenIDConnectProviderRequest_Url),
                       &name) ||
        !tagging_check(call, M_CreateOpenIDConnectProviderRequest_Tags) ||
        !within_lists(call, body))
        return false;
    message_set_str(body, M_GetOpenIDConnectProviderResponse_Url, name);
    message_open(body, M_GetOpenIDConnectProviderResponse_ClientIDList);
    message_open(body, M_GetOpenIDConnectProviderResponse_ThumbprintList);
    if (kind_by_name(call, KIND_OIDC, name))
        return call_fail(call, FAULT_ENTITY_ALREADY_EXISTS,
                         "Provider with url https://%.*s already exists.", STR_ARG(name));
    struct entity *provider = kind_create(call, KIND_OIDC, name, S("/"), S(""), body, S(""));
    if (!provider || !tagging_create(call, provider->id, M_CreateOpenIDConnectProviderRequest_Tags))
        return false;
    message_set_str(call->response, M_CreateOpenIDConnectProviderResponse_OpenIDConnectProviderArn,
                    kind_arn(call, provider));
    tagging_echo(call, M_CreateOpenIDConnectProviderRequest_Tags, call->response,
                 M_CreateOpenIDConnectProviderResponse_Tags);
    return true;
}

bool identity_provider_add_client(struct call *call) {
    const int list = M_GetOpenIDConnectProviderResponse_ClientIDList;
    struct str client =
        message_str(call->request, M_AddClientIDToOpenIDConnectProviderRequest_ClientID);
    struct entity *provider = named_target(call);
    if (!provider)
        return false;
    struct message *body = kind_body(call, provider);
    for (size_t i = 0; i < message_count(body, list); i++)
        if (str_eq(message_str_at(body, list, i), client))
            return true;
    message_add_str(call->arena, body, list, client);
    if (!within_lists(call, body))
        return false;
    kind_save(call, provider, body);
    return true;
}

bool identity_provider_remove_client(struct call *call) {
    const int list = M_GetOpenIDConnectProviderResponse_ClientIDList;
    struct str client =
        message_str(call->request, M_RemoveClientIDFromOpenIDConnectProviderRequest_ClientID);
    struct entity *provider = named_target(call);
    if (!provider)
        return false;
    struct message *body = kind_body(call, provider);
    struct message *changed = new_body(call, KIND_OIDC);
    message_copy(changed, body);
    changed->fields[list] = (struct field){0};
    message_open(changed, list);
    for (size_t i = 0; i < message_count(body, list); i++)
        if (!str_eq(message_str_at(body, list, i), client))
            message_add_str(call->arena, changed, list, message_str_at(body, list, i));
    kind_save(call, provider, changed);
    return true;
}

bool identity_provider_update_thumbprints(struct call *call) {
    struct entity *provider = named_target(call);
    if (!provider)
        return false;
    struct message *body = kind_body(call, provider);
    message_copy(body, call->request);
    if (!within_lists(call, body))
        return false;
    kind_save(call, provider, body);
    return true;
}

/* ---- both ---- */

bool identity_provider_get(struct call *call) {
    struct entity *provider = named_target(call);
    if (!provider)
        return false;
    kind_describe(call, provider, call->response);
    message_open(call->response, kind_rows[provider->kind].tags);
    describe_tags(call, provider->id, call->response, kind_rows[provider->kind].tags);
    if (provider->kind != KIND_SAML)
        return true;
    message_open(call->response, M_GetSAMLProviderResponse_PrivateKeyList);
    if (!message_has(call->response, M_GetSAMLProviderResponse_AssertionEncryptionMode))
        message_set_str(call->response, M_GetSAMLProviderResponse_AssertionEncryptionMode,
                        S("Allowed"));
    return true;
}

bool identity_provider_delete(struct call *call) {
    struct str arn = call_str(call, call->action->name);
    struct entity *provider =
        call->action->kind == KIND_OIDC ? kind_look_up(call, KIND_OIDC, arn) : named_target(call);
    if (provider)
        entity_delete(call->tx, provider->id);
    else if (call->action->kind == KIND_OIDC)
        call_fail(call, FAULT_NO_SUCH_ENTITY, "OpenId connect Provider %.*s cannot be found.",
                  STR_ARG(arn));
    return provider != NULL;
}

bool identity_provider_list(struct call *call) {
    struct entity_page found =
        entity_list(call->tx, call->arena, call->account, call->action->kind, S(""), S(""), 0);
    message_open(call->response, call->action->a);
    for (size_t i = 0; i < found.n; i++) {
        struct message *m = message_add_message(call->arena, call->response, call->action->a);
        kind_describe(call, &found.items[i], m);
        message_set_str(m, call->action->b, kind_arn(call, &found.items[i]));
    }
    return true;
}
