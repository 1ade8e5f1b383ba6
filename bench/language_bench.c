/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast the language is read, laid out and evaluated, on one core: `language_bench MEGABYTES`
 * for the source. CPU time, so that a busy machine disturbs little.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "eval/eval.h"
#include "hcl/format.h"
#include "hcl/parse.h"
#include "hcl/scan.h"

static double cpu_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* What configurations consist of: blocks, strings with interpolations, lists, objects, comments. */
static struct str source_of(struct arena *arena, size_t bytes) {
    struct buf out;
    buf_init(&out, BUF_MAX_DOCUMENT);
    for (unsigned i = 0; out.len < bytes; i++)
        buf_addf(&out,
                 "# User %u\n"
                 "resource \"aws_iam_user\" \"user_%u\" {\n"
                 "  name          = \"user-%u.${var.domain}\"\n"
                 "  path          = local.paths[\"people\"]\n"
                 "  force_destroy = var.environment != \"production\" && length(var.users) > %u\n"
                 "  tags = {\n"
                 "    Team  = \"platform\"\n"
                 "    Roles = join(\",\", [\"admin\", \"auditor\", format(\"r%%d\", %u)])\n"
                 "  }\n"
                 "}\n\n",
                 i, i, i, i, i);
    return buf_take(&out, arena);
}

static double scan(struct str source) {
    struct arena *arena = arena_new();
    double start = cpu_seconds();
    struct tokens tokens = scan_text(arena, source, SCAN_NORMAL);
    double end = cpu_seconds();
    if (tokens.suspicious)
        bug("the benchmark's own source does not scan");
    arena_free(arena);
    return end - start;
}

static double parse(struct str source) {
    struct arena *arena = arena_new();
    struct sources *sources = sources_new(arena);
    struct diags *diags = diags_new(arena);
    uint32_t file = sources_add(sources, S("main.tf"), source);
    double start = cpu_seconds();
    parse_file(arena, sources, file, diags);
    double end = cpu_seconds();
    if (diags_failed(diags))
        bug("the benchmark's own source does not parse");
    arena_free(arena);
    return end - start;
}

static double format(struct str source) {
    struct arena *scratch = arena_new();
    struct buf out;
    buf_init(&out, BUF_MAX_DOCUMENT);
    double start = cpu_seconds();
    format_source(scratch, source, &out);
    double end = cpu_seconds();
    if (!str_eq(source, buf_str(&out)))
        bug("the benchmark's own source is not in canonical style");
    buf_clear(&out);
    arena_free(scratch);
    return end - start;
}

static double evaluate(size_t times) {
    struct arena *arena = arena_new(), *scratch = arena_new();
    struct sources *sources = sources_new(arena);
    struct diags *diags = diags_new(arena);
    uint32_t file = sources_add(
        sources, S("expression"),
        S("upper(\"a${1 + 2}\") == \"A3\" ? { n = [for i in [1, 2, 3] : i * 2] } : null"));
    struct expr *expr = parse_expr(arena, sources, file, diags);
    const struct scope scope = {.sources = sources, .base_dir = S(".")};
    double start = cpu_seconds();
    for (size_t i = 0; i < times; i++) {
        eval_expr(scratch, &scope, expr, diags);
        arena_reset(scratch);
    }
    double end = cpu_seconds();
    if (diags_failed(diags))
        bug("the benchmark's own expression has errors");
    arena_free(scratch);
    arena_free(arena);
    return end - start;
}

int main(int argc, char **argv) {
    struct arena *arena = arena_new();
    double megabytes = argc > 1 ? atof(argv[1]) : 10;
    struct str source = source_of(arena, (size_t)(megabytes * 1e6));
    double bytes = (double)source.len / 1e6;
    size_t times = (size_t)(megabytes * 20000);
    printf("scan %.1f MB/s\n", bytes / scan(source));
    printf("parse %.1f MB/s\n", bytes / parse(source));
    printf("fmt %.1f MB/s\n", bytes / format(source));
    printf("expressions %.0f /s\n", (double)times / evaluate(times));
    arena_free(arena);
    return 0;
}
