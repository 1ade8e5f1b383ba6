/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"

#include <fcntl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/trace.h"
#include "cli/command_list.h"
#include "cli/cli_config.h"
#include "cli/completion.h"
#include "cli/event_json.h"
#include "cli/ui.h"

#define COMMAND_ADDRESS(name) &command_##name,
static const struct command *const commands[] = {COMMAND_LIST(COMMAND_ADDRESS)};

const struct command *const *command_all(size_t *ret_n) {
    *ret_n = COUNT(commands);
    return commands;
}

/* Other words of OpenTofu for a command. */
static struct str own_name(struct str name) {
    static const struct {
        struct str alias, name;
    } aliases[] = {{STR("state ls"), STR("state list")},
                   {STR("state move"), STR("state mv")},
                   {STR("state remove"), STR("state rm")}};
    for (size_t i = 0; i < COUNT(aliases); i++)
        if (str_eq(name, aliases[i].alias))
            return aliases[i].name;
    return name;
}

static const struct command *find(struct str name) {
    name = own_name(name);
    for (size_t i = 0; i < COUNT(commands); i++)
        if (str_eq(name, str_from(commands[i]->name)))
            return commands[i];
    return NULL;
}

/* Is word the first part of commands of two words, as `state` is? */
static bool is_group(struct str word) {
    for (size_t i = 0; i < COUNT(commands); i++) {
        struct str name = str_from(commands[i]->name);
        if (name.len > word.len && str_starts(name, word) && name.at[word.len] == ' ')
            return true;
    }
    return false;
}

static void list_commands(struct buf *out, bool main) {
    for (size_t i = 0; i < COUNT(commands); i++) {
        const struct command *c = commands[i];
        if (c->summary && c->main == main && !strchr(c->name, ' '))
            buf_addf(out, "  %-12s  %s\n", c->name, c->summary);
    }
}

static void write_top_help(struct buf *out) {
    buf_add_c(out, "Usage: " UI_PROGRAM " [global options] <subcommand> [args]\n\n"
                   "The available commands for execution are listed below.\n"
                   "The primary workflow commands are given first, followed by\n"
                   "less common or more advanced commands.\n\nMain commands:\n");
    list_commands(out, true);
    buf_add_c(out, "\nAll other commands:\n");
    list_commands(out, false);
    buf_add_c(out,
              "\nGlobal options (use these before the subcommand, if any):\n"
              "  -chdir=DIR    Switch to a different working directory before executing the\n"
              "                given subcommand.\n"
              "  -install-autocomplete\n"
              "                Complete commands and options in bash, zsh and fish.\n"
              "  -help         Show this help output, or the help for a specified subcommand.\n"
              "  -version      An alias for the \"version\" subcommand.\n");
}

static void write_option(struct buf *out, const struct option *o) {
    size_t start = out->len;
    buf_addf(out, "\n  -%s%s", o->name, o->value ? o->value : "");
    size_t width = out->len - start - 1;
    struct str rest = str_from(o->doc), line;
    bool first = true;
    if (width > 20)
        buf_add_c(out, "\n");
    while (str_split(&rest, '\n', &line)) {
        buf_fill(out, ' ', first && width <= 20 ? 22 - width : 22);
        buf_addf(out, "%.*s\n", STR_ARG(line));
        first = false;
    }
}

static void write_options(struct buf *out, const struct command *command) {
    size_t start = out->len;
    for (size_t i = 0; i < command->n_options; i++)
        if (command->options[i].doc)
            write_option(out, &command->options[i]);
    for (size_t i = 0; i < command->n_shared; i++)
        if (command->shared[i].doc)
            write_option(out, &command->shared[i]);
    if (out->len == start)
        buf_add_c(out, "\n  This command has no options of its own.\n");
}

static bool is_listed_below(const struct command *command, struct str group) {
    struct str name = str_from(command->name);
    return str_starts(name, group) && name.len > group.len && name.at[group.len] == ' ' &&
           command->summary;
}

static void list_subcommands(struct buf *out, struct str group) {
    int width = 0;
    buf_add_c(out, "Subcommands:\n");
    for (size_t i = 0; i < COUNT(commands); i++)
        if (is_listed_below(commands[i], group) &&
            (int)(strlen(commands[i]->name) - group.len) > width)
            width = (int)(strlen(commands[i]->name) - group.len);
    for (size_t i = 0; i < COUNT(commands); i++)
        if (is_listed_below(commands[i], group))
            buf_addf(out, "    %-*s   %s\n", width, commands[i]->name + group.len + 1,
                     commands[i]->summary);
}

static void write_help(struct buf *out, const struct command *command) {
    buf_addf(out, "Usage: " UI_PROGRAM " [global options] %s%s%s\n\n%s\n", command->name,
             command->synopsis[0] ? " " : "", command->synopsis,
             command->help ? command->help : command->summary);
    buf_add_c(out, "\nOptions:\n");
    write_options(out, command);
    if (is_group(str_from(command->name))) {
        buf_byte(out, '\n');
        list_subcommands(out, str_from(command->name));
    }
}

static void write_group_help(struct buf *out, struct str group) {
    const struct command *own = find(group);
    struct str synopsis = own && own->synopsis[0] ? str_trim_right(str_from(own->synopsis))
                                                  : S(" <subcommand> [options] [args]");
    buf_addf(out, "Usage: " UI_PROGRAM " [global options] %.*s%.*s\n\n", STR_ARG(group),
             STR_ARG(synopsis));
    if (own && own->help)
        buf_addf(out, "%s\n\n", own->help);
    list_subcommands(out, group);
}

static void flush(struct buf *out, int fd) {
    (void)fs_write_fd(fd, buf_str(out));
    buf_clear(out);
}

void command_help(struct cli *cli, const struct command *command, int fd) {
    (void)cli;
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    if (!command->run)
        write_group_help(&out, str_from(command->name));
    else
        write_help(&out, command);
    flush(&out, fd);
}

void command_help_prompt(struct cli *cli) {
    if (!cli->json)
        ui_errf(cli, "\nFor more help on using this command, run:\n  " UI_PROGRAM " %s -help\n",
                cli->command->name);
}

int command_misuse(struct cli *cli, const char *summary, const char *detail, ...) {
    va_list args;
    va_start(args, detail);
    struct str text = str_vformat(cli->arena, detail, args);
    va_end(args);
    if (cli->command->usage == USAGE_DIAGNOSTIC || cli->command->usage == USAGE_BARE) {
        struct span nowhere = {0};
        if (cli->command->streams && cli->asked_json && !cli->json) {
            cli->json = true;
            event_json_version(cli);
        }
        diags_error(cli->diags, nowhere, summary, "%.*s", STR_ARG(text));
        ui_diags(cli);
        if (cli->command->usage == USAGE_DIAGNOSTIC)
            command_help_prompt(cli);
        return 1;
    }
    command_help(cli, cli->command, STDOUT_FILENO);
    ui_errf(cli, "%.*s\n", STR_ARG(text));
    return 1;
}

/* Words of TF_CLI_ARGS and TF_CLI_ARGS_name: split as a shell would, quotes included. */
static bool add_words(struct arena *arena, struct str text, struct str_list *words) {
    struct buf word;
    buf_init(&word, BUF_MAX_REQUEST);
    char quote = 0;
    bool inside = false;
    for (size_t i = 0; i <= text.len; i++) {
        char c = i < text.len ? text.at[i] : ' ';
        bool blank = !quote && (c == ' ' || c == '\t' || c == '\n');
        if ((blank || i == text.len) && inside) {
            words->at = arena_grow(arena, words->at, words->n, &words->cap, sizeof *words->at);
            words->at[words->n++] = str_dup(arena, buf_str(&word));
            buf_reset(&word);
            inside = false;
        }
        if (blank || i == text.len)
            continue;
        inside = true;
        if (quote && c == quote)
            quote = 0;
        else if (!quote && (c == '"' || c == '\''))
            quote = c;
        else if (c == '\\' && quote != '\'' && i + 1 < text.len)
            buf_byte(&word, text.at[++i]);
        else
            buf_byte(&word, c);
    }
    buf_clear(&word);
    return !quote;
}

static bool add_env(struct cli *cli, const char *name, struct str_list *words) {
    if (add_words(cli->arena, ui_env(cli, name), words))
        return true;
    ui_errf(cli, "Error parsing extra CLI args from %s: invalid command line string\n", name);
    return false;
}

static bool add_env_words(struct cli *cli, const struct command *command, struct str_list *words) {
    if (!add_env(cli, "TF_CLI_ARGS", words))
        return false;
    struct buf name;
    buf_init(&name, BUF_MAX_REQUEST);
    buf_add_c(&name, "TF_CLI_ARGS_");
    for (const char *c = command->name; *c; c++)
        buf_byte(&name, *c == ' ' ? '_' : *c);
    buf_byte(&name, 0);
    bool ok = add_env(cli, name.at, words);
    buf_clear(&name);
    return ok;
}

static bool wants_help(const struct str_list *words) {
    for (size_t i = 0; i < words->n; i++) {
        if (str_eq(words->at[i], S("--")))
            return false;
        if (str_eq(words->at[i], S("-help")) || str_eq(words->at[i], S("--help")) ||
            str_eq(words->at[i], S("-h")))
            return true;
    }
    return false;
}

static int misuse_of_flags(struct cli *cli, struct str error) {
    enum usage_style style = cli->command->usage;
    if (style == USAGE_DIAGNOSTIC || style == USAGE_BARE)
        return command_misuse(cli, "Failed to parse command-line flags", "%.*s", STR_ARG(error));
    if (style != USAGE_SILENT)
        command_help(cli, cli->command, style == USAGE_PLAIN ? STDERR_FILENO : STDOUT_FILENO);
    ui_errf(cli, "Error parsing command-line flags: %.*s\n", STR_ARG(error));
    return 1;
}

/* Was -json given, as far as the words could be read? */
static void note_json(struct cli *cli, const struct option *options, size_t n, const void *flags) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(options[i].name, "json") == 0)
            memcpy(&cli->asked_json, (const char *)flags + options[i].offset,
                   sizeof cli->asked_json);
}

static int run_command(struct cli *cli, const struct command *command, const struct str *own_words,
                       size_t n_own) {
    struct str_list words = {0};
    if (!add_env_words(cli, command, &words))
        return 1;
    for (size_t i = 0; i < n_own; i++) {
        words.at = arena_grow(cli->arena, words.at, words.n, &words.cap, sizeof *words.at);
        words.at[words.n++] = own_words[i];
    }
    cli->command = command;
    if (wants_help(&words)) {
        command_help(cli, command, STDOUT_FILENO);
        return 0;
    }
    if (!command->run) {
        command_help(cli, command, STDOUT_FILENO);
        return 1;
    }
    size_t kept = 0;
    bool ours = true; /* what stands behind "--" belongs to another program */
    for (size_t i = 0; i < words.n; i++) {
        ours = ours && !str_eq(words.at[i], S("--"));
        bool off =
            ours && (str_eq(words.at[i], S("-no-color")) || str_eq(words.at[i], S("--no-color")));
        if (off)
            cli->colour = false;
        else
            words.at[kept++] = words.at[i];
    }
    words.n = kept;
    void *flags = arena_alloc(cli->arena, command->flags_size + 1);
    if (command->defaults)
        memcpy(flags, command->defaults, command->flags_size);
    struct str *rest, error;
    size_t n_rest;
    size_t n_options = command->n_options + command->n_shared;
    struct option *all = arena_array(cli->arena, n_options, sizeof *all);
    if (command->n_options)
        memcpy(all, command->options, command->n_options * sizeof *all);
    if (command->n_shared)
        memcpy(all + command->n_options, command->shared, command->n_shared * sizeof *all);
    if (!args_parse(cli->arena, all, n_options, words.at, words.n, flags, &rest, &n_rest, &error)) {
        note_json(cli, all, n_options, flags);
        return misuse_of_flags(cli, error);
    }
    note_json(cli, all, n_options, flags);
    return command->run(cli, flags, rest, n_rest);
}

static int refuse_push(struct cli *cli) {
    diags_error(cli->diags, (struct span){0},
                "Command \"" UI_PROGRAM " push\" is no longer supported",
                "This command was used to push configuration to Terraform Enterprise legacy (v1), "
                "which has now reached end-of-life. To push configuration to Terraform Enterprise "
                "v2, use its REST API. Contact Terraform Enterprise support for more information.");
    ui_diags(cli);
    return 1;
}

static int no_such_command(struct cli *cli, struct str word) {
    struct str *names = arena_array(cli->arena, COUNT(commands), sizeof *names);
    for (size_t i = 0; i < COUNT(commands); i++)
        names[i] = str_from(commands[i]->name);
    struct str near = str_nearest(word, names, COUNT(commands));
    ui_errf(cli, UI_PRODUCT " has no command named \"%.*s\".", STR_ARG(word));
    if (near.len)
        ui_errf(cli, " Did you mean \"%.*s\"?", STR_ARG(near));
    ui_errf(cli, "\n\nTo see all of " UI_PRODUCT "'s top-level commands, run:\n  " UI_PROGRAM
                 " -help\n\n");
    return 1;
}

static int change_dir(struct cli *cli, struct str dir) {
    if (chdir(str_c(cli->arena, dir)) == 0)
        return 0;
    struct str why = fs_error_text(cli->arena, errno);
    ui_errf(cli, "Error handling -chdir option: chdir %.*s: %.*s\n", STR_ARG(dir), STR_ARG(why));
    return 1;
}

static void open_trace(struct cli *cli) {
    static const char *const names[] = {"OFF", "ERROR", "WARN", "INFO", "DEBUG", "TRACE"};
    struct str level = ui_env(cli, "TF_LOG");
    if (!level.len)
        level = ui_env(cli, "TF_LOG_CORE");
    if (!level.len)
        return;
    enum trace_level chosen = TRACE_TRACE;
    for (size_t i = 0; i < COUNT(names); i++)
        if (str_eq_nocase(level, str_from(names[i])))
            chosen = (enum trace_level)i;
    struct str path = ui_env(cli, "TF_LOG_PATH");
    int fd = STDERR_FILENO;
    if (path.len) {
        fd = open(str_c(cli->arena, path), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (fd < 0)
            fd = STDERR_FILENO;
    }
    trace_open(chosen, fd);
}

/*
 * Flags that are no global options stand before the subcommand: its help says where they belong.
 * false: there is no subcommand.
 */
static bool misplaced_flags(const struct str *words, size_t n) {
    size_t i = 0;
    while (i < n && words[i].len && words[i].at[0] == '-')
        i++;
    const struct command *command = i < n ? find(words[i]) : NULL;
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    if (command) {
        buf_add_c(&out, "Invalid flags before the subcommand. If these flags are for\n"
                        "the subcommand, please put them after the subcommand.\n\n");
        write_help(&out, command);
    } else {
        write_top_help(&out);
    }
    flush(&out, STDOUT_FILENO);
    return command != NULL;
}

/* `env` is what `workspace` was called at first. */
static void tell_renamed(const struct str *words, size_t n) {
    const struct str_list list = {.at = (struct str *)words, .n = n};
    if (!wants_help(&list))
        ui_out(S("Warning: the \"" UI_PROGRAM
                 " env\" family of commands is deprecated.\n\n\"Workspace\" is now the preferred "
                 "term for what earlier " UI_PRODUCT
                 " versions\ncalled \"environment\", to reduce ambiguity caused by the latter term "
                 "colliding\nwith other concepts.\n\nThe \"" UI_PROGRAM
                 " workspace\" commands should be used instead. \"" UI_PROGRAM
                 " env\"\nwill be removed in a future " UI_PRODUCT " version.\n\n"));
}

/* Like the help, the version is shown wherever it is asked for. */
static bool wants_version(const struct str *words, size_t n) {
    for (size_t i = 0; i < n && !str_eq(words[i], S("--")); i++)
        if (str_eq(words[i], S("-v")) || str_eq(words[i], S("-version")) ||
            str_eq(words[i], S("--version")))
            return true;
    return false;
}

static int run_subcommand(struct cli *cli, const struct str *words, size_t n) {
    struct str word = words[0];
    if (str_eq(word, S("env"))) {
        tell_renamed(words, n);
        word = S("workspace");
    }
    if (is_group(word) && n > 1) {
        const struct command *sub =
            find(str_format(cli->arena, "%.*s %.*s", STR_ARG(word), STR_ARG(words[1])));
        if (sub)
            return run_command(cli, sub, words + 2, n - 2);
    }
    if (str_eq(word, S("push")))
        return refuse_push(cli);
    const struct command *command = find(word);
    return command ? run_command(cli, command, words + 1, n - 1) : no_such_command(cli, word);
}

/* false: a global option could not be obeyed. *ret_n: how many words they are. */
static bool global_options(struct cli *cli, const struct str *words, size_t n, size_t *ret_n,
                           bool *ret_help) {
    size_t i = 0;
    bool moved = false;
    for (; i < n && words[i].len > 1 && words[i].at[0] == '-'; i++) {
        struct str dir;
        if (!moved && str_starts(words[i], S("-chdir"))) {
            dir = str_slice(words[i], 7, words[i].len);
            if (words[i].len < 8 || words[i].at[6] != '=') {
                ui_errf(cli, "Invalid -chdir option: must include an equals sign followed by a "
                             "directory path, like -chdir=example\n");
                return false;
            }
            if (change_dir(cli, dir))
                return false;
            moved = true;
        } else if (str_eq(words[i], S("-help")) || str_eq(words[i], S("--help")) ||
                   str_eq(words[i], S("-h"))) {
            *ret_help = true;
        } else {
            break;
        }
    }
    *ret_n = i;
    return true;
}

static int run_words(struct cli *cli, const struct str *words, size_t n) {
    size_t i;
    bool help = false;
    if (!global_options(cli, words, n, &i, &help))
        return 1;
    if (wants_version(words + i, n - i))
        return run_command(cli, find(S("version")), words + i, n - i);
    if (i < n && str_ends(words[i], S("install-autocomplete"))) {
        if (str_eq(words[i], S("-install-autocomplete")))
            return completion_install(cli);
        if (str_eq(words[i], S("-uninstall-autocomplete")))
            return completion_uninstall(cli);
    }
    if (i == n || words[i].at[0] == '-') {
        bool told = misplaced_flags(words + i, n - i);
        return help ? 0 : told ? 1 : 127;
    }
    const struct command *command = help ? find(words[i]) : NULL;
    if (command) {
        command_help(cli, command, STDOUT_FILENO);
        return 0;
    }
    return run_subcommand(cli, words + i, n - i);
}

int command_main(int argc, char **argv, char **environ_) {
    struct arena *arena = arena_new();
    struct cli cli = {.arena = arena, .environ_ = environ_};
    cli.sources = sources_new(arena);
    cli.diags = diags_new(arena);
    cli.start_dir = fs_cwd(arena);
    ui_init(&cli);
    open_trace(&cli);
    cli_config_load(&cli);
    struct str *words = arena_array(arena, (size_t)argc, sizeof *words);
    for (int i = 1; i < argc; i++)
        words[i - 1] = str_from(argv[i]);
    int exit_code =
        completion_answer(&cli) ? 0 : run_words(&cli, words, argc > 0 ? (size_t)argc - 1 : 0);
    arena_free(arena);
    return exit_code;
}
