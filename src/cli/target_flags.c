/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/target_flags.h"

#include "apply/gostring.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"

static const struct span nowhere = {0};

bool target_flags_add_files(struct cli *cli, const struct str_list *files, struct str_list *list) {
    for (size_t i = 0; i < files->n; i++) {
        struct str bytes, line;
        int error = fs_read(cli->arena, files->at[i], BUF_MAX_REQUEST, &bytes);
        if (error) {
            struct str why = fs_error_text(cli->arena, error);
            diags_error(cli->diags, nowhere, "", NULL)->summary =
                str_format(cli->arena, "open %.*s: %.*s", STR_ARG(files->at[i]), STR_ARG(why));
            return false;
        }
        while (str_split(&bytes, '\n', &line)) {
            line = str_trim(line);
            if (!line.len || line.at[0] == '#')
                continue;
            list->at = arena_grow(cli->arena, list->at, list->n, &list->cap, sizeof *list->at);
            list->at[list->n++] = line;
        }
    }
    return true;
}

/* Why text is no address of this kind; empty: it is one. */
static struct str problem(struct arena *arena, enum target_flags_kind kind, struct str text,
                          struct target *target) {
    struct diags parsed = {.arena = arena};
    if (!addr_parse_target(arena, text, target, &parsed))
        return parsed.at[0].detail;
    if (kind != TARGET_FLAGS_REPLACE)
        return S("");
    if (target->kind == TARGET_MODULE)
        return S("A resource instance address is required here. The module path must be followed "
                 "by a resource instance specification.");
    if (target->addr.resource.mode != MODE_MANAGED)
        return S("Only managed resources can be used with the -replace=... option.");
    return S("");
}

bool target_flags_parse(struct cli *cli, enum target_flags_kind kind, const struct str_list *texts,
                        struct target **ret_targets) {
    static const char *const names[] = {
        [TARGET_FLAGS_TARGET] = "target",
        [TARGET_FLAGS_EXCLUDE] = "exclude",
        [TARGET_FLAGS_REPLACE] = "force-replace address",
    };
    struct target *targets = arena_array(cli->arena, texts->n, sizeof *targets);
    bool ok = true;
    for (size_t i = 0; i < texts->n; i++) {
        struct str why = problem(cli->arena, kind, texts->at[i], &targets[i]);
        if (!why.len)
            continue;
        struct buf summary;
        buf_init(&summary, BUF_MAX_TEXT);
        buf_addf(&summary, "Invalid %s ", names[kind]);
        gostring_quote(&summary, texts->at[i]);
        diags_error(cli->diags, nowhere, "", "%.*s", STR_ARG(why))->summary =
            buf_take(&summary, cli->arena);
        ok = false;
    }
    *ret_targets = targets;
    return ok;
}
