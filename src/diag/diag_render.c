/* SPDX-License-Identifier: Apache-2.0 */
#include "diag/diag_render.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"

#define RESET "\033[0m"
#define BOLD "\033[1m"
#define UNDERLINE "\033[4m"
#define RED "\033[31m"
#define YELLOW "\033[33m"
#define DARK_GRAY "\033[90m"

/* The left rule takes two columns, and one more stays free. */
#define RULE_WIDTH 3

/* The lines around a place and where in them it is. */
struct snippet {
    struct span highlight; /* never empty */
    struct place start, end;
    uint32_t first_line;
    struct str context;
    struct str code;
    size_t highlight_start, highlight_end; /* in code */
};

static bool span_contains(struct span span, uint32_t byte) {
    return span.start <= byte && byte < span.end;
}

static bool spans_overlap(struct span a, struct span b) {
    if (a.start >= a.end || b.start >= b.end)
        return false;
    return span_contains(a, b.start) || span_contains(a, b.end) || span_contains(b, a.start) ||
           span_contains(b, a.end);
}

/* Context and subject together: the lines must show the subject at least. */
static struct span span_of_lines(const struct diag *diag) {
    struct span shown = diag->subject;
    if (diag->context.file == shown.file) {
        if (diag->context.start < shown.start)
            shown.start = diag->context.start;
        if (diag->context.end > shown.end)
            shown.end = diag->context.end;
    }
    if (shown.end <= shown.start)
        shown.end = shown.start + 1;
    return shown;
}

/* Empty lines do not overlap anything, so they are left out, as in the reference. */
static void collect_lines(struct arena *arena, struct str bytes, struct span shown,
                          struct snippet *snippet) {
    struct buf code;
    buf_init(&code, BUF_MAX_DOCUMENT);
    size_t code_start = 0;
    size_t at = shown.start < bytes.len ? shown.start : bytes.len;
    /* A span can begin on a newline, where the line that it ends belongs to it. */
    while (at > 0 && bytes.at[at - 1] != '\n')
        at--;
    while (at < bytes.len && at <= shown.end) {
        const char *newline = memchr(bytes.at + at, '\n', bytes.len - at);
        size_t stop = newline ? (size_t)(newline - bytes.at) : bytes.len;
        size_t end = stop > at && bytes.at[stop - 1] == '\r' ? stop - 1 : stop;
        if (spans_overlap((struct span){shown.file, (uint32_t)at, (uint32_t)end}, shown)) {
            if (code.len)
                buf_byte(&code, '\n');
            else
                code_start = at;
            buf_add(&code, str_slice(bytes, at, end));
        }
        at = stop + 1;
    }
    size_t len = code.len;
    size_t start = snippet->highlight.start;
    start = start > code_start ? start - code_start : 0;
    size_t end = start + (snippet->highlight.end - snippet->highlight.start);
    snippet->highlight_start = start < len ? start : len;
    snippet->highlight_end = end < len ? end : len;
    snippet->code = buf_take(&code, arena);
}

static struct snippet find_snippet(struct arena *arena, const struct diag *diag,
                                   const struct sources *sources) {
    struct snippet snippet = {.highlight = diag->subject};
    uint32_t file = diag->subject.file;
    snippet.start = sources_place(sources, file, diag->subject.start);
    snippet.end = sources_end(sources, diag->subject);
    if (diag->subject.end <= diag->subject.start) {
        snippet.end = snippet.start;
        snippet.end.column++;
        snippet.end.byte++;
        snippet.highlight.end = snippet.highlight.start + 1;
    }
    struct span shown = span_of_lines(diag);
    snippet.first_line = sources_place(sources, file, shown.start).line;
    uint32_t before = diag->subject.start ? diag->subject.start - 1 : 0;
    if (diag->subject.start)
        snippet.context = sources_context(arena, sources, file, before);
    collect_lines(arena, sources_bytes(sources, file), shown, &snippet);
    return snippet;
}

static int compare_values(const void *a, const void *b) {
    const struct diag_value *x = a, *y = b;
    return str_cmp(x->traversal, y->traversal);
}

static const struct diag_value *sorted_values(struct arena *arena, const struct diag *diag) {
    if (!diag->n_values)
        return NULL;
    struct diag_value *values = arena_copy(arena, diag->values, diag->n_values * sizeof *values);
    qsort(values, diag->n_values, sizeof *values, compare_values);
    return values;
}

static void write_call(struct buf *out, const struct diag_call *call, bool colour) {
    buf_addf(out,
             colour ? "    " DARK_GRAY "│" RESET " while calling " BOLD "%.*s" RESET "(" RESET
                    : "    │ while calling %.*s(",
             STR_ARG(call->called_as));
    for (size_t i = 0; i < call->n_params; i++) {
        if (i)
            buf_add_c(out, ", ");
        buf_add(out, call->params[i].name);
        if (call->variadic && i + 1 == call->n_params)
            buf_add_c(out, "...");
    }
    buf_add_c(out, ")\n");
}

static void write_values(struct arena *arena, struct buf *out, const struct diag *diag,
                         bool colour) {
    if (!diag->n_values && !diag->call)
        return;
    buf_add_c(out, colour ? "    " DARK_GRAY "├────────────────" RESET "\n" RESET
                          : "    ├────────────────\n");
    if (diag->call)
        write_call(out, diag->call, colour);
    const struct diag_value *values = sorted_values(arena, diag);
    for (size_t i = 0; i < diag->n_values; i++)
        buf_addf(out,
                 colour ? "    " DARK_GRAY "│" RESET " " BOLD "%.*s" RESET " %.*s\n" RESET
                        : "    │ %.*s %.*s\n",
                 STR_ARG(values[i].traversal), STR_ARG(values[i].statement));
}

static void write_code(struct buf *out, const struct snippet *snippet, bool colour) {
    struct buf code;
    buf_init(&code, BUF_MAX_DOCUMENT);
    buf_add(&code, str_slice(snippet->code, 0, snippet->highlight_start));
    if (colour)
        buf_add_c(&code, UNDERLINE);
    buf_add(&code, str_slice(snippet->code, snippet->highlight_start, snippet->highlight_end));
    if (colour)
        buf_add_c(&code, RESET);
    buf_add(&code, str_slice(snippet->code, snippet->highlight_end, snippet->code.len));
    if (colour)
        buf_add_c(&code, RESET);
    struct str rest = buf_str(&code), line;
    if (!rest.at)
        rest = S("");
    for (uint32_t n = snippet->first_line; str_split(&rest, '\n', &line); n++) {
        buf_addf(out, "%4u: ", n);
        buf_add(out, line);
        buf_byte(out, '\n');
    }
    buf_clear(&code);
}

static void write_place(struct buf *out, const struct diag *diag, const struct sources *sources,
                        bool colour) {
    if (diag->address.len)
        buf_addf(out, "  with %.*s,\n", STR_ARG(diag->address));
    if (!diag->subject.file)
        return;
    struct arena *scratch = arena_new();
    struct snippet snippet = find_snippet(scratch, diag, sources);
    struct str name = sources_name(sources, diag->subject.file);
    buf_addf(out, "  on %.*s line %u", STR_ARG(name), snippet.start.line);
    if (sources_is_unseen(sources, diag->subject.file)) {
        buf_add_c(out, ":\n  (source code not available)\n\n");
        arena_free(scratch);
        return;
    }
    if (snippet.context.len)
        buf_addf(out, ", in %.*s", STR_ARG(snippet.context));
    buf_add_c(out, ":\n");
    write_code(out, &snippet, colour);
    write_values(scratch, out, diag, colour);
    buf_byte(out, '\n');
    arena_free(scratch);
}

/* Bytes and code points of the text before (skip false) or of (skip true) white space. */
static size_t measure(struct str text, bool space, size_t *ret_columns) {
    size_t at = 0, n;
    *ret_columns = 0;
    while (at < text.len) {
        uint32_t rune = utf8_decode(str_slice(text, at, text.len), &n);
        bool is_space = utf8_is_space(rune) && rune != 0xA0;
        if (is_space != space)
            break;
        at += n;
        ++*ret_columns;
    }
    return at;
}

/*
 * Greedy: a word that does not fit goes to the next line and the blanks before it are dropped; a
 * word of at least `limit` columns is moved too, but never cut.
 */
static void wrap_line(struct buf *out, struct str line, size_t limit) {
    size_t used = 0, blank_columns, columns;
    while (line.len) {
        size_t blank = measure(line, true, &blank_columns);
        struct str spaces = str_slice(line, 0, blank);
        line = str_slice(line, blank, line.len);
        size_t word = measure(line, false, &columns);
        if (!word) {
            if (used + blank_columns <= limit)
                buf_add(out, spaces);
            return;
        }
        size_t counted = columns < limit ? columns : limit - 1;
        if (used + blank_columns + counted > limit) {
            buf_byte(out, '\n');
            used = 0;
        } else {
            buf_add(out, spaces);
            used += blank_columns;
        }
        buf_add(out, str_slice(line, 0, word));
        used += columns;
        line = str_slice(line, word, line.len);
    }
}

static void write_detail(struct buf *out, struct str detail, int limit) {
    struct str line;
    if (!detail.len)
        return;
    while (str_split(&detail, '\n', &line)) {
        if (limit <= 0 || str_starts(line, S(" ")))
            buf_add(out, line);
        else
            wrap_line(out, line, (size_t)limit);
        buf_byte(out, '\n');
    }
}

static void render_plain(struct buf *out, const struct diag *diag, const struct sources *sources,
                         int width) {
    buf_add_c(out, diag->severity == SEVERITY_ERROR ? "\nError: " : "\nWarning: ");
    buf_add(out, diag->summary);
    buf_add_c(out, "\n\n");
    write_place(out, diag, sources, false);
    write_detail(out, diag->detail, width - 1);
}

void diag_render_text(struct buf *out, const struct diag *diag, const struct sources *sources,
                      bool colour, int width) {
    if (!colour) {
        render_plain(out, diag, sources, width);
        return;
    }
    bool error = diag->severity == SEVERITY_ERROR;
    const char *hue = error ? RED : YELLOW;
    struct buf inner;
    buf_init(&inner, BUF_MAX_DOCUMENT);
    buf_addf(&inner, BOLD "%s%s: " RESET RESET BOLD, hue, error ? "Error" : "Warning");
    buf_add(&inner, diag->summary);
    buf_add_c(&inner, RESET "\n\n" RESET);
    write_place(&inner, diag, sources, true);
    write_detail(&inner, diag->detail, width - RULE_WIDTH);
    buf_addf(out, "%s╷" RESET RESET "\n", hue);
    struct str rest = str_slice(buf_str(&inner), 0, inner.len), line;
    if (str_ends(rest, S("\n")))
        rest.len--;
    while (str_split(&rest, '\n', &line)) {
        buf_addf(out, "%s│" RESET " " RESET, hue);
        buf_add(out, line);
        buf_byte(out, '\n');
    }
    buf_addf(out, "%s╵" RESET RESET "\n", hue);
    buf_clear(&inner);
}

static void json_text(struct buf *out, const char *name, struct str text) {
    buf_addf(out, "\"%s\":", name);
    json_write_string(out, text, true);
}

static void json_place(struct buf *out, const char *name, struct place place) {
    buf_addf(out, "\"%s\":{\"line\":%u,\"column\":%u,\"byte\":%u}", name, place.line, place.column,
             place.byte);
}

static void json_param(struct buf *out, const struct diag_param *param) {
    buf_byte(out, '{');
    json_text(out, "name", param->name);
    buf_add_c(out, ",\"type\":");
    buf_add(out, param->type_json);
    buf_byte(out, '}');
}

static void json_call(struct buf *out, const struct diag_call *call) {
    size_t fixed = call->n_params - (call->variadic ? 1 : 0);
    buf_add_c(out, ",\"function_call\":{");
    json_text(out, "called_as", call->called_as);
    buf_add_c(out, ",\"signature\":{");
    json_text(out, "name", call->name);
    for (size_t i = 0; i < fixed; i++) {
        buf_add_c(out, i ? "," : ",\"params\":[");
        json_param(out, &call->params[i]);
    }
    if (fixed)
        buf_byte(out, ']');
    if (call->variadic) {
        buf_add_c(out, ",\"variadic_param\":");
        json_param(out, &call->params[fixed]);
    }
    buf_add_c(out, ",\"return_type\":");
    buf_add(out, call->return_type_json);
    buf_add_c(out, "}}");
}

static void json_snippet(struct buf *out, const struct diag *diag, const struct sources *sources) {
    struct arena *scratch = arena_new();
    struct snippet snippet = find_snippet(scratch, diag, sources);
    buf_add_c(out, ",\"range\":{");
    json_text(out, "filename", sources_name(sources, diag->subject.file));
    buf_byte(out, ',');
    json_place(out, "start", snippet.start);
    buf_byte(out, ',');
    json_place(out, "end", snippet.end);
    buf_byte(out, '}');
    if (sources_is_unseen(sources, diag->subject.file)) {
        arena_free(scratch);
        return;
    }
    buf_add_c(out, ",\"snippet\":{");
    if (snippet.context.len)
        json_text(out, "context", snippet.context);
    else
        buf_add_c(out, "\"context\":null");
    buf_byte(out, ',');
    json_text(out, "code", snippet.code);
    buf_addf(out, ",\"start_line\":%u,\"highlight_start_offset\":%zu,\"highlight_end_offset\":%zu",
             snippet.first_line, snippet.highlight_start, snippet.highlight_end);
    buf_add_c(out, ",\"values\":[");
    const struct diag_value *values = sorted_values(scratch, diag);
    for (size_t i = 0; i < diag->n_values; i++) {
        buf_add_c(out, i ? ",{" : "{");
        json_text(out, "traversal", values[i].traversal);
        buf_byte(out, ',');
        json_text(out, "statement", values[i].statement);
        buf_byte(out, '}');
    }
    buf_byte(out, ']');
    if (diag->call)
        json_call(out, diag->call);
    buf_byte(out, '}');
    arena_free(scratch);
}

void diag_render_json(struct buf *out, const struct diag *diag, const struct sources *sources) {
    buf_addf(out, "{\"severity\":\"%s\",", diag->severity == SEVERITY_ERROR ? "error" : "warning");
    json_text(out, "summary", diag->summary);
    buf_byte(out, ',');
    json_text(out, "detail", diag->detail);
    if (diag->address.len) {
        buf_byte(out, ',');
        json_text(out, "address", diag->address);
    }
    if (diag->subject.file)
        json_snippet(out, diag, sources);
    buf_byte(out, '}');
}
