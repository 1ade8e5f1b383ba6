/* SPDX-License-Identifier: Apache-2.0 */
#include "server/federation.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/fs.h"
#include "base/rand.h"
#include "net/client.h"
#include "server/authorize.h"
#include "server/issuer.h"
#include "server/jwt.h"
#include "server/saml.h"
#include "server/server_int.h"
#include "server/sts.h"
#include "store/setting.h"

#define ATTRIBUTE(name) S("https://aws.amazon.com/SAML/Attributes/" name)
#define FETCH_TIMEOUT_MS 5000
#define MAX_JWKS ((size_t)1 << 20)

/* Does the role's trust policy let this identity in? */
static bool may_assume(struct call *call, const struct sts_assume *assume,
                       const struct authorize_keys *keys, const char *action) {
    struct authorize_question question = {
        .action = str_from(action),
        .resource = kind_arn(call, assume->role),
        .resource_account = assume->role->account,
        .target = assume->role,
        .resource_policy =
            message_str(kind_body(call, assume->role), M_Role_AssumeRolePolicyDocument),
        .extra = keys->items,
        .n_extra = keys->n,
    };
    call->caller.arn = assume->session.provider;
    call->caller.account = assume->role->account;
    return authorize_question(call, &question) ||
           call_fail(call, FAULT_ACCESS_DENIED, "Not authorized to perform %s", action);
}

static struct entity *find_role(struct call *call, struct str arn, const char *action) {
    struct entity *role = sts_role(call, arn, action);
    if (!role && call->server->permissive)
        return sts_stand_in(call, arn);
    if (!role && call->fault->code == FAULT_ACCESS_DENIED)
        call_fail(call, FAULT_ACCESS_DENIED, "Not authorized to perform %s", action);
    return role;
}

/* ---- web identities ---- */

/*
 * Keys of an issuer: the file jwks/HOST_PATH.json in the data folder, else what the issuer
 * publishes.
 */
static bool read_jwks_file(struct call *call, struct str issuer, struct str *ret_jwks) {
    if (!call->server->data_dir.len)
        return false;
    struct str name =
        str_cat(call->arena, str_replace(call->arena, issuer, S("/"), S("_")), S(".json"));
    struct str folder = fs_join(call->arena, call->server->data_dir, S("jwks"));
    return fs_read(call->arena, fs_join(call->arena, folder, name), MAX_JWKS, ret_jwks) == 0;
}

static bool fetch(struct call *call, struct client *client, struct str url, struct str *ret_body) {
    struct client_request request = {.method = S("GET"), .url = url, .max_body = MAX_JWKS};
    struct client_response response;
    struct str error;
    bool retryable;
    if (!client_send(client, call->arena, &request, &response, &error, &retryable) ||
        response.status != 200)
        return false;
    *ret_body = response.body;
    return true;
}

static bool fetch_jwks(struct call *call, struct str issuer, struct str *ret_jwks) {
    struct client_options options = {.connect_timeout_ms = FETCH_TIMEOUT_MS,
                                     .timeout_ms = FETCH_TIMEOUT_MS};
    struct str error, text;
    struct json_error syntax;
    struct client *client = client_new(&options, call->arena, &error);
    bool ok = false;
    if (!client)
        return false;
    struct str url =
        str_format(call->arena, "https://%.*s/.well-known/openid-configuration", STR_ARG(issuer));
    if (fetch(call, client, url, &text)) {
        struct json *json = json_parse(call->arena, text, &syntax);
        struct str uri =
            json && json->kind == JSON_OBJECT ? json_get_str(json, S("jwks_uri")) : S("");
        ok = str_starts(uri, S("https://")) && fetch(call, client, uri, ret_jwks);
    }
    client_free(client);
    return ok;
}

static struct str without_scheme(struct str url) {
    ptrdiff_t at = str_find(url, S("://"));
    struct str rest = at < 0 ? url : str_slice(url, (size_t)at + 3, url.len);
    while (rest.len && rest.at[rest.len - 1] == '/')
        rest.len--;
    return rest;
}

static bool client_known(const struct message *provider, struct str audience) {
    const int list = M_GetOpenIDConnectProviderResponse_ClientIDList;
    for (size_t i = 0; i < message_count(provider, list); i++)
        if (str_eq(message_str_at(provider, list, i), audience))
            return true;
    return false;
}

/* The token's audience: "aud" as text or as a list of which one is known, or "azp". */
static struct str audience_of(const struct jwt *jwt, const struct message *provider) {
    const struct json *aud = json_get(jwt->payload, S("aud"));
    struct str azp = json_get_str(jwt->payload, S("azp"));
    if (azp.len)
        return azp;
    if (aud && aud->kind == JSON_STRING)
        return aud->text;
    for (size_t i = 0; aud && aud->kind == JSON_ARRAY && i < aud->n; i++)
        if (client_known(provider, aud->items[i].text))
            return aud->items[i].text;
    return S("");
}

static bool check_token_time(struct call *call, const struct jwt *jwt) {
    int64_t when;
    if (!json_get_int(jwt->payload, S("exp"), &when))
        return call_fail(call, FAULT_INVALID_IDENTITY_TOKEN, "Missing a required claim: exp");
    if (when * 1000 <= call->now_ms)
        return call_fail(call, FAULT_EXPIRED_TOKEN,
                         "Token expired: current date/time %lld must be before the expiration "
                         "date/time %lld",
                         (long long)(call->now_ms / 1000), (long long)when);
    return true;
}

static bool check_token(struct call *call, const struct jwt *jwt, struct str *ret_provider,
                        struct str *ret_audience) {
    struct str issuer = without_scheme(json_get_str(jwt->payload, S("iss"))), jwks;
    struct entity *entity = kind_by_name(call, KIND_OIDC, issuer);
    if (!entity)
        return call_fail(call, FAULT_INVALID_IDENTITY_TOKEN,
                         "No OpenIDConnect provider found in your account for https://%.*s",
                         STR_ARG(issuer));
    struct message *provider = kind_body(call, entity);
    struct str audience = audience_of(jwt, provider);
    if (!client_known(provider, audience))
        return call_fail(call, FAULT_INVALID_IDENTITY_TOKEN, "Incorrect token audience");
    if (!check_token_time(call, jwt))
        return false;
    if (!read_jwks_file(call, issuer, &jwks) && !issuer_own_keys(call, issuer, &jwks) &&
        !fetch_jwks(call, issuer, &jwks))
        return call_fail(call, FAULT_INVALID_IDENTITY_TOKEN,
                         "Couldn't retrieve verification key from your identity provider,  please "
                         "reference AssumeRoleWithWebIdentity documentation for requirements");
    if (!jwt_verify(call->arena, jwt, jwks))
        return call_fail(call, FAULT_INVALID_IDENTITY_TOKEN,
                         "Provided Token is not a valid signature by its issuer");
    *ret_provider = kind_arn(call, entity);
    *ret_audience = audience;
    return true;
}

static void add_claim(struct call *call, struct authorize_keys *keys, struct str issuer,
                      const char *name, struct str value) {
    if (value.len)
        authorize_add_key(keys, str_format(call->arena, "%.*s:%s", STR_ARG(issuer), name), value);
}

static bool accept_token(struct call *call, struct sts_assume *assume) {
    const struct message *request = call->request;
    struct authorize_keys keys = {.arena = call->arena};
    struct jwt jwt;
    struct str audience = S("");
    if (call->server->permissive)
        return true;
    if (!jwt_read(call->arena,
                  message_str(request, M_AssumeRoleWithWebIdentityRequest_WebIdentityToken), &jwt))
        return call_fail(call, FAULT_INVALID_IDENTITY_TOKEN,
                         "The ID Token provided is not a valid JWT. (You may see this error if you "
                         "sent an Access Token)");
    call->account = assume->role->account;
    if (!check_token(call, &jwt, &assume->session.provider, &audience))
        return false;
    struct str issuer = without_scheme(json_get_str(jwt.payload, S("iss")));
    struct str subject = json_get_str(jwt.payload, S("sub"));
    add_claim(call, &keys, issuer, "aud", audience);
    add_claim(call, &keys, issuer, "sub", subject);
    add_claim(call, &keys, issuer, "amr", json_get_str(jwt.payload, S("amr")));
    authorize_add_key(&keys, S("sts:RoleSessionName"), assume->session_name);
    message_set_str(call->response, M_AssumeRoleWithWebIdentityResponse_SubjectFromWebIdentityToken,
                    subject);
    message_set_str(call->response, M_AssumeRoleWithWebIdentityResponse_Audience, audience);
    message_set_str(call->response, M_AssumeRoleWithWebIdentityResponse_Provider,
                    assume->session.provider);
    return may_assume(call, assume, &keys, "sts:AssumeRoleWithWebIdentity");
}

bool federation_web_identity(struct call *call) {
    const struct message *request = call->request;
    struct sts_assume assume = {
        .session_name = message_str(request, M_AssumeRoleWithWebIdentityRequest_RoleSessionName),
        .policy = M_AssumeRoleWithWebIdentityRequest_Policy,
        .policy_arns = M_AssumeRoleWithWebIdentityRequest_PolicyArns,
        .duration = M_AssumeRoleWithWebIdentityRequest_DurationSeconds,
        .credentials = M_AssumeRoleWithWebIdentityResponse_Credentials,
        .assumed_user = M_AssumeRoleWithWebIdentityResponse_AssumedRoleUser,
        .packed_size = M_AssumeRoleWithWebIdentityResponse_PackedPolicySize,
    };
    assume.role = find_role(call, message_str(request, M_AssumeRoleWithWebIdentityRequest_RoleArn),
                            "sts:AssumeRoleWithWebIdentity");
    return assume.role && accept_token(call, &assume) && sts_assume(call, &assume);
}

/* ---- SAML ---- */

static bool check_times(struct call *call, const struct saml_assertion *a) {
    int64_t when;
    if (a->not_on_or_after.len && clock_parse(a->not_on_or_after, &when) && when <= call->now_ms)
        return call_fail(call, FAULT_EXPIRED_TOKEN,
                         "Token must be redeemed within 5 minutes of issuance");
    if (a->not_before.len && clock_parse(a->not_before, &when) &&
        when > call->now_ms + SERVER_SKEW_MS)
        return call_fail(call, FAULT_INVALID_IDENTITY_TOKEN, "The token is not valid yet");
    return true;
}

/* Is this pair of role and provider, in any order, among those that the assertion offers? */
static bool offers_role(const struct saml_assertion *a, struct str role, struct str provider) {
    const struct saml_attribute *offered = saml_attribute(a, ATTRIBUTE("Role"));
    for (size_t i = 0; offered && i < offered->n; i++) {
        struct str first, second = offered->values[i];
        if (!str_split(&second, ',', &first) || !second.at)
            continue;
        first = str_trim(first);
        second = str_trim(second);
        if ((str_eq(first, role) && str_eq(second, provider)) ||
            (str_eq(first, provider) && str_eq(second, role)))
            return true;
    }
    return false;
}

static struct str single(const struct saml_assertion *a, struct str name) {
    const struct saml_attribute *attribute = saml_attribute(a, name);
    return attribute && attribute->n ? attribute->values[0] : S("");
}

static void take_tags(struct call *call, const struct saml_assertion *a, struct session *session) {
    struct str prefix = ATTRIBUTE("PrincipalTag:");
    session->tags = arena_array(call->arena, a->n_attributes, sizeof *session->tags);
    const struct saml_attribute *transitive = saml_attribute(a, ATTRIBUTE("TransitiveTagKeys"));
    for (size_t i = 0; i < a->n_attributes; i++) {
        const struct saml_attribute *attribute = &a->attributes[i];
        if (!str_starts(attribute->name, prefix) || !attribute->n)
            continue;
        struct session_pair pair = {str_slice(attribute->name, prefix.len, attribute->name.len),
                                    attribute->values[0], false};
        for (size_t k = 0; transitive && k < transitive->n; k++)
            pair.transitive |= str_eq_nocase(transitive->values[k], pair.name);
        session->tags[session->n_tags++] = pair;
    }
}

/* BASE64(SHA1(issuer + account + "/" + provider name)), as the API reference defines it. */
static struct str name_qualifier(struct call *call, struct str issuer, struct str provider) {
    uint8_t hash[DIGEST_MAX];
    struct str part[5], rest = provider;
    for (size_t i = 0; i < COUNT(part); i++) {
        part[i] = S("");
        (void)(rest.at && str_split(&rest, ':', &part[i]));
    }
    struct str name =
        str_slice(provider, (size_t)(str_rfind_byte(provider, '/') + 1), provider.len);
    size_t n = digest_bytes(
        DIGEST_SHA1,
        str_format(call->arena, "%.*s%.*s/%.*s", STR_ARG(issuer), STR_ARG(part[4]), STR_ARG(name)),
        hash);
    return digest_to_base64(call->arena, (struct str){(char *)hash, n});
}

static struct str subject_type(struct str format) {
    ptrdiff_t colon = str_rfind_byte(format, ':');
    struct str last = str_slice(format, (size_t)(colon + 1), format.len);
    bool known = str_eq(last, S("persistent")) || str_eq(last, S("transient"));
    return known ? last : format;
}

static void answer_saml(struct call *call, const struct saml_assertion *a, struct str provider,
                        struct authorize_keys *keys) {
    const struct {
        int member;
        const char *key;
        struct str value;
    } facts[] = {
        {M_AssumeRoleWithSAMLResponse_Subject, "saml:sub", a->subject},
        {M_AssumeRoleWithSAMLResponse_SubjectType, "saml:sub_type",
         subject_type(a->subject_format)},
        {M_AssumeRoleWithSAMLResponse_Issuer, "saml:iss", a->issuer},
        {M_AssumeRoleWithSAMLResponse_Audience, "saml:aud", a->recipient},
        {M_AssumeRoleWithSAMLResponse_NameQualifier, "saml:namequalifier",
         name_qualifier(call, a->issuer, provider)},
    };
    for (size_t i = 0; i < COUNT(facts); i++) {
        message_set_str(call->response, facts[i].member, facts[i].value);
        authorize_add_key(keys, str_from(facts[i].key), facts[i].value);
    }
}

/* STS asks another service, whose words it hands on. */
static bool refuse_response(struct call *call, const char *text, const char *code) {
    return call_fail(call, FAULT_INVALID_IDENTITY_TOKEN,
                     "%s (Service: AWSOpenIdDiscoveryService; Status Code: 400; Error Code: %s; "
                     "Request ID: %.*s; Proxy: null)",
                     text, code, STR_ARG(rand_uuid(call->arena)));
}

/* Whether the metadata describes who signed; both kinds of quotes are XML. */
static bool names_issuer(struct call *call, struct str metadata, struct str issuer) {
    static const char quotes[] = {'"', '\''};
    for (size_t i = 0; i < sizeof quotes; i++)
        if (str_find(metadata, str_format(call->arena, "entityID=%c%.*s%c", quotes[i],
                                          STR_ARG(issuer), quotes[i])) >= 0)
            return true;
    return false;
}

static bool read_assertion(struct call *call, struct saml_assertion *ret_assertion) {
    const struct message *request = call->request;
    struct str arn = message_str(request, M_AssumeRoleWithSAMLRequest_PrincipalArn);
    struct str response, metadata = S(""), error;
    if (!call->server->permissive) {
        struct entity *provider = kind_look_up(call, KIND_SAML, arn);
        if (!provider)
            return refuse_response(call, "Specified provider doesn't exist",
                                   "AuthSamlManifestNotFoundException");
        metadata =
            message_str(kind_body(call, provider), M_GetSAMLProviderResponse_SAMLMetadataDocument);
    }
    if (!digest_from_base64(call->arena,
                            message_str(request, M_AssumeRoleWithSAMLRequest_SAMLAssertion),
                            &response))
        return refuse_response(call, "Invalid base64 SAMLResponse",
                               "AuthSamlInvalidSamlResponseException");
    if (!saml_read(call->arena, response, metadata, ret_assertion, &error))
        return refuse_response(call, str_c(call->arena, error),
                               "AuthSamlInvalidSamlResponseException");
    return !metadata.len || names_issuer(call, metadata, ret_assertion->issuer) ||
           refuse_response(call, "Issuer not present in specified provider",
                           "AuthSamlInvalidSamlResponseException");
}

static bool check_assertion(struct call *call, const struct saml_assertion *a, struct str role,
                            struct str provider) {
    if (call->server->permissive)
        return true;
    if (!check_times(call, a))
        return false;
    if (!a->recipient.len || !a->confirmed_until.len)
        return call_fail(call, FAULT_INVALID_IDENTITY_TOKEN,
                         "Responses must contain SubjectConfirmatonData with a Recipient and "
                         "NotOnOrAfter");
    if (!offers_role(a, role, provider))
        return call_fail(call, FAULT_INVALID_IDENTITY_TOKEN,
                         "SAML Assertion doesn't contain the requested Role and Metadata in the "
                         "attributes");
    return single(a, ATTRIBUTE("RoleSessionName")).len ||
           call_fail(call, FAULT_INVALID_IDENTITY_TOKEN,
                     "RoleSessionName is required in AuthnResponse");
}

bool federation_saml(struct call *call) {
    const struct message *request = call->request;
    struct str role = message_str(request, M_AssumeRoleWithSAMLRequest_RoleArn);
    struct str provider = message_str(request, M_AssumeRoleWithSAMLRequest_PrincipalArn);
    struct authorize_keys keys = {.arena = call->arena};
    struct saml_assertion a;
    struct sts_assume assume = {
        .policy = M_AssumeRoleWithSAMLRequest_Policy,
        .policy_arns = M_AssumeRoleWithSAMLRequest_PolicyArns,
        .duration = M_AssumeRoleWithSAMLRequest_DurationSeconds,
        .credentials = M_AssumeRoleWithSAMLResponse_Credentials,
        .assumed_user = M_AssumeRoleWithSAMLResponse_AssumedRoleUser,
        .packed_size = M_AssumeRoleWithSAMLResponse_PackedPolicySize,
    };
    if (!read_assertion(call, &a) || !check_assertion(call, &a, role, provider))
        return false;
    assume.role = find_role(call, role, "sts:AssumeRoleWithSAML");
    if (!assume.role)
        return false;
    assume.session_name = single(&a, ATTRIBUTE("RoleSessionName"));
    assume.session.provider = provider;
    assume.session.source_identity = single(&a, ATTRIBUTE("SourceIdentity"));
    take_tags(call, &a, &assume.session);
    answer_saml(call, &a, provider, &keys);
    authorize_add_key(&keys, S("sts:RoleSessionName"), assume.session_name);
    return may_assume(call, &assume, &keys, "sts:AssumeRoleWithSAML") && sts_assume(call, &assume);
}
