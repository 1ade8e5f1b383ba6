/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy_equal.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/json.h"

/* Go's decoder takes a member in any case, the last one given. */
static const struct json *member(const struct json *object, const char *name) {
    const struct json *found = NULL;
    for (size_t i = 0; object && object->kind == JSON_OBJECT && i < object->n; i++)
        if (str_eq_nocase(object->members[i].name, str_from(name)))
            found = &object->members[i].value;
    return found && found->kind == JSON_NULL ? NULL : found;
}

static struct str text_of(const struct json *json) {
    if (!json)
        return (struct str){"", 0};
    if (json->kind == JSON_BOOL)
        return json->boolean ? S("true") : S("false");
    return json->text;
}

struct texts {
    struct str *at;
    size_t n;
};

static struct texts sorted_texts(struct arena *scratch, const struct json *json) {
    struct texts texts = {0};
    if (!json)
        return texts;
    bool list = json->kind == JSON_ARRAY;
    texts.n = list ? json->n : 1;
    texts.at = arena_array(scratch, texts.n, sizeof *texts.at);
    for (size_t i = 0; i < texts.n; i++)
        texts.at[i] = text_of(list ? &json->items[i] : json);
    qsort(texts.at, texts.n, sizeof *texts.at, str_cmp_qsort);
    return texts;
}

static bool same_texts(struct texts a, struct texts b) {
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (!str_eq(a.at[i], b.at[i]))
            return false;
    return true;
}

static struct texts distinct(struct texts texts) {
    size_t n = 0;
    for (size_t i = 0; i < texts.n; i++)
        if (!n || !str_eq(texts.at[i], texts.at[n - 1]))
            texts.at[n++] = texts.at[i];
    texts.n = n;
    return texts;
}

/* As sets, but lists of different lengths differ. */
static bool same_set(struct arena *scratch, const struct json *a, const struct json *b) {
    struct texts x = sorted_texts(scratch, a), y = sorted_texts(scratch, b);
    return x.n == y.n && same_texts(distinct(x), distinct(y));
}

static bool same_condition(struct arena *scratch, const struct json *a, const struct json *b) {
    if (!a || !b)
        return !a && !b;
    if (a->kind != JSON_OBJECT || b->kind != JSON_OBJECT || a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++) {
        const struct json *x = &a->members[i].value, *y = json_get(b, a->members[i].name);
        if (!y || x->kind != JSON_OBJECT || y->kind != JSON_OBJECT || x->n != y->n)
            return false;
        for (size_t k = 0; k < x->n; k++) {
            const struct json *other = json_get(y, x->members[k].name);
            if (!other || !same_set(scratch, &x->members[k].value, other))
                return false;
        }
    }
    return true;
}

static bool is_account(struct str text) {
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
    return text.len == 12;
}

/* The account of "arn:PARTITION:iam::ACCOUNT:root", else the text itself. */
static struct str plain_principal(struct str text) {
    ptrdiff_t iam = str_find(text, S(":iam::"));
    if (iam < 0 || !str_starts(text, S("arn:")) || !str_ends(text, S(":root")))
        return text;
    struct str account = str_slice(text, (size_t)iam + 6, text.len - 5);
    return is_account(account) ? account : text;
}

static struct texts principal_texts(struct arena *scratch, const struct json *json) {
    struct texts texts = sorted_texts(scratch, json);
    for (size_t i = 0; i < texts.n; i++)
        texts.at[i] = plain_principal(texts.at[i]);
    qsort(texts.at, texts.n, sizeof *texts.at, str_cmp_qsort);
    return texts;
}

static size_t count_types(const struct json *principal) {
    size_t n = 0;
    for (size_t i = 0; i < principal->n; i++) {
        const struct json *value = &principal->members[i].value;
        n += value->kind != JSON_ARRAY || value->n > 0;
    }
    return n;
}

static bool same_principal(struct arena *scratch, const struct json *a, const struct json *b) {
    if (!a || !b)
        return !a && !b;
    if (a->kind != JSON_OBJECT || b->kind != JSON_OBJECT)
        return a->kind == b->kind && same_set(scratch, a, b);
    if (count_types(a) != count_types(b))
        return false;
    for (size_t i = 0; i < a->n; i++) {
        struct texts x = principal_texts(scratch, &a->members[i].value);
        if (x.n && !same_texts(x, principal_texts(scratch, json_get(b, a->members[i].name))))
            return false;
    }
    return true;
}

static bool same_member(struct arena *scratch, const struct json *a, const struct json *b,
                        const char *name) {
    return same_texts(sorted_texts(scratch, member(a, name)),
                      sorted_texts(scratch, member(b, name)));
}

static bool same_statement(struct arena *scratch, const struct json *a, const struct json *b) {
    return str_eq(text_of(member(a, "Sid")), text_of(member(b, "Sid"))) &&
           str_eq_nocase(text_of(member(a, "Effect")), text_of(member(b, "Effect"))) &&
           same_member(scratch, a, b, "Action") && same_member(scratch, a, b, "NotAction") &&
           same_member(scratch, a, b, "Resource") && same_member(scratch, a, b, "NotResource") &&
           same_condition(scratch, member(a, "Condition"), member(b, "Condition")) &&
           same_principal(scratch, member(a, "Principal"), member(b, "Principal")) &&
           same_principal(scratch, member(a, "NotPrincipal"), member(b, "NotPrincipal"));
}

struct statements {
    const struct json *at;
    size_t n;
};

static struct statements statements_of(const struct json *document) {
    const struct json *list = member(document, "Statement");
    if (!list)
        return (struct statements){0};
    if (list->kind == JSON_ARRAY)
        return (struct statements){list->items, list->n};
    return (struct statements){list, 1};
}

/* Each of a has a partner in b. */
static bool covered(struct arena *scratch, struct statements a, struct statements b) {
    for (size_t i = 0; i < a.n; i++) {
        bool found = false;
        for (size_t k = 0; k < b.n && !found; k++)
            found = same_statement(scratch, &a.at[i], &b.at[(i + k) % b.n]);
        if (!found)
            return false;
    }
    return true;
}

static const struct json *open_document(struct arena *scratch, struct str text) {
    struct json_error error;
    text = str_trim(text);
    struct json *json = json_parse(scratch, text.len ? text : S("{}"), &error);
    if (json && json->kind == JSON_ARRAY && json->n == 1)
        json = &json->items[0];
    return json && json->kind == JSON_OBJECT ? json : NULL;
}

bool policy_equal(struct arena *scratch, struct str a, struct str b) {
    if (str_eq(a, b))
        return true;
    const struct json *x = open_document(scratch, a), *y = open_document(scratch, b);
    if (!x || !y)
        return false;
    struct statements s = statements_of(x), t = statements_of(y);
    return str_eq(text_of(member(x, "Version")), text_of(member(y, "Version"))) &&
           str_eq(text_of(member(x, "Id")), text_of(member(y, "Id"))) && s.n == t.n &&
           covered(scratch, s, t) && covered(scratch, t, s);
}
