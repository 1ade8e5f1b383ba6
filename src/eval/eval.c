/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/eval.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/map.h"
#include "base/utf8.h"
#include "eval/eval_int.h"
#include "eval/quote.h"
#include "value/convert.h"
#include "value/ops.h"

static struct value dynamic(unsigned marks) {
    return value_mark(value_unknown(type_dynamic), marks);
}

struct diag *eval_fail(const struct eval_env *env, struct span subject, struct span context,
                       const struct expr *about, const char *summary, const char *detail, ...) {
    va_list args;
    va_start(args, detail);
    struct str text = str_vformat(env->diags->arena, detail, args);
    va_end(args);
    struct diag *diag = diags_add(env->diags, SEVERITY_ERROR, subject, str_from(summary), text);
    diag->context = context;
    if (about && !env->quiet)
        explain_diag(env, about, 0, diag);
    return diag;
}

const char *eval_why(const struct eval_env *env, const struct convert_error *error) {
    return str_c(env->arena, error->text);
}

static const struct eval_binding *find_binding(const struct eval_env *env, struct str name) {
    for (const struct eval_binding *b = env->bindings; b; b = b->next)
        if (str_eq(b->name, name))
            return b;
    return NULL;
}

/* Attributes and elements. */

/* One failed step: what the caller needs for a diagnostic. */
struct step_error {
    const char *summary;
    struct str detail;
};

static bool step_fail(struct step_error *error, const char *summary, struct str detail) {
    error->summary = summary;
    error->detail = detail;
    return false;
}

static bool attr_unsupported(struct arena *arena, const struct type *type, struct str name,
                             struct step_error *error) {
    const char *summary = "Unsupported attribute";
    bool of_objects =
        (type->kind == TYPE_LIST || type->kind == TYPE_SET) && type->element->kind == TYPE_OBJECT;
    if (of_objects && type->kind == TYPE_SET)
        return step_fail(error, summary,
                         S("Can't access attributes on a set of objects. Did you mean to access "
                           "an attribute across all elements of the set?"));
    if (of_objects && type_attr(type->element, intern_name(name)) >= 0)
        return step_fail(error, summary,
                         str_format(arena,
                                    "Can't access attributes on a list of objects. Did you mean to "
                                    "access attribute %s for a specific element of the list, or "
                                    "across all elements of the list?",
                                    quote_text(arena, name)));
    if (of_objects)
        return step_fail(error, summary,
                         S("Can't access attributes on a list of objects. Did you mean to access "
                           "an attribute for a specific element of the list, or across all "
                           "elements of the list?"));
    if (type_is_primitive(type))
        return step_fail(error, summary,
                         str_format(arena,
                                    "Can't access attributes on a primitive-typed value (%.*s).",
                                    STR_ARG(type_friendly(arena, type))));
    return step_fail(error, summary, S("This value does not have any attributes."));
}

static bool attr_of_object(struct arena *arena, struct value v, const struct type *type,
                           struct str name, struct value *ret_value, struct step_error *error) {
    ptrdiff_t at = type_attr(type, intern_name(name));
    if (at < 0)
        return step_fail(error, "Unsupported attribute",
                         str_format(arena, "This object does not have an attribute named %s.",
                                    quote_text(arena, name)));
    struct value got = value_is_known(v) ? value_at(v, (size_t)at) : value_unknown(type->items[at]);
    *ret_value = value_mark(got, value_marks(v));
    return true;
}

static bool attr_step(struct arena *arena, struct value v, struct str name, struct value *ret_value,
                      struct step_error *error) {
    const struct type *type = value_type(v);
    struct value got;
    if (value_is_null(v))
        return step_fail(error, "Attempt to get attribute from null value",
                         S("This value is null, so it does not have any attributes."));
    switch (type->kind) {
    case TYPE_DYNAMIC:
        *ret_value = dynamic(value_marks(v));
        return true;
    case TYPE_OBJECT:
        return attr_of_object(arena, v, type, name, ret_value, error);
    case TYPE_MAP:
        if (!value_is_known(v))
            got = value_unknown(type->element);
        else if (!value_get(v, name, &got))
            return step_fail(error, "Missing map element",
                             str_format(arena, "This map does not have an element with the key %s.",
                                        quote_text(arena, name)));
        *ret_value = value_mark(got, value_marks(v));
        return true;
    default:
        return attr_unsupported(arena, type, name, error);
    }
}

#define NO_ELEMENT "The given key does not identify an element in this collection value"

static bool index_fail(struct step_error *error, struct str detail) {
    return step_fail(error, "Invalid index", detail);
}

/* Why a known number is no index of a sequence of n elements. */
static struct str index_refusal(struct value key, size_t n) {
    if (!ops_is_whole(key))
        return S(NO_ELEMENT
                 ": indexing a sequence requires a whole number, but the given index has "
                 "a fractional part.");
    if (ops_compare(key, value_int(0)) < 0)
        return S(NO_ELEMENT ": a negative number is not a valid index for a sequence.");
    if (ops_compare(key, value_int((int64_t)n)) > 0)
        return S(NO_ELEMENT ".");
    if (n == 0)
        return S(NO_ELEMENT ": the collection has no elements.");
    return S(NO_ELEMENT ": the given index is greater than or equal to the length of the "
                        "collection.");
}

static bool index_sequence(struct value v, const struct type *type, struct value key,
                           struct value *ret_value, struct step_error *error) {
    bool tuple = type->kind == TYPE_TUPLE;
    int64_t at;
    if (!value_is_known(key) || (!tuple && !value_is_known(v))) {
        *ret_value = value_unknown(tuple ? type_dynamic : type->element);
        return true;
    }
    size_t n = tuple ? type->n : value_count(v);
    if (!value_to_int(key, &at) || at < 0 || (uint64_t)at >= n)
        return index_fail(error, index_refusal(key, n));
    *ret_value = value_is_known(v) ? value_at(v, (size_t)at) : value_unknown(type->items[at]);
    return true;
}

static bool index_map(struct value v, const struct type *type, struct value key,
                      struct value *ret_value, struct step_error *error) {
    if (!value_is_known(key) || !value_is_known(v)) {
        *ret_value = value_unknown(type->element);
        return true;
    }
    if (value_get(v, value_str(key), ret_value))
        return true;
    return index_fail(error, S(NO_ELEMENT "."));
}

static bool index_object(struct value v, const struct type *type, struct value key, bool number,
                         struct value *ret_value, struct step_error *error) {
    if (!value_is_known(key)) {
        *ret_value = value_unknown(type_dynamic);
        return true;
    }
    ptrdiff_t at = type_attr(type, intern_name(value_str(key)));
    if (at < 0)
        return index_fail(error, number ? S(NO_ELEMENT ". An object only supports looking up "
                                                       "attributes by name, not by numeric index.")
                                        : S(NO_ELEMENT "."));
    *ret_value = value_is_known(v) ? value_at(v, (size_t)at) : value_unknown(type->items[at]);
    return true;
}

static bool index_by_kind(struct arena *arena, struct value v, struct value key,
                          struct value *ret_value, struct step_error *error) {
    const struct type *type = value_type(v);
    bool sequence = type->kind == TYPE_LIST || type->kind == TYPE_TUPLE;
    struct convert_error why;
    struct value converted;
    if (type->kind == TYPE_SET)
        return index_fail(error,
                          S("Elements of a set are identified only by their value and don't "
                            "have any separate index or key to select with, so it's only "
                            "possible to perform operations across all elements of the set."));
    if (!sequence && type->kind != TYPE_MAP && type->kind != TYPE_OBJECT)
        return index_fail(error, S("This value does not have any indices."));
    if (!convert_value(arena, key, sequence ? type_number : type_string, &converted, &why))
        return index_fail(error, str_format(arena, NO_ELEMENT ": %.*s.", STR_ARG(why.text)));
    converted = value_unmark(converted);
    if (sequence)
        return index_sequence(v, type, converted, ret_value, error);
    if (type->kind == TYPE_MAP)
        return index_map(v, type, converted, ret_value, error);
    return index_object(v, type, converted, value_type(key) == type_number, ret_value, error);
}

static bool index_step(struct arena *arena, struct value v, struct value key,
                       struct value *ret_value, struct step_error *error) {
    /* The key of an object is a name, whose marks the reference does not carry over. */
    bool object = value_type(v)->kind == TYPE_OBJECT;
    unsigned marks = value_marks(v) | (object ? 0 : value_marks(key));
    struct value got;
    if (value_is_null(v))
        return step_fail(error, "Attempt to index null value",
                         S("This value is null, so it does not have any indices."));
    if (value_is_null(key))
        return index_fail(error, S("Can't use a null value as an indexing key."));
    if (value_type(v) == type_dynamic || value_type(key) == type_dynamic) {
        *ret_value = dynamic(marks);
        return true;
    }
    if (!index_by_kind(arena, v, key, &got, error))
        return false;
    *ret_value = value_mark(got, marks);
    return true;
}

/* Traversals. */

static bool take_step(const struct eval_env *env, const struct expr *about, struct value v,
                      const struct step *step, struct value *ret_value) {
    struct step_error error;
    bool ok = step->kind == STEP_ATTR ? attr_step(env->arena, v, step->name, ret_value, &error)
                                      : index_step(env->arena, v, step->index, ret_value, &error);
    if (!ok)
        eval_fail(env, step->span, (struct span){0}, about, error.summary, "%.*s",
                  STR_ARG(error.detail));
    return ok;
}

static struct value take_steps(const struct eval_env *env, const struct expr *about, struct value v,
                               const struct step *steps, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (!take_step(env, about, v, &steps[i], &v))
            return dynamic(0);
    return v;
}

static struct value no_scope(const struct eval_env *env, const struct expr *expr) {
    const struct traversal *t = &expr->traversal;
    if (env->hard_failure)
        *env->hard_failure = true;
    if (!env->scope || env->scope->constant_only)
        eval_fail(env, t->root_span, (struct span){0}, NULL, "Variables not allowed",
                  "Variables may not be used here.");
    else
        eval_fail(env, t->root_span, (struct span){0}, NULL, "Unknown variable",
                  "There is no variable named %s.", quote_text(env->arena, t->root));
    return dynamic(0);
}

/* The referenced value; key as in scope_ops.get. false: an error was added. */
static bool get_ref(const struct eval_env *env, const struct ref *ref, const struct value *key,
                    struct value *ret_value, bool *ret_used_key) {
    *ret_used_key = false;
    if (env->scope->ops->get(env->scope, env->arena, ref, key, ret_value, ret_used_key, env->diags))
        return true;
    if (env->hard_failure)
        *env->hard_failure = true;
    return false;
}

static bool can_refer(const struct eval_env *env) {
    return env->scope && env->scope->ops && env->scope->ops->get;
}

static bool parse_ref(const struct eval_env *env, const struct expr *expr, struct ref *ret_ref) {
    if (refs_parse(env->arena, &expr->traversal, expr_span(expr), ret_ref, env->diags))
        return true;
    if (env->hard_failure)
        *env->hard_failure = true;
    return false;
}

static struct value eval_traversal(const struct eval_env *env, const struct expr *expr) {
    const struct traversal *t = &expr->traversal;
    const struct eval_binding *bound = find_binding(env, t->root);
    struct ref ref;
    struct value v;
    bool used_key;
    if (bound)
        return take_steps(env, expr, bound->value, t->steps, t->n);
    if (!can_refer(env))
        return no_scope(env, expr);
    if (!parse_ref(env, expr, &ref) ||
        !get_ref(env, &ref, ref.has_key ? &ref.key : NULL, &v, &used_key))
        return dynamic(0);
    if (ref.has_key && !used_key && !take_step(env, expr, v, ref.rest - 1, &v))
        return dynamic(0);
    return take_steps(env, expr, v, ref.rest, ref.n_rest);
}

/* A reference to a whole resource or module, of which an index may pick one instance. */
static bool picks_instance(const struct eval_env *env, const struct expr *expr,
                           struct ref *ret_ref) {
    if (expr->kind != EXPR_TRAVERSAL || !can_refer(env) || find_binding(env, expr->traversal.root))
        return false;
    if (!refs_parse(env->arena, &expr->traversal, expr_span(expr), ret_ref, NULL))
        return false;
    return ret_ref->kind >= REF_MANAGED && ret_ref->kind <= REF_MODULE && !ret_ref->has_key &&
           ret_ref->n_rest == 0;
}

static struct value eval_index_expr(const struct eval_env *env, const struct expr *expr) {
    const struct expr *collection = expr->operand[0];
    struct span brackets = {expr->file, collection->end, expr->end};
    size_t errors = env->diags->n_errors;
    struct step_error error;
    struct ref ref;
    struct value v, key, got;
    if (picks_instance(env, collection, &ref)) {
        bool used_key;
        key = eval_any(env, expr->operand[1]);
        bool plain = value_is_known(key) && !value_is_null(key);
        struct value bare = value_unmark(key);
        if (env->diags->n_errors > errors ||
            !get_ref(env, &ref, plain ? &bare : NULL, &v, &used_key))
            return dynamic(0);
        if (used_key)
            return value_mark(v, value_type(key) == type_number ? value_marks(key) : 0);
    } else {
        /* A faulty collection or key is unknown, but of the other one something may be said. */
        v = eval_any(env, collection);
        key = eval_any(env, expr->operand[1]);
    }
    if (index_step(env->arena, v, key, &got, &error))
        return got;
    eval_fail(env, brackets, expr_span(expr), expr, error.summary, "%.*s", STR_ARG(error.detail));
    return dynamic(0);
}

static struct value eval_relative(const struct eval_env *env, const struct expr *expr) {
    struct value source = eval_any(env, expr->relative.source);
    return take_steps(env, expr, source, expr->relative.traversal.steps,
                      expr->relative.traversal.n);
}

/* Templates. */

/* Appends one part, behind an error nothing; *known turns false at the first unknown one. `errors`
 * is how many there were before the template. */
static void template_part(const struct eval_env *env, const struct expr *whole,
                          const struct expr *part, size_t errors, struct buf *out, bool *known,
                          unsigned *marks) {
    struct convert_error why;
    struct value text, v = eval_any(env, part);
    if (value_is_null(v)) {
        eval_fail(env, expr_span(part), expr_span(whole), part,
                  "Invalid template interpolation value",
                  "The expression result is null. Cannot include a null value in a string "
                  "template.");
        return;
    }
    *marks |= value_marks(v);
    if (!value_is_known(v)) {
        *known = false;
        return;
    }
    if (!convert_value(env->arena, v, type_string, &text, &why))
        eval_fail(env, expr_span(part), expr_span(whole), part,
                  "Invalid template interpolation value",
                  "Cannot include the given value in a string template: %s.", eval_why(env, &why));
    else if (*known && env->diags->n_errors == errors)
        buf_add(out, value_str(value_unmark(text)));
}

static size_t last_rune_start(struct str text) {
    size_t at = text.len ? text.len - 1 : 0;
    while (at > 0 && ((unsigned char)text.at[at] & 0xC0) == 0x80)
        at--;
    return at;
}

/* Delimiters combine with nothing that may follow. */
static bool ends_in_delimiter(struct str text) {
    return text.len && strchr("-_:;/\\,.(){}[]|?!~ \t@#$%^&*+\"'", text.at[text.len - 1]) &&
           text.at[text.len - 1];
}

struct str eval_safe_prefix(struct str text) {
    size_t at = last_rune_start(text);
    if (ends_in_delimiter(text))
        return text;
    for (int i = 0; i < 32 && at > 0; i++) {
        size_t before = last_rune_start(str_slice(text, 0, at));
        if (utf8_graphemes(str_slice(text, before, text.len)) > 1)
            break;
        at = before;
    }
    return str_slice(text, 0, at);
}

static struct value template_value(const struct eval_env *env, struct span span, struct buf *out,
                                   bool known, bool failed) {
    if (out->overflow) {
        buf_clear(out);
        eval_fail(env, span, (struct span){0}, NULL, "Template result too long",
                  "The result of this template is longer than loam allows for one string.");
        return value_unknown(type_string);
    }
    if (known) {
        struct str text = buf_take(out, env->arena);
        return value_string(env->arena, text);
    }
    struct value_unknown what = {.type = type_string, .not_null = true, .max_length = -1};
    if (!failed)
        what.prefix = eval_safe_prefix(buf_take(out, env->arena));
    buf_clear(out);
    return value_unknown_refined(env->arena, &what);
}

static struct value eval_template(const struct eval_env *env, const struct expr *expr) {
    size_t errors = env->diags->n_errors;
    unsigned marks = 0;
    bool known = true;
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    for (uint32_t i = 0; i < expr->list.n; i++)
        template_part(env, expr, expr->list.at[i], errors, &out, &known, &marks);
    bool failed = env->diags->n_errors > errors;
    return value_mark(template_value(env, expr_span(expr), &out, known, failed), marks);
}

/* One iteration's result of %{for}; false: the whole is unknown. */
static bool join_part(const struct eval_env *env, const struct expr *expr, struct value v,
                      struct buf *out, unsigned *marks) {
    struct convert_error why;
    struct value text;
    *marks |= value_marks(v);
    if (value_is_null(v)) {
        eval_fail(env, expr_span(expr), (struct span){0}, expr,
                  "Invalid template interpolation value",
                  "An iteration result is null. Cannot include a null value in a string template.");
        return true;
    }
    if (!value_is_known(v))
        return false;
    if (!convert_value(env->arena, v, type_string, &text, &why))
        eval_fail(env, expr_span(expr), (struct span){0}, expr,
                  "Invalid template interpolation value",
                  "Cannot include one of the interpolation results into the string template: %s.",
                  eval_why(env, &why));
    else
        buf_add(out, value_str(value_unmark(text)));
    return true;
}

static struct value eval_join(const struct eval_env *env, const struct expr *expr) {
    struct value tuple = eval_any(env, expr->operand[0]);
    unsigned marks = value_marks(tuple);
    size_t errors = env->diags->n_errors;
    bool known = value_is_known(tuple) && !value_is_null(tuple);
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    for (size_t i = 0; known && i < value_count(tuple); i++)
        known = join_part(env, expr, value_at(tuple, i), &out, &marks);
    bool failed = env->diags->n_errors > errors;
    return value_mark(template_value(env, expr_span(expr), &out, known, failed), marks);
}

/* Constructors. */

static struct value eval_tuple(const struct eval_env *env, const struct expr *expr) {
    struct value *items = arena_array(env->arena, expr->list.n, sizeof *items);
    for (uint32_t i = 0; i < expr->list.n; i++)
        items[i] = eval_any(env, expr->list.at[i]);
    return value_tuple(env->arena, items, expr->list.n);
}

/* The key's value as written; false: an error was added. */
static bool object_key(const struct eval_env *env, const struct object_item *item,
                       struct value *ret_key) {
    const struct expr *key = item->key;
    size_t errors = env->diags->n_errors;
    if (item->bare_key && key->kind == EXPR_TRAVERSAL) {
        *ret_key = value_string_view(key->traversal.root);
        return true;
    }
    if (key->kind == EXPR_TRAVERSAL && !key->json) {
        eval_fail(env, expr_span(key), (struct span){0}, NULL, "Ambiguous attribute key",
                  "If this expression is intended to be a reference, wrap it in parentheses. If "
                  "it's instead intended as a literal name containing periods, wrap it in quotes "
                  "to create a string literal.");
        return false;
    }
    *ret_key = eval_any(env, key);
    return env->diags->n_errors == errors;
}

/* Told after the item's value was evaluated, as the reference does. */
static bool check_key(const struct eval_env *env, const struct object_item *item,
                      struct value *key) {
    struct convert_error why;
    if (value_is_null(*key)) {
        eval_fail(env, expr_span(item->value), (struct span){0}, item->key, "Null value as key",
                  "Can't use a null value as a key.");
        return false;
    }
    if (convert_value(env->arena, *key, type_string, key, &why))
        return true;
    eval_fail(env, expr_span(item->key), (struct span){0}, item->key, "Incorrect key type",
              "Can't use this value as a key: %s.", eval_why(env, &why));
    return false;
}

static struct value eval_object(const struct eval_env *env, const struct expr *expr) {
    struct object_build build;
    unsigned marks = 0;
    bool known = true;
    object_build_init(&build, env->arena);
    for (uint32_t i = 0; i < expr->items.n; i++) {
        const struct object_item *item = &expr->items.at[i];
        struct value key;
        bool ok = object_key(env, item, &key);
        struct value v = eval_any(env, item->value);
        if (!ok || !check_key(env, item, &key)) {
            known = false;
            continue;
        }
        marks |= value_marks(key);
        if (value_is_known(key))
            object_build_put(&build, value_str(key), v, true);
        else
            known = false;
    }
    return known ? value_mark(object_build_value(&build), marks) : dynamic(0);
}

/* Where only constants may stand, a JSON string is a text as it is, no template. */
static bool is_json_text(const struct eval_env *env, const struct expr *expr) {
    return expr->json && env->scope && env->scope->constant_only && env->scope->sources &&
           (expr->kind == EXPR_TEMPLATE || expr->kind == EXPR_WRAP ||
            (expr->kind == EXPR_INVALID && expr->errors));
}

static struct value json_text(const struct eval_env *env, const struct expr *expr) {
    struct json_error error;
    struct str source = sources_text(env->scope->sources, expr_span(expr));
    const struct json *text = json_parse(env->arena, source, &error);
    return text && text->kind == JSON_STRING ? value_string(env->arena, text->text) : dynamic(0);
}

static struct value eval_kind(const struct eval_env *env, const struct expr *expr) {
    if (is_json_text(env, expr))
        return json_text(env, expr);
    switch ((enum expr_kind)expr->kind) {
    case EXPR_LITERAL:
        return expr->literal;
    case EXPR_TEMPLATE:
        return eval_template(env, expr);
    case EXPR_WRAP:
    case EXPR_PARENS:
        return eval_any(env, expr->operand[0]);
    case EXPR_TRAVERSAL:
        return eval_traversal(env, expr);
    case EXPR_RELATIVE:
        return eval_relative(env, expr);
    case EXPR_INDEX:
        return eval_index_expr(env, expr);
    case EXPR_SPLAT:
        return loop_splat(env, expr);
    case EXPR_EACH:
        return env->each ? *env->each : dynamic(0);
    case EXPR_CALL:
        return invoke_eval(env, expr);
    case EXPR_CONDITIONAL:
        return conditional_eval(env, expr);
    case EXPR_BINARY:
        return operate_binary(env, expr);
    case EXPR_UNARY:
        return operate_unary(env, expr);
    case EXPR_TUPLE:
        return eval_tuple(env, expr);
    case EXPR_OBJECT:
        return eval_object(env, expr);
    case EXPR_FOR:
        return loop_for(env, expr);
    case EXPR_JOIN:
        return eval_join(env, expr);
    case EXPR_INVALID:
        if (expr->json && expr->errors)
            diags_append(env->diags, expr->errors);
        break;
    }
    return dynamic(0);
}

/* Said once, however many parts are left to refuse. */
static struct value too_large(const struct eval_env *env, const struct expr *expr) {
    static const char summary[] = "Expression too large";
    const struct diags *diags = env->diags;
    if (!diags->n || !str_eq(diags->at[diags->n - 1].summary, str_from(summary)))
        eval_fail(env, expr_span(expr), (struct span){0}, NULL, summary,
                  "The values made by this expression need more memory than loam allows.");
    return dynamic(0);
}

struct value eval_any(const struct eval_env *env, const struct expr *expr) {
    if (env->depth >= EVAL_MAX_DEPTH) {
        eval_fail(env, expr_span(expr), (struct span){0}, NULL, "Expression too deeply nested",
                  "This expression is nested more deeply than loam can evaluate.");
        return dynamic(0);
    }
    if (arena_used(env->arena) - env->used_before > EVAL_MAX_BYTES)
        return too_large(env, expr);
    struct eval_env inner = *env;
    inner.depth++;
    return eval_kind(&inner, expr);
}

/* The door. */

static struct eval_env env_of(struct arena *arena, const struct scope *scope, struct diags *diags) {
    return (struct eval_env){
        .arena = arena, .scope = scope, .diags = diags, .used_before = arena_used(arena)};
}

struct value eval_expr(struct arena *arena, const struct scope *scope, const struct expr *expr,
                       struct diags *diags) {
    struct eval_env env = env_of(arena, scope, diags);
    size_t errors = diags->n_errors;
    struct value v = eval_any(&env, expr);
    return diags->n_errors > errors ? value_unknown(type_dynamic) : v;
}

struct value eval_expr_as(struct arena *arena, const struct scope *scope, const struct expr *expr,
                          const struct type *type, struct str summary, struct diags *diags) {
    size_t errors = diags->n_errors;
    struct convert_error why;
    struct value converted, v = eval_expr(arena, scope, expr, diags);
    if (diags->n_errors > errors)
        return v;
    if (convert_value(arena, v, type, &converted, &why))
        return converted;
    struct str text = convert_error_text(arena, &why);
    struct diag *diag =
        diags_add(diags, SEVERITY_ERROR, expr_span(expr), summary,
                  str_format(arena, "Invalid expression value: %.*s.", STR_ARG(text)));
    eval_describe(arena, scope, expr, diag);
    return value_unknown(type_dynamic);
}

struct value eval_with(struct arena *arena, const struct scope *scope, const struct expr *expr,
                       const struct str *names, const struct value *values, size_t n,
                       struct diags *diags) {
    struct eval_env env = env_of(arena, scope, diags);
    struct eval_binding *bindings = arena_array(arena, n, sizeof *bindings);
    size_t errors = diags->n_errors;
    for (size_t i = 0; i < n; i++) {
        bindings[i] = (struct eval_binding){names[i], values[i], env.bindings};
        env.bindings = &bindings[i];
    }
    struct value v = eval_any(&env, expr);
    return diags->n_errors > errors ? value_unknown(type_dynamic) : v;
}

struct str eval_describe_value(struct arena *arena, struct value v) {
    return explain_value(arena, v, 0);
}

void eval_describe_cause(struct arena *arena, const struct scope *scope, const struct expr *expr,
                         unsigned causes, struct diag *diag) {
    struct eval_env env = env_of(arena, scope, NULL);
    explain_diag(&env, expr, causes, diag);
}

void eval_describe(struct arena *arena, const struct scope *scope, const struct expr *expr,
                   struct diag *diag) {
    eval_describe_cause(arena, scope, expr, 0, diag);
}
