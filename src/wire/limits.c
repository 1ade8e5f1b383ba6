/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/limits.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "wire/pattern.h"

#define MAX_REPORTED 20
#define BUCKETS 16u

struct checker {
    struct arena *arena;
    struct buf text;
    int found;
    /* IAM's own sentence, which replaces the list when it is the only violation. */
    struct str own_words;
    bool any_tag_value;
    /* IAM shows neither what was sent nor what an enumeration has; STS shows both. */
    bool shows_values;
};

/* Patterns whose violation IAM reports in a sentence of its own. */
static const struct {
    struct str pattern, text;
} own_words[] = {
    {STR("[\\w+=,.@-]+"), STR("It must contain only alphanumeric characters and/or the following: "
                              "+=,.@_-")},
    {STR("(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)"),
     STR("It must begin and end with / and contain only alphanumeric characters and/or / "
         "characters.")},
    {STR("[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"),
     STR("It must contain only printable ASCII characters.")},
    {STR("((/[A-Za-z0-9\\.,\\+@=_-]+)*)/"),
     STR("It must begin and end with / and contain only alphanumeric characters and/or / "
         "characters.")},
};

/*
 * Where the service takes more than its description says: values of tags that list names with
 * commas, as AWS's tutorials do.
 */
static const struct {
    struct str described, accepted;
} wider[] = {
    {STR("[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*"), STR("[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@,]*")},
};

static struct str accepted_pattern(struct str described) {
    for (size_t i = 0; i < COUNT(wider); i++)
        if (str_eq(wider[i].described, described))
            return wider[i].accepted;
    return described;
}

static struct str own_sentence(struct str pattern) {
    for (size_t i = 0; i < COUNT(own_words); i++)
        if (str_eq(own_words[i].pattern, pattern))
            return own_words[i].text;
    return S("");
}

/* The value in front of "at": "'x' ", "'[a, b]' ", "null " or nothing. */
static struct str shown(struct checker *c, const struct model_shape *shape,
                        const struct field *field) {
    struct buf out;
    if (!c->shows_values || (field && shape->sensitive))
        return S("");
    if (!field)
        return S("null ");
    if (field->kind == SHAPE_STRING)
        return str_format(c->arena, "'%.*s' ", STR_ARG(field->text));
    if (field->kind == SHAPE_INTEGER)
        return str_format(c->arena, "'%lld' ", (long long)field->number);
    if (field->kind != SHAPE_LIST || !field->list.n || field->list.items[0].kind != SHAPE_STRING)
        return S("");
    buf_init(&out, BUF_MAX_TEXT);
    for (size_t i = 0; i < field->list.n; i++)
        buf_addf(&out, "%s%.*s", i ? ", " : "'[", STR_ARG(field->list.items[i].text));
    buf_add_c(&out, "]' ");
    return buf_take(&out, c->arena);
}

static void violation(struct checker *c, const struct model_shape *shape, struct str path,
                      const struct field *field, struct str constraint) {
    if (c->found++ >= MAX_REPORTED)
        return;
    if (c->found > 1)
        buf_add_c(&c->text, "; ");
    buf_addf(&c->text, "Value %.*sat '%.*s' failed to satisfy constraint: Member must %.*s",
             STR_ARG(shown(c, shape, field)), STR_ARG(path), STR_ARG(constraint));
}

static size_t size_of(const struct field *field) {
    if (field->kind == SHAPE_LIST)
        return field->list.n;
    if (field->kind == SHAPE_MAP)
        return field->map.n;
    if (field->kind == SHAPE_BLOB)
        return field->text.len;
    size_t runes = 0;
    for (size_t i = 0; i < field->text.len; i++)
        runes += ((unsigned char)field->text.at[i] & 0xC0) != 0x80;
    return runes;
}

static void check_bounds(struct checker *c, const struct model_shape *shape, struct str path,
                         const struct field *field) {
    bool number = field->kind == SHAPE_INTEGER;
    const char *noun = number ? "value" : "length";
    int64_t have = number ? field->number : (int64_t)size_of(field);
    if (shape->has_max && have > shape->max)
        violation(c, shape, path, field,
                  str_format(c->arena, "have %s less than or equal to %lld", noun,
                             (long long)shape->max));
    if (shape->has_min && have < shape->min)
        violation(c, shape, path, field,
                  str_format(c->arena, "have %s greater than or equal to %lld", noun,
                             (long long)shape->min));
}

static void check_text(struct checker *c, const struct model_shape *shape, struct str path,
                       const struct field *field) {
    bool skipped = c->any_tag_value && str_eq(shape->name, S("tagValueType"));
    if (shape->pattern.len && !skipped &&
        !pattern_match(accepted_pattern(shape->pattern), field->text)) {
        struct str own = own_sentence(shape->pattern);
        if (own.len)
            c->own_words = str_format(c->arena, "The specified value for %.*s is invalid. %.*s",
                                      STR_ARG(path), STR_ARG(own));
        violation(c, shape, path, field,
                  str_cat(c->arena, S("satisfy regular expression pattern: "), shape->pattern));
    }
    if (!shape->n_enums)
        return;
    for (int i = 0; i < shape->n_enums; i++)
        if (str_eq(shape->enums[i], field->text))
            return;
    struct str set = S("satisfy enum value set");
    if (c->shows_values)
        set = str_format(c->arena, "satisfy enum value set: [%.*s]",
                         STR_ARG(str_join(c->arena, shape->enums, shape->n_enums, S(", "))));
    violation(c, shape, path, field, set);
}

static bool keeps_constraints(const struct model_shape *shape, const struct field *field) {
    int64_t size = (int64_t)size_of(field);
    return !(shape->has_max && size > shape->max) && !(shape->has_min && size < shape->min) &&
           (!shape->pattern.len || pattern_match(accepted_pattern(shape->pattern), field->text));
}

/* Texts in a list share one violation, which names all that is asked of each. */
static void check_texts(struct checker *c, const struct model_shape *shape, struct str path,
                        const struct model_shape *list, const struct field *field) {
    struct buf out;
    bool ok = true;
    for (size_t i = 0; i < field->list.n; i++)
        ok = ok && keeps_constraints(shape, &field->list.items[i]);
    if (ok)
        return;
    buf_init(&out, BUF_MAX_TEXT);
    if (shape->has_max)
        buf_addf(&out, ", Member must have length less than or equal to %lld",
                 (long long)shape->max);
    if (shape->has_min)
        buf_addf(&out, ", Member must have length greater than or equal to %lld",
                 (long long)shape->min);
    if (shape->pattern.len)
        buf_addf(&out,
                 ", Member must satisfy regular expression pattern: %.*s, Member must not be null",
                 STR_ARG(shape->pattern));
    struct str all = buf_take(&out, c->arena);
    violation(
        c, list, path, field,
        str_format(c->arena, "satisfy constraint: [%.*s]", STR_ARG(str_slice(all, 2, all.len))));
}

static void check_message(struct checker *c, const struct message *m, struct str prefix);

static void check_field(struct checker *c, const struct model_api *api,
                        const struct model_shape *shape, struct str path,
                        const struct field *field) {
    if (shape->kind == SHAPE_STRUCTURE) {
        check_message(c, field->message, path);
        return;
    }
    /* STS names the pattern before the length. */
    if (shape->kind == SHAPE_STRING && c->shows_values)
        check_text(c, shape, path, field);
    if (shape->has_min || shape->has_max)
        check_bounds(c, shape, path, field);
    if (shape->kind == SHAPE_STRING && !c->shows_values)
        check_text(c, shape, path, field);
    if (shape->kind != SHAPE_LIST)
        return;
    const struct model_shape *element = &api->shapes[shape->element];
    if (element->kind == SHAPE_STRING && !element->n_enums) {
        check_texts(c, element, path, shape, field);
        return;
    }
    for (size_t i = 0; i < field->list.n; i++)
        check_field(c, api, element,
                    str_format(c->arena, "%.*s.%zu.%.*s", STR_ARG(path), i + 1,
                               STR_ARG(shape->element_name)),
                    &field->list.items[i]);
}

/* "UserName" is "userName" in messages. */
static struct str path_of(struct checker *c, struct str prefix, struct str name) {
    struct str path = prefix.len ? str_format(c->arena, "%.*s.%.*s", STR_ARG(prefix), STR_ARG(name))
                                 : str_dup(c->arena, name);
    char *first = (char *)(uintptr_t)path.at + (prefix.len ? prefix.len + 1 : 0);
    if (*first >= 'A' && *first <= 'Z')
        *first = (char)(*first | 32);
    return path;
}

/* The service keeps its members in a hash map of Java's, and names violations in that order. */
static unsigned bucket(struct str name) {
    uint32_t hash = 0;
    for (size_t i = 0; i < name.len; i++)
        hash = hash * 31 + (unsigned char)name.at[i];
    return (hash ^ hash >> 16) & (BUCKETS - 1);
}

static void check_message(struct checker *c, const struct message *m, struct str prefix) {
    for (unsigned b = 0; b < BUCKETS; b++)
        for (int i = 0; i < m->shape->n_members; i++) {
            const struct model_member *member = &m->shape->members[i];
            const struct model_shape *shape = &m->api->shapes[member->shape];
            if (bucket(path_of(c, S(""), member->name)) != b)
                continue;
            if (m->fields[i].set)
                check_field(c, m->api, shape, path_of(c, prefix, member->name), &m->fields[i]);
            else if (member->required)
                violation(c, shape, path_of(c, prefix, member->name), NULL, S("not be null"));
        }
}

bool limits_check(struct arena *arena, const struct message *request, bool any_tag_value,
                  struct fault *ret_fault) {
    struct checker c = {.arena = arena,
                        .any_tag_value = any_tag_value,
                        .shows_values = request->api == model_api(SERVICE_STS)};
    buf_init(&c.text, BUF_MAX_TEXT);
    check_message(&c, request, S(""));
    if (c.found == 1 && c.own_words.len)
        fault_set(ret_fault, arena, FAULT_VALIDATION, "%.*s", STR_ARG(c.own_words));
    else if (c.found)
        fault_set(ret_fault, arena, FAULT_VALIDATION, "%d validation error%s detected: %.*s",
                  c.found, c.found == 1 ? "" : "s", STR_ARG(buf_str(&c.text)));
    buf_clear(&c.text);
    return !c.found;
}
