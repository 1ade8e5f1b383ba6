/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/data_hooks.h"

#include "aws/arn.h"
#include "aws/data.h"
#include "aws/partition.h"
#include "aws/resource_call.h"
#include "base/arena.h"
#include "base/clock.h"
#include "wire/model_ids.h"

#define APPEAR_MS (2 * 60 * 1000)

static bool complain(struct op *op, struct str text) {
    diags_add(op->diags, SEVERITY_ERROR, (struct span){0}, text, S(""));
    return false;
}

static struct str region_of(const struct op *op) {
    return service_settings(op->service)->region;
}

bool data_hooks_arn(struct op *op) {
    struct arn arn;
    struct str text = record_text(&op->now, S("arn"));
    if (!arn_parse(text, &arn))
        return complain(op, str_format(op->arena, "parsing ARN (%.*s): %.*s", STR_ARG(text),
                                       STR_ARG(arn_fault(text))));
    record_set_text(&op->now, S("partition"), arn.partition);
    record_set_text(&op->now, S("service"), arn.service);
    record_set_text(&op->now, S("region"), arn.region);
    record_set_text(&op->now, S("account"), arn.account);
    record_set_text(&op->now, S("resource"), arn.resource);
    return true;
}

bool data_hooks_default_tags(struct op *op) {
    record_set(&op->now, S("tags"),
               value_copy(op->arena, service_settings(op->service)->default_tags));
    record_set_text(&op->now, S("id"), service_partition(op->service));
    return true;
}

bool data_hooks_partition(struct op *op) {
    const struct partition *p = partition_of_region(region_of(op));
    record_set_text(&op->now, S("partition"), p->id);
    record_set_text(&op->now, S("dns_suffix"), p->dns_suffix);
    record_set_text(&op->now, S("reverse_dns_prefix"), p->reverse_dns);
    return true;
}

static bool no_region(struct op *op, const char *by, struct str wanted) {
    struct str text = str_format(op->arena, "finding Region by %s (%.*s)", by, STR_ARG(wanted));
    diags_add(op->diags, SEVERITY_ERROR, (struct span){0}, text, S("couldn't find resource"));
    return false;
}

bool data_hooks_region(struct op *op) {
    struct str name = record_text(&op->now, S("region"));
    struct str endpoint = record_text(&op->now, S("endpoint"));
    if (name.len == 0)
        name = record_text(&op->now, S("name"));
    const struct partition_region *region;
    if (endpoint.len > 0) {
        region = partition_region_of_endpoint(op->arena, endpoint);
        if (!region)
            return no_region(op, "endpoint", endpoint);
        if (name.len > 0 && !str_eq(region->name, name))
            return complain(op, S("multiple regions matched; use additional constraints to reduce "
                                  "matches to a single region"));
    } else {
        region = partition_region(name.len > 0 ? name : region_of(op));
        if (!region)
            return no_region(op, "name", name.len > 0 ? name : region_of(op));
    }
    record_set_text(&op->now, S("name"), region->name);
    record_set_text(&op->now, S("region"), region->name);
    record_set_text(&op->now, S("description"), region->description);
    record_set_text(&op->now, S("endpoint"),
                    str_format(op->arena, "ec2.%.*s.%.*s", STR_ARG(region->name),
                               STR_ARG(region->partition->dns_suffix)));
    return true;
}

bool data_hooks_regions(struct op *op) {
    const struct partition *p = partition_of_region(region_of(op));
    size_t n;
    struct str *names = partition_regions(op->arena, p, &n);
    struct value *at = arena_array(op->arena, n, sizeof *at);
    for (size_t i = 0; i < n; i++)
        at[i] = value_string_view(names[i]);
    record_set(&op->now, S("names"), value_set(op->arena, type_string, at, n));
    record_set_text(&op->now, S("id"), p->id);
    return true;
}

/* Services that keep a regional or partition-bound principal. */
static struct str principal_suffix(const struct partition *p, struct str service) {
    static const struct {
        struct str partition, service;
    } own[] = {
        {STR("aws-cn"), STR("codedeploy")}, {STR("aws-cn"), STR("elasticmapreduce")},
        {STR("aws-cn"), STR("logs")},       {STR("aws-cn"), STR("ec2")},
        {STR("aws-iso"), STR("cloudhsm")},  {STR("aws-iso"), STR("config")},
        {STR("aws-iso"), STR("logs")},      {STR("aws-iso"), STR("workspaces")},
        {STR("aws-iso-b"), STR("dms")},     {STR("aws-iso-b"), STR("logs")},
    };
    for (size_t i = 0; i < COUNT(own); i++)
        if (str_eq(own[i].partition, p->id) && str_eq(own[i].service, service))
            return p->dns_suffix;
    return S("amazonaws.com");
}

bool data_hooks_service_principal(struct op *op) {
    struct str region = record_text(&op->now, S("region"));
    struct str service = record_text(&op->now, S("service_name"));
    if (region.len == 0)
        region = region_of(op);
    else if (!partition_region(region))
        return no_region(op, "name", region);
    struct str suffix = principal_suffix(partition_of_region(region), service);
    record_set_text(&op->now, S("region"), region);
    record_set_text(&op->now, S("suffix"), suffix);
    record_set_text(&op->now, S("name"),
                    str_format(op->arena, "%.*s.%.*s", STR_ARG(service), STR_ARG(suffix)));
    record_set_text(&op->now, S("id"),
                    str_format(op->arena, "%.*s.%.*s.%.*s", STR_ARG(service), STR_ARG(region),
                               STR_ARG(suffix)));
    return true;
}

bool data_hooks_caller(struct op *op) {
    static const struct bind out[] = {{"account_id", M_GetCallerIdentityResponse_Account},
                                      {"arn", M_GetCallerIdentityResponse_Arn},
                                      {"user_id", M_GetCallerIdentityResponse_UserId},
                                      {0}};
    struct call_row call = {.action = A_STS_GetCallerIdentity,
                            .frame = "reading STS Caller Identity"};
    struct message *answer;
    if (!resource_call(op, &call, &answer))
        return false;
    resource_take(op, answer, out);
    return true;
}

/* "https://host/path" and "host/path" are one provider. */
static struct str without_scheme(struct str url) {
    ptrdiff_t at = str_find(url, S("://"));
    return at < 0 ? url : str_slice(url, (size_t)at + 3, url.len);
}

bool data_hooks_oidc_find(struct op *op) {
    struct call_row list = {.action = A_IAM_ListOpenIDConnectProviders,
                            .frame = "reading IAM OIDC Provider"};
    struct message *answer;
    if (record_text(&op->now, S("arn")).len > 0)
        return true;
    struct str url = without_scheme(record_text(&op->now, S("url")));
    if (!resource_call(op, &list, &answer))
        return false;
    int items = M_ListOpenIDConnectProvidersResponse_OpenIDConnectProviderList;
    for (size_t i = 0; i < message_count(answer, items); i++) {
        struct str arn =
            message_str(message_at(answer, items, i), M_OpenIDConnectProviderListEntry_Arn);
        struct str tail = str_format(op->arena, ":oidc-provider/%.*s", STR_ARG(url));
        if (str_ends(arn, tail)) {
            record_set_text(&op->now, S("arn"), arn);
            return true;
        }
    }
    return complain(op, str_format(op->arena, "finding IAM OIDC Provider by url (%.*s): not found",
                                   STR_ARG(record_text(&op->now, S("url")))));
}

/* One pass over all policies: how many have the name and prefix, and the last one's ARN. */
static bool match_policies(struct op *op, size_t *ret_n, struct str *ret_arn) {
    static const struct bind in[] = {{"path_prefix", M_ListPoliciesRequest_PathPrefix}, {0}};
    struct call_row list = {
        .action = A_IAM_ListPolicies, .in = in, .frame = "reading IAM policies"};
    struct str name = record_text(&op->now, S("name"));
    struct message *answer;
    *ret_n = 0;
    if (!resource_call(op, &list, &answer))
        return false;
    for (size_t i = 0; i < message_count(answer, M_ListPoliciesResponse_Policies); i++) {
        const struct message *p = message_at(answer, M_ListPoliciesResponse_Policies, i);
        if (name.len > 0 && !str_eq(message_str(p, M_Policy_PolicyName), name))
            continue;
        *ret_arn = message_str(p, M_Policy_Arn);
        (*ret_n)++;
    }
    return true;
}

bool data_hooks_policy_find(struct op *op) {
    struct str arn;
    size_t n = 0;
    if (record_text(&op->now, S("arn")).len > 0)
        return true;
    int64_t deadline = clock_monotonic_ms() + APPEAR_MS;
    for (int64_t attempt = 0;; attempt++) {
        if (!match_policies(op, &n, &arn))
            return false;
        if (n > 0 || clock_monotonic_ms() > deadline)
            break;
        resource_call_pause(attempt);
    }
    if (n == 1) {
        record_set_text(&op->now, S("arn"), arn);
        return true;
    }
    return complain(op, n == 0 ? S("no matching IAM Policy found")
                               : S("multiple IAM Policies matched; use additional constraints to "
                                   "reduce matches to a single IAM Policy"));
}

bool data_hooks_policy_text(struct op *op) {
    record_set_text(&op->now, S("policy"),
                    resource_call_decode(op->arena, record_text(&op->now, S(".document"))));
    return true;
}

/* The one date that is kept as Go prints it. */
bool data_hooks_profile(struct op *op) {
    int64_t ms;
    if (!clock_parse(record_text(&op->now, S(".created")), &ms))
        return true;
    struct clock_civil c = clock_civil(ms);
    record_set_text(&op->now, S("create_date"),
                    str_format(op->arena, "%04d-%02d-%02d %02d:%02d:%02d +0000 UTC", c.year,
                               c.month, c.day, c.hour, c.minute, c.second));
    return true;
}

bool data_hooks_role(struct op *op) {
    struct str document = resource_call_decode(op->arena, record_text(&op->now, S(".document")));
    record_set_text(&op->now, S("assume_role_policy"), document);
    const struct type *list = value_type(record_get(&op->now, S("role_last_used")));
    struct value *at = arena_array(op->arena, 1, sizeof *at);
    size_t n = 0;
    if (record_text(&op->now, S(".seen")).len > 0) {
        struct record r;
        record_init(&r, op->arena, list->element, value_null(list->element));
        record_set(&r, S("last_used_date"), record_get(&op->now, S(".used")));
        record_set(&r, S("region"), record_get(&op->now, S(".region")));
        at[n++] = record_value(&r);
    }
    record_set(&op->now, S("role_last_used"), value_list(op->arena, list->element, at, n));
    return true;
}

/* "assumed-role/NAME/SESSION", with a session of two characters at least; what is between are names
 * as the provider reads them, from behind. */
static bool read_session(struct str resource, struct str *ret_name, struct str *ret_session) {
    if (!str_starts(resource, S("assumed-role/")))
        return false;
    struct str rest = str_slice(resource, S("assumed-role/").len, resource.len);
    ptrdiff_t last = str_rfind_byte(rest, '/');
    bool any = false;
    for (size_t i = 1; i + 2 < rest.len; i++)
        any = any || rest.at[i] == '/';
    if (!any)
        return false;
    struct str before = str_slice(rest, 0, (size_t)last);
    ptrdiff_t slash = str_rfind_byte(before, '/');
    *ret_name = slash < 0 ? before : str_slice(before, (size_t)slash + 1, before.len);
    *ret_session = str_slice(rest, (size_t)last + 1, rest.len);
    return true;
}

/* arn:aws:sts::123456789012:assumed-role/NAME/SESSION comes from a role, whose path it hides. */
bool data_hooks_session(struct op *op) {
    static const struct bind in[] = {{"issuer_name", M_GetRoleRequest_RoleName}, {0}};
    static const struct bind out[] = {
        {"issuer_arn", M_Role_Arn}, {"issuer_id", M_Role_RoleId}, {0}};
    struct call_row get = {
        .action = A_IAM_GetRole, .in = in, .frame = "unable to get role ({issuer_name})"};
    struct str text = record_text(&op->now, S("arn")), name, session;
    struct arn arn;
    record_set_text(&op->now, S("issuer_arn"), text);
    record_set_text(&op->now, S("issuer_id"), S(""));
    record_set_text(&op->now, S("issuer_name"), S(""));
    record_set_text(&op->now, S("session_name"), S(""));
    if (!arn_parse(text, &arn) || !str_eq(arn.service, S("sts")) ||
        !read_session(arn.resource, &name, &session))
        return true;
    record_set_text(&op->now, S("issuer_name"), name);
    record_set_text(&op->now, S("session_name"), session);
    struct message *answer;
    if (!data_call(op, &get, &answer))
        return false;
    resource_take(op, message_get(answer, M_GetRoleResponse_Role), out);
    return true;
}

/* The certificate that lives longest, or the only one. */
bool data_hooks_certificate_find(struct op *op) {
    static const struct bind in[] = {{"path_prefix", M_ListServerCertificatesRequest_PathPrefix},
                                     {0}};
    struct call_row list = {.action = A_IAM_ListServerCertificates,
                            .in = in,
                            .frame = "reading IAM Server Certificate"};
    struct str name = record_text(&op->now, S("name"));
    struct str prefix = record_text(&op->now, S("name_prefix"));
    const struct message *best = NULL;
    struct message *answer;
    size_t n = 0;
    if (!resource_call(op, &list, &answer))
        return false;
    int items = M_ListServerCertificatesResponse_ServerCertificateMetadataList;
    for (size_t i = 0; i < message_count(answer, items); i++) {
        const struct message *c = message_at(answer, items, i);
        struct str its_name = message_str(c, M_ServerCertificateMetadata_ServerCertificateName);
        if ((name.len > 0 && !str_eq(its_name, name)) || !str_starts(its_name, prefix))
            continue;
        if (!best || message_int(c, M_ServerCertificateMetadata_Expiration) >
                         message_int(best, M_ServerCertificateMetadata_Expiration))
            best = c;
        n++;
    }
    if (n == 0)
        return complain(op, S("Search for AWS IAM server certificate returned no results"));
    if (n > 1 && !record_true(&op->now, S("latest")))
        return complain(op, S("Search for AWS IAM server certificate returned too many results"));
    record_set_text(&op->now, S("name"),
                    message_str(best, M_ServerCertificateMetadata_ServerCertificateName));
    return true;
}
