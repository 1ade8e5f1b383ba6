/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses: a name, attributes and literal indexes, and nothing else. */
#include "base/arena.h"
#include "base/utf8.h"
#include "hcl/parse_int.h"

struct steps {
    struct step *at;
    size_t n, cap;
};

static void push(struct parser *p, struct steps *steps, struct step step) {
    steps->at = arena_grow(p->scratch, steps->at, steps->n, &steps->cap, sizeof step);
    steps->at[steps->n++] = step;
}

static bool parse_attr(struct parser *p, struct token root, struct steps *steps) {
    struct cursor *c = &p->cursor;
    struct token dot = cursor_read(c), name = cursor_read(c);
    if (name.kind != TOKEN_IDENT) {
        parse_error(p, cursor_span(c, name), cursor_between(c, root, name),
                    "Attribute name required", "%s",
                    name.kind == TOKEN_STAR ? "Splat expressions (.*) may not be used here."
                                            : "Dot must be followed by attribute name.");
        return false;
    }
    push(p, steps,
         (struct step){.kind = STEP_ATTR,
                       .name = cursor_text(c, name),
                       .span = cursor_between(c, dot, name)});
    return true;
}

static bool read_key(struct parser *p, struct token root, struct value *ret_key) {
    struct cursor *c = &p->cursor;
    struct token next = cursor_peek(c);
    struct span at = cursor_span(c, next), context = cursor_between(c, root, next);
    size_t before = p->diags->n_errors;
    struct span span;
    if (next.kind == TOKEN_NUMBER) {
        cursor_read(c);
        if (!value_number_parse(p->arena, cursor_text(c, next), ret_key))
            diags_error(p->diags, at, "Invalid number literal",
                        "Failed to recognize the value of this number literal.");
    } else if (next.kind == TOKEN_OQUOTE) {
        struct str key = parse_literal_quoted(p, &span);
        *ret_key = value_string_view(utf8_nfc(p->arena, key));
    } else if (next.kind == TOKEN_STAR) {
        parse_error(p, at, context, "Attribute name required",
                    "Splat expressions ([*]) may not be used here.");
    } else {
        parse_error(p, at, context, "Index value required",
                    "Index brackets must contain either a literal number or a literal string.");
    }
    return p->diags->n_errors == before;
}

static bool parse_index(struct parser *p, struct token root, struct steps *steps) {
    struct cursor *c = &p->cursor;
    struct token open = cursor_read(c);
    struct step step = {.kind = STEP_INDEX};
    if (!read_key(p, root, &step.index))
        return false;
    struct token close = cursor_read(c);
    step.span = cursor_between(c, open, close);
    if (close.kind != TOKEN_CBRACK) {
        parse_error(p, cursor_span(c, close), step.span, "Unclosed index brackets",
                    "Index key must be followed by a closing bracket.");
        return false;
    }
    push(p, steps, step);
    return true;
}

static bool parse_step(struct parser *p, struct token root, struct token next,
                       struct steps *steps) {
    struct cursor *c = &p->cursor;
    if (next.kind == TOKEN_DOT)
        return parse_attr(p, root, steps);
    if (next.kind == TOKEN_OBRACK)
        return parse_index(p, root, steps);
    parse_error(p, cursor_span(c, next), cursor_between(c, root, next), "Invalid character",
                "Expected an attribute access or an index operator.");
    return false;
}

static bool parse_all(struct parser *p, struct traversal *ret_traversal) {
    struct cursor *c = &p->cursor;
    struct steps steps = {0};
    struct token root = cursor_read(c), next;
    if (root.kind != TOKEN_IDENT) {
        diags_error(p->diags, cursor_span(c, root), "Variable name required",
                    "Must begin with a variable name.");
        return false;
    }
    while ((next = cursor_peek(c)).kind != TOKEN_EOF)
        if (!parse_step(p, root, next, &steps))
            return false;
    *ret_traversal = (struct traversal){
        .root = cursor_text(c, root),
        .root_span = cursor_span(c, root),
        .steps = arena_copy(p->arena, steps.at, steps.n * sizeof *steps.at),
        .n = (uint32_t)steps.n,
    };
    return true;
}

bool parse_traversal_at(struct arena *arena, const struct sources *sources, uint32_t file,
                        struct str text, uint32_t offset, struct traversal *ret_traversal,
                        struct diags *diags) {
    struct parser p;
    size_t before = diags->n_errors;
    struct traversal traversal;
    parse_begin(&p, arena, sources, file, text, offset, SCAN_NORMAL, diags);
    p.cursor.newlines = false;
    bool ok = parse_all(&p, &traversal) && diags->n_errors == before;
    parse_end(&p);
    if (ok)
        *ret_traversal = traversal;
    return ok;
}

bool parse_traversal(struct arena *arena, const struct sources *sources, uint32_t file,
                     struct traversal *ret_traversal, struct diags *diags) {
    return parse_traversal_at(arena, sources, file, sources_bytes(sources, file), 0, ret_traversal,
                              diags);
}
