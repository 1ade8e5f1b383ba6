/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs cases in the form of HCL's own specification suite: NAME.t says what reading NAME.hcl (and
 * NAME.hcl.json) with the decoding specification NAME.hcldec gives, a value or places of errors.
 * Arguments are .t files and folders, which are searched.
 */
#include <stdio.h>

#include "base/arena.h"
#include "base/fs.h"
#include "eval/eval.h"
#include "eval/typeexpr.h"
#include "hcl/body.h"
#include "hcl/parse.h"
#include "value/as_json.h"
#include "value/convert.h"

#define MAX_FILE ((size_t)1 << 20)
#define MAX_PARTS 64

struct suite {
    struct arena *arena;
    struct sources *sources;
    struct scope scope;
    size_t n_cases, n_failed;
};

/* One case being read. */
struct reader {
    struct suite *suite;
    struct diags *diags;
    struct str names[MAX_PARTS]; /* the specification's variables */
    struct value values[MAX_PARTS];
    size_t n_names;
};

static struct body *read_body(struct suite *suite, struct str path, struct diags *diags) {
    struct str text;
    if (fs_read(suite->arena, path, MAX_FILE, &text)) {
        diags_error(diags, (struct span){0}, "Cannot read file", "%.*s", STR_ARG(path));
        return NULL;
    }
    uint32_t file = sources_add(suite->sources, path, text);
    bool json = str_ends(path, S(".json"));
    return (json ? parse_json_file : parse_file)(suite->arena, suite->sources, file, diags);
}

static const struct expr *arg(const struct body *spec, const char *name) {
    for (uint32_t i = 0; i < spec->n_attributes; i++)
        if (str_eq(spec->attributes[i].name, str_from(name)))
            return spec->attributes[i].expr;
    return NULL;
}

static struct value evaluate(struct reader *r, const struct expr *expr) {
    return eval_with(r->suite->arena, &r->suite->scope, expr, r->names, r->values, r->n_names,
                     r->diags);
}

/* A string argument of a specification, or what it is when absent. */
static struct str text_arg(struct reader *r, const struct body *spec, const char *name,
                           struct str otherwise) {
    const struct expr *expr = arg(spec, name);
    struct value v = expr ? evaluate(r, expr) : value_null(type_string);
    return v.kind == VALUE_STRING ? value_str(v) : otherwise;
}

static bool bool_arg(struct reader *r, const struct body *spec, const char *name) {
    const struct expr *expr = arg(spec, name);
    struct value v = expr ? evaluate(r, expr) : value_bool(false);
    return v.kind == VALUE_BOOL && v.boolean;
}

static struct str key_of(const struct block *spec) {
    return spec->n_labels ? spec->labels[0] : S("");
}

static bool is_kind(const struct block *spec, const char *kind) {
    return str_eq(spec->type, str_from(kind));
}

/* What the specifications of one level of nesting ask of a body. */
struct asked {
    struct body_attr_schema attrs[MAX_PARTS];
    struct body_block_schema blocks[MAX_PARTS];
    struct body_schema schema;
};

static uint32_t label_names(struct reader *r, const struct body *spec,
                            const struct str **ret_names) {
    const struct expr *expr = arg(spec, "labels");
    if (!expr || expr->kind != EXPR_TUPLE)
        return 0;
    struct str *names = arena_array(r->suite->arena, expr->list.n, sizeof *names);
    for (uint32_t i = 0; i < expr->list.n; i++)
        names[i] = value_str(evaluate(r, expr->list.at[i]));
    *ret_names = names;
    return expr->list.n;
}

static void ask(struct reader *r, const struct block *spec, struct asked *asked) {
    struct body_schema *schema = &asked->schema;
    if (is_kind(spec, "attr") && schema->n_attrs < MAX_PARTS) {
        asked->attrs[schema->n_attrs++] = (struct body_attr_schema){
            text_arg(r, spec->body, "name", key_of(spec)), bool_arg(r, spec->body, "required")};
    } else if (str_starts(spec->type, S("block")) && schema->n_blocks < MAX_PARTS) {
        struct body_block_schema block = {.type =
                                              text_arg(r, spec->body, "block_type", key_of(spec))};
        block.n_labels = label_names(r, spec->body, &block.label_names);
        asked->blocks[schema->n_blocks++] = block;
    } else {
        for (uint32_t i = 0; i < spec->body->n_blocks; i++)
            ask(r, &spec->body->blocks[i], asked);
    }
    schema->attrs = asked->attrs;
    schema->blocks = asked->blocks;
}

static struct value decode_body(struct reader *r, const struct block *spec,
                                const struct body *body);

static struct value decode_attr(struct reader *r, const struct block *spec,
                                const struct body_content *content) {
    const struct expr *type_expr = arg(spec->body, "type");
    const struct type *type = type_dynamic;
    struct typeexpr_defaults *defaults;
    struct value v;
    struct convert_error error;
    if (type_expr && !typeexpr_parse(r->suite->arena, type_expr, &type, &defaults, r->diags))
        return value_unknown(type_dynamic);
    const struct attribute *attr =
        body_attr(content, text_arg(r, spec->body, "name", key_of(spec)));
    if (!attr)
        return value_null(type);
    if (convert_value(r->suite->arena, evaluate(r, attr->expr), type, &v, &error))
        return v;
    diags_error(r->diags, expr_span(attr->expr), "Incorrect attribute value type", "%.*s",
                STR_ARG(error.text));
    return value_unknown(type);
}

static struct value decode(struct reader *r, const struct block *spec,
                           const struct body_content *content);

static struct value decode_object(struct reader *r, const struct block *spec,
                                  const struct body_content *content) {
    const struct name *names[MAX_PARTS];
    struct value values[MAX_PARTS];
    size_t n = 0;
    for (uint32_t i = 0; i < spec->body->n_blocks && n < MAX_PARTS; i++) {
        names[n] = intern_name(key_of(&spec->body->blocks[i]));
        values[n++] = decode(r, &spec->body->blocks[i], content);
    }
    return value_object(r->suite->arena, names, values, n);
}

/* The blocks of one type, as the kind of the specification collects them. */
static struct value decode_blocks(struct reader *r, const struct block *spec,
                                  const struct body_content *content) {
    struct arena *arena = r->suite->arena;
    struct str type = text_arg(r, spec->body, "block_type", key_of(spec));
    const struct block *inner = spec->body->n_blocks ? &spec->body->blocks[0] : NULL;
    struct value values[MAX_PARTS];
    struct str keys[MAX_PARTS];
    size_t n = 0;
    for (size_t i = 0; inner && i < content->n_blocks && n < MAX_PARTS; i++) {
        const struct block *block = content->blocks[i];
        if (!str_eq(block->type, type))
            continue;
        keys[n] = block->n_labels ? block->labels[0] : S("");
        values[n++] = decode_body(r, inner, block->body);
    }
    const struct type *element = n ? value_type(values[0]) : type_dynamic;
    if (is_kind(spec, "block"))
        return n ? values[0] : value_null(type_dynamic);
    if (is_kind(spec, "block_map"))
        return value_map(arena, element, keys, values, n);
    if (is_kind(spec, "block_set"))
        return value_set(arena, element, values, n);
    if (is_kind(spec, "block_tuple"))
        return value_tuple(arena, values, n);
    return value_list(arena, element, values, n);
}

static struct value decode(struct reader *r, const struct block *spec,
                           const struct body_content *content) {
    if (is_kind(spec, "object"))
        return decode_object(r, spec, content);
    if (is_kind(spec, "attr"))
        return decode_attr(r, spec, content);
    if (is_kind(spec, "literal"))
        return evaluate(r, arg(spec->body, "value"));
    if (str_starts(spec->type, S("block")))
        return decode_blocks(r, spec, content);
    diags_error(r->diags, spec->type_span, "Unsupported specification", NULL);
    return value_unknown(type_dynamic);
}

static struct value decode_body(struct reader *r, const struct block *spec,
                                const struct body *body) {
    struct asked *asked = arena_alloc(r->suite->arena, sizeof *asked);
    ask(r, spec, asked);
    struct body_content *content = body_content(r->suite->arena, body, &asked->schema, r->diags);
    return decode(r, spec, content);
}

static void read_variables(struct reader *r, const struct body *spec) {
    for (uint32_t i = 0; i < spec->n_attributes && r->n_names < MAX_PARTS; i++) {
        struct value v = evaluate(r, spec->attributes[i].expr);
        r->names[r->n_names] = spec->attributes[i].name;
        r->values[r->n_names++] = v;
    }
}

/* The value that the input has by the specification. */
static struct value decode_input(struct suite *suite, struct str spec_path, struct str input_path,
                                 struct diags *diags) {
    struct reader r = {.suite = suite, .diags = diags};
    struct value result = value_unknown(type_dynamic);
    struct body *spec = read_body(suite, spec_path, diags);
    if (!spec || diags_failed(diags))
        return result;
    struct body *input = read_body(suite, input_path, diags);
    if (diags_failed(diags))
        return result;
    for (uint32_t i = 0; i < spec->n_blocks; i++)
        if (is_kind(&spec->blocks[i], "variables"))
            read_variables(&r, spec->blocks[i].body);
    for (uint32_t i = 0; i < spec->n_blocks; i++)
        if (!is_kind(&spec->blocks[i], "variables"))
            result = decode_body(&r, &spec->blocks[i], input);
    return result;
}

static struct str as_text(struct arena *arena, struct value v) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    as_json_write(&out, v, type_dynamic, false);
    return buf_take(&out, arena);
}

static bool same_value(struct reader *r, const struct body *test, struct value got,
                       struct str *ret_why) {
    struct arena *arena = r->suite->arena;
    const struct type *type = value_type(got);
    struct typeexpr_defaults *defaults;
    struct convert_error error;
    struct value want;
    if (arg(test, "result_type") &&
        !typeexpr_parse(arena, arg(test, "result_type"), &type, &defaults, r->diags))
        return false;
    if (!arg(test, "result"))
        return true;
    if (!convert_value(arena, evaluate(r, arg(test, "result")), type, &want, &error) ||
        !convert_value(arena, got, type, &got, &error)) {
        *ret_why = error.text;
        return false;
    }
    struct str want_text = as_text(arena, want), got_text = as_text(arena, got);
    *ret_why =
        str_format(arena, "wants %.*s\n  but got %.*s", STR_ARG(want_text), STR_ARG(got_text));
    return str_eq(want_text, got_text);
}

static int64_t number_at(struct reader *r, const struct body *error, const char *side) {
    int64_t byte = -1;
    for (uint32_t i = 0; i < error->n_blocks; i++)
        if (is_kind(&error->blocks[i], side) && arg(error->blocks[i].body, "byte"))
            value_to_int(evaluate(r, arg(error->blocks[i].body, "byte")), &byte);
    return byte;
}

static bool is_expected(struct reader *r, const struct body *expected, const struct diag *diag) {
    for (uint32_t i = 0; i < expected->n_blocks; i++) {
        const struct block *one = &expected->blocks[i];
        bool severity = is_kind(one, diag->severity == SEVERITY_ERROR ? "error" : "warning");
        if (severity && number_at(r, one->body, "from") == diag->subject.start &&
            number_at(r, one->body, "to") == diag->subject.end)
            return true;
    }
    return false;
}

static bool same_diags(struct reader *r, const struct body *expected, const struct diags *got,
                       struct str *ret_why) {
    uint32_t n = expected ? expected->n_blocks : 0;
    for (size_t i = 0; i < got->n; i++) {
        struct str where = sources_range(r->suite->arena, r->suite->sources, got->at[i].subject);
        *ret_why = str_format(r->suite->arena, "unexpected: %.*s: %.*s: %.*s", STR_ARG(where),
                              STR_ARG(got->at[i].summary), STR_ARG(got->at[i].detail));
        if (!expected || !is_expected(r, expected, &got->at[i]))
            return false;
    }
    *ret_why = S("a message is missing");
    return got->n == n;
}

static void run_input(struct suite *suite, struct str base, const char *ending,
                      const struct body *test) {
    struct str spec = str_cat(suite->arena, base, S(".hcldec"));
    struct str input = str_cat(suite->arena, base, str_from(ending)), why = S("");
    if (!fs_exists(input))
        return;
    struct reader r = {.suite = suite, .diags = diags_new(suite->arena)};
    struct diags *got = diags_new(suite->arena);
    const struct body *expected = NULL;
    for (uint32_t i = 0; i < test->n_blocks; i++)
        if (is_kind(&test->blocks[i], "diagnostics"))
            expected = test->blocks[i].body;
    struct value v = decode_input(suite, spec, input, got);
    bool ok = same_diags(&r, expected, got, &why) && (expected || same_value(&r, test, v, &why));
    suite->n_cases++;
    suite->n_failed += !ok;
    if (!ok)
        printf("%.*s:\n  %.*s\n", STR_ARG(input), STR_ARG(why));
}

static void run_test(struct suite *suite, struct str path) {
    struct diags *diags = diags_new(suite->arena);
    struct body *test = read_body(suite, path, diags);
    if (!test || diags_failed(diags)) {
        printf("%.*s: cannot be read\n", STR_ARG(path));
        suite->n_failed++;
        return;
    }
    struct str base = str_slice(path, 0, path.len - 2);
    run_input(suite, base, ".hcl", test);
    run_input(suite, base, ".hcl.json", test);
}

static void run_path(struct suite *suite, struct str path) {
    struct str *names;
    size_t n;
    if (!fs_is_dir(path)) {
        if (str_ends(path, S(".t")))
            run_test(suite, path);
        return;
    }
    if (fs_list(suite->arena, path, &names, &n))
        return;
    for (size_t i = 0; i < n; i++)
        run_path(suite, fs_join(suite->arena, path, names[i]));
}

int main(int argc, char **argv) {
    struct suite suite = {.arena = arena_new()};
    suite.sources = sources_new(suite.arena);
    suite.scope = (struct scope){.sources = suite.sources, .base_dir = S(".")};
    for (int i = 1; i < argc; i++)
        run_path(&suite, str_from(argv[i]));
    printf("%zu cases, %zu failed\n", suite.n_cases, suite.n_failed);
    arena_free(suite.arena);
    return suite.n_failed || !suite.n_cases ? 1 : 0;
}
