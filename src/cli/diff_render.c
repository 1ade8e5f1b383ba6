/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/diff_render.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"
#include "cli/diff_list.h"
#include "hcl/parse.h"
#include "value/as_json.h"

static void render(struct buf *out, const struct diff *d, int indent, const struct diff_render *o);

static void code(struct buf *out, const struct diff_render *o, enum ui_style style) {
    buf_add_c(out, ui_code(o->cli, style));
}

void diff_render_symbol(struct buf *out, const struct cli *cli, enum action action) {
    const char *red = ui_code(cli, UI_RED), *green = ui_code(cli, UI_GREEN);
    const char *yellow = ui_code(cli, UI_YELLOW), *cyan = ui_code(cli, UI_CYAN);
    const char *reset = ui_code(cli, UI_RESET);
    switch (action) {
    case ACTION_DELETE_CREATE:
        buf_addf(out, "%s-%s/%s+%s", red, reset, green, reset);
        break;
    case ACTION_CREATE_DELETE:
        buf_addf(out, "%s+%s/%s-%s", green, reset, red, reset);
        break;
    case ACTION_FORGET_CREATE:
        buf_addf(out, "%s.%s/%s+%s", red, reset, green, reset);
        break;
    case ACTION_CREATE:
        buf_addf(out, "  %s+%s", green, reset);
        break;
    case ACTION_DELETE:
        buf_addf(out, "  %s-%s", red, reset);
        break;
    case ACTION_READ:
        buf_addf(out, " %s<=%s", cyan, reset);
        break;
    case ACTION_UPDATE:
        buf_addf(out, "  %s~%s", yellow, reset);
        break;
    case ACTION_FORGET:
        buf_addf(out, " %s # %s", red, reset);
        break;
    case ACTION_NOOP:
    case ACTION_OPEN:
        buf_add_c(out, "   ");
        break;
    }
}

/* Indentation and the action's column in front of a line. */
static void start_line(struct buf *out, int indent, enum action action,
                       const struct diff_render *o) {
    buf_fill(out, ' ', 4 * (size_t)indent);
    if (o->hide_symbols)
        return;
    diff_render_symbol(out, o->cli, action);
    buf_byte(out, ' ');
}

static void null_suffix(struct buf *out, enum action action, const struct diff_render *o) {
    if (o->no_null_suffix || action != ACTION_DELETE)
        return;
    buf_byte(out, ' ');
    code(out, o, UI_DIM);
    buf_add_c(out, "-> null");
    code(out, o, UI_RESET);
}

static void replace_suffix(struct buf *out, bool replace, const struct diff_render *o) {
    if (!replace && !o->force_replace)
        return;
    buf_byte(out, ' ');
    code(out, o, UI_RED);
    buf_add_c(out, "# forces replacement");
    code(out, o, UI_RESET);
}

static void arrow(struct buf *out, const struct diff_render *o) {
    buf_byte(out, ' ');
    code(out, o, UI_YELLOW);
    buf_add_c(out, "->");
    code(out, o, UI_RESET);
    buf_byte(out, ' ');
}

static void hidden(struct buf *out, int indent, const char *what, size_t n,
                   const struct diff_render *o) {
    start_line(out, indent, ACTION_NOOP, o);
    code(out, o, UI_DIM);
    buf_addf(out, "# (%zu unchanged %s%s hidden)", n, what, n == 1 ? "" : "s");
    code(out, o, UI_RESET);
    buf_byte(out, '\n');
}

static void quoted_rune(struct buf *out, uint32_t rune) {
    static const char from[] = "\a\b\f\n\r\t\v\\\"", to[] = "abfnrtv\\\"";
    const char *hit = rune && rune < 0x80 ? strchr(from, (int)rune) : NULL;
    if (hit) {
        buf_byte(out, '\\');
        buf_byte(out, to[hit - from]);
    } else if (rune < ' ' || rune == 0x7f) {
        buf_addf(out, "\\x%02x", rune);
    } else if (utf8_is_printable(rune)) {
        buf_rune(out, rune);
    } else {
        buf_addf(out, rune < 0x10000 ? "\\u%04x" : "\\U%08x", rune);
    }
}

static void write_quoted(struct buf *out, struct str text) {
    size_t n;
    buf_byte(out, '"');
    for (size_t i = 0; i < text.len; i += n) {
        uint32_t rune = utf8_decode(str_slice(text, i, text.len), &n);
        if (rune == UTF8_INVALID)
            buf_addf(out, "\\x%02x", (unsigned char)text.at[i]);
        else
            quoted_rune(out, rune);
    }
    buf_byte(out, '"');
}

void diff_render_pad(struct buf *out, struct str text, size_t width) {
    size_t runes = 0;
    for (size_t i = 0; i < text.len; i++)
        runes += ((unsigned char)text.at[i] & 0xC0) != 0x80;
    buf_fill(out, ' ', width > runes ? width - runes : 0);
}

struct str diff_render_name(struct arena *arena, struct str name) {
    if (parse_is_identifier(name))
        return name;
    struct buf b;
    buf_init(&b, BUF_MAX_TEXT);
    write_quoted(&b, name);
    return buf_take(&b, arena);
}

static struct str quoted_key(struct arena *arena, struct str key) {
    struct buf b;
    buf_init(&b, BUF_MAX_TEXT);
    write_quoted(&b, key);
    return buf_take(&b, arena);
}

/* A string as the renderer sees it: a JSON document, several lines, or plain. */
struct text {
    bool null, multiline;
    struct value *json;
    struct str text;
};

static struct text look_at(struct arena *scratch, struct value v) {
    struct text t = {0};
    if (v.kind != VALUE_STRING) {
        t.null = true;
        t.text = S("null");
        return t;
    }
    t.text = value_str(v);
    if (t.text.len && (t.text.at[0] == '{' || t.text.at[0] == '[')) {
        struct json_error error;
        struct json *json = json_parse(scratch, t.text, &error);
        if (json) {
            t.json = arena_alloc(scratch, sizeof *t.json);
            *t.json = as_json_implied(scratch, json);
            return t;
        }
    }
    if (str_find_byte(t.text, '\n') >= 0) {
        t.multiline = true;
        t.text = str_trim(t.text);
    }
    return t;
}

static void simple_text(struct buf *out, const struct text *t, const struct diff_render *o) {
    if (!t->null && !(o->empty_as_null && !t->text.len)) {
        write_quoted(out, t->text);
        return;
    }
    code(out, o, UI_DIM);
    buf_add_c(out, "null");
    code(out, o, UI_RESET);
}

static struct str *split_lines(struct arena *scratch, struct str text, size_t *ret_n) {
    struct str *lines = NULL, line;
    size_t n = 0, cap = 0;
    while (str_split(&text, '\n', &line)) {
        lines = arena_grow(scratch, lines, n, &cap, sizeof *lines);
        lines[n++] = line;
    }
    /* No text at all is one empty line. */
    if (n == 0)
        lines = arena_array(scratch, n = 1, sizeof *lines);
    *ret_n = n;
    return lines;
}

struct line_job {
    struct buf *out;
    const struct diff_render *options;
    int indent;
    const struct str *before, *after;
    size_t n_before, n_after;
};

static void line_pair(void *context, size_t before_at, size_t after_at) {
    struct line_job *job = context;
    bool added = before_at >= job->n_before, removed = after_at >= job->n_after;
    enum action action = added ? ACTION_CREATE : removed ? ACTION_DELETE : ACTION_NOOP;
    struct str line = added ? job->after[after_at] : job->before[before_at];
    start_line(job->out, job->indent + 1, action, job->options);
    buf_addf(job->out, "%.*s\n", STR_ARG(line));
}

static void heredoc(struct buf *out, const struct diff *d, struct str before, struct str after,
                    int indent, const struct diff_render *o) {
    struct line_job job = {.out = out, .options = o, .indent = indent};
    buf_add_c(out, "<<-EOT");
    replace_suffix(out, d->replace, o);
    buf_byte(out, '\n');
    job.before = split_lines(o->scratch, before, &job.n_before);
    job.after = split_lines(o->scratch, after, &job.n_after);
    diff_list_lines(o->scratch, job.before, job.n_before, job.after, job.n_after, line_pair, &job);
    start_line(out, indent, ACTION_NOOP, o);
    buf_add_c(out, "EOT");
    null_suffix(out, d->action, o);
}

static void json_text(struct buf *out, const struct diff *d, const struct value *before,
                      const struct value *after, int indent, const struct diff_render *o) {
    struct diff *inner = diff_json(o->scratch, before, after);
    struct diff_render options = *o;
    struct buf body;
    enum action action = d->action;
    bool only_blanks = inner->action == ACTION_NOOP && d->action == ACTION_UPDATE;
    const char *blanks = "";
    options.no_null_suffix = true;
    if (only_blanks) {
        blanks = d->replace ? " # whitespace changes force replacement" : " # whitespace changes";
        options.show_unchanged = true;
    }
    if (only_blanks || action == ACTION_CREATE || action == ACTION_DELETE)
        action = ACTION_NOOP;
    buf_init(&body, BUF_MAX_TEXT);
    render(&body, inner, indent + 1, &options);
    bool lines = str_find_byte(buf_str(&body), '\n') >= 0;
    if (lines) {
        buf_addf(out, "jsonencode(%s\n", blanks);
        start_line(out, indent + 1, action, o);
        buf_add(out, buf_str(&body));
        if (!only_blanks)
            replace_suffix(out, d->replace, o);
        buf_byte(out, '\n');
        start_line(out, indent, ACTION_NOOP, o);
        buf_byte(out, ')');
        null_suffix(out, d->action, o);
    } else {
        buf_addf(out, "jsonencode(%.*s)%s", STR_ARG(buf_str(&body)), blanks);
        if (!only_blanks)
            replace_suffix(out, d->replace, o);
    }
    buf_clear(&body);
}

/* One side only: created, deleted or unchanged. */
static void one_text(struct buf *out, const struct diff *d, int indent,
                     const struct diff_render *o) {
    bool gone = d->action == ACTION_DELETE;
    struct text t = look_at(o->scratch, gone ? d->before : d->after);
    if (t.json) {
        json_text(out, d, d->action == ACTION_CREATE ? NULL : t.json, gone ? NULL : t.json, indent,
                  o);
    } else if (t.multiline) {
        heredoc(out, d, t.text, t.text, indent, o);
    } else {
        simple_text(out, &t, o);
        if (gone && !t.null)
            null_suffix(out, d->action, o);
        replace_suffix(out, d->replace, o);
    }
}

static void changed_text(struct buf *out, const struct diff *d, int indent,
                         const struct diff_render *o) {
    struct text before = look_at(o->scratch, d->before), after = look_at(o->scratch, d->after);
    if (before.json && after.json) {
        json_text(out, d, before.json, after.json, indent, o);
    } else if (before.json || after.json) {
        struct diff gone = {.kind = DIFF_PRIMITIVE, .action = ACTION_DELETE, .before = d->before};
        struct diff made = {.kind = DIFF_PRIMITIVE, .action = ACTION_CREATE, .after = d->after};
        struct diff change = {.kind = DIFF_TYPE_CHANGE, .inner = &gone, .other = &made};
        render(out, &change, indent, o);
    } else if (before.multiline || after.multiline) {
        heredoc(out, d, before.text, after.text, indent, o);
    } else {
        simple_text(out, &before, o);
        arrow(out, o);
        simple_text(out, &after, o);
        replace_suffix(out, d->replace, o);
    }
}

static void plain(struct buf *out, struct value v, const struct diff_render *o) {
    if (v.kind == VALUE_BOOL) {
        buf_add_c(out, v.boolean ? "true" : "false");
    } else if (value_is_number(v)) {
        value_write_number(out, v);
    } else if (v.kind == VALUE_STRING) {
        write_quoted(out, value_str(v));
    } else {
        code(out, o, UI_DIM);
        buf_add_c(out, "null");
        code(out, o, UI_RESET);
    }
}

static void primitive(struct buf *out, const struct diff *d, int indent,
                      const struct diff_render *o) {
    bool is_text = d->before.kind == VALUE_STRING || d->after.kind == VALUE_STRING;
    if (is_text && d->action == ACTION_UPDATE) {
        changed_text(out, d, indent, o);
        return;
    }
    if (is_text) {
        one_text(out, d, indent, o);
        return;
    }
    plain(out, d->action == ACTION_CREATE ? d->after : d->before, o);
    if (d->action == ACTION_UPDATE) {
        arrow(out, o);
        plain(out, d->after, o);
    }
    null_suffix(out, d->action, o);
    replace_suffix(out, d->replace, o);
}

static bool is_important(struct str name) {
    return str_eq(name, S("id")) || str_eq(name, S("name")) || str_eq(name, S("tags"));
}

/* What to warn of in front of an attribute or block that becomes, or stops being, sensitive. */
static void sensitive_warning(struct buf *out, const struct diff *d, int indent,
                              const struct diff_render *o) {
    bool block = d->kind == DIFF_SENSITIVE_BLOCK;
    if ((d->kind != DIFF_SENSITIVE && !block) || d->before_sensitive == d->after_sensitive ||
        d->inner->action == ACTION_CREATE || d->inner->action == ACTION_DELETE)
        return;
    const char *what = block ? "block" : "attribute value";
    buf_fill(out, ' ', 4 * (size_t)indent);
    buf_add_c(out, "  # ");
    code(out, o, UI_YELLOW);
    buf_add_c(out, "Warning");
    code(out, o, UI_RESET);
    if (d->before_sensitive)
        buf_addf(out, ": this %s will no longer be marked as sensitive\n", what);
    else
        buf_addf(out, ": this %s will be marked as sensitive and will not\n", what);
    buf_fill(out, ' ', 4 * (size_t)indent);
    buf_add_c(out, d->before_sensitive ? "  # after applying this change."
                                       : "  # display in UI output after applying this change.");
    if (!block && d->inner->action == ACTION_NOOP)
        buf_add_c(out, " The value is unchanged.");
    buf_byte(out, '\n');
}

/* `name = value` of objects and blocks; returns how many are hidden. */
static size_t attributes(struct buf *out, const struct diff *d, int indent,
                         const struct diff_render *child_options, const struct diff_render *o) {
    size_t width = 0, unchanged = 0;
    for (size_t i = 0; i < d->n_children; i++) {
        size_t len = diff_render_name(o->scratch, d->children[i].key).len;
        width = len > width ? len : width;
    }
    for (size_t i = 0; i < d->n_children; i++) {
        const struct diff_child *c = &d->children[i];
        struct diff_render options = *child_options;
        options.force_replace = false;
        bool important = is_important(c->key);
        if (c->diff->action == ACTION_NOOP && !o->show_unchanged && !important) {
            unchanged++;
            continue;
        }
        options.show_unchanged = options.show_unchanged || important;
        struct str name = diff_render_name(o->scratch, c->key);
        sensitive_warning(out, c->diff, indent + 1, o);
        start_line(out, indent + 1, c->diff->action, &options);
        buf_add(out, name);
        diff_render_pad(out, name, width);
        buf_add_c(out, " = ");
        render(out, c->diff, indent + 1, &options);
        buf_byte(out, '\n');
    }
    return unchanged;
}

static void object(struct buf *out, const struct diff *d, int indent, const struct diff_render *o) {
    if (!d->n_children) {
        buf_add_c(out, "{}");
        null_suffix(out, d->action, o);
        replace_suffix(out, d->replace, o);
        return;
    }
    struct diff_render options = *o;
    options.no_null_suffix = !d->nested;
    buf_byte(out, '{');
    replace_suffix(out, d->replace, o);
    buf_byte(out, '\n');
    size_t unchanged = attributes(out, d, indent, &options, o);
    if (unchanged)
        hidden(out, indent + 1, "attribute", unchanged, o);
    start_line(out, indent, ACTION_NOOP, o);
    buf_byte(out, '}');
    null_suffix(out, d->action, o);
}

static void map_elements(struct buf *out, const struct diff *d, int indent,
                         const struct diff_render *options, const struct diff_render *o) {
    size_t width = 0, unchanged = 0;
    for (size_t i = 0; i < d->n_children && !d->nested; i++) {
        size_t len = quoted_key(o->scratch, d->children[i].key).len;
        width = len > width ? len : width;
    }
    for (size_t i = 0; i < d->n_children; i++) {
        const struct diff_child *c = &d->children[i];
        if (c->diff->action == ACTION_NOOP && !o->show_unchanged) {
            unchanged++;
            continue;
        }
        struct str key = quoted_key(o->scratch, c->key);
        sensitive_warning(out, c->diff, indent + 1, o);
        start_line(out, indent + 1, c->diff->action, options);
        buf_add(out, key);
        diff_render_pad(out, key, width);
        buf_add_c(out, " = ");
        render(out, c->diff, indent + 1, options);
        buf_add_c(out, c->diff->kind == DIFF_OBJECT ? ",\n" : "\n");
    }
    if (unchanged)
        hidden(out, indent + 1, "element", unchanged, o);
}

static void map(struct buf *out, const struct diff *d, int indent, const struct diff_render *o) {
    bool self = d->replace && !d->nested;
    struct diff_render options = *o;
    if (!d->n_children) {
        buf_add_c(out, "{}");
        null_suffix(out, d->action, o);
        replace_suffix(out, self, o);
        return;
    }
    options.no_null_suffix = d->action == ACTION_DELETE || d->nested;
    options.force_replace = d->replace && d->nested;
    buf_byte(out, '{');
    replace_suffix(out, self, o);
    buf_byte(out, '\n');
    map_elements(out, d, indent, &options, o);
    start_line(out, indent, ACTION_NOOP, o);
    buf_byte(out, '}');
    null_suffix(out, d->action, o);
}

static void element(struct buf *out, const struct diff *d, int indent,
                    const struct diff_render *options) {
    sensitive_warning(out, d, indent + 1, options);
    start_line(out, indent + 1, d->action, options);
    render(out, d, indent + 1, options);
    buf_add_c(out, ",\n");
}

/* A list shows one unchanged neighbour on both sides of each change. */
static void list_elements(struct buf *out, const struct diff *d, int indent,
                          const struct diff_render *o) {
    struct diff_render options = *o, whole = *o;
    const struct diff *last = NULL;
    size_t unchanged = 0;
    bool show_next = false, context = !d->nested;
    options.force_replace = whole.force_replace = false;
    options.no_null_suffix = true;
    whole.show_unchanged = true;
    for (size_t i = 0; i < d->n_children; i++) {
        const struct diff *e = d->children[i].diff;
        if (e->action == ACTION_NOOP && !show_next && !o->show_unchanged) {
            unchanged++;
            last = e;
            continue;
        }
        show_next = false;
        if (context && unchanged) {
            if (unchanged > 1)
                hidden(out, indent + 1, "element", unchanged - 1, o);
            element(out, last, indent, &whole);
            unchanged = 0;
        }
        if (context && e->action == ACTION_NOOP) {
            element(out, e, indent, &whole);
            continue;
        }
        show_next = context;
        element(out, e, indent, &options);
    }
    if (unchanged)
        hidden(out, indent + 1, "element", unchanged, o);
}

static void set_elements(struct buf *out, const struct diff *d, int indent,
                         const struct diff_render *o) {
    struct diff_render options = *o;
    size_t unchanged = 0;
    options.no_null_suffix = true;
    options.force_replace = d->replace && d->nested;
    for (size_t i = 0; i < d->n_children; i++) {
        const struct diff *e = d->children[i].diff;
        if (e->action == ACTION_NOOP && !o->show_unchanged)
            unchanged++;
        else
            element(out, e, indent, &options);
    }
    if (unchanged)
        hidden(out, indent + 1, "element", unchanged, o);
}

static void list_or_set(struct buf *out, const struct diff *d, int indent,
                        const struct diff_render *o) {
    bool self = d->replace && !(d->kind == DIFF_SET && d->nested);
    if (!d->n_children) {
        buf_add_c(out, "[]");
        null_suffix(out, d->action, o);
        replace_suffix(out, self, o);
        return;
    }
    buf_byte(out, '[');
    replace_suffix(out, self, o);
    buf_byte(out, '\n');
    if (d->kind == DIFF_LIST)
        list_elements(out, d, indent, o);
    else
        set_elements(out, d, indent, o);
    start_line(out, indent, ACTION_NOOP, o);
    buf_byte(out, ']');
    null_suffix(out, d->action, o);
}

/* A block type that is sensitive as a whole hides each of its blocks. */
static struct diff hide_block(const struct diff_blocks *group, struct diff *d) {
    bool before = group->before_sensitive, after = group->after_sensitive;
    bool hide = (d->action == ACTION_CREATE && after) || (d->action == ACTION_DELETE && before) ||
                ((d->action == ACTION_UPDATE || d->action == ACTION_NOOP) && (before || after));
    if (!hide)
        return *d;
    enum action action = d->action;
    if (action == ACTION_NOOP && before != after)
        action = ACTION_UPDATE;
    return (struct diff){
        .kind = DIFF_SENSITIVE_BLOCK,
        .action = action,
        .replace = d->replace,
        .inner = d,
        .before_sensitive = before,
        .after_sensitive = after,
    };
}

static size_t block_group(struct buf *out, const struct diff *parent,
                          const struct diff_blocks *group, int indent,
                          const struct diff_render *o) {
    struct diff_render options = *o;
    size_t unchanged = 0;
    bool gap = false;
    options.force_replace = group->replace;
    for (size_t i = 0; i < group->n; i++) {
        struct diff d = hide_block(group, group->at[i].diff);
        if (d.action == ACTION_NOOP && !o->show_unchanged) {
            unchanged++;
            continue;
        }
        if (!gap && parent->n_children) {
            buf_byte(out, '\n');
            gap = true;
        }
        sensitive_warning(out, &d, indent + 1, &options);
        start_line(out, indent + 1, d.action, &options);
        buf_add(out, diff_render_name(o->scratch, group->type));
        if (group->nesting == NESTING_MAP) {
            buf_byte(out, ' ');
            write_quoted(out, group->at[i].key);
        }
        buf_byte(out, ' ');
        render(out, &d, indent + 1, &options);
        buf_byte(out, '\n');
    }
    return unchanged;
}

static void block(struct buf *out, const struct diff *d, int indent, const struct diff_render *o) {
    size_t unchanged = 0;
    if (!d->n_children && !d->n_blocks) {
        buf_add_c(out, "{}");
        replace_suffix(out, d->replace, o);
        return;
    }
    buf_byte(out, '{');
    replace_suffix(out, d->replace, o);
    buf_byte(out, '\n');
    size_t hidden_attributes = attributes(out, d, indent, o, o);
    if (hidden_attributes)
        hidden(out, indent + 1, "attribute", hidden_attributes, o);
    for (size_t i = 0; i < d->n_blocks; i++)
        unchanged += block_group(out, d, &d->blocks[i], indent, o);
    if (unchanged) {
        buf_byte(out, '\n');
        hidden(out, indent + 1, "block", unchanged, o);
    }
    start_line(out, indent, ACTION_NOOP, o);
    buf_byte(out, '}');
}

static void unknown(struct buf *out, const struct diff *d, int indent,
                    const struct diff_render *o) {
    if (d->action != ACTION_CREATE && d->inner) {
        struct diff_render options = *o;
        options.no_null_suffix = true;
        render(out, d->inner, indent, &options);
        buf_add_c(out, " -> ");
    }
    buf_add_c(out, "(known after apply)");
    replace_suffix(out, d->replace, o);
}

static void sensitive_block(struct buf *out, const struct diff *d, int indent,
                            const struct diff_render *o) {
    buf_byte(out, '{');
    replace_suffix(out, d->replace, o);
    buf_byte(out, '\n');
    start_line(out, indent, ACTION_NOOP, o);
    buf_add_c(out, "  # At least one attribute in this block is (or was) sensitive,\n");
    start_line(out, indent, ACTION_NOOP, o);
    buf_add_c(out, "  # so its contents will not be displayed.\n");
    start_line(out, indent, ACTION_NOOP, o);
    buf_byte(out, '}');
}

static void type_change(struct buf *out, const struct diff *d, int indent,
                        const struct diff_render *o) {
    struct diff_render options = *o;
    options.no_null_suffix = true;
    render(out, d->inner, indent, &options);
    arrow(out, o);
    render(out, d->other, indent, &options);
}

static void render(struct buf *out, const struct diff *d, int indent, const struct diff_render *o) {
    switch (d->kind) {
    case DIFF_PRIMITIVE:
        primitive(out, d, indent, o);
        break;
    case DIFF_OBJECT:
        object(out, d, indent, o);
        break;
    case DIFF_MAP:
        map(out, d, indent, o);
        break;
    case DIFF_LIST:
    case DIFF_SET:
        list_or_set(out, d, indent, o);
        break;
    case DIFF_BLOCK:
        block(out, d, indent, o);
        break;
    case DIFF_UNKNOWN:
        unknown(out, d, indent, o);
        break;
    case DIFF_SENSITIVE_BLOCK:
        sensitive_block(out, d, indent, o);
        break;
    case DIFF_TYPE_CHANGE:
        type_change(out, d, indent, o);
        break;
    case DIFF_SENSITIVE:
        if (o->show_sensitive) {
            render(out, d->inner, indent, o);
            break;
        }
        buf_add_c(out, "(sensitive value)");
        null_suffix(out, d->action, o);
        replace_suffix(out, d->replace, o);
        break;
    case DIFF_WRITE_ONLY:
        buf_add_c(out, "(write-only attribute)");
        replace_suffix(out, d->replace, o);
        null_suffix(out, d->action, o);
        break;
    }
}

void diff_render(struct buf *out, const struct diff *diff, int indent,
                 const struct diff_render *options) {
    render(out, diff, indent, options);
}
