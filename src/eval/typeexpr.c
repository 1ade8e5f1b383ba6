/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/typeexpr.h"

#include <string.h>

#include "base/arena.h"
#include "eval/quote.h"
#include "hcl/parse.h"
#include "value/convert.h"

#define MAX_DEPTH 200

struct parser {
    struct arena *arena;
    struct diags *diags;
    struct span fixed; /* in JSON every error points at the whole string */
    int depth;
};

struct parsed {
    const struct type *type;
    struct typeexpr_defaults *defaults; /* or NULL */
};

static bool parse(struct parser *p, const struct expr *expr, struct parsed *ret);

static struct span place(const struct parser *p, struct span span) {
    return p->fixed.file ? p->fixed : span;
}

static bool fail(struct parser *p, struct span span, const char *detail, const char *word) {
    diags_error(p->diags, place(p, span), "Invalid type specification", detail, word);
    return false;
}

/* The arguments of a call with their parentheses. */
static struct span parens(const struct expr *call) {
    return span_join(call->call.open_paren, call->call.close_paren);
}

static struct typeexpr_defaults *defaults_of(struct parser *p, const struct type *type) {
    struct typeexpr_defaults *d = arena_alloc(p->arena, sizeof *d);
    d->type = type;
    return d;
}

static bool is_name(const struct expr *expr, struct str *ret_name) {
    if (expr->kind == EXPR_LITERAL && !expr->json &&
        (expr->literal.kind == VALUE_BOOL || expr->literal.kind == VALUE_NULL)) {
        *ret_name = expr->literal.kind == VALUE_NULL ? S("null")
                    : expr->literal.boolean          ? S("true")
                                                     : S("false");
        return true;
    }
    if (expr->kind != EXPR_TRAVERSAL || expr->traversal.n)
        return false;
    *ret_name = expr->traversal.root;
    return true;
}

static const char *missing_argument(struct str name) {
    if (str_eq(name, S("object")))
        return "The object type constructor requires one argument specifying the attribute types "
               "and values as a map.%s";
    if (str_eq(name, S("tuple")))
        return "The tuple type constructor requires one argument specifying the element types as a "
               "list.%s";
    if (str_eq(name, S("list")) || str_eq(name, S("set")) || str_eq(name, S("map")))
        return "The %s type constructor requires one argument specifying the element type.";
    return NULL;
}

/* What goes into that sentence: only those of the collections have a place for it. */
static const char *collection_word(struct arena *arena, struct str name) {
    bool structural = str_eq(name, S("object")) || str_eq(name, S("tuple"));
    return structural ? "" : str_c(arena, name);
}

static bool parse_keyword(struct parser *p, const struct expr *expr, struct str name,
                          struct parsed *ret) {
    *ret = (struct parsed){0};
    if (str_eq(name, S("string")))
        ret->type = type_string;
    else if (str_eq(name, S("number")))
        ret->type = type_number;
    else if (str_eq(name, S("bool")))
        ret->type = type_bool;
    else if (str_eq(name, S("any")))
        ret->type = type_dynamic;
    if (ret->type)
        return true;
    const char *missing = missing_argument(name);
    if (missing)
        return fail(p, expr_span(expr), missing, collection_word(p->arena, name));
    if (str_eq(name, S("optional")))
        return fail(p, expr_span(expr),
                    "Keyword \"optional\" is valid only as a modifier for object type "
                    "attributes.%s",
                    "");
    return fail(p, expr_span(expr), "The keyword %s is not a valid type specification.",
                quote_text(p->arena, name));
}

static bool parse_collection(struct parser *p, struct str name, const struct expr *arg,
                             struct parsed *ret) {
    struct parsed element;
    if (!parse(p, arg, &element))
        return false;
    *ret = (struct parsed){0};
    ret->type = str_eq(name, S("list"))  ? type_list(element.type)
                : str_eq(name, S("set")) ? type_set(element.type)
                                         : type_map(element.type);
    if (element.defaults) {
        ret->defaults = defaults_of(p, ret->type);
        map_put(p->arena, &ret->defaults->children, S(""), element.defaults);
    }
    return true;
}

static bool parse_tuple(struct parser *p, const struct expr *arg, struct parsed *ret) {
    if (arg->kind != EXPR_TUPLE)
        return fail(p, expr_span(arg), "Tuple type constructor requires a list of element types.%s",
                    "");
    const struct type **items = arena_array(p->arena, arg->list.n, sizeof(*items));
    struct typeexpr_defaults *defaults = NULL;
    for (uint32_t i = 0; i < arg->list.n; i++) {
        struct parsed item;
        if (!parse(p, arg->list.at[i], &item))
            return false;
        items[i] = item.type;
        if (!item.defaults)
            continue;
        if (!defaults)
            defaults = defaults_of(p, NULL);
        map_put(p->arena, &defaults->children, str_format(p->arena, "%u", i), item.defaults);
    }
    *ret = (struct parsed){type_tuple(items, arg->list.n), defaults};
    if (defaults)
        defaults->type = ret->type;
    return true;
}

/* One attribute of an object type. */
struct attr {
    struct parsed type;
    bool optional;
    struct value *fallback; /* or NULL */
};

static bool parse_default(struct parser *p, const struct expr *expr, struct attr *attr) {
    struct convert_error why;
    size_t errors = p->diags->n_errors;
    struct value v = eval_expr(p->arena, NULL, expr, p->diags), converted;
    if (p->diags->n_errors > errors)
        return false;
    if (attr->type.defaults)
        v = typeexpr_apply(p->arena, attr->type.defaults, v);
    if (!convert_value(p->arena, v, attr->type.type, &converted, &why)) {
        diags_error(p->diags, place(p, expr_span(expr)),
                    "Invalid default value for optional attribute",
                    "This default value is not compatible with the attribute's type constraint: "
                    "%.*s.",
                    STR_ARG(why.text)); /* without the place in the value, as the reference */
        return false;
    }
    attr->fallback = arena_copy(p->arena, &converted, sizeof converted);
    return true;
}

static bool parse_attr(struct parser *p, const struct expr *expr, struct attr *ret) {
    *ret = (struct attr){0};
    if (expr->kind != EXPR_CALL || !str_eq(expr->call.name, S("optional")))
        return parse(p, expr, &ret->type);
    const struct expr_list args = expr->call.args;
    ret->optional = true;
    if (args.n < 1)
        return fail(p, parens(expr),
                    "Optional attribute modifier requires the attribute type as its argument.%s",
                    "");
    if (args.n > 2)
        return fail(
            p, parens(expr),
            "Optional attribute modifier expects at most two arguments: the attribute type, "
            "and a default value.%s",
            "");
    return parse(p, args.at[0], &ret->type) && (args.n < 2 || parse_default(p, args.at[1], ret));
}

/* The attributes of an object type as they are read. */
struct object {
    const struct name **names;
    const struct type **items;
    bool *optional;
    uint32_t n;
    struct typeexpr_defaults *defaults;
};

static struct typeexpr_defaults *object_defaults(struct parser *p, struct object *o) {
    if (!o->defaults)
        o->defaults = defaults_of(p, NULL);
    return o->defaults;
}

static bool attr_name(struct parser *p, const struct object_item *item, struct str *ret_name) {
    const struct expr *key = item->key;
    if (is_name(key, ret_name))
        return true;
    if (key->kind == EXPR_LITERAL && key->json && key->literal.kind == VALUE_STRING) {
        *ret_name = value_str(key->literal);
        return true;
    }
    return fail(p, expr_span(key), "Object constructor map keys must be attribute names.%s", "");
}

static bool add_attr(struct parser *p, const struct object_item *item, struct object *o) {
    struct attr attr;
    struct str name;
    if (!attr_name(p, item, &name))
        return false;
    const struct name *interned = intern_name(name);
    uint32_t at = 0;
    while (at < o->n && o->names[at] != interned)
        at++;
    if (at < o->n)
        return fail(p, expr_span(item->key), "Object constructor map keys must be unique.%s", "");
    if (!parse_attr(p, item->value, &attr))
        return false;
    o->n++;
    o->names[at] = interned;
    o->items[at] = attr.type.type;
    o->optional[at] = attr.optional;
    if (attr.type.defaults)
        map_put(p->arena, &object_defaults(p, o)->children, name, attr.type.defaults);
    if (attr.fallback)
        map_put(p->arena, &object_defaults(p, o)->attrs, name, attr.fallback);
    return true;
}

static bool parse_object(struct parser *p, const struct expr *arg, struct parsed *ret) {
    if (arg->kind != EXPR_OBJECT)
        return fail(p, expr_span(arg),
                    "Object type constructor requires a map whose keys are attribute names and "
                    "whose values are the corresponding attribute types.%s",
                    "");
    uint32_t n = arg->items.n;
    struct object o = {arena_array(p->arena, n, sizeof(*o.names)),
                       arena_array(p->arena, n, sizeof(*o.items)),
                       arena_array(p->arena, n, sizeof *o.optional), 0, NULL};
    bool ok = true;
    for (uint32_t i = 0; i < n; i++)
        ok = add_attr(p, &arg->items.at[i], &o) && ok;
    if (!ok)
        return false;
    *ret = (struct parsed){type_object(o.names, o.items, o.optional, o.n), o.defaults};
    if (o.defaults)
        o.defaults->type = ret->type;
    return true;
}

static bool parse_call(struct parser *p, const struct expr *expr, struct parsed *ret) {
    struct str name = expr->call.name;
    const struct expr_list args = expr->call.args;
    if (str_eq(name, S("bool")) || str_eq(name, S("string")) || str_eq(name, S("number")))
        return fail(p, parens(expr), "Primitive type keyword %s does not expect arguments.",
                    quote_text(p->arena, name));
    if (str_eq(name, S("any")))
        return fail(p, parens(expr), "Type constraint keyword \"any\" does not expect arguments.%s",
                    "");
    if (str_eq(name, S("optional")))
        return fail(p, expr->call.name_span,
                    "Keyword \"optional\" is valid only as a modifier for object type "
                    "attributes.%s",
                    "");
    const char *missing = missing_argument(name);
    if (!missing)
        return fail(p, expr_span(expr), "Keyword %s is not a valid type constructor.",
                    quote_text(p->arena, name));
    if (args.n != 1)
        return fail(p, args.n ? expr_span(args.at[1]) : parens(expr), missing,
                    collection_word(p->arena, name));
    if (str_eq(name, S("object")))
        return parse_object(p, args.at[0], ret);
    if (str_eq(name, S("tuple")))
        return parse_tuple(p, args.at[0], ret);
    return parse_collection(p, name, args.at[0], ret);
}

/* In JSON a type is a string that holds the expression. */
static bool parse_json_string(struct parser *p, const struct expr *expr, struct parsed *ret) {
    struct sources *sources = sources_new(p->arena);
    struct diags *inner = diags_new(p->arena);
    uint32_t file = sources_add(sources, S(""), value_str(expr->literal));
    struct expr *parsed = parse_expr(p->arena, sources, file, inner);
    p->fixed = expr_span(expr);
    bool ok = !diags_failed(inner) && parse(p, parsed, ret);
    if (diags_failed(inner))
        fail(p, expr_span(expr),
             "A type specification is either a primitive type keyword (bool, number, string) or a "
             "complex type constructor call, like list(string).%s",
             "");
    p->fixed = (struct span){0};
    return ok;
}

static bool parse_kind(struct parser *p, const struct expr *expr, struct parsed *ret) {
    struct str name;
    if (is_name(expr, &name))
        return parse_keyword(p, expr, name, ret);
    if (expr->kind == EXPR_CALL)
        return parse_call(p, expr, ret);
    if (expr->kind == EXPR_LITERAL && expr->json && expr->literal.kind == VALUE_STRING &&
        !p->fixed.file)
        return parse_json_string(p, expr, ret);
    return fail(p, expr_span(expr),
                "A type specification is either a primitive type keyword (bool, number, string) or "
                "a complex type constructor call, like list(string).%s",
                "");
}

static bool parse(struct parser *p, const struct expr *expr, struct parsed *ret) {
    if (p->depth >= MAX_DEPTH)
        return fail(p, expr_span(expr), "This type specification is nested too deeply.%s", "");
    p->depth++;
    bool ok = parse_kind(p, expr, ret);
    p->depth--;
    return ok;
}

bool typeexpr_parse(struct arena *arena, const struct expr *expr, const struct type **ret_type,
                    struct typeexpr_defaults **ret_defaults, struct diags *diags) {
    struct diags own = {.arena = diags->arena};
    struct parser p = {.arena = arena, .diags = &own};
    struct parsed parsed = {0};
    bool ok = parse(&p, expr, &parsed);
    diags_append(diags, &own);
    if (!ok)
        return false;
    *ret_type = parsed.type;
    *ret_defaults = parsed.defaults;
    return true;
}

/* Defaults. */

static struct value apply_elements(struct arena *arena, const struct typeexpr_defaults *d,
                                   struct value v) {
    size_t n = value_count(v);
    struct value *items = arena_array(arena, n, sizeof *items);
    bool tuple = d->type->kind == TYPE_TUPLE;
    for (size_t i = 0; i < n; i++) {
        struct str key = tuple ? str_format(arena, "%zu", i) : S("");
        items[i] = typeexpr_apply(arena, map_get(&d->children, key), value_at(v, i));
    }
    return value_tuple(arena, items, n);
}

static void put_missing(struct arena *arena, const struct typeexpr_defaults *d,
                        const struct name **names, struct value *items, size_t *n) {
    for (size_t i = 0; i < d->attrs.n; i++) {
        struct str key = d->attrs.entries[i].key;
        struct value fallback = *(struct value *)d->attrs.entries[i].value;
        const struct name *name = intern_name(key);
        size_t at = 0;
        while (at < *n && names[at] != name)
            at++;
        if (at < *n && !value_is_null(items[at]))
            continue;
        *n = at == *n ? at + 1 : *n;
        names[at] = name;
        items[at] = typeexpr_apply(arena, map_get(&d->children, key), fallback);
    }
}

static struct value apply_attrs(struct arena *arena, const struct typeexpr_defaults *d,
                                struct value v) {
    size_t n = value_count(v);
    const struct name **names = arena_array(arena, n + d->attrs.n, sizeof(*names));
    struct value *items = arena_array(arena, n + d->attrs.n, sizeof *items);
    bool object = d->type->kind == TYPE_OBJECT;
    for (size_t i = 0; i < n; i++) {
        struct str key = value_key(v, i);
        names[i] = intern_name(key);
        items[i] =
            typeexpr_apply(arena, map_get(&d->children, object ? key : S("")), value_at(v, i));
    }
    if (object)
        put_missing(arena, d, names, items, &n);
    return value_object(arena, names, items, n);
}

struct value typeexpr_apply(struct arena *arena, const struct typeexpr_defaults *defaults,
                            struct value v) {
    if (!defaults || !value_is_known(v) || value_is_null(v))
        return v;
    switch ((enum value_kind)v.kind) {
    case VALUE_LIST:
    case VALUE_SET:
    case VALUE_TUPLE:
        if (defaults->type->kind == TYPE_OBJECT || defaults->type->kind == TYPE_MAP)
            return v;
        return value_mark(apply_elements(arena, defaults, v), value_marks(v));
    case VALUE_MAP:
    case VALUE_OBJECT:
        if (defaults->type->kind != TYPE_OBJECT && defaults->type->kind != TYPE_MAP)
            return v;
        return value_mark(apply_attrs(arena, defaults, v), value_marks(v));
    default:
        return v;
    }
}
