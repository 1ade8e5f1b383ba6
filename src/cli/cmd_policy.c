/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/json.h"
#include "cli/ui.h"
#include "policy/policy_lines.h"
#include "policy/policy_lint.h"

struct flags {
    bool jsonl;
    bool json;
    struct str kind;
};

static const struct option eval_options[] = {
    {"jsonl", OPTION_BOOL, offsetof(struct flags, jsonl), NULL,
     "Read questions from standard input, one JSON object\na line, and answer in the same way."},
};

static const struct option check_options[] = {
    {"jsonl", OPTION_BOOL, offsetof(struct flags, jsonl), NULL,
     "Read documents from standard input, one JSON object\na line, and answer in the same way."},
    {"kind", OPTION_STR, offsetof(struct flags, kind), "=managed",
     "What the document is for: managed, inline, trust or\nresource."},
};

static const struct option lint_options[] = {
    {"json", OPTION_BOOL, offsetof(struct flags, json), NULL,
     "Write the findings as a JSON array."},
    {"kind", OPTION_STR, offsetof(struct flags, kind), "=managed",
     "What the document is for: managed, inline, trust or\nresource."},
};

static const struct flags defaults = {.kind = STR("managed")};

typedef void answer_line(struct arena *scratch, struct str line, struct buf *out);

/* Memory is that of one line, however many there are. */
static int answer_lines(answer_line *answer) {
    struct arena *scratch = arena_new();
    struct buf out;
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    buf_init(&out, BUF_MAX_DOCUMENT);
    while ((n = getline(&line, &cap, stdin)) >= 0) {
        struct str text = str_trim((struct str){line, (size_t)n});
        if (!text.len)
            continue;
        answer(scratch, text, &out);
        arena_reset(scratch);
        if (out.len >= 1 << 16) {
            ui_out(buf_str(&out));
            buf_reset(&out);
        }
    }
    ui_out(buf_str(&out));
    free(line);
    buf_clear(&out);
    arena_free(scratch);
    return 0;
}

static bool read_kind(struct cli *cli, struct str name, enum policy_kind *ret_kind) {
    static const struct str names[] = {STR("managed"), STR("inline"), STR("trust"),
                                       STR("resource")};
    for (size_t i = 0; i < COUNT(names); i++)
        if (str_eq(names[i], name)) {
            *ret_kind = (enum policy_kind)i;
            return true;
        }
    ui_errf(cli, "\"%.*s\" is no kind of policy: managed, inline, trust or resource.\n",
            STR_ARG(name));
    return false;
}

/* A file, or standard input for "-". */
static bool read_document(struct cli *cli, struct str path, struct str *ret_text) {
    int error = str_eq(path, S("-")) ? fs_read_fd(cli->arena, 0, BUF_MAX_REQUEST, ret_text)
                                     : fs_read(cli->arena, path, BUF_MAX_REQUEST, ret_text);
    if (error)
        ui_errf(cli, "%.*s: %.*s\n", STR_ARG(path), STR_ARG(fs_error_text(cli->arena, error)));
    return !error;
}

static int run_eval(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct flags *flags = untyped;
    (void)rest;
    if (!flags->jsonl || n_rest)
        return command_misuse(cli, "Questions come as lines of JSON", "Use -jsonl.");
    return answer_lines(policy_lines_eval);
}

static int run_check(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct flags *flags = untyped;
    enum policy_kind kind;
    if (flags->jsonl)
        return answer_lines(policy_lines_check);
    if (!n_rest)
        return command_misuse(cli, "No policy given", "Name a file, or use -jsonl.");
    if (!read_kind(cli, flags->kind, &kind))
        return 1;
    int status = 0;
    for (size_t i = 0; i < n_rest; i++) {
        struct str text;
        struct policy_fault fault;
        if (!read_document(cli, rest[i], &text)) {
            status = 1;
        } else if (!policy_check(cli->arena, kind, text, &fault)) {
            ui_outf(cli, "%.*s: %.*s: %.*s\n", STR_ARG(rest[i]), STR_ARG(fault.code),
                    STR_ARG(fault.text));
            status = 1;
        }
    }
    return status;
}

static size_t line_of(struct str text, uint32_t at) {
    size_t line = 1;
    for (size_t i = 0; i < at && i < text.len; i++)
        line += text.at[i] == '\n';
    return line;
}

static struct str code_of(const struct policy_finding *finding) {
    return finding->code.len ? finding->code : finding->alias;
}

static void write_finding(struct buf *out, struct str path, struct str text,
                          const struct policy_finding *finding) {
    buf_addf(out, "%.*s:%zu: %.*s: %.*s\n", STR_ARG(path), line_of(text, finding->at),
             STR_ARG(code_of(finding)), STR_ARG(finding->text));
}

static void write_finding_json(struct buf *out, struct str path, struct str text,
                               const struct policy_finding *finding) {
    buf_add_c(out, out->len > 1 ? ",\n  {\"file\": " : "\n  {\"file\": ");
    json_write_string(out, path, false);
    buf_addf(out, ", \"line\": %zu, \"code\": ", line_of(text, finding->at));
    json_write_string(out, code_of(finding), false);
    buf_add_c(out, ", \"message\": ");
    json_write_string(out, finding->text, false);
    buf_byte(out, '}');
}

static int run_lint(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct flags *flags = untyped;
    enum policy_kind kind;
    if (!n_rest)
        return command_misuse(cli, "No policy given", "Name a file, or - for standard input.");
    if (!read_kind(cli, flags->kind, &kind))
        return 1;
    int status = 0;
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    buf_add_c(&out, flags->json ? "[" : "");
    for (size_t i = 0; i < n_rest; i++) {
        struct str text;
        size_t n = 0;
        struct policy_finding *findings = NULL;
        bool read = read_document(cli, rest[i], &text);
        if (read)
            findings = policy_lint(cli->arena, kind, text, &n);
        if (!read || n)
            status = 1;
        for (size_t k = 0; k < n; k++)
            (flags->json ? write_finding_json : write_finding)(&out, rest[i], text, &findings[k]);
    }
    buf_add_c(&out, flags->json ? "\n]\n" : "");
    ui_out(buf_str(&out));
    buf_clear(&out);
    return status;
}

const struct command command_policy = {
    .name = "policy",
    .synopsis = "",
    .summary = "Questions about IAM policies",
    .help = "  These subcommands decide requests, check the grammar of policy documents as AWS\n"
            "  does, and find what is dangerous in them. They need no account and no network.",
};

const struct command command_policy_eval = {
    .name = "policy eval",
    .synopsis = "-jsonl",
    .summary = "Decide requests against policies",
    .help = "  Decides by the complete evaluation logic of IAM: identity and resource policies,\n"
            "  boundaries, session policies, service and resource control policies.",
    .options = eval_options,
    .n_options = COUNT(eval_options),
    .flags_size = sizeof(struct flags),
    .defaults = &defaults,
    .usage = USAGE_PLAIN,
    .run = run_eval,
};

const struct command command_policy_check = {
    .name = "policy check",
    .synopsis = "[options] FILE...",
    .summary = "Check the grammar of policy documents",
    .help = "  Says what AWS would answer to a document; exit code 1 when one is refused.",
    .options = check_options,
    .n_options = COUNT(check_options),
    .flags_size = sizeof(struct flags),
    .defaults = &defaults,
    .usage = USAGE_PLAIN,
    .run = run_check,
};

const struct command command_policy_lint = {
    .name = "policy lint",
    .synopsis = "[options] FILE...",
    .summary = "Find mistakes and dangers in policy documents",
    .help = "  Names follow IAM Access Analyzer; exit code 1 when there are findings.",
    .options = lint_options,
    .n_options = COUNT(lint_options),
    .flags_size = sizeof(struct flags),
    .defaults = &defaults,
    .usage = USAGE_PLAIN,
    .run = run_lint,
};
