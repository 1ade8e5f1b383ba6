/* SPDX-License-Identifier: Apache-2.0 */
/* Entry points, and bodies of the native syntax. */
#include "hcl/parse.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/utf8.h"
#include "hcl/parse_int.h"

static bool lost(const struct parser *p, size_t before) {
    return p->cursor.recovery && p->diags->n_errors > before;
}

struct diag *parse_error(struct parser *p, struct span subject, struct span context,
                         const char *summary, const char *detail, ...) {
    va_list args;
    va_start(args, detail);
    struct str text = str_vformat(p->scratch, detail, args);
    va_end(args);
    struct diag *diag = diags_add(p->diags, SEVERITY_ERROR, subject, str_from(summary), text);
    diag->context = context;
    return diag;
}

/* What is told once or a few times only, to keep a foreign language from drowning the rest. */
struct told {
    int bitwise, backtick, apostrophe, semicolon, encoding;
};

static void report_bitwise(struct parser *p, struct span span, enum token_kind kind) {
    const char *hint = kind == TOKEN_BITWISE_AND   ? " Did you mean boolean AND (\"&&\")?"
                       : kind == TOKEN_BITWISE_OR  ? " Did you mean boolean OR (\"||\")?"
                       : kind == TOKEN_BITWISE_NOT ? " Did you mean boolean NOT (\"!\")?"
                                                   : "";
    diags_error(p->diags, span, "Unsupported operator", "Bitwise operators are not supported.%s",
                hint);
}

/* Quotes come in pairs, so only the first of two is told; after three, only every one is. */
static bool tell_quote(int *told) {
    bool tell = *told % 2 == 0;
    if (*told <= 2)
        ++*told;
    return tell;
}

static void report_invalid(struct parser *p, struct token token, struct told *told) {
    struct span span = cursor_span(&p->cursor, token);
    struct str text = cursor_text(&p->cursor, token);
    const char *summary = "Invalid character";
    switch ((enum token_kind)token.kind) {
    case TOKEN_BITWISE_AND:
    case TOKEN_BITWISE_OR:
    case TOKEN_BITWISE_XOR:
    case TOKEN_BITWISE_NOT:
        if (told->bitwise++ < 4)
            report_bitwise(p, span, token.kind);
        break;
    case TOKEN_BACKTICK:
        if (tell_quote(&told->backtick))
            diags_error(p->diags, span, summary,
                        "The \"`\" character is not valid. To create a multi-line string, use the "
                        "\"heredoc\" syntax, like \"<<EOT\".");
        break;
    case TOKEN_APOSTROPHE:
        if (tell_quote(&told->apostrophe))
            diags_error(p->diags, span, summary,
                        "Single quotes are not valid. Use double quotes (\") to enclose strings.");
        break;
    case TOKEN_SEMICOLON:
        if (!told->semicolon++)
            diags_error(p->diags, span, summary,
                        "The \";\" character is not valid. Use newlines to separate arguments and "
                        "blocks, and commas to separate items in collection values.");
        break;
    case TOKEN_BAD_UTF8:
        if (!told->encoding++)
            diags_error(p->diags, span, "Invalid character encoding",
                        "All input files must be UTF-8 encoded. Ensure that UTF-8 encoding is "
                        "selected in your editor.");
        break;
    case TOKEN_QUOTED_NEWLINE:
        diags_error(p->diags, span, "Invalid multi-line string",
                    "Quoted strings may not be split over multiple lines. To produce a multi-line "
                    "string, either use the \\n escape to represent a newline character or use "
                    "the \"heredoc\" multi-line template syntax.");
        break;
    default:
        if (str_eq(text, S("\xE2\x80\x9C")) || str_eq(text, S("\xE2\x80\x9D")))
            diags_error(p->diags, span, summary,
                        "\"Curly quotes\" are not valid here. These can sometimes be "
                        "inadvertently introduced when sharing code via documents or discussion "
                        "forums. It might help to replace the character with a \"straight "
                        "quote\".");
        else
            diags_error(p->diags, span, summary, "This character is not used within the language.");
    }
}

/* A binary file would otherwise give an error for each of its bytes. */
#define MAX_INVALID_TOKENS 1000

static void report_invalid_tokens(struct parser *p) {
    struct told told = {0};
    size_t left = MAX_INVALID_TOKENS;
    for (size_t i = 0; i < p->cursor.n && left; i++)
        if (p->cursor.tokens[i].kind >= TOKEN_BITWISE_AND) {
            report_invalid(p, p->cursor.tokens[i], &told);
            left--;
        }
}

void parse_begin(struct parser *p, struct arena *arena, const struct sources *sources,
                 uint32_t file, struct str text, uint32_t offset, enum scan_mode mode,
                 struct diags *diags) {
    *p =
        (struct parser){.arena = arena, .scratch = arena_new(), .sources = sources, .diags = diags};
    /* Places are 32 bits wide. */
    if (text.len >= UINT32_MAX - offset) {
        diags_error(diags, (struct span){file, 0, 0}, "Source too large",
                    "Sources must be smaller than 4 GB.");
        text.len = 0;
    }
    struct tokens tokens = scan_text(p->scratch, text, mode);
    p->tokens = tokens;
    p->cursor = (struct cursor){
        .text = text,
        .file = file,
        .offset = offset,
        .tokens = tokens.at,
        .n = tokens.n,
        .newlines = true,
    };
    if (tokens.suspicious)
        report_invalid_tokens(p);
}

void parse_end(struct parser *p) {
    arena_free(p->scratch);
}

/* Attributes and blocks as they are read. */
struct items {
    struct attribute *attributes;
    size_t n_attributes, cap_attributes;
    struct block *blocks;
    size_t n_blocks, cap_blocks;
    struct map by_name; /* position + 1 of an attribute, once there are many */
};

#define FEW_ATTRIBUTES 16

static const struct attribute *find_attribute(struct parser *p, struct items *items,
                                              struct str name) {
    if (items->n_attributes <= FEW_ATTRIBUTES) {
        for (size_t i = 0; i < items->n_attributes; i++)
            if (str_eq(items->attributes[i].name, name))
                return &items->attributes[i];
        return NULL;
    }
    for (size_t i = items->by_name.n; i < items->n_attributes; i++)
        map_put(p->scratch, &items->by_name, items->attributes[i].name, (void *)(uintptr_t)(i + 1));
    uintptr_t found = (uintptr_t)map_get(&items->by_name, name);
    return found ? &items->attributes[found - 1] : NULL;
}

static void add_attribute(struct parser *p, struct items *items, struct attribute attribute) {
    const struct attribute *existing = find_attribute(p, items, attribute.name);
    if (existing) {
        struct str where = sources_range(p->scratch, p->sources, existing->name_span);
        diags_error(p->diags, attribute.name_span, "Attribute redefined",
                    "The argument \"%.*s\" was already set at %.*s. Each argument may be set only "
                    "once.",
                    STR_ARG(attribute.name), STR_ARG(where));
        return;
    }
    items->attributes = spares_grow(p->scratch, &p->attributes, items->attributes,
                                    items->n_attributes, &items->cap_attributes, sizeof attribute);
    items->attributes[items->n_attributes++] = attribute;
}

static void finish_body(struct parser *p, struct items *items, struct body *body) {
    body->attributes =
        arena_copy(p->arena, items->attributes, items->n_attributes * sizeof *items->attributes);
    body->n_attributes = (uint32_t)items->n_attributes;
    body->blocks = arena_copy(p->arena, items->blocks, items->n_blocks * sizeof *items->blocks);
    body->n_blocks = (uint32_t)items->n_blocks;
    spares_keep(p->scratch, &p->attributes, items->attributes, items->cap_attributes);
    spares_keep(p->scratch, &p->blocks, items->blocks, items->cap_blocks);
}

static void item_required(struct parser *p, struct span span, bool hint) {
    diags_error(p->diags, span, "Argument or block definition required", "%s",
                hint ? "An argument or block definition is required here. To set an argument, use "
                       "the equals sign \"=\" to introduce the argument value."
                     : "An argument or block definition is required here.");
}

/* "name" was read, "=" is next. single: the closing brace of its block follows on the line. */
static struct attribute parse_attribute(struct parser *p, struct token name, bool single) {
    struct cursor *c = &p->cursor;
    struct token equals = cursor_read(c);
    size_t before = p->diags->n_errors;
    struct expr *expr = parse_expr_whole(p);
    struct token last = cursor_last(c);
    if (lost(p, before)) {
        cursor_recover_item(c, p->scratch);
    } else if (!single) {
        struct token end = cursor_peek(c);
        if (end.kind == TOKEN_NEWLINE || end.kind == TOKEN_EOF) {
            cursor_read(c);
        } else {
            bool comma = end.kind == TOKEN_COMMA;
            if (!c->recovery)
                parse_error(p, cursor_span(c, end), cursor_between(c, name, end),
                            comma ? "Unexpected comma after argument"
                                  : "Missing newline after argument",
                            "%sAn argument definition must end with a newline.",
                            comma ? "Argument definitions must be separated by newlines, not "
                                    "commas. "
                                  : "");
            cursor_recover_item(c, p->scratch);
        }
    }
    return (struct attribute){
        .name = cursor_text(c, name),
        .name_span = cursor_span(c, name),
        .equals_span = cursor_span(c, equals),
        .span = cursor_between(c, name, last),
        .expr = expr,
    };
}

static struct body *parse_body(struct parser *p, enum token_kind end);

/* Labels up to the opening brace; false after an error that ends the block. */
static bool parse_labels(struct parser *p, struct token type, struct block *block,
                         struct token *ret_brace) {
    struct cursor *c = &p->cursor;
    struct str *labels = NULL;
    struct span *spans = NULL;
    size_t cap = 0, cap_spans = 0, n = 0;
    bool ok = true;
    struct token next;
    while ((next = cursor_peek(c)).kind == TOKEN_OQUOTE || next.kind == TOKEN_IDENT) {
        labels = arena_grow(p->scratch, labels, n, &cap, sizeof *labels);
        spans = arena_grow(p->scratch, spans, n, &cap_spans, sizeof *spans);
        if (next.kind == TOKEN_OQUOTE) {
            labels[n] = parse_literal_quoted(p, &spans[n]);
        } else {
            labels[n] = cursor_text(c, cursor_read(c));
            spans[n] = cursor_span(c, next);
        }
        block->header.end = spans[n++].end;
    }
    struct span at = cursor_span(c, next), context = cursor_between(c, type, next);
    const char *summary = "Invalid block definition";
    if (next.kind == TOKEN_OBRACE) {
        *ret_brace = cursor_read(c);
    } else {
        ok = false;
        if (next.kind == TOKEN_EQUAL)
            parse_error(p, at, context, summary,
                        "The equals sign \"=\" indicates an argument definition, and must not be "
                        "used when defining a block.");
        else if (next.kind == TOKEN_NEWLINE)
            parse_error(p, at, context, summary,
                        "A block definition must have block content delimited by \"{\" and \"}\", "
                        "starting on the same line as the block header.");
        else if (!c->recovery)
            parse_error(p, at, context, summary,
                        "Either a quoted string block label or an opening brace (\"{\") is "
                        "expected here.");
        cursor_recover_item(c, p->scratch);
    }
    block->labels = arena_copy(p->arena, labels, n * sizeof *labels);
    block->label_spans = arena_copy(p->arena, spans, n * sizeof *spans);
    block->n_labels = (uint32_t)n;
    return ok;
}

static struct body *empty_body(struct parser *p, struct span span, struct span missing) {
    struct body *body = arena_alloc(p->arena, sizeof *body);
    body->span = span;
    body->missing_item = missing;
    return body;
}

/* One argument on the line of its block: `lifecycle { prevent_destroy = true }`. */
static struct body *parse_single_body(struct parser *p, struct token brace) {
    struct cursor *c = &p->cursor;
    struct token name = cursor_read(c);
    struct span at = cursor_span(c, brace);
    struct span missing = {at.file, at.start, at.start};
    struct token next = cursor_peek(c);
    if (name.kind != TOKEN_IDENT) {
        item_required(p, cursor_span(c, name), false);
    } else if (next.kind == TOKEN_EQUAL) {
        struct attribute attribute = parse_attribute(p, name, true);
        struct body *body = empty_body(p, attribute.span, missing);
        body->missing_item.start = body->missing_item.end = attribute.span.start;
        body->attributes = arena_copy(p->arena, &attribute, sizeof attribute);
        body->n_attributes = 1;
        return body;
    } else if (next.kind == TOKEN_OQUOTE || next.kind == TOKEN_OBRACE || next.kind == TOKEN_IDENT) {
        diags_error(p->diags, cursor_between(c, name, next), "Argument definition required",
                    "A single-line block definition can contain only a single argument. If you "
                    "meant to define argument \"%.*s\", use an equals sign to assign it a value. "
                    "To define a nested block, place it on a line of its own within its parent "
                    "block.",
                    STR_ARG(cursor_text(c, name)));
    } else {
        item_required(p, cursor_span(c, name), true);
    }
    cursor_recover_item(c, p->scratch);
    return empty_body(p, at, missing);
}

/* The brace behind a single argument, or why there is none. */
static void close_single_body(struct parser *p, struct token type, struct token brace) {
    struct cursor *c = &p->cursor;
    struct token next = cursor_peek(c);
    struct span at = cursor_span(c, next);
    const char *summary = "Invalid single-argument block definition";
    if (next.kind == TOKEN_CBRACE) {
        cursor_read(c);
        return;
    }
    if (next.kind == TOKEN_COMMA)
        diags_error(p->diags, at, summary,
                    "Single-line block syntax can include only one argument definition. To define "
                    "multiple arguments, use the multi-line block syntax with one argument "
                    "definition per line.");
    else if (next.kind == TOKEN_NEWLINE)
        diags_error(p->diags, at, summary,
                    "An argument definition on the same line as its containing block creates a "
                    "single-line block definition, which must also be closed on the same line. "
                    "Place the block's closing brace immediately after the argument definition.");
    else if (!c->recovery && next.kind == TOKEN_EOF)
        parse_error(p, cursor_span(c, brace), cursor_between(c, type, brace),
                    "Unclosed configuration block",
                    "There is no closing brace for this block before the end of the file. This "
                    "may be caused by incorrect brace nesting elsewhere in this file.");
    else if (!c->recovery)
        diags_error(p->diags, at, summary,
                    "A single-line block definition must end with a closing brace immediately "
                    "after its single argument definition.");
    cursor_recover(c, TOKEN_CBRACE);
}

static struct body *parse_block_body(struct parser *p, struct token type, struct token brace) {
    struct cursor *c = &p->cursor;
    struct token next = cursor_peek(c);
    if (next.kind == TOKEN_NEWLINE || next.kind == TOKEN_EOF || next.kind == TOKEN_CBRACE)
        return parse_body(p, TOKEN_CBRACE);
    struct body *body = parse_single_body(p, brace);
    close_single_body(p, type, brace);
    return body;
}

static struct block parse_block(struct parser *p, struct token type) {
    struct cursor *c = &p->cursor;
    struct block block = {
        .type = cursor_text(c, type),
        .type_span = cursor_span(c, type),
        .header = cursor_span(c, type),
    };
    struct token brace;
    if (!parse_labels(p, type, &block, &brace)) {
        block.open_brace = block.close_brace = block.type_span;
        block.body = empty_body(p, block.type_span, block.type_span);
        return block;
    }
    block.open_brace = cursor_span(c, brace);
    if (parse_enter(p, brace))
        block.body = parse_block_body(p, type, brace);
    else
        block.body = empty_body(p, block.open_brace, block.open_brace);
    parse_leave(p);
    struct token close = cursor_last(c);
    block.close_brace = cursor_span(c, close);
    struct token end = cursor_peek(c);
    if (end.kind == TOKEN_NEWLINE || end.kind == TOKEN_EOF) {
        cursor_read(c);
    } else {
        if (!c->recovery)
            parse_error(p, cursor_span(c, end), cursor_between(c, type, end),
                        "Missing newline after block definition",
                        "A block definition must end with a newline.");
        cursor_recover_item(c, p->scratch);
    }
    return block;
}

static void parse_item(struct parser *p, struct items *items) {
    struct cursor *c = &p->cursor;
    struct token name = cursor_read(c);
    struct token next = cursor_peek(c);
    if (next.kind == TOKEN_EQUAL) {
        add_attribute(p, items, parse_attribute(p, name, false));
    } else if (next.kind == TOKEN_OQUOTE || next.kind == TOKEN_OBRACE || next.kind == TOKEN_IDENT) {
        struct block block = parse_block(p, name);
        items->blocks = spares_grow(p->scratch, &p->blocks, items->blocks, items->n_blocks,
                                    &items->cap_blocks, sizeof block);
        items->blocks[items->n_blocks++] = block;
    } else {
        cursor_recover_item(c, p->scratch);
        item_required(p, cursor_span(c, name), true);
    }
}

/* A token that starts no item ends the body. */
static void refuse_item(struct parser *p, struct token bad, struct token start,
                        enum token_kind end) {
    struct cursor *c = &p->cursor;
    if (!c->recovery && bad.kind == TOKEN_OQUOTE)
        diags_error(p->diags, cursor_span(c, bad), "Invalid argument name",
                    "Argument names must not be quoted.");
    else if (!c->recovery && bad.kind == TOKEN_EOF)
        diags_error(p->diags, cursor_span(c, start), "Unclosed configuration block",
                    "There is no closing brace for this block before the end of the file. This "
                    "may be caused by incorrect brace nesting elsewhere in this file.");
    else if (!c->recovery)
        item_required(p, cursor_span(c, bad), false);
    cursor_recover(c, end);
}

static struct body *parse_body(struct parser *p, enum token_kind end) {
    struct cursor *c = &p->cursor;
    struct items items = {0};
    struct token start = cursor_last(c), stop;
    for (;;) {
        struct token next = cursor_peek(c);
        if (next.kind == end) {
            stop = cursor_read(c);
            break;
        }
        if (next.kind == TOKEN_NEWLINE) {
            cursor_read(c);
        } else if (next.kind == TOKEN_IDENT) {
            parse_item(p, &items);
        } else {
            stop = cursor_read(c);
            refuse_item(p, stop, start, end);
            break;
        }
    }
    struct body *body = arena_alloc(p->arena, sizeof *body);
    body->span = cursor_between(c, start, stop);
    body->missing_item = (struct span){body->span.file, body->span.start, body->span.start};
    finish_body(p, &items, body);
    return body;
}

static void write_quoted(struct buf *out, struct str text) {
    static const char from[] = "\a\b\f\n\r\t\v\"\\", to[] = "abfnrtv\"\\";
    buf_add_c(out, " \"");
    for (size_t at = 0, n; at < text.len; at += n) {
        uint32_t rune = utf8_decode(str_slice(text, at, text.len), &n);
        size_t known = 0;
        while (from[known] && rune != (uint8_t)from[known])
            known++;
        if (from[known])
            buf_addf(out, "\\%c", to[known]);
        else if (rune < 0x80 && !utf8_is_printable(rune))
            buf_addf(out, "\\x%02x", (unsigned)rune);
        else if (!utf8_is_printable(rune))
            buf_addf(out, rune < 0x10000 ? "\\u%04x" : "\\U%08x", (unsigned)rune);
        else
            buf_add(out, str_slice(text, at, at + n));
    }
    buf_byte(out, '"');
}

/* `resource "aws_iam_user" "x"`, for the place line of messages. */
static struct str block_text(struct parser *p, const struct block *block) {
    if (!block->n_labels)
        return block->type;
    struct buf text;
    buf_init(&text, BUF_MAX_TEXT);
    buf_add(&text, block->type);
    for (uint32_t i = 0; i < block->n_labels; i++)
        write_quoted(&text, block->labels[i]);
    return buf_take(&text, p->arena);
}

static void register_blocks(struct parser *p, const struct body *body) {
    for (uint32_t i = 0; i < body->n_blocks; i++) {
        const struct block *block = &body->blocks[i];
        sources_add_block(p->sources, span_join(block->type_span, block->close_brace),
                          block_text(p, block));
    }
}

static struct body *parse_root(struct parser *p) {
    struct body *body = parse_body(p, TOKEN_EOF);
    register_blocks(p, body);
    return body;
}

struct body *parse_file(struct arena *arena, const struct sources *sources, uint32_t file,
                        struct diags *diags) {
    struct parser p;
    parse_begin(&p, arena, sources, file, sources_bytes(sources, file), 0, SCAN_NORMAL, diags);
    struct body *body = parse_root(&p);
    parse_end(&p);
    return body;
}

struct body *parse_file_tokens(struct arena *arena, const struct sources *sources, uint32_t file,
                               struct tokens *ret_tokens, struct diags *diags) {
    struct parser p;
    parse_begin(&p, arena, sources, file, sources_bytes(sources, file), 0, SCAN_NORMAL, diags);
    struct body *body = parse_root(&p);
    *ret_tokens = p.tokens;
    arena_merge(arena, p.scratch);
    parse_end(&p);
    return body;
}

struct expr *parse_expr_at(struct arena *arena, const struct sources *sources, uint32_t file,
                           struct str text, uint32_t offset, struct diags *diags) {
    struct parser p;
    parse_begin(&p, arena, sources, file, text, offset, SCAN_NORMAL, diags);
    p.cursor.newlines = false;
    struct expr *expr = parse_expr_whole(&p);
    struct token next = cursor_peek(&p.cursor);
    if (next.kind != TOKEN_EOF && !p.cursor.recovery)
        diags_error(diags, cursor_span(&p.cursor, next), "Extra characters after expression",
                    "An expression was successfully parsed, but extra characters were found "
                    "after it.");
    parse_end(&p);
    return expr;
}

struct expr *parse_expr(struct arena *arena, const struct sources *sources, uint32_t file,
                        struct diags *diags) {
    return parse_expr_at(arena, sources, file, sources_bytes(sources, file), 0, diags);
}

struct expr *parse_template_at(struct arena *arena, const struct sources *sources, uint32_t file,
                               struct str text, uint32_t offset, struct diags *diags) {
    struct parser p;
    parse_begin(&p, arena, sources, file, text, offset, SCAN_TEMPLATE, diags);
    struct expr *expr = parse_template_until(&p, TOKEN_EOF, false);
    parse_end(&p);
    return expr;
}

struct expr *parse_template(struct arena *arena, const struct sources *sources, uint32_t file,
                            struct diags *diags) {
    return parse_template_at(arena, sources, file, sources_bytes(sources, file), 0, diags);
}

bool parse_is_identifier(struct str text) {
    return text.len && scan_ident(text) == text.len;
}
