/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/backend_migrate.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "cli/backend_ask.h"
#include "cli/wrap.h"
#include "state/state_file.h"

static const struct span nowhere = {0};

struct migration {
    struct session *s;
    const struct backend_setup_options *options;
    const struct backend_side *from, *to;
    bool force; /* the user agreed already */
};

/* A question of several lines; *ret_yes. false: nobody can answer. */
static bool ask(struct migration *m, struct str title, struct str text, bool *ret_yes) {
    struct cli *cli = m->s->cli;
    struct str answer;
    if (!m->options->input) {
        diags_error(cli->diags, nowhere,
                    "Can't ask approval for state migration when interactive input is disabled.",
                    "Please remove the \"-input=false\" option and try again.");
        return false;
    }
    if (!backend_ask_line(cli, title, text, &answer)) {
        diags_error(cli->diags, nowhere, "Error asking for confirmation: EOF", NULL);
        return false;
    }
    *ret_yes = str_eq(answer, S("yes"));
    return true;
}

/* The two states side by side in a private folder while the question stands. */
static bool ask_overwrite(struct migration *m, const struct state *old, const struct state *new,
                          bool *ret_yes) {
    struct arena *arena = m->s->cli->arena;
    struct str folder;
    struct str paths[2];
    const struct state *states[] = {old, new};
    if (fs_make_temporary(arena, S("loam-states"), &folder) != 0) {
        diags_error(m->s->cli->diags, nowhere, "Error creating temporary directory", NULL);
        return false;
    }
    for (size_t i = 0; i < COUNT(states); i++) {
        struct buf out;
        buf_init(&out, BUF_MAX_DOCUMENT);
        state_file_write(&out, states[i]);
        paths[i] = str_format(arena, "%.*s/%zu-%.*s.tfstate", STR_ARG(folder), i + 1,
                              STR_ARG(i ? m->to->type : m->from->type));
        (void)fs_write(paths[i], buf_str(&out), 0600);
        buf_clear(&out);
    }
    struct str a = m->from->type, b = m->to->type;
    struct str text = str_format(
        arena,
        "Pre-existing state was found while migrating the previous \"%.*s\" backend to the\nnewly "
        "configured \"%.*s\" backend. An existing non-empty state already exists in\nthe new "
        "backend. The two states have been saved to temporary files that will be\nremoved after "
        "responding to this query.\n\nPrevious (type \"%.*s\"): %.*s\nNew      (type \"%.*s\"): "
        "%.*s\n\nDo you want to overwrite the state in the new backend with the previous "
        "state?\nEnter \"yes\" to copy and \"no\" to start with the existing state in the "
        "newly\nconfigured \"%.*s\" backend.",
        STR_ARG(a), STR_ARG(b), STR_ARG(a), STR_ARG(paths[0]), STR_ARG(b), STR_ARG(paths[1]),
        STR_ARG(b));
    bool ok = ask(m, S("Do you want to copy existing state to the new backend?"), text, ret_yes);
    fs_remove_tree(folder);
    return ok;
}

static bool may_copy(struct migration *m, const struct state *old, const struct state *new,
                     bool *ret_yes) {
    *ret_yes = m->force || m->options->force_copy;
    if (*ret_yes)
        return true;
    if (new && !state_is_empty(new))
        return ask_overwrite(m, old, new, ret_yes);
    struct str a = m->from->type, b = m->to->type;
    struct str text = str_format(
        m->s->cli->arena,
        "Pre-existing state was found while migrating the previous \"%.*s\" backend to the\nnewly "
        "configured \"%.*s\" backend. No existing state was found in the newly\nconfigured "
        "\"%.*s\" backend. Do you want to copy this state to the new \"%.*s\"\nbackend? Enter "
        "\"yes\" to copy and \"no\" to start with an empty state.",
        STR_ARG(a), STR_ARG(b), STR_ARG(b), STR_ARG(b));
    return ask(m, S("Do you want to copy existing state to the new backend?"), text, ret_yes);
}

static bool same_version(const struct state *a, const struct state *b) {
    return b && str_eq(a->lineage, b->lineage) && a->serial == b->serial;
}

static bool copy(struct migration *m, struct state_store *from, struct state_store *to) {
    struct cli *cli = m->s->cli;
    struct state *old = NULL, *new = NULL;
    bool yes = false;
    if (!from->ops->read(from, cli->arena, &old, cli->diags))
        return false;
    if (!old || state_is_empty(old))
        return true;
    struct state_lock_info info =
        state_store_lock_info(cli->arena, S("migration destination state"));
    if (!to->ops->lock(to, &info, 0, cli->diags))
        return false;
    bool ok = to->ops->read(to, cli->arena, &new, cli->diags);
    if (ok && !same_version(old, new))
        ok = may_copy(m, old, new, &yes) && (!yes || to->ops->write(to, old, cli->diags));
    return to->ops->unlock(to, cli->diags) && ok;
}

/* One workspace: read as `source`, written as `target`. */
static bool copy_workspace(struct migration *m, struct str source, struct str target) {
    struct str selected = m->s->workspace;
    m->s->workspace = source;
    struct state_store *from = m->from->open(m->s, m->from->context);
    m->s->workspace = target;
    struct state_store *to = from ? m->to->open(m->s, m->to->context) : NULL;
    m->s->workspace = selected;
    bool ok = from && to && copy(m, from, to);
    if (to)
        to->ops->close(to);
    if (from)
        from->ops->close(from);
    return ok;
}

/* Names of a side's workspaces; false: it has none to speak of, as the backend http. */
static bool list(struct session *s, const struct backend_side *side, struct str **ret_names,
                 size_t *ret_n) {
    struct diags ignored = {.arena = s->cli->arena};
    struct str selected = s->workspace;
    s->workspace = S("default");
    struct state_store *store = side->open(s, side->context);
    s->workspace = selected;
    bool ok = store && store->ops->workspaces(store, s->cli->arena, ret_names, ret_n, &ignored);
    if (store)
        store->ops->close(store);
    return ok;
}

static bool aborted(struct migration *m) {
    diags_error(m->s->cli->diags, nowhere, "Migration aborted by user.", NULL);
    return false;
}

static bool copy_all(struct migration *m, const struct str *names, size_t n) {
    bool yes = m->options->force_copy, ok = true;
    struct str a = m->from->type, b = m->to->type;
    struct arena *arena = m->s->cli->arena;
    struct str text = str_format(
        arena,
        "Both the existing \"%.*s\" backend and the newly configured \"%.*s\" backend\nsupport "
        "workspaces. When migrating between backends, " UI_PRODUCT
        " will copy\nall workspaces (with the same names). THIS WILL OVERWRITE any "
        "conflicting\nstates in the destination.\n\n" UI_PRODUCT
        " initialization doesn't currently migrate only select workspaces.\nIf you want to migrate "
        "a select number of workspaces, you must manually\npull and push those states.\n\nIf you "
        "answer \"yes\", " UI_PRODUCT " will migrate all states. If you answer\n\"no\", " UI_PRODUCT
        " will abort.",
        STR_ARG(a), STR_ARG(b));
    struct str title =
        str_format(arena, "Do you want to migrate all workspaces to \"%.*s\"?", STR_ARG(b));
    if (!yes && !ask(m, title, text, &yes))
        return false;
    if (!yes)
        return aborted(m);
    m->force = true;
    for (size_t i = 0; ok && i < n; i++)
        ok = copy_workspace(m, names[i], names[i]);
    return ok;
}

/* To a backend with one state only. */
static bool copy_selected(struct migration *m) {
    bool yes = m->options->force_copy;
    struct str a = m->from->type, b = m->to->type, w = m->s->workspace;
    struct arena *arena = m->s->cli->arena;
    struct str text = str_format(
        arena,
        "The existing \"%.*s\" backend supports workspaces and you currently are\nusing more than "
        "one. The newly configured \"%.*s\" backend doesn't support\nworkspaces. If you "
        "continue, " UI_PRODUCT " will copy your current workspace \"%.*s\"\nto the default "
        "workspace in the new backend. Your existing workspaces in the\nsource backend won't be "
        "modified. If you want to switch workspaces, back them\nup, or cancel altogether, answer "
        "\"no\" and " UI_PRODUCT " will abort.",
        STR_ARG(a), STR_ARG(b), STR_ARG(w));
    struct str title = str_format(arena,
                                  "Destination state \"%.*s\" doesn't support workspaces.\nDo you "
                                  "want to copy only your current workspace?",
                                  STR_ARG(b));
    if (!yes && !ask(m, title, text, &yes))
        return false;
    if (!yes)
        return aborted(m);
    if (!copy_workspace(m, w, S("default")) || !backend_ask_choose(m->s, S("default")))
        return false;
    m->s->workspace = S("default");
    return true;
}

bool backend_migrate(struct session *s, const struct backend_setup_options *options,
                     const struct backend_side *from, const struct backend_side *to) {
    struct migration m = {.s = s, .options = options, .from = from, .to = to};
    struct str *names, *others;
    size_t n = 0, n_others = 0;
    size_t errors = s->cli->diags->n_errors;
    bool many = list(s, from, &names, &n) && n > 1;
    bool takes_many = many && list(s, to, &others, &n_others);
    if (s->cli->diags->n_errors > errors)
        return false;
    if (!many)
        return copy_workspace(&m, S("default"), S("default"));
    return takes_many ? copy_all(&m, names, n) : copy_selected(&m);
}

bool backend_migrate_empty(struct session *s, const struct backend_side *from) {
    struct str *names;
    size_t n = 0;
    if (!list(s, from, &names, &n))
        return true;
    for (size_t i = 0; i < n; i++) {
        struct str bytes, path = state_store_local_path(s->cli->arena, S(""), S(""), names[i]);
        int error = fs_read(s->cli->arena, path, BUF_MAX_DOCUMENT, &bytes);
        if (error || !bytes.len)
            continue;
        error = fs_write_atomic(str_cat(s->cli->arena, path, S(".backup")), bytes, 0600);
        if (!error)
            error = fs_write_atomic(path, S(""), 0600);
        if (!error)
            continue;
        diags_error(s->cli->diags, nowhere, "Error clearing local state", "%.*s: %.*s.",
                    STR_ARG(path), STR_ARG(fs_error_text(s->cli->arena, error)));
        return false;
    }
    return true;
}
