/* SPDX-License-Identifier: Apache-2.0 */
#include "server/last_access.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/rand.h"
#include "server/server_int.h"
#include "server/simulate.h"
#include "server/usage.h"
#include "store/row_document.h"
#include "store/link.h"
#include "wire/message_json.h"

static const struct {
    struct str namespace_, name;
} services[] = {
    {STR("apigateway"), STR("Amazon API Gateway")},
    {STR("autoscaling"), STR("Amazon EC2 Auto Scaling")},
    {STR("cloudformation"), STR("AWS CloudFormation")},
    {STR("cloudfront"), STR("Amazon CloudFront")},
    {STR("cloudtrail"), STR("AWS CloudTrail")},
    {STR("cloudwatch"), STR("Amazon CloudWatch")},
    {STR("codebuild"), STR("AWS CodeBuild")},
    {STR("codecommit"), STR("AWS CodeCommit")},
    {STR("config"), STR("AWS Config")},
    {STR("dynamodb"), STR("Amazon DynamoDB")},
    {STR("ec2"), STR("Amazon EC2")},
    {STR("ecr"), STR("Amazon Elastic Container Registry")},
    {STR("ecs"), STR("Amazon Elastic Container Service")},
    {STR("eks"), STR("Amazon Elastic Kubernetes Service")},
    {STR("elasticloadbalancing"), STR("Elastic Load Balancing")},
    {STR("events"), STR("Amazon EventBridge")},
    {STR("glue"), STR("AWS Glue")},
    {STR("iam"), STR("AWS Identity and Access Management")},
    {STR("kinesis"), STR("Amazon Kinesis Data Streams")},
    {STR("kms"), STR("AWS Key Management Service")},
    {STR("lambda"), STR("AWS Lambda")},
    {STR("logs"), STR("Amazon CloudWatch Logs")},
    {STR("organizations"), STR("AWS Organizations")},
    {STR("rds"), STR("Amazon RDS")},
    {STR("route53"), STR("Amazon Route 53")},
    {STR("s3"), STR("Amazon S3")},
    {STR("secretsmanager"), STR("AWS Secrets Manager")},
    {STR("sns"), STR("Amazon SNS")},
    {STR("sqs"), STR("Amazon SQS")},
    {STR("ssm"), STR("AWS Systems Manager")},
    {STR("states"), STR("AWS Step Functions")},
    {STR("sts"), STR("AWS Security Token Service")},
};

/* ---- what policies grant ---- */

static bool pattern_grants(struct str pattern, struct str service) {
    ptrdiff_t colon = str_find_byte(pattern, ':');
    return str_eq(pattern, S("*")) ||
           (colon > 0 && str_eq_nocase(str_slice(pattern, 0, (size_t)colon), service));
}

static bool any_grants(const struct json *actions, struct str service) {
    if (actions && actions->kind == JSON_STRING)
        return pattern_grants(actions->text, service);
    for (size_t i = 0; actions && actions->kind == JSON_ARRAY && i < actions->n; i++)
        if (pattern_grants(actions->items[i].text, service))
            return true;
    return false;
}

static bool statement_grants(const struct json *statement, struct str service) {
    if (statement->kind != JSON_OBJECT || !str_eq(json_get_str(statement, S("Effect")), S("Allow")))
        return false;
    return json_get(statement, S("NotAction")) ||
           any_grants(json_get(statement, S("Action")), service);
}

static bool grants(struct arena *arena, struct str document, struct str service) {
    struct json_error error;
    struct json *json = json_parse(arena, document, &error);
    struct json *statements = json ? json_get(json, S("Statement")) : NULL;
    if (!statements)
        return false;
    if (statements->kind == JSON_OBJECT)
        return statement_grants(statements, service);
    for (size_t i = 0; statements->kind == JSON_ARRAY && i < statements->n; i++)
        if (statement_grants(&statements->items[i], service))
            return true;
    return false;
}

/* One policy that speaks for a principal, and of whom it is. */
struct grant {
    const struct entity *owner;
    const struct entity *managed; /* or NULL: inline */
    struct str name, document;
};

struct grants {
    struct grant *items;
    size_t n, cap;
};

static void add_grant(struct call *call, struct grants *list, struct grant grant) {
    list->items = arena_grow(call->arena, list->items, list->n, &list->cap, sizeof *list->items);
    list->items[list->n++] = grant;
}

static void collect(struct call *call, const struct entity *owner, struct grants *list) {
    struct document_page documents = row_document_list(call->tx, call->arena, owner->id, S(""), 0);
    struct entity_page attached =
        link_targets(call->tx, call->arena, LINK_ATTACHED, owner->id, S(""), S(""), 0);
    for (size_t i = 0; i < attached.n; i++)
        add_grant(call, list,
                  (struct grant){owner, &attached.items[i], attached.items[i].name,
                                 attached.items[i].secret});
    for (size_t i = 0; i < documents.n; i++)
        add_grant(call, list,
                  (struct grant){owner, NULL, documents.items[i].name, documents.items[i].body});
    if (owner->kind != KIND_USER)
        return;
    struct entity_page groups =
        link_targets(call->tx, call->arena, LINK_MEMBER, owner->id, S(""), S(""), 0);
    for (size_t i = 0; i < groups.n; i++)
        collect(call, &groups.items[i], list);
}

static bool granted(struct call *call, const struct grants *list, struct str service) {
    for (size_t i = 0; i < list->n; i++)
        if (grants(call->arena, list->items[i].document, service))
            return true;
    return false;
}

bool last_access_granting(struct call *call) {
    const int out = M_ListPoliciesGrantingServiceAccessResponse_PoliciesGrantingServiceAccess;
    const int namespaces = M_ListPoliciesGrantingServiceAccessRequest_ServiceNamespaces;
    struct grants list = {0};
    struct entity *source = simulate_source(
        call, message_str(call->request, M_ListPoliciesGrantingServiceAccessRequest_Arn));
    if (!source)
        return false;
    collect(call, source, &list);
    message_open(call->response, out);
    for (size_t s = 0; s < message_count(call->request, namespaces); s++) {
        struct str service = message_str_at(call->request, namespaces, s);
        struct message *entry = message_add_message(call->arena, call->response, out);
        message_set_str(entry, M_ListPoliciesGrantingServiceAccessEntry_ServiceNamespace, service);
        message_open(entry, M_ListPoliciesGrantingServiceAccessEntry_Policies);
        for (size_t i = 0; i < list.n; i++) {
            const struct grant *g = &list.items[i];
            if (!grants(call->arena, g->document, service))
                continue;
            struct message *m = message_add_message(
                call->arena, entry, M_ListPoliciesGrantingServiceAccessEntry_Policies);
            message_set_str(m, M_PolicyGrantingServiceAccess_PolicyName, g->name);
            message_set_str(m, M_PolicyGrantingServiceAccess_PolicyType,
                            g->managed ? S("MANAGED") : S("INLINE"));
            if (g->managed) {
                message_set_str(m, M_PolicyGrantingServiceAccess_PolicyArn,
                                kind_arn(call, g->managed));
                continue;
            }
            message_set_str(m, M_PolicyGrantingServiceAccess_EntityType,
                            str_upper(call->arena, str_from(kind_rows[g->owner->kind].label)));
            message_set_str(m, M_PolicyGrantingServiceAccess_EntityName, g->owner->name);
        }
    }
    message_set_bool(call->response, M_ListPoliciesGrantingServiceAccessResponse_IsTruncated,
                     false);
    return true;
}

/* ---- jobs ---- */

/* The users and roles whose doings count for a report on `entity`. */
static struct entity_page actors(struct call *call, const struct entity *entity) {
    struct entity_page page = {.items = arena_copy(call->arena, entity, sizeof *entity), .n = 1};
    if (entity->kind == KIND_GROUP)
        return link_sources(call->tx, call->arena, LINK_MEMBER, entity->id, KIND_USER, S(""), S(""),
                            0);
    if (entity->kind != KIND_POLICY)
        return page;
    struct entity_page users =
        link_sources(call->tx, call->arena, LINK_ATTACHED, entity->id, KIND_USER, S(""), S(""), 0);
    struct entity_page roles =
        link_sources(call->tx, call->arena, LINK_ATTACHED, entity->id, KIND_ROLE, S(""), S(""), 0);
    for (size_t i = 0; i < roles.n; i++) {
        users.items =
            arena_grow(call->arena, users.items, users.n, &users.cap, sizeof *users.items);
        users.items[users.n++] = roles.items[i];
    }
    return users;
}

static void add_tracked(struct call *call, struct message *m, const struct entity_page *who,
                        struct str service) {
    for (size_t i = 0; i < who->n; i++) {
        size_t n;
        struct usage_entry *entries =
            usage_list(call->server->usage, call->arena, who->items[i].id, &n);
        for (size_t k = 0; k < n; k++) {
            if (!str_eq(entries[k].service, service))
                continue;
            struct message *t = message_add_message(
                call->arena, m, M_ServiceLastAccessed_TrackedActionsLastAccessed);
            message_set_str(t, M_TrackedActionLastAccessed_ActionName, entries[k].action);
            message_set_str(t, M_TrackedActionLastAccessed_LastAccessedEntity,
                            kind_arn(call, &who->items[i]));
            message_set_int(t, M_TrackedActionLastAccessed_LastAccessedTime, entries[k].at_ms);
            message_set_str(t, M_TrackedActionLastAccessed_LastAccessedRegion, entries[k].region);
        }
    }
}

/* The newest use of a service by one actor; false: none. */
static bool last_use(struct call *call, const struct entity *who, struct str service,
                     struct usage_entry *ret_entry) {
    size_t n;
    struct usage_entry *entries = usage_list(call->server->usage, call->arena, who->id, &n);
    for (size_t k = 0; k < n; k++) {
        if (!str_eq(entries[k].service, service))
            continue;
        *ret_entry = entries[k];
        return true;
    }
    return false;
}

static void describe_service(struct call *call, size_t number, const struct entity_page *who,
                             bool actions, struct message *m) {
    struct usage_entry newest = {0}, entry;
    const struct entity *by = NULL;
    int64_t count = 0;
    for (size_t i = 0; i < who->n; i++) {
        if (!last_use(call, &who->items[i], services[number].namespace_, &entry))
            continue;
        count++;
        if (!by || entry.at_ms > newest.at_ms) {
            newest = entry;
            by = &who->items[i];
        }
    }
    message_set_str(m, M_ServiceLastAccessed_ServiceName, services[number].name);
    message_set_str(m, M_ServiceLastAccessed_ServiceNamespace, services[number].namespace_);
    message_set_int(m, M_ServiceLastAccessed_TotalAuthenticatedEntities, count);
    if (by) {
        message_set_int(m, M_ServiceLastAccessed_LastAuthenticated, newest.at_ms);
        message_set_str(m, M_ServiceLastAccessed_LastAuthenticatedEntity, kind_arn(call, by));
        message_set_str(m, M_ServiceLastAccessed_LastAuthenticatedRegion, newest.region);
    }
    if (actions)
        add_tracked(call, m, who, services[number].namespace_);
}

static struct entity *find_subject(struct call *call, struct str arn) {
    struct entity *policy =
        str_find(arn, S(":policy/")) > 0 ? kind_look_up(call, KIND_POLICY, arn) : NULL;
    return policy ? policy : simulate_source(call, arn);
}

bool last_access_generate(struct call *call) {
    const struct model_api *api = model_api(SERVICE_IAM);
    const struct message *request = call->request;
    bool actions =
        str_eq(message_str(request, M_GenerateServiceLastAccessedDetailsRequest_Granularity),
               S("ACTION_LEVEL"));
    struct grants list = {0};
    struct entity *subject =
        find_subject(call, message_str(request, M_GenerateServiceLastAccessedDetailsRequest_Arn));
    if (!subject)
        return false;
    if (subject->kind == KIND_POLICY)
        add_grant(call, &list, (struct grant){subject, subject, subject->name, subject->secret});
    else
        collect(call, subject, &list);
    struct entity_page who = actors(call, subject);
    struct message *body =
        message_new(call->arena, api, &api->shapes[T_IAM_GetServiceLastAccessedDetailsResponse]);
    const int rows = M_GetServiceLastAccessedDetailsResponse_ServicesLastAccessed;
    message_set_str(body, M_GetServiceLastAccessedDetailsResponse_JobStatus, S("COMPLETED"));
    message_set_str(body, M_GetServiceLastAccessedDetailsResponse_JobType,
                    actions ? S("ACTION_LEVEL") : S("SERVICE_LEVEL"));
    message_set_int(body, M_GetServiceLastAccessedDetailsResponse_JobCreationDate, call->now_ms);
    message_set_int(body, M_GetServiceLastAccessedDetailsResponse_JobCompletionDate, call->now_ms);
    message_open(body, rows);
    for (size_t i = 0; i < COUNT(services); i++)
        if (granted(call, &list, services[i].namespace_))
            describe_service(call, i, &who, actions, message_add_message(call->arena, body, rows));
    struct str id = rand_uuid(call->arena);
    struct entity job = {.id = id,
                         .account = call->account,
                         .kind = KIND_ACCESS_JOB,
                         .key = id,
                         .name = id,
                         .path = S("/"),
                         .owner = subject->id,
                         .created_ms = call->now_ms,
                         .body = message_json_text(call->arena, body)};
    entity_add(call->tx, &job);
    message_set_str(call->response, M_GenerateServiceLastAccessedDetailsResponse_JobId, id);
    return true;
}

static struct entity *find_job(struct call *call, int member) {
    struct str id = message_str(call->request, member);
    struct entity *job = entity_by_key(call->tx, call->arena, call->account, KIND_ACCESS_JOB, id);
    if (!job)
        call_fail(call, FAULT_NO_SUCH_ENTITY, "Job id %.*s was not found.", STR_ARG(id));
    return job;
}

/* The first row of a page: markers are row numbers. */
static size_t first_row(const struct page *page) {
    int64_t number;
    return str_to_int(page->after, &number) && number > 0 ? (size_t)number : 0;
}

bool last_access_get(struct call *call) {
    const int rows = M_GetServiceLastAccessedDetailsResponse_ServicesLastAccessed;
    struct page page;
    struct entity *job = find_job(call, M_GetServiceLastAccessedDetailsRequest_JobId);
    if (!job || !call_page(call, &page))
        return false;
    struct message *body = kind_body(call, job);
    size_t total = message_count(body, rows), first = first_row(&page), n = 0;
    message_copy(call->response, body);
    call->response->fields[rows] = (struct field){0};
    message_open(call->response, rows);
    for (; first + n < total && n < (size_t)page.size; n++)
        message_copy(message_add_message(call->arena, call->response, rows),
                     message_at(body, rows, first + n));
    call_page_end(call, &page, first + n < total ? (size_t)page.size + 1 : n,
                  str_format(call->arena, "%zu", first + n));
    return true;
}

bool last_access_get_entities(struct call *call) {
    const int rows = M_GetServiceLastAccessedDetailsWithEntitiesResponse_EntityDetailsList;
    struct str service = message_str(
        call->request, M_GetServiceLastAccessedDetailsWithEntitiesRequest_ServiceNamespace);
    struct entity *job = find_job(call, M_GetServiceLastAccessedDetailsWithEntitiesRequest_JobId);
    struct entity *subject = job ? kind_by_id(call, job->owner) : NULL;
    if (!job)
        return false;
    message_copy(call->response, kind_body(call, job));
    message_open(call->response, rows);
    struct entity_page who = subject ? actors(call, subject) : (struct entity_page){0};
    for (size_t i = 0; i < who.n; i++) {
        const struct entity *actor = &who.items[i];
        struct usage_entry entry;
        struct message *m = message_add_message(call->arena, call->response, rows);
        struct message *info = message_make(call->arena, m, M_EntityDetails_EntityInfo);
        message_set_str(info, M_EntityInfo_Arn, kind_arn(call, actor));
        message_set_str(info, M_EntityInfo_Name, actor->name);
        message_set_str(info, M_EntityInfo_Type,
                        str_upper(call->arena, str_from(kind_rows[actor->kind].label)));
        message_set_str(info, M_EntityInfo_Id, actor->id);
        message_set_str(info, M_EntityInfo_Path, actor->path);
        if (last_use(call, actor, service, &entry))
            message_set_int(m, M_EntityDetails_LastAuthenticated, entry.at_ms);
    }
    message_set_bool(call->response,
                     M_GetServiceLastAccessedDetailsWithEntitiesResponse_IsTruncated, false);
    return true;
}
