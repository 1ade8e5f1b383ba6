/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the cases in this folder. What a file is, its name says:
 *   *.expr, *.template   cases of two parts with an empty line behind: the source, and a line
 *                        "=> TREE" or lines "!! LINE:COLUMN-LINE:COLUMN Summary" for its errors
 *   *.hcl, *.json        a whole file; its messages are those of "# expect PLACE Summary" lines (in
 *                        JSON: the strings of the top-level property "//"), all of them and no
 * other
 *   *.fmt                cases as above with "=>" alone in a line between source and result
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/fs.h"
#include "base/json.h"
#include "diag/diag.h"
#include "hcl/format.h"
#include "hcl/parse.h"
#include "tree_text.h"

#define MAX_FILE ((size_t)1 << 20)

struct run {
    struct arena *arena;
    struct str name;
    size_t n_cases, n_failed;
};

static void write_diags(struct buf *out, struct sources *sources, struct diags *diags,
                        const char *mark) {
    diags_sort(diags, sources);
    for (size_t i = 0; i < diags->n; i++) {
        struct span span = diags->at[i].subject;
        struct place start = sources_place(sources, span.file, span.start);
        struct place end = sources_end(sources, span);
        buf_addf(out, "%s%u:%u-%u:%u %.*s\n", mark, start.line, start.column, end.line, end.column,
                 STR_ARG(diags->at[i].summary));
    }
}

static void check(struct run *run, struct str source, struct str want, struct str got) {
    run->n_cases++;
    if (str_eq(str_trim(want), str_trim(got)))
        return;
    run->n_failed++;
    printf("%.*s: case\n%.*s\n  wants\n%.*s\n  but got\n%.*s\n\n", STR_ARG(run->name),
           STR_ARG(source), STR_ARG(want), STR_ARG(got));
}

static struct str result_of(struct run *run, struct str source, bool template) {
    struct sources *sources = sources_new(run->arena);
    struct diags *diags = diags_new(run->arena);
    uint32_t file = sources_add(sources, run->name, source);
    struct expr *expr = (template ? parse_template : parse_expr)(run->arena, sources, file, diags);
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    if (diags->n) {
        write_diags(&out, sources, diags, "!! ");
    } else {
        buf_add_c(&out, "=> ");
        tree_text_expr(&out, expr);
    }
    return buf_take(&out, run->arena);
}

static bool is_result(struct str line) {
    return str_starts(line, S("=>")) || str_starts(line, S("!!"));
}

/* Source lines up to the first result line, results up to an empty line. */
static void run_pairs(struct run *run, struct str text, bool template) {
    struct str line;
    struct buf source, want;
    buf_init(&source, BUF_MAX_TEXT);
    buf_init(&want, BUF_MAX_TEXT);
    bool more = true;
    while (more) {
        more = str_split(&text, '\n', &line);
        if (more && is_result(line)) {
            buf_addf(&want, "%.*s\n", STR_ARG(line));
        } else if (want.len) {
            struct str input = str_slice(buf_str(&source), 0, source.len - 1);
            check(run, input, buf_str(&want), result_of(run, input, template));
            buf_reset(&source);
            buf_reset(&want);
        } else if (more && !(str_starts(line, S("## ")) && !source.len)) {
            buf_addf(&source, "%.*s\n", STR_ARG(line));
        }
    }
    buf_clear(&source);
    buf_clear(&want);
}

/* Cases are separated by a line of dashes. */
static void run_formats(struct run *run, struct str text) {
    while (text.len) {
        ptrdiff_t end = str_find(text, S("\n----\n"));
        struct str one = str_slice(text, 0, end < 0 ? text.len : (size_t)end + 1);
        text = str_slice(text, end < 0 ? text.len : (size_t)end + 6, text.len);
        ptrdiff_t arrow = str_find(one, S("\n=>\n"));
        struct str source = str_slice(one, 0, arrow < 0 ? one.len : (size_t)arrow + 1);
        struct str want = str_slice(one, arrow < 0 ? 0 : (size_t)arrow + 4, one.len);
        struct buf out;
        buf_init(&out, BUF_MAX_TEXT);
        format_source(run->arena, source, &out);
        struct str once = buf_take(&out, run->arena);
        check(run, source, want, once);
        format_source(run->arena, once, &out);
        check(run, once, once, buf_take(&out, run->arena));
    }
}

static void native_expectations(struct buf *out, struct str text) {
    struct str line;
    while (str_split(&text, '\n', &line)) {
        ptrdiff_t at = str_find(line, S("# expect "));
        if (at >= 0)
            buf_addf(out, "%.*s\n", STR_ARG(str_slice(line, (size_t)at + 9, line.len)));
    }
}

/* Found by text, since the file need not be valid JSON. */
static void json_expectations(struct buf *out, struct str text) {
    struct str line;
    while (str_split(&text, '\n', &line)) {
        ptrdiff_t at = str_find(line, S("\"expect "));
        if (at < 0)
            continue;
        struct str rest = str_slice(line, (size_t)at + 8, line.len);
        buf_addf(out, "%.*s\n", STR_ARG(str_slice(rest, 0, (size_t)str_rfind_byte(rest, '"'))));
    }
}

static void run_file(struct run *run, struct str text, bool json) {
    struct sources *sources = sources_new(run->arena);
    struct diags *diags = diags_new(run->arena);
    uint32_t file = sources_add(sources, run->name, text);
    (json ? parse_json_file : parse_file)(run->arena, sources, file, diags);
    struct buf want, got;
    buf_init(&want, BUF_MAX_TEXT);
    buf_init(&got, BUF_MAX_TEXT);
    (json ? json_expectations : native_expectations)(&want, text);
    write_diags(&got, sources, diags, "");
    check(run, S("(whole file)"), buf_str(&want), buf_str(&got));
    buf_clear(&want);
    buf_clear(&got);
}

int main(int argc, char **argv) {
    struct run run = {.arena = arena_new()};
    for (int i = 1; i < argc; i++) {
        struct str path = str_from(argv[i]), text;
        if (fs_read(run.arena, path, MAX_FILE, &text)) {
            fprintf(stderr, "cannot read %s\n", argv[i]);
            return 1;
        }
        run.name = fs_basename(path);
        if (str_ends(path, S(".expr")) || str_ends(path, S(".template")))
            run_pairs(&run, text, str_ends(path, S(".template")));
        else if (str_ends(path, S(".fmt")))
            run_formats(&run, text);
        else
            run_file(&run, text, str_ends(path, S(".json")));
    }
    printf("%zu cases, %zu failed\n", run.n_cases, run.n_failed);
    arena_free(run.arena);
    return run.n_failed || !run.n_cases ? 1 : 0;
}
