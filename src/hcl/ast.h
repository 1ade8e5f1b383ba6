/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The syntax tree of HCL, both syntaxes. Expressions of the native syntax and of JSON are the same
 * nodes; a body keeps its syntax, because what is an attribute and what is a block in JSON depends
 * on the schema it is read with (body.h).
 */
#ifndef LOAM_AST_H
#define LOAM_AST_H

#include "diag/source.h"
#include "value/value.h"

enum expr_kind {
    EXPR_LITERAL,     /* number, bool, null, plain string: literal */
    EXPR_TEMPLATE,    /* "a${b}c" and heredocs: list.at[] are the parts */
    EXPR_WRAP,        /* "${x}" alone: value of any type; operand[0] */
    EXPR_TRAVERSAL,   /* root name and steps: traversal */
    EXPR_RELATIVE,    /* steps on operand[0]: traversal (root empty) */
    EXPR_INDEX,       /* operand[0] [ operand[1] ] */
    EXPR_SPLAT,       /* operand[0], each = operand[1] with EXPR_EACH inside; full = [*] */
    EXPR_EACH,        /* the current element inside a splat */
    EXPR_CALL,        /* call */
    EXPR_CONDITIONAL, /* operand[0] ? operand[1] : operand[2] */
    EXPR_BINARY,      /* op, operand[0..1] */
    EXPR_UNARY,       /* op, operand[0] */
    EXPR_PARENS,      /* operand[0] */
    EXPR_TUPLE,       /* list */
    EXPR_OBJECT,      /* items */
    EXPR_FOR,         /* loop; in templates also %{for}, inside EXPR_JOIN */
    EXPR_JOIN,        /* result of %{for}: operand[0] is a tuple of strings to concatenate */
    EXPR_INVALID,     /* a syntax error was reported here; evaluates to unknown */
};

enum expr_op {
    OP_OR,
    OP_AND,
    OP_EQUAL,
    OP_NOT_EQUAL,
    OP_GREATER,
    OP_GREATER_EQUAL,
    OP_LESS,
    OP_LESS_EQUAL,
    OP_ADD,
    OP_SUBTRACT,
    OP_MULTIPLY,
    OP_DIVIDE,
    OP_MODULO,
    OP_NOT,
    OP_NEGATE,
};

enum step_kind { STEP_ATTR, STEP_INDEX /* a literal number or string */ };

/* There are many: its parts are ordered for size. */
struct step {
    uint8_t kind; /* enum step_kind */
    bool legacy;  /* list.0 */
    struct span span;
    union {
        struct str name;    /* STEP_ATTR */
        struct value index; /* STEP_INDEX */
    };
};

struct traversal {
    struct str root; /* empty for EXPR_RELATIVE */
    struct span root_span;
    uint32_t n;
    const struct step *steps;
};

struct expr_list {
    struct expr *const *at;
    uint32_t n;
};

/* One `key = value` of an object constructor; a bare name as key is an EXPR_TRAVERSAL. */
struct object_item {
    struct expr *key;
    struct expr *value;
    bool bare_key; /* a plain name, meant literally */
};

struct object_items {
    const struct object_item *at;
    uint32_t n;
};

struct call {
    struct str name; /* with namespaces: "provider::terraform::encode_expr" */
    struct span name_span;
    struct span open_paren, close_paren;
    struct expr_list args;
    bool expand; /* last argument followed by ... */
};

struct loop {
    struct str key_name; /* empty when there is only one name */
    struct str value_name;
    struct expr *collection;
    struct expr *key; /* object for: key expression; else NULL */
    struct expr *value;
    struct expr *condition; /* or NULL */
    bool group;             /* value followed by ... */
    bool object;            /* {for} rather than [for] */
    struct span open_span, close_span;
};

#define EXPR_MAX_HEIGHT 2000

/* It takes the memory that its kind needs, so none is copied whole: see expr_new(). */
struct diags;

struct expr {
    uint8_t kind; /* enum expr_kind */
    uint8_t op;
    bool full;           /* EXPR_SPLAT: [*] rather than .* */
    bool heredoc;        /* EXPR_TEMPLATE or EXPR_LITERAL from a heredoc */
    bool template_if;    /* EXPR_CONDITIONAL from %{if} */
    bool json;           /* from JSON syntax: a string is a template, an object key too */
    uint16_t height;     /* levels below this one, at most EXPR_MAX_HEIGHT: recursion is safe */
    uint32_t start, end; /* bytes; see expr_span */
    uint32_t file;
    union {
        struct value literal;
        struct traversal traversal; /* with operand for EXPR_RELATIVE: see relative */
        struct {
            struct traversal traversal;
            struct expr *source;
        } relative;
        struct expr *operand[3];
        struct expr_list list;
        struct object_items items;
        struct call call;
        struct loop *loop;
        const struct diags *errors; /* EXPR_INVALID in JSON: told when it is evaluated; or NULL */
    };
};

struct expr *expr_new(struct arena *arena, enum expr_kind kind, struct span span);
/* A literal that stands in the place of another expression. */
struct expr *expr_literal(struct arena *arena, const struct expr *place, struct value value);
struct span expr_span(const struct expr *expr);
/* Where expr begins: its first token or so, as messages about a wrong kind point at it. */
struct span expr_start(const struct expr *expr);

struct attribute {
    struct str name;
    struct span name_span;
    struct span equals_span;
    struct span span; /* name to end of the expression */
    struct expr *expr;
};

struct block {
    struct str type;
    struct span type_span;
    const struct str *labels;
    const struct span *label_spans;
    uint32_t n_labels;
    struct span open_brace, close_brace;
    struct span header; /* type and labels: what most errors point at; JSON: the opening bracket */
    struct body *body;
};

struct json;

/* Native: attributes and blocks in source order. JSON: the node, read through body_content. */
struct body {
    bool is_json;
    struct attribute *attributes;
    uint32_t n_attributes;
    struct block *blocks;
    uint32_t n_blocks;
    const struct json *json;       /* an object, or an array of objects */
    const struct sources *sources; /* JSON: for the templates in its strings */
    const struct str *hidden;      /* JSON: names that a schema has taken already */
    size_t n_hidden;
    struct span span;         /* braces included; the whole file for a root */
    struct span missing_item; /* where "missing attribute" points: the closing brace (or end) */
    /* Another body laid over this one, when either is JSON: its arguments replace those of the same
     * name, its blocks those of the same type (or, with over_adds, come to them). Or NULL. */
    const struct body *over;
    bool over_adds;
};

#endif
