/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast the language is read, laid out and evaluated, on one core: `language_bench MEGABYTES`
 * for each kind of source. CPU time, so that a busy machine disturbs little.
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

/* What configurations consist of, a piece at a time, each with the number of the piece in it. */
struct kind {
    const char *name, *piece;
};

static const struct kind kinds[] = {
    {"blocks", "# User @\n"
               "resource \"aws_iam_user\" \"user_@\" {\n"
               "  name          = \"user-@.${var.domain}\"\n"
               "  path          = local.paths[\"people\"]\n"
               "  force_destroy = var.environment != \"production\" && length(var.users) > @\n"
               "  tags = {\n"
               "    Team  = \"platform\"\n"
               "    Roles = join(\",\", [\"admin\", \"auditor\", format(\"r%d\", @)])\n"
               "  }\n"
               "}\n\n"},
    {"values", "users_@ = {\n"
               "  \"user@-at-example.com\" = {\n"
               "    description = \"User @, who works here\"\n"
               "    roles       = [\"admin\", \"data_engineer\"]\n"
               "    limit       = @\n"
               "    enabled     = true\n"
               "  }\n"
               "}\n"},
    {"expressions", "v@ = { for k, v in local.m : \"${k}-@\" => v.a[0] + @ * (v.b - 1) if v.on && k != \"x\" }\n"
                    "w@ = var.on ? merge(local.a, { b = [for x in var.l : upper(x.name)] }) : null\n"
                    "x@ = try(aws_iam_role.r[\"a@\"].arn, data.aws_caller_identity.me.account_id)[*].id\n\n"},
    {"heredocs", "policy_@ = <<-EOT\n"
                 "  {\n"
                 "    \"Version\": \"2012-10-17\",\n"
                 "    \"Statement\": [{ \"Effect\": \"Allow\", \"Action\": \"s3:Get*\",\n"
                 "      \"Resource\": \"arn:aws:s3:::bucket-@/${local.prefix}/*\" }]\n"
                 "  }\n"
                 "EOT\n\n"},
    {"comments", "# What stands here tells the reader why the number @ is what it is, at some length.\n"
                 "// Another one, of the other kind.\n"
                 "/* And one over\n   two lines */\n"
                 "a@ = @ # at the end\n\n"},
};

static struct str source_of(struct arena *arena, const struct kind *kind, size_t bytes) {
    struct buf out;
    struct str piece = str_from(kind->piece);
    buf_init(&out, BUF_MAX_DOCUMENT);
    for (unsigned i = 0; out.len < bytes; i++)
        for (size_t at = 0; at < piece.len; at++)
            if (piece.at[at] == '@')
                buf_addf(&out, "%u", i);
            else
                buf_byte(&out, piece.at[at]);
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
    double megabytes = argc > 1 ? atof(argv[1]) : 10;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct arena *arena = arena_new();
        struct str source = source_of(arena, &kinds[i], (size_t)(megabytes * 1e6));
        double bytes = (double)source.len / 1e6;
        printf("scan,%s %.1f MB/s\n", kinds[i].name, bytes / scan(source));
        printf("parse,%s %.1f MB/s\n", kinds[i].name, bytes / parse(source));
        printf("fmt,%s %.1f MB/s\n", kinds[i].name, bytes / format(source));
        arena_free(arena);
    }
    size_t times = (size_t)(megabytes * 20000);
    printf("expressions %.0f /s\n", (double)times / evaluate(times));
    return 0;
}
