/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/completion.h"

#include <errno.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "cli/ui.h"

#define MAX_START_FILE ((size_t)1 << 20)

/* ---- candidates ---- */

struct completion {
    struct cli *cli;
    struct str_list words; /* in front of the one to complete, without the program */
    struct str last;
    struct buf out;
};

static void add_word(struct completion *c, struct str word) {
    c->words.at = arena_grow(c->cli->arena, c->words.at, c->words.n, &c->words.cap, sizeof word);
    c->words.at[c->words.n++] = word;
}

/* Words are taken apart at blanks only: names of commands and options hold none. */
static void split_line(struct completion *c, struct str line) {
    struct str word;
    bool program = true;
    c->last = S("");
    while (str_split(&line, ' ', &word)) {
        if (program) {
            program = !word.len;
            continue;
        }
        if (c->last.len)
            add_word(c, c->last);
        c->last = word;
    }
}

static void offer(struct completion *c, struct str candidate, const char *after) {
    if (str_starts(candidate, c->last))
        buf_addf(&c->out, "%.*s%s\n", STR_ARG(candidate), after);
}

static const struct command *find_command(struct str name) {
    size_t n;
    const struct command *const *all = command_all(&n);
    for (size_t i = 0; i < n; i++)
        if (str_eq(str_from(all[i]->name), name))
            return all[i];
    return NULL;
}

/* Names of commands below a group, or at the top for the empty one: what follows its words. */
static void offer_commands(struct completion *c, struct str group) {
    size_t n;
    const struct command *const *all = command_all(&n);
    for (size_t i = 0; i < n; i++) {
        struct str name = str_from(all[i]->name);
        if (!all[i]->summary)
            continue;
        if (!group.len && str_find_byte(name, ' ') < 0)
            offer(c, name, "");
        else if (group.len && str_starts(name, group) && name.len > group.len &&
                 name.at[group.len] == ' ')
            offer(c, str_slice(name, group.len + 1, name.len), "");
    }
}

static void offer_options(struct completion *c, const struct option *options, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (options[i].doc)
            offer(c, str_format(c->cli->arena, "-%s", options[i].name),
                  options[i].value && options[i].value[0] == '=' ? "=" : "");
}

static void offer_workspaces(struct completion *c) {
    struct str *names;
    size_t n;
    offer(c, S("default"), "");
    if (fs_list(c->cli->arena, S("terraform.tfstate.d"), &names, &n) == 0)
        for (size_t i = 0; i < n; i++)
            offer(c, names[i], "");
}

static void complete(struct completion *c) {
    static const struct str global[] = {STR("-chdir="), STR("-help"), STR("-version")};
    size_t i = 0;
    while (i < c->words.n && c->words.at[i].len && c->words.at[i].at[0] == '-')
        i++;
    struct str first = i < c->words.n ? c->words.at[i] : S("");
    bool option = c->last.len && c->last.at[0] == '-';
    for (size_t k = 0; option && !first.len && k < COUNT(global); k++)
        offer(c, global[k], "");
    const struct command *command = find_command(first);
    if (i + 1 < c->words.n) {
        struct str both =
            str_format(c->cli->arena, "%.*s %.*s", STR_ARG(first), STR_ARG(c->words.at[i + 1]));
        command = find_command(both) ? find_command(both) : command;
    }
    if (option && command) {
        offer_options(c, command->options, command->n_options);
        offer_options(c, command->shared, command->n_shared);
        offer(c, S("-help"), "");
        return;
    }
    if (!option && i + 1 >= c->words.n)
        offer_commands(c, first);
    if (!option && command &&
        (str_eq(str_from(command->name), S("workspace select")) ||
         str_eq(str_from(command->name), S("workspace delete"))))
        offer_workspaces(c);
}

bool completion_answer(struct cli *cli) {
    struct str line = ui_env(cli, "COMP_LINE"), point = ui_env(cli, "COMP_POINT");
    struct completion c = {.cli = cli};
    int64_t end;
    if (!line.len)
        return false;
    if (str_to_int(point, &end) && end >= 0 && (uint64_t)end < line.len)
        line = str_slice(line, 0, (size_t)end);
    buf_init(&c.out, BUF_MAX_TEXT);
    split_line(&c, line);
    complete(&c);
    ui_out(buf_str(&c.out));
    buf_clear(&c.out);
    return true;
}

/* ---- installation ---- */

/* A start file of a shell, below the home folder, and the lines that it gets. */
struct shell {
    const char *name;
    struct str path;
    const char *lines; /* a format for the program's path */
    bool whole;        /* the file is ours alone */
};

static const struct shell shells[] = {
    {"bash", STR(".bashrc"), "complete -o default -C %s " UI_PROGRAM "\n", false},
    {"zsh", STR(".zshrc"),
     "autoload -U +X bashcompinit && bashcompinit\ncomplete -o nospace -C %s " UI_PROGRAM "\n",
     false},
    {"fish", STR(".config/fish/completions/" UI_PROGRAM ".fish"),
     "complete -f -c " UI_PROGRAM " -a '(env COMP_LINE=(commandline -cp) %s)'\n", true},
};

static struct str own_path(struct cli *cli) {
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path);
    return n > 0 ? str_dup(cli->arena, (struct str){path, (size_t)n}) : S(UI_PROGRAM);
}

static struct str start_file(struct cli *cli, const struct shell *shell) {
    return fs_join(cli->arena, ui_env(cli, "HOME"), shell->path);
}

static struct str lines_of(struct cli *cli, const struct shell *shell) {
    return str_format(cli->arena, shell->lines, own_path(cli).at);
}

/* A shell that is not in use has no start file, and gets none. */
static bool is_in_use(struct cli *cli, const struct shell *shell) {
    struct str file = start_file(cli, shell);
    return fs_exists(shell->whole ? fs_dirname(fs_dirname(file)) : file);
}

static int report(struct cli *cli, const struct shell *shell, const char *done, int error) {
    struct str path = start_file(cli, shell);
    if (!error) {
        ui_outf(cli, "%s: %s %.*s\n", shell->name, done, STR_ARG(path));
        return 0;
    }
    struct str why = fs_error_text(cli->arena, error);
    ui_errf(cli, "%s: %.*s: %.*s\n", shell->name, STR_ARG(path), STR_ARG(why));
    return 1;
}

static int install_one(struct cli *cli, const struct shell *shell) {
    struct str path = start_file(cli, shell), lines = lines_of(cli, shell), before = S("");
    int error = shell->whole ? 0 : fs_read(cli->arena, path, MAX_START_FILE, &before);
    if (!error && str_find(before, lines) >= 0)
        return report(cli, shell, "already installed in", 0);
    if (!error && shell->whole)
        error = fs_mkdirs(fs_dirname(path), 0755);
    if (!error && before.len && !str_ends(before, S("\n")))
        before = str_cat(cli->arena, before, S("\n"));
    if (!error)
        error = fs_write(path, str_cat(cli->arena, before, lines), 0644);
    return report(cli, shell, "installed in", error);
}

static int uninstall_one(struct cli *cli, const struct shell *shell) {
    struct str path = start_file(cli, shell), before;
    int error = fs_read(cli->arena, path, MAX_START_FILE, &before);
    struct str after = S("");
    if (error == ENOENT)
        return 0;
    if (!error)
        after = str_replace(cli->arena, before, lines_of(cli, shell), S(""));
    if (!error && after.len == before.len)
        return 0;
    if (!error)
        error = shell->whole ? fs_remove(path) : fs_write(path, after, 0644);
    return report(cli, shell, "removed from", error);
}

static int each_shell(struct cli *cli, int (*act)(struct cli *cli, const struct shell *shell)) {
    int code = 0;
    size_t n = 0;
    for (size_t i = 0; i < COUNT(shells); i++)
        if (ui_env(cli, "HOME").len && is_in_use(cli, &shells[i])) {
            n++;
            code = act(cli, &shells[i]) || code;
        }
    if (!n) {
        ui_err(S("Did not find a start file of bash, zsh or fish in the home folder.\n"));
        return 1;
    }
    return code;
}

int completion_install(struct cli *cli) {
    return each_shell(cli, install_one);
}

int completion_uninstall(struct cli *cli) {
    return each_shell(cli, uninstall_one);
}
