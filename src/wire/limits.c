/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/limits.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "wire/pattern.h"

#define MAX_REPORTED 20

struct checker {
    struct arena *arena;
    struct buf text;
    int found;
    /* IAM's own sentence, which replaces the list when it is the only violation. */
    struct str own_words;
    bool any_tag_value;
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

static void violation(struct checker *c, const struct model_shape *shape, struct str path,
                      const struct field *field, struct str constraint) {
    if (c->found++ >= MAX_REPORTED)
        return;
    if (c->found > 1)
        buf_add_c(&c->text, "; ");
    buf_add_c(&c->text, "Value ");
    if (!field)
        buf_add_c(&c->text, "null ");
    else if (field->kind == SHAPE_STRING && !shape->sensitive)
        buf_addf(&c->text, "'%.*s' ", STR_ARG(field->text));
    else if (field->kind == SHAPE_INTEGER)
        buf_addf(&c->text, "'%lld' ", (long long)field->number);
    buf_addf(&c->text, "at '%.*s' failed to satisfy constraint: Member must %.*s", STR_ARG(path),
             STR_ARG(constraint));
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
    violation(c, shape, path, field,
              str_format(c->arena, "satisfy enum value set: [%.*s]",
                         STR_ARG(str_join(c->arena, shape->enums, shape->n_enums, S(", ")))));
}

static void check_message(struct checker *c, const struct message *m, struct str prefix);

static void check_field(struct checker *c, const struct model_api *api,
                        const struct model_shape *shape, struct str path,
                        const struct field *field) {
    if (shape->kind == SHAPE_STRUCTURE) {
        check_message(c, field->message, path);
        return;
    }
    if (shape->has_min || shape->has_max)
        check_bounds(c, shape, path, field);
    if (shape->kind == SHAPE_STRING)
        check_text(c, shape, path, field);
    if (shape->kind != SHAPE_LIST)
        return;
    for (size_t i = 0; i < field->list.n; i++)
        check_field(c, api, &api->shapes[shape->element],
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

static void check_message(struct checker *c, const struct message *m, struct str prefix) {
    for (int i = 0; i < m->shape->n_members; i++) {
        const struct model_member *member = &m->shape->members[i];
        if (m->fields[i].set)
            check_field(c, m->api, &m->api->shapes[member->shape], path_of(c, prefix, member->name),
                        &m->fields[i]);
        else if (member->required)
            violation(c, &m->api->shapes[member->shape], path_of(c, prefix, member->name), NULL,
                      S("not be null"));
    }
}

bool limits_check(struct arena *arena, const struct message *request, bool any_tag_value,
                  struct fault *ret_fault) {
    struct checker c = {.arena = arena, .any_tag_value = any_tag_value};
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
