/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the time of each function and expression form grows with what it is given: `growth_bench N`
 * prints CPU seconds for N and 10 N elements (or characters) and their ratio, the worst first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "diag/diag_render.h"
#include "eval/eval.h"
#include "hcl/parse.h"

/* `prepare` makes x, untimed, of n (0 to N - 1), s ("k0" ...) and text (lines of words). */
struct row {
    const char *name, *prepare, *expression;
};

static const struct row rows[] = {
    {"for", "n", "[for i in x : i % 2 == 0 ? \"a${i}\" : upper(\"b${i}\")]"},
    {"for to object", "n", "{ for i in x : \"k${i}\" => i if i % 3 != 0 }"},
    {"for with groups", "n", "{ for i in x : i % 10 => i... }"},
    {"for with many groups", "n", "{ for i in x : \"k${i}\" => i... }"},
    {"for with a look-up", "[s, { for k in s : k => k }]", "[for k in x[0] : x[1][k]]"},
    {"for with an index", "[n, s]", "[for i in x[0] : x[1][i]]"},
    {"for over a map", "{ for k in s : k => k }", "[for k, v in x : \"${k}${v}\"]"},
    {"for over a set", "toset(s)", "[for v in x : v]"},
    {"splat", "[for i in n : { a = i }]", "x[*].a"},
    {"splat of an object's parts", "[for i in n : { a = { b = [i] } }]", "x.*.a.b[0]"},
    {"template for", "s", "\"%{for v in x}${v},%{endfor}\""},
    {"equal", "[s, concat(s, [])]", "x[0] == x[1]"},
    {"equal maps", "[{ for k in s : k => k }, { for k in s : k => k }]", "x[0] == x[1]"},
    {"conditional", "[s, [for v in s : v]]", "length(x[0]) > 1 ? x[0] : x[1]"},
    {"conditional of objects", "[{ for k in s : k => k }, { for k in s : \"${k}x\" => k }]",
     "length(x[0]) > 1 ? x[0] : x[1]"},
    {"alltrue", "[for i in n : true]", "alltrue(x)"},
    {"anytrue", "[for i in n : false]", "anytrue(x)"},
    {"chunklist", "s", "chunklist(x, 3)"},
    {"coalesce", "[for i in n : i == length(n) - 1 ? \"x\" : \"\"]", "coalesce(x...)"},
    {"coalescelist", "[for i in n : i == length(n) - 1 ? [1] : []]", "coalescelist(x...)"},
    {"compact", "[for i in n : i % 2 == 0 ? \"\" : \"k${i}\"]", "compact(x)"},
    {"concat of two", "s", "concat(x, x)"},
    {"concat of many", "[for i in n : [i]]", "concat(x...)"},
    {"contains", "s", "contains(x, \"none\")"},
    {"distinct", "s", "distinct(concat(x, x))"},
    {"distinct objects", "[for i in n : { a = i }]", "distinct(x)"},
    {"element", "[n, s]", "[for i in x[0] : element(x[1], i)]"},
    {"flatten", "[for i in n : [i, [i]]]", "flatten(x)"},
    {"index", "s", "index(x, \"k${length(x) - 1}\")"},
    {"join", "s", "join(\",\", x)"},
    {"keys", "{ for k in s : k => k }", "keys(x)"},
    {"length", "s", "[length(x), length(toset(x))]"},
    {"lookup", "[s, { for k in s : k => k }]", "[for k in x[0] : lookup(x[1], k, \"\")]"},
    {"matchkeys", "s", "matchkeys(x, x, x)"},
    {"max", "n", "[max(x...), min(x...)]"},
    {"merge of two", "{ for k in s : k => k }", "merge(x, x)"},
    {"merge of many", "[for k in s : { (k) = k }]", "merge(x...)"},
    {"merge of many maps", "[for k in s : tomap({ (k) = k })]", "merge(x...)"},
    {"one", "n", "try(one(x), 1)"},
    {"reverse", "s", "reverse(x)"},
    {"setintersection", "[toset(s), toset([for i in n : \"k${i * 2}\"])]",
     "setintersection(x[0], x[1])"},
    {"setproduct", "s", "setproduct(x, [1, 2])"},
    {"setsubtract", "[toset(s), toset([for i in n : \"k${i * 2}\"])]", "setsubtract(x[0], x[1])"},
    {"setunion", "[toset(s), toset([for i in n : \"k${i * 2}\"])]", "setunion(x[0], x[1])"},
    {"setunion of many", "[for i in n : toset([i])]", "setunion(x...)"},
    {"setunion of objects", "[toset([for i in n : { a = i }])]", "setunion(x[0], x[0])"},
    {"slice", "s", "slice(x, 1, length(x) - 1)"},
    {"sort", "[for i in n : \"k${i * 7919 % 100003}\"]", "sort(x)"},
    {"sum", "n", "sum(x)"},
    {"toset", "[for i in n : \"k${i * 7919 % 100003}\"]", "toset(x)"},
    {"toset of objects", "[for i in n : { a = i, b = \"b${i}\" }]", "toset(x)"},
    {"tolist", "toset(s)", "tolist(x)"},
    {"tolist of unlike parts", "[for i in n : i % 2 == 0 ? i : \"s\"]", "tolist(x)"},
    {"tomap", "{ for k in s : k => k }", "tomap(x)"},
    {"transpose", "{ for k in s : k => [\"a\", k] }", "transpose(x)"},
    {"values", "{ for k in s : k => k }", "values(x)"},
    {"zipmap", "s", "zipmap(x, x)"},
    {"range", "n", "[for i in x : range(3)]"},
    {"formatlist", "s", "formatlist(\"%s-%s\", x, x)"},
    {"cidrsubnet", "n", "[for i in x : cidrsubnet(\"10.0.0.0/8\", 20, i)]"},
    {"cidrsubnets", "[for i in n : 20]", "try(cidrsubnets(\"fd00::/8\", x...), 1)"},
    {"sensitive", "s", "nonsensitive(sensitive(x))"},
    {"sensitive parts", "s", "[for v in x : sensitive(v)]"},
    {"issensitive", "[for v in s : sensitive(v)]", "issensitive(x)"},
    {"ephemeralasnull", "s", "ephemeralasnull(x)"},
    {"try", "n", "[for i in x : try(tonumber(\"a${i}\"), 0)]"},
    {"can", "n", "[for i in x : can(tonumber(\"a${i}\"))]"},
    {"jsonencode", "{ for k in s : k => { a = k, b = [1, null] } }", "jsonencode(x)"},
    {"jsondecode", "jsonencode({ for k in s : k => { a = k, b = [1, null] } })", "jsondecode(x)"},
    {"jsondecode of a list", "jsonencode([for k in s : { a = k }])", "jsondecode(x)"},
    {"yamlencode", "{ for k in s : k => { a = k, b = [1, null] } }", "yamlencode(x)"},
    {"yamldecode", "yamlencode({ for k in s : k => { a = k, b = [1, null] } })", "yamldecode(x)"},
    {"yamldecode of a list", "yamlencode(s)", "yamldecode(x)"},
    {"yamldecode of a text", "\"a: |\\n  ${indent(2, text)}\\n\"", "yamldecode(x)"},
    {"csvdecode", "join(\"\\n\", concat([\"a,b\"], [for k in s : \"${k},\\\"${k}\\\"\"]))",
     "csvdecode(x)"},
    {"csvdecode, wide", "\"${join(\",\", s)}\\n${join(\",\", s)}\\n\"", "csvdecode(x)"},
    {"templatestring", "{ t = \"%%{for v in l}$${v},%%{endfor}\", l = s }",
     "templatestring(x.t, { l = x.l })"},
    {"format", "text", "format(\"%s %q %10s %.5s\", x, x, x, x)"},
    {"format of many", "s", "format(join(\"\", [for k in x : \"%s\"]), x...)"},
    {"base64", "text", "base64decode(base64encode(x))"},
    {"gzip", "text", "base64gunzip(base64gzip(x))"},
    {"textbase64", "text", "textdecodebase64(textencodebase64(x, \"UTF-16LE\"), \"UTF-16LE\")"},
    {"hashes", "text", "[md5(x), sha1(x), sha256(x), sha512(x), base64sha256(x), base64sha512(x)]"},
    {"chomp", "\"${text}\\n\\n\"", "chomp(x)"},
    {"startswith", "text", "[startswith(x, \"w\"), endswith(x, \"w\"), strcontains(x, \"none\")]"},
    {"indent", "text", "indent(2, x)"},
    {"lower and upper", "text", "[lower(x), upper(x), title(x)]"},
    {"regex", "text", "regex(\"[0-9]+$\", x)"},
    {"regexall", "text", "regexall(\"[a-z]([0-9]+)\", x)"},
    {"regexall of nothing", "text", "regexall(\"x*\", x)"},
    {"replace", "text", "replace(x, \"w\", \"long\")"},
    {"replace by pattern", "text", "replace(x, \"/w([0-9])/\", \"$1\")"},
    {"split", "text", "split(\" \", x)"},
    {"split to characters", "text", "split(\"\", x)"},
    {"strrev", "text", "strrev(x)"},
    {"substr", "text", "substr(x, 10, length(x) - 20)"},
    {"length of a text", "text", "length(x)"},
    {"trim", "text", "[trim(x, \" w0123456789\"), trimspace(x), trimprefix(x, x)]"},
    {"trim with many", "text", "trim(x, x)"},
    {"url", "text", "urldecode(urlencode(x))"},
    {"concatenation", "text", "\"${x}${x}${x}\""},
    {"heredoc", "text", "<<-E\n  a\n    ${x}\n  b\nE\n"},
    {"basename", "replace(text, \" \", \"/\")", "[basename(x), dirname(x)]"},
    {"parseint", "join(\"\", [for i in n : \"1\"])", "try(parseint(substr(x, 0, 150), 10), 0)"},
    {"tonumber", "join(\"\", [for i in n : \"1\"])", "try(tonumber(x), 0)"},
    {"tostring", "n", "[for i in x : tostring(i)]"},
    {"timeadd", "n", "[for i in x : timeadd(\"2020-01-01T00:00:00Z\", \"${i}s\")]"},
};

static double cpu_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* What all expressions may name. */
struct given {
    struct arena *arena;
    struct sources *sources;
    struct str names[4];
    struct value values[4];
};

static void give(struct given *given, struct arena *arena, size_t n) {
    struct value *numbers = arena_array(arena, n, sizeof *numbers);
    struct value *strings = arena_array(arena, n, sizeof *strings);
    struct buf text;
    buf_init(&text, BUF_MAX_DOCUMENT);
    for (size_t i = 0; i < n; i++) {
        numbers[i] = value_int((int64_t)i);
        strings[i] = value_string_view(str_format(arena, "k%zu", i));
        buf_addf(&text, i % 10 == 9 ? "w%zu\n" : "w%zu ", i);
    }
    buf_addf(&text, "%zu", n);
    *given = (struct given){
        .arena = arena,
        .sources = sources_new(arena),
        .names = {S("n"), S("s"), S("text"), S("x")},
        .values = {value_list(arena, type_number, numbers, n),
                   value_list(arena, type_string, strings, n),
                   value_string_view(buf_take(&text, arena)), value_null(type_dynamic)},
    };
}

static struct value evaluate(struct arena *arena, struct given *given, const char *text,
                             const char *name) {
    struct diags *diags = diags_new(given->arena);
    uint32_t file = sources_add(given->sources, str_from(name), str_from(text));
    const struct expr *expr = parse_expr(given->arena, given->sources, file, diags);
    const struct scope scope = {.sources = given->sources, .base_dir = S(".")};
    struct value v = value_null(type_dynamic);
    if (!diags_failed(diags))
        v = eval_with(arena, &scope, expr, given->names, given->values, COUNT(given->names), diags);
    if (diags_failed(diags)) {
        struct buf out;
        buf_init(&out, BUF_MAX_TEXT);
        diag_render_text(&out, &diags->at[0], given->sources, false, 100);
        fprintf(stderr, "%.*s\n", STR_ARG(buf_str(&out)));
        exit(1);
    }
    return v;
}

/* The quickest of three. */
static double seconds(const struct row *row, size_t n) {
    struct arena *arena = arena_new(), *result = arena_new();
    struct given given;
    give(&given, arena, n);
    given.values[3] = evaluate(arena, &given, row->prepare, "prepare");
    double best = 0;
    for (int i = 0; i < 3; i++) {
        double start = cpu_seconds();
        evaluate(result, &given, row->expression, row->name);
        double took = cpu_seconds() - start;
        if (!i || took < best)
            best = took;
        arena_reset(result);
    }
    arena_free(result);
    arena_free(arena);
    return best;
}

struct growth {
    const char *name;
    double small, large;
};

static int by_ratio(const void *a, const void *b) {
    const struct growth *x = a, *y = b;
    double p = x->large / x->small, q = y->large / y->small;
    return p < q ? 1 : p > q ? -1 : 0;
}

int main(int argc, char **argv) {
    size_t n = argc > 1 ? (size_t)atol(argv[1]) : 10000;
    struct growth grown[COUNT(rows)];
    for (size_t i = 0; i < COUNT(rows); i++)
        grown[i] = (struct growth){rows[i].name, seconds(&rows[i], n), seconds(&rows[i], 10 * n)};
    qsort(grown, COUNT(grown), sizeof *grown, by_ratio);
    for (size_t i = 0; i < COUNT(grown); i++)
        printf("%.6f %.6f %.1f %s\n", grown[i].small, grown[i].large,
               grown[i].large / grown[i].small, grown[i].name);
    return 0;
}
