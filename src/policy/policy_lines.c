/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy_lines.h"

#include "base/arena.h"
#include "base/json.h"
#include "policy/policy.h"
#include "policy/policy_lint.h"

/* One question being read. */
struct question {
    struct arena *arena;
    struct policy_request request;
    struct policy_set set;
    struct str error;
};

static struct policy *read_policy(struct question *q, const struct json *json) {
    if (json->kind == JSON_NULL)
        return NULL;
    struct policy *policy = json->kind == JSON_STRING
                                ? policy_parse(q->arena, json->text, &q->error)
                                : policy_compile(q->arena, json, &q->error);
    return policy;
}

static struct policy **read_policies(struct question *q, const struct json *list, size_t *ret_n) {
    *ret_n = 0;
    if (!list || list->kind != JSON_ARRAY)
        return NULL;
    struct policy **all = arena_array(q->arena, list->n, sizeof *all);
    for (size_t i = 0; i < list->n; i++)
        if ((all[*ret_n] = read_policy(q, &list->items[i])))
            (*ret_n)++;
    return all;
}

static struct policy_level *read_levels(struct question *q, const struct json *list,
                                        size_t *ret_n) {
    *ret_n = 0;
    if (!list || list->kind != JSON_ARRAY)
        return NULL;
    struct policy_level *all = arena_array(q->arena, list->n, sizeof *all);
    for (size_t i = 0; i < list->n; i++) {
        struct policy_level *level = &all[(*ret_n)++];
        level->policies = read_policies(q, &list->items[i], &level->n);
    }
    return all;
}

static struct str scalar(const struct json *json) {
    if (json->kind == JSON_BOOL)
        return json->boolean ? S("true") : S("false");
    return json->text;
}

static void read_context(struct question *q, const struct json *context) {
    if (!context || context->kind != JSON_OBJECT)
        return;
    struct policy_key *keys = arena_array(q->arena, context->n, sizeof *keys);
    for (size_t i = 0; i < context->n; i++) {
        const struct json *value = &context->members[i].value;
        bool list = value->kind == JSON_ARRAY;
        size_t n = list ? value->n : 1;
        struct str *values = arena_array(q->arena, n, sizeof *values);
        for (size_t k = 0; k < n; k++)
            values[k] = scalar(list ? &value->items[k] : value);
        keys[i] = (struct policy_key){context->members[i].name, values, n};
    }
    q->request.context = keys;
    q->request.n_context = context->n;
}

static bool read_question(struct question *q, const struct json *row) {
    const struct json *request = json_get(row, S("request"));
    if (!request || request->kind != JSON_OBJECT) {
        q->error = S("\"request\" is missing");
        return false;
    }
    q->request.principal = json_get_str(request, S("principal"));
    q->request.action = json_get_str(request, S("action"));
    q->request.resource = json_get_str(request, S("resource"));
    q->request.resource_account = json_get_str(request, S("resourceAccount"));
    read_context(q, json_get(request, S("context")));
    struct policy_set *set = &q->set;
    set->identity = read_policies(q, json_get(row, S("identityPolicies")), &set->n_identity);
    set->session = read_policies(q, json_get(row, S("sessionPolicies")), &set->n_session);
    set->has_session = set->n_session > 0;
    const struct json *resource = json_get(row, S("resourcePolicy"));
    const struct json *boundary = json_get(row, S("permissionBoundary"));
    set->resource = resource ? read_policy(q, resource) : NULL;
    set->boundary = boundary ? read_policy(q, boundary) : NULL;
    set->scps = read_levels(q, json_get(row, S("scps")), &set->n_scps);
    set->rcps = read_levels(q, json_get(row, S("rcps")), &set->n_rcps);
    return !q->error.len;
}

static struct json *read_row(struct arena *scratch, struct str line, struct buf *out) {
    struct json_error error;
    struct json *row = json_parse(scratch, line, &error);
    if (row && row->kind == JSON_OBJECT)
        return row;
    buf_add_c(out, "{\"id\":null,\"error\":");
    json_write_string(out, row ? S("a row is a JSON object") : error.text, false);
    buf_add_c(out, "}\n");
    return NULL;
}

static void write_id(const struct json *row, struct buf *out) {
    const struct json *id = json_get(row, S("id"));
    buf_add_c(out, "{\"id\":");
    if (id)
        json_write(out, id, 0, false);
    else
        buf_add_c(out, "null");
}

void policy_lines_eval(struct arena *scratch, struct str line, struct buf *out) {
    static const char *const decisions[] = {"Allowed", "ImplicitlyDenied", "ExplicitlyDenied"};
    static const char *const sources[] = {"none",    "identity", "resource", "boundary",
                                          "session", "scp",      "rcp"};
    struct json *row = read_row(scratch, line, out);
    if (!row)
        return;
    struct question q = {.arena = scratch};
    write_id(row, out);
    if (read_question(&q, row)) {
        struct policy_result result = policy_decide(scratch, &q.request, &q.set);
        buf_addf(out, ",\"decision\":\"%s\",\"source\":\"%s\"}\n", decisions[result.decision],
                 sources[result.source]);
        return;
    }
    buf_add_c(out, ",\"error\":");
    json_write_string(out, q.error, false);
    buf_add_c(out, "}\n");
}

static enum policy_kind kind_of(struct str name) {
    if (str_eq(name, S("trust")))
        return POLICY_TRUST;
    if (str_eq(name, S("resource")))
        return POLICY_RESOURCE;
    return str_eq(name, S("inline")) ? POLICY_INLINE : POLICY_MANAGED;
}

/* The users and roles of the account that a row is about; without a list it has none. */
struct known_arns {
    struct str *at;
    size_t n;
};

static struct known_arns read_entities(struct arena *scratch, const struct json *row) {
    struct known_arns known = {0};
    const struct json *list = json_get(row, S("entities"));
    if (!list || list->kind != JSON_ARRAY)
        return known;
    known.at = arena_array(scratch, list->n, sizeof *known.at);
    for (size_t i = 0; i < list->n; i++)
        known.at[known.n++] = list->items[i].text;
    return known;
}

static bool is_entity(void *context, struct str arn) {
    const struct known_arns *known = context;
    for (size_t i = 0; i < known->n; i++)
        if (str_eq(known->at[i], arn))
            return true;
    return false;
}

static void write_code(struct str code, bool *first, struct buf *out) {
    if (!code.len)
        return;
    if (!*first)
        buf_byte(out, ',');
    *first = false;
    json_write_string(out, code, false);
}

void policy_lines_check(struct arena *scratch, struct str line, struct buf *out) {
    struct json *row = read_row(scratch, line, out);
    if (!row)
        return;
    enum policy_kind kind = kind_of(json_get_str(row, S("kind")));
    struct str document = json_get_str(row, S("document"));
    struct policy_fault fault;
    struct known_arns known = read_entities(scratch, row);
    bool valid = policy_check(scratch, kind, document, &fault);
    if (valid && (kind == POLICY_TRUST || kind == POLICY_RESOURCE))
        valid = policy_check_principals(scratch, kind, document, is_entity, &known, &fault);
    write_id(row, out);
    buf_addf(out, ",\"valid\":%s", valid ? "true" : "false");
    if (!valid) {
        buf_add_c(out, ",\"code\":");
        json_write_string(out, fault.code, false);
        buf_add_c(out, ",\"error\":");
        json_write_string(out, fault.text, false);
    }
    size_t n;
    struct policy_finding *findings = policy_lint(scratch, kind, document, &n);
    buf_add_c(out, ",\"findings\":[");
    bool first = true;
    for (size_t i = 0; i < n; i++) {
        write_code(findings[i].code, &first, out);
        if (!str_eq(findings[i].alias, findings[i].code))
            write_code(findings[i].alias, &first, out);
    }
    buf_add_c(out, "]}\n");
}
