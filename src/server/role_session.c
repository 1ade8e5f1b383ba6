/* SPDX-License-Identifier: Apache-2.0 */
#include "server/role_session.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "server/seal.h"

/* Members of the token, in the order of `texts`. */
static const struct str text_names[] = {
    STR("key"),  STR("secret"),   STR("account"),  STR("entity"),
    STR("name"), STR("identity"), STR("provider"), STR("role"),
};
static const struct str number_names[] = {STR("kind"), STR("issued"),  STR("expires"),
                                          STR("mfa"),  STR("chained"), STR("restricted")};

static void write_texts(struct buf *out, const char *name, const struct str *items, size_t n) {
    buf_addf(out, ",\"%s\":[", name);
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_byte(out, ',');
        json_write_string(out, items[i], false);
    }
    buf_byte(out, ']');
}

static void write_pairs(struct buf *out, const char *name, const struct session_pair *items,
                        size_t n) {
    buf_addf(out, ",\"%s\":[", name);
    for (size_t i = 0; i < n; i++) {
        buf_add_c(out, i ? ",[" : "[");
        json_write_string(out, items[i].name, false);
        buf_byte(out, ',');
        json_write_string(out, items[i].value, false);
        buf_addf(out, ",%s]", items[i].transitive ? "true" : "false");
    }
    buf_byte(out, ']');
}

struct str role_session_token(const struct seal *seal, struct arena *arena,
                              const struct session *s) {
    const struct str texts[] = {s->access_key_id, s->secret_access_key, s->account,  s->entity_id,
                                s->name,          s->source_identity,   s->provider, s->role_name};
    const int64_t numbers[] = {s->caller_kind, s->issued_ms, s->expires_ms,
                               s->mfa_ms,      s->chained,   s->has_policy};
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    buf_add_c(&out, "{\"v\":1");
    for (size_t i = 0; i < COUNT(texts); i++) {
        buf_addf(&out, ",\"%.*s\":", STR_ARG(text_names[i]));
        json_write_string(&out, texts[i], false);
    }
    for (size_t i = 0; i < COUNT(numbers); i++)
        buf_addf(&out, ",\"%.*s\":%lld", STR_ARG(number_names[i]), (long long)numbers[i]);
    write_texts(&out, "policies", s->policies, s->n_policies);
    write_texts(&out, "arns", s->policy_arns, s->n_policy_arns);
    write_pairs(&out, "tags", s->tags, s->n_tags);
    write_pairs(&out, "context", s->context, s->n_context);
    buf_byte(&out, '}');
    return seal_text(seal, arena, buf_take(&out, arena));
}

static struct str *read_texts(struct arena *arena, const struct json *list, size_t *ret_n) {
    *ret_n = list && list->kind == JSON_ARRAY ? list->n : 0;
    struct str *items = arena_array(arena, *ret_n, sizeof *items);
    for (size_t i = 0; i < *ret_n; i++)
        items[i] = list->items[i].text;
    return items;
}

static struct session_pair *read_pairs(struct arena *arena, const struct json *list,
                                       size_t *ret_n) {
    *ret_n = list && list->kind == JSON_ARRAY ? list->n : 0;
    struct session_pair *items = arena_array(arena, *ret_n, sizeof *items);
    for (size_t i = 0; i < *ret_n; i++) {
        const struct json *pair = &list->items[i];
        if (pair->kind == JSON_ARRAY && pair->n == 3)
            items[i] = (struct session_pair){pair->items[0].text, pair->items[1].text,
                                             pair->items[2].boolean};
    }
    return items;
}

struct session *role_session_read(const struct seal *seal, struct arena *arena, struct str token) {
    struct str text;
    struct json_error error;
    if (!seal_unseal(seal, arena, token, &text))
        return NULL;
    struct json *json = json_parse(arena, text, &error);
    if (!json || json->kind != JSON_OBJECT)
        return NULL;
    struct session *s = arena_alloc(arena, sizeof *s);
    struct str *texts[] = {&s->access_key_id, &s->secret_access_key, &s->account,  &s->entity_id,
                           &s->name,          &s->source_identity,   &s->provider, &s->role_name};
    int64_t numbers[COUNT(number_names)] = {0};
    for (size_t i = 0; i < COUNT(texts); i++)
        *texts[i] = json_get_str(json, text_names[i]);
    for (size_t i = 0; i < COUNT(numbers); i++)
        (void)json_get_int(json, number_names[i], &numbers[i]);
    s->caller_kind = (int)numbers[0];
    s->issued_ms = numbers[1];
    s->expires_ms = numbers[2];
    s->mfa_ms = numbers[3];
    s->chained = numbers[4];
    s->has_policy = numbers[5];
    s->policies = read_texts(arena, json_get(json, S("policies")), &s->n_policies);
    s->policy_arns = read_texts(arena, json_get(json, S("arns")), &s->n_policy_arns);
    s->tags = read_pairs(arena, json_get(json, S("tags")), &s->n_tags);
    s->context = read_pairs(arena, json_get(json, S("context")), &s->n_context);
    return s;
}
