/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/backend_ask.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"

static const struct span nowhere = {0};

static const struct {
    struct str type, name;
    const char *what;
} required[] = {
    {STR("http"), STR("address"), "The address of the REST endpoint"},
    {STR("s3"), STR("bucket"), "The name of the S3 bucket"},
    {STR("s3"), STR("key"), "The path to the state file inside the bucket"},
};

bool backend_ask_line(struct cli *cli, struct str title, struct str text, struct str *ret_answer) {
    struct str line, lines = S("");
    while (str_split(&text, '\n', &line))
        lines = str_format(cli->arena, "%.*s  %.*s\n", STR_ARG(lines), STR_ARG(line));
    struct str prompt = str_format(cli->arena, "%s%.*s%s\n%.*s\n  %sEnter a value:%s ",
                                   ui_code(cli, UI_BOLD), STR_ARG(title), ui_code(cli, UI_RESET),
                                   STR_ARG(lines), ui_code(cli, UI_BOLD), ui_code(cli, UI_RESET));
    if (!ui_ask(cli, prompt, ret_answer))
        return false;
    ui_out(S("\n"));
    return true;
}

void backend_ask_arguments(struct cli *cli, struct str type, struct value *config) {
    for (size_t i = 0; i < COUNT(required); i++) {
        struct value v;
        struct str answer;
        if (!str_eq(required[i].type, type) ||
            (value_get(*config, required[i].name, &v) && v.kind != VALUE_NULL))
            continue;
        if (!backend_ask_line(cli, required[i].name, str_from(required[i].what), &answer))
            return;
        struct path path = path_attr(cli->arena, (struct path){0}, required[i].name);
        *config = path_set(cli->arena, *config, path, value_string(cli->arena, answer));
    }
}

bool backend_ask_choose(struct session *s, struct str name) {
    int error = fs_mkdirs(s->data_dir, 0755);
    if (!error)
        error = fs_write_atomic(fs_join(s->cli->arena, s->data_dir, S("environment")), name, 0644);
    if (!error)
        return true;
    struct str why = fs_error_text(s->cli->arena, error);
    ui_errf(s->cli, "Could not record the selected workspace in %.*s: %.*s.\n",
            STR_ARG(s->data_dir), STR_ARG(why));
    return false;
}

static bool failed(struct cli *cli, const char *why) {
    (void)diags_add(cli->diags, SEVERITY_ERROR, nowhere,
                    str_format(cli->arena, "Failed to select workspace: %s", why), S(""));
    return false;
}

static bool ask_number(struct session *s, const struct str *names, size_t n, struct str *ret_name) {
    struct cli *cli = s->cli;
    struct str answer;
    int64_t number = 0;
    struct str title =
        str_format(cli->arena, "\nThe currently selected workspace (%.*s) does not exist.",
                   STR_ARG(s->workspace));
    struct str text = S("This is expected behavior when the selected workspace did not have an\n"
                        "existing non-empty state. Please enter a number to select a workspace:\n");
    for (size_t i = 0; i < n; i++)
        text = str_format(cli->arena, "%.*s\n%zu. %.*s", STR_ARG(text), i + 1, STR_ARG(names[i]));
    if (!backend_ask_line(cli, title, text, &answer))
        return failed(cli, "EOF");
    if (!str_to_int(str_trim(answer), &number) || number < 1 || number > (int64_t)n)
        return failed(cli, "input not a valid number");
    *ret_name = names[number - 1];
    return true;
}

bool backend_ask_workspace(struct session *s, struct state_store *store, bool input) {
    struct cli *cli = s->cli;
    struct diags unheard = {.arena = cli->arena};
    struct str *names, name;
    size_t n = 0;
    if (!store->ops->workspaces(store, cli->arena, &names, &n, &unheard))
        return true; /* what is wrong with the store is told by reading from it */
    for (size_t i = 0; i < n; i++)
        if (str_eq(names[i], s->workspace))
            return true;
    if (n == 1) {
        name = names[0];
    } else if (!input) {
        (void)diags_add(cli->diags, SEVERITY_ERROR, nowhere,
                        str_format(cli->arena,
                                   "Currently selected workspace \"%.*s\" does not exist",
                                   STR_ARG(s->workspace)),
                        S(""));
        return false;
    } else if (!ask_number(s, names, n, &name)) {
        return false;
    }
    if (!backend_ask_choose(s, name))
        return false;
    if (!ui_env(cli, "TF_WORKSPACE").len)
        s->workspace = name;
    return true;
}
