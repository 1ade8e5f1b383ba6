/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/document_model.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/json.h"

static int reverse(const void *a, const void *b) {
    return str_cmp(*(const struct str *)b, *(const struct str *)a);
}

struct document_texts document_model_sorted(struct arena *arena, const struct str *at, size_t n) {
    struct str *copy = arena_array(arena, n, sizeof *copy);
    for (size_t i = 0; i < n; i++)
        copy[i] = at[i];
    if (n > 1)
        qsort(copy, n, sizeof *copy, reverse);
    return (struct document_texts){.present = n > 0, .plain = n == 1, .at = copy, .n = n};
}

static struct document_texts joined(struct arena *arena, struct document_texts a,
                                    struct document_texts b) {
    struct str *at = arena_array(arena, a.n + b.n, sizeof *at);
    for (size_t i = 0; i < a.n; i++)
        at[i] = a.at[i];
    for (size_t i = 0; i < b.n; i++)
        at[a.n + i] = b.at[i];
    return (struct document_texts){.present = true, .at = at, .n = a.n + b.n};
}

void document_model_add_principal(struct arena *arena, struct document_principals *list,
                                  struct str type, struct document_texts identifiers) {
    list->added++;
    for (size_t i = 0; i < list->n; i++)
        if (str_eq(list->at[i].type, type)) {
            list->at[i].identifiers = joined(arena, list->at[i].identifiers, identifiers);
            return;
        }
    list->at = arena_grow(arena, list->at, list->n, &list->cap, sizeof *list->at);
    list->at[list->n++] = (struct document_principal){type, identifiers};
}

void document_model_add_condition(struct arena *arena, struct document_statement *statement,
                                  struct str test, struct str variable,
                                  struct document_texts values) {
    for (size_t i = 0; i < statement->n_conditions; i++) {
        struct document_condition *c = &statement->conditions[i];
        if (str_eq(c->test, test) && str_eq(c->variable, variable)) {
            c->values = joined(arena, c->values, values);
            return;
        }
    }
    statement->conditions = arena_grow(arena, statement->conditions, statement->n_conditions,
                                       &statement->cap_conditions, sizeof *statement->conditions);
    statement->conditions[statement->n_conditions++] =
        (struct document_condition){test, variable, values};
}

/* Reading. */

struct parse {
    struct arena *arena;
    struct str error;
};

static bool fail(struct parse *p, const char *what, const char *kind) {
    p->error = str_format(p->arena, "json: cannot unmarshal %s into Go %s", kind, what);
    return false;
}

static const char *go_kind(const struct json *v) {
    static const char *const names[] = {
        [JSON_NULL] = "null",     [JSON_BOOL] = "bool",   [JSON_NUMBER] = "number",
        [JSON_STRING] = "string", [JSON_ARRAY] = "array", [JSON_OBJECT] = "object"};
    return names[v->kind];
}

/* Member by a name that Go matches without regard to case; the last one wins. */
static const struct json *member(const struct json *object, struct str name) {
    for (size_t i = object->n; i > 0; i--)
        if (str_eq_nocase(object->members[i - 1].name, name))
            return object->members[i - 1].value.kind == JSON_NULL ? NULL
                                                                  : &object->members[i - 1].value;
    return NULL;
}

/* Strings and lists of strings; others in a list are dropped as the provider's own reader does. */
static struct document_texts texts(struct parse *p, const struct json *v) {
    if (!v)
        return (struct document_texts){0};
    if (v->kind == JSON_STRING || v->kind == JSON_BOOL) {
        struct str *one = arena_alloc(p->arena, sizeof *one);
        *one = v->kind == JSON_STRING ? v->text : v->boolean ? S("true") : S("false");
        return (struct document_texts){.present = true, .plain = true, .at = one, .n = 1};
    }
    if (v->kind != JSON_ARRAY)
        return (struct document_texts){0};
    struct str *at = arena_array(p->arena, v->n, sizeof *at);
    size_t n = 0;
    for (size_t i = 0; i < v->n; i++)
        if (v->items[i].kind == JSON_STRING)
            at[n++] = v->items[i].text;
        else if (v->items[i].kind == JSON_BOOL)
            at[n++] = v->items[i].boolean ? S("true") : S("false");
    return (struct document_texts){.present = true, .at = at, .n = n};
}

static bool read_text(struct parse *p, const struct json *v, const char *field, struct str *ret) {
    *ret = S("");
    if (!v)
        return true;
    if (v->kind != JSON_STRING)
        return fail(p, field, go_kind(v));
    *ret = v->text;
    return true;
}

static bool read_principals(struct parse *p, const struct json *v,
                            struct document_principals *list) {
    static const struct str star = STR("*");
    if (!v)
        return true;
    if (v->kind == JSON_STRING) {
        struct document_texts all = {.present = true, .plain = true, .at = &star, .n = 1};
        document_model_add_principal(p->arena, list, star, all);
        return true;
    }
    if (v->kind != JSON_OBJECT)
        return fail(p, "value of type iam.IAMPolicyStatementPrincipalSet", go_kind(v));
    for (size_t i = 0; i < v->n; i++) {
        struct document_texts t = texts(p, &v->members[i].value);
        struct document_texts sorted = document_model_sorted(p->arena, t.at, t.n);
        sorted.plain = t.plain;
        if (t.present)
            document_model_add_principal(p->arena, list, v->members[i].name, sorted);
    }
    return true;
}

static bool read_conditions(struct parse *p, const struct json *v,
                            struct document_statement *statement) {
    if (!v)
        return true;
    if (v->kind != JSON_OBJECT)
        return fail(p, "value of type map[string]map[string]interface {}", go_kind(v));
    for (size_t i = 0; i < v->n; i++) {
        const struct json *keys = &v->members[i].value;
        if (keys->kind != JSON_OBJECT)
            return fail(p, "value of type map[string]interface {}", go_kind(keys));
        for (size_t j = 0; j < keys->n; j++) {
            struct document_texts t = texts(p, &keys->members[j].value);
            if (t.present)
                document_model_add_condition(p->arena, statement, v->members[i].name,
                                             keys->members[j].name, t);
        }
    }
    return true;
}

static bool read_statement(struct parse *p, const struct json *v, struct document_statement *s) {
    *s = (struct document_statement){0};
    if (v->kind == JSON_NULL)
        return true;
    if (v->kind != JSON_OBJECT)
        return fail(p, "struct field IAMPolicyDoc.Statement of type iam.IAMPolicyStatement",
                    go_kind(v));
    if (!read_text(p, member(v, S("Sid")),
                   "struct field IAMPolicyStatement.Statement.Sid of type "
                   "string",
                   &s->sid) ||
        !read_text(p, member(v, S("Effect")),
                   "struct field IAMPolicyStatement.Statement.Effect of "
                   "type string",
                   &s->effect))
        return false;
    s->actions = texts(p, member(v, S("Action")));
    s->not_actions = texts(p, member(v, S("NotAction")));
    s->resources = texts(p, member(v, S("Resource")));
    s->not_resources = texts(p, member(v, S("NotResource")));
    return read_principals(p, member(v, S("Principal")), &s->principals) &&
           read_principals(p, member(v, S("NotPrincipal")), &s->not_principals) &&
           read_conditions(p, member(v, S("Condition")), s);
}

static bool read_document(struct parse *p, const struct json *v, struct document *ret) {
    if (v->kind != JSON_OBJECT)
        return fail(p, "value of type iam.IAMPolicyDoc", go_kind(v));
    const struct json *list = member(v, S("Statement"));
    if (!read_text(p, member(v, S("Version")), "struct field IAMPolicyDoc.Version of type string",
                   &ret->version) ||
        !read_text(p, member(v, S("Id")), "struct field IAMPolicyDoc.Id of type string", &ret->id))
        return false;
    if (!list)
        return true;
    if (list->kind != JSON_ARRAY)
        return fail(p, "struct field IAMPolicyDoc.Statement of type []*iam.IAMPolicyStatement",
                    go_kind(list));
    ret->statements = arena_array(p->arena, list->n, sizeof *ret->statements);
    ret->n = ret->cap = list->n;
    for (size_t i = 0; i < list->n; i++)
        if (!read_statement(p, &list->items[i], &ret->statements[i]))
            return false;
    return true;
}

bool document_model_parse(struct arena *arena, struct str text, struct document *ret,
                          struct str *ret_error) {
    struct parse p = {.arena = arena};
    struct json_error error;
    struct document document = {0};
    struct json *json = json_parse(arena, text, &error);
    if (!json)
        p.error = error.text;
    if (!json || !read_document(&p, json, &document)) {
        *ret_error = p.error;
        return false;
    }
    *ret = document;
    return true;
}

/* Merging. */

void document_model_merge(struct arena *arena, struct document *into, const struct document *from) {
    if (from->id.len > 0)
        into->id = from->id;
    if (str_cmp(from->version, into->version) > 0)
        into->version = from->version;
    for (size_t i = 0; i < from->n; i++) {
        const struct document_statement *s = &from->statements[i];
        size_t at = 0;
        while (at < into->n && (s->sid.len == 0 || !str_eq(into->statements[at].sid, s->sid)))
            at++;
        if (at == into->n) {
            into->statements =
                arena_grow(arena, into->statements, into->n, &into->cap, sizeof *into->statements);
            into->n++;
        }
        into->statements[at] = *s;
    }
}

/* Writing: an intermediate JSON tree, so that both forms come from one place. */

static struct json *object(struct arena *arena, size_t cap) {
    struct json *v = arena_alloc(arena, sizeof *v);
    v->kind = JSON_OBJECT;
    v->members = arena_array(arena, cap, sizeof *v->members);
    return v;
}

static struct json string_json(struct str text) {
    return (struct json){.kind = JSON_STRING, .text = text};
}

static void put(struct json *object, struct str name, struct json value) {
    object->members[object->n].name = name;
    object->members[object->n++].value = value;
}

static struct json texts_json(struct arena *arena, struct document_texts t) {
    if (t.plain && t.n == 1)
        return string_json(t.at[0]);
    struct json v = {.kind = JSON_ARRAY, .n = t.n, .items = arena_array(arena, t.n, sizeof v)};
    for (size_t i = 0; i < t.n; i++)
        v.items[i] = string_json(t.at[i]);
    return v;
}

static void put_texts(struct arena *arena, struct json *object, struct str name,
                      struct document_texts t) {
    if (t.present)
        put(object, name, texts_json(arena, t));
}

static void put_principals(struct arena *arena, struct json *into, struct str name,
                           const struct document_principals *list) {
    if (list->n == 0)
        return;
    const struct document_principal *first = &list->at[0];
    if (list->added == 1 && str_eq(first->type, S("*")) && first->identifiers.n == 1 &&
        str_eq(first->identifiers.at[0], S("*"))) {
        put(into, name, string_json(S("*")));
        return;
    }
    struct json *map = object(arena, list->n);
    for (size_t i = 0; i < list->n; i++)
        put(map, list->at[i].type, texts_json(arena, list->at[i].identifiers));
    json_sort(map);
    put(into, name, *map);
}

static void put_conditions(struct arena *arena, struct json *into,
                           const struct document_statement *s) {
    if (s->n_conditions == 0)
        return;
    struct json *tests = object(arena, s->n_conditions);
    for (size_t i = 0; i < s->n_conditions; i++) {
        const struct document_condition *c = &s->conditions[i];
        struct json *keys = json_get(tests, c->test);
        if (!keys) {
            put(tests, c->test, *object(arena, s->n_conditions));
            keys = &tests->members[tests->n - 1].value;
        }
        struct document_texts values = c->values;
        values.plain = true; /* one is no list, whoever wrote it */
        put(keys, c->variable, texts_json(arena, values));
    }
    json_sort(tests);
    put(into, S("Condition"), *tests);
}

static struct json statement_json(struct arena *arena, const struct document_statement *s) {
    struct json *o = object(arena, 9);
    if (s->sid.len > 0)
        put(o, S("Sid"), string_json(s->sid));
    if (s->effect.len > 0)
        put(o, S("Effect"), string_json(s->effect));
    put_texts(arena, o, S("Action"), s->actions);
    put_texts(arena, o, S("NotAction"), s->not_actions);
    put_texts(arena, o, S("Resource"), s->resources);
    put_texts(arena, o, S("NotResource"), s->not_resources);
    put_principals(arena, o, S("Principal"), &s->principals);
    put_principals(arena, o, S("NotPrincipal"), &s->not_principals);
    put_conditions(arena, o, s);
    return *o;
}

struct str document_model_write(struct arena *arena, const struct document *document, int indent) {
    struct json *o = object(arena, 3);
    if (document->version.len > 0)
        put(o, S("Version"), string_json(document->version));
    if (document->id.len > 0)
        put(o, S("Id"), string_json(document->id));
    if (document->n > 0) {
        struct json list = {.kind = JSON_ARRAY,
                            .n = document->n,
                            .items = arena_array(arena, document->n, sizeof list)};
        for (size_t i = 0; i < document->n; i++)
            list.items[i] = statement_json(arena, &document->statements[i]);
        put(o, S("Statement"), list);
    }
    struct buf out;
    buf_init(&out, BUF_MAX_DOCUMENT);
    json_write(&out, o, indent, true);
    return buf_take(&out, arena);
}
