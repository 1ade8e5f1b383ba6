/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/test_files.h"

#include "base/arena.h"
#include "base/fs.h"
#include "config/config_manifest.h"
#include "plan/plan.h"

static void read_folder(struct cli *cli, struct str dir, struct test_files *files,
                        struct diags *diags) {
    struct str *names;
    size_t n;
    if (fs_list(cli->arena, dir, &names, &n) != 0)
        return;
    for (size_t i = 0; i < n; i++) {
        if (!test_file_is_name(names[i]))
            continue;
        struct str path = fs_clean(cli->arena, fs_join(cli->arena, dir, names[i]));
        struct test_file *file = test_file_read(cli->arena, cli->sources, path, diags);
        files->at =
            arena_grow(cli->arena, files->at, files->n, &files->cap, sizeof(struct test_file *));
        if (file)
            files->at[files->n++] = file;
    }
}

void test_files_read(struct cli *cli, struct str config_dir, struct str dir,
                     struct test_files *ret_files, struct diags *diags) {
    *ret_files = (struct test_files){.n = 0};
    read_folder(cli, config_dir, ret_files, diags);
    read_folder(cli, fs_join(cli->arena, config_dir, dir.len ? dir : S("tests")), ret_files, diags);
}

bool test_files_has_module(const struct test_run *run) {
    return run->source.len && config_source_kind(run->source) == SOURCE_LOCAL;
}

struct str test_files_key(struct arena *arena, const struct test_file *file,
                          const struct test_run *run) {
    static const struct str endings[] = {STR(".tftest.hcl"), STR(".tftest.json"),
                                         STR(".tofutest.hcl"), STR(".tofutest.json")};
    struct str path = file->path, part, key = S("test");
    for (size_t i = 0; i < COUNT(endings); i++)
        if (str_ends(path, endings[i]))
            path = str_slice(path, 0, path.len - endings[i].len);
    while (str_split(&path, '/', &part))
        key = str_format(arena, "%.*s.%.*s", STR_ARG(key), STR_ARG(part));
    return str_format(arena, "%.*s.%.*s", STR_ARG(key), STR_ARG(run->name));
}

static void validate_run(struct session *s, const struct map *installed,
                         const struct test_file *file, const struct test_run *run) {
    struct cli *cli = s->cli;
    if (!map_get(installed, test_files_key(cli->arena, file, run))) {
        diags_error(cli->diags, run->module_span, "Module not installed",
                    "This module is not yet installed. Run \"" UI_PROGRAM
                    " init\" to install all modules required by this configuration.");
        return;
    }
    struct session own = *s;
    struct str dir = fs_clean(cli->arena, run->source);
    own.config = config_load(cli->arena, cli->sources, dir, S(""), true, cli->diags);
    const struct plan_options where = {
        .root_dir = dir, .cwd = cli->start_dir, .workspace = s->workspace};
    if (own.config && !diags_failed(cli->diags) && session_find_providers(&own, NULL))
        (void)plan_validate(cli->arena, own.config, &own.providers, &where, cli->diags);
}

bool test_files_validate(struct session *s, const struct test_files *files) {
    struct map installed;
    size_t before = s->cli->diags->n_errors;
    config_manifest_read(s->cli->arena, s->data_dir, &installed);
    for (size_t i = 0; i < files->n; i++)
        for (size_t k = 0; k < files->at[i]->n_runs; k++)
            if (test_files_has_module(&files->at[i]->runs[k]))
                validate_run(s, &installed, files->at[i], &files->at[i]->runs[k]);
    return s->cli->diags->n_errors == before;
}
