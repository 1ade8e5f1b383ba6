/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "cli/command.h"
#include "cli/ui.h"
#include "cli/unified_diff.h"
#include "hcl/format.h"
#include "hcl/parse.h"
#include "hcl/scan.h"

#define MAX_SOURCE ((size_t)1 << 30)

enum exit_code { EXIT_DONE = 0, EXIT_ERRORS = 2, EXIT_UNFORMATTED = 3 };

struct flags {
    bool list, write, diff, check, recursive;
};

static const struct flags defaults = {.list = true, .write = true};

static const struct option options[] = {
    {"list", OPTION_BOOL, offsetof(struct flags, list), "=false",
     "Don't list files whose formatting differs\n(always off for standard input)."},
    {"write", OPTION_BOOL, offsetof(struct flags, write), "=false",
     "Don't write to source files (always off for\nstandard input and with -check)."},
    {"diff", OPTION_BOOL, offsetof(struct flags, diff), NULL, "Show what changes."},
    {"check", OPTION_BOOL, offsetof(struct flags, check), NULL,
     "Exit with 3, and list files, when something is\nnot formatted."},
    {"recursive", OPTION_BOOL, offsetof(struct flags, recursive), NULL,
     "Also process files in subfolders."},
};

/* One run over any number of files. */
struct run {
    struct cli *cli;
    struct flags flags;
    struct buf out;
    bool changed;
};

static const struct str extensions[] = {STR(".tf"),         STR(".tfvars"), STR(".tftest.hcl"),
                                        STR(".tfmock.hcl"), STR(".tofu"),   STR(".tofutest.hcl"),
                                        STR(".tfquery.hcl")};

static bool is_formattable(struct str name) {
    for (size_t i = 0; i < COUNT(extensions); i++)
        if (str_ends(name, extensions[i]))
            return true;
    return false;
}

/* Hidden files, backups and locks of editors. */
static bool is_ignored(struct str name) {
    return str_starts(name, S(".")) || str_ends(name, S("~")) ||
           (str_starts(name, S("#")) && str_ends(name, S("#")));
}

static void fail(struct run *run, const char *format, struct str path) {
    struct span nowhere = {0};
    diags_add(run->cli->diags, SEVERITY_ERROR, nowhere,
              str_format(run->cli->arena, format, STR_ARG(path)), S(""));
}

/* Lists, writes and shows as the flags say. */
static void report_change(struct run *run, struct arena *scratch, struct str path,
                          struct str before, struct str after) {
    run->changed = true;
    if (run->flags.list)
        buf_addf(&run->out, "%.*s\n", STR_ARG(path));
    if (run->flags.write && fs_write(path, after, 0644))
        fail(run, "Failed to write %.*s", path);
    if (run->flags.diff)
        unified_diff_write(&run->out, scratch, path, before, after);
}

/* Name and bytes go into the sources, for messages. Only what parses is touched. */
static void format_text(struct run *run, struct str path, struct str before) {
    struct cli *cli = run->cli;
    struct arena *scratch = arena_new();
    size_t errors = cli->diags->n_errors;
    uint32_t file = sources_add(cli->sources, path, before);
    struct tokens tokens;
    struct body *body = parse_file_tokens(scratch, cli->sources, file, &tokens, cli->diags);
    if (cli->diags->n_errors == errors) {
        struct buf formatted;
        buf_init(&formatted, BUF_MAX_DOCUMENT);
        format_parsed(scratch, before, body, tokens, &formatted);
        struct str after = buf_take(&formatted, scratch);
        if (!str_eq(before, after))
            report_change(run, scratch, path, before, after);
        if (!run->flags.list && !run->flags.write && !run->flags.diff) {
            buf_add(&run->out, after);
            if (after.len && !str_ends(after, S("\n")))
                buf_byte(&run->out, '\n');
        }
    }
    arena_free(scratch);
}

static void format_file(struct run *run, struct str path) {
    struct str bytes;
    if (fs_read(run->cli->arena, path, MAX_SOURCE, &bytes))
        fail(run, "Failed to read file %.*s", path);
    else
        format_text(run, path, bytes);
}

static void format_dir(struct run *run, struct str dir) {
    struct arena *arena = run->cli->arena;
    struct str *names;
    size_t n;
    int error = fs_list(arena, dir, &names, &n);
    if (error) {
        fail(run,
             error == ENOENT ? "There is no configuration directory at %.*s"
                             : "Cannot read directory %.*s",
             dir);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (is_ignored(names[i]))
            continue;
        struct str path = fs_clean(arena, fs_join(arena, dir, names[i]));
        if (fs_is_dir(path)) {
            if (run->flags.recursive)
                format_dir(run, path);
        } else if (is_formattable(names[i])) {
            format_file(run, path);
        }
    }
}

/* false: there is no such target, and those behind it are not looked at. A file that cannot be
 * parsed stops nothing. */
static bool format_target(struct run *run, struct str target) {
    struct span nowhere = {0};
    struct str path = fs_clean(run->cli->arena, target);
    bool there = fs_exists(path), known = there && (fs_is_dir(path) || is_formattable(path));
    if (!there)
        fail(run, "No file or directory at %.*s", target);
    else if (fs_is_dir(path))
        format_dir(run, path);
    else if (is_formattable(path))
        format_file(run, path);
    else
        diags_error(run->cli->diags, nowhere,
                    "Only .tf, .tfvars, and .tftest.hcl files can be processed with " UI_PROGRAM
                    " fmt",
                    NULL);
    return known;
}

static void format_stdin(struct run *run) {
    struct str bytes;
    run->flags.write = false;
    if (!run->flags.check)
        run->flags.list = false;
    if (fs_read_fd(run->cli->arena, STDIN_FILENO, MAX_SOURCE, &bytes))
        fail(run, "Failed to read %.*s", S("<stdin>"));
    else
        format_text(run, S("<stdin>"), bytes);
}

static void format_targets(struct run *run, const struct str *targets, size_t n) {
    bool going = true;
    if (!n)
        format_dir(run, S("."));
    if (n && str_eq(targets[0], S("-")))
        format_stdin(run);
    else
        for (size_t i = 0; i < n && going; i++)
            going = format_target(run, targets[i]);
}

static int run_fmt(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    struct run run = {.cli = cli, .flags = *(const struct flags *)untyped};
    bool from_stdin = n_rest && str_eq(rest[0], S("-"));
    bool show = !run.flags.check || (run.flags.list && !from_stdin);
    buf_init(&run.out, BUF_MAX_DOCUMENT);
    if (run.flags.check) {
        run.flags.list = true;
        run.flags.write = false;
    }
    format_targets(&run, rest, n_rest);
    bool failed = diags_failed(cli->diags);
    if (from_stdin && !failed && !str_ends(buf_str(&run.out), S("\n")))
        buf_byte(&run.out, '\n');
    if (show && run.out.len && !(run.flags.check && failed))
        ui_out(buf_str(&run.out));
    buf_clear(&run.out);
    ui_diags(cli);
    if (failed)
        return EXIT_ERRORS;
    return run.flags.check && run.changed ? EXIT_UNFORMATTED : EXIT_DONE;
}

const struct command command_fmt = {
    .name = "fmt",
    .synopsis = "[options] [target...]",
    .summary = "Reformat your configuration in the standard style",
    .help = "  Rewrites configuration files (.tf), variable files (.tfvars) and test files\n"
            "  (.tftest.hcl) in the canonical style. JSON files are left alone.\n"
            "\n"
            "  A target is a file, a folder whose files are processed, or \"-\" for standard\n"
            "  input. Without a target it is the current folder.",
    .options = options,
    .n_options = COUNT(options),
    .flags_size = sizeof(struct flags),
    .defaults = &defaults,
    .usage = USAGE_PLAIN,
    .run = run_fmt,
};
