/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/state_view.h"

#include "base/arena.h"
#include "base/buf.h"
#include "cli/diff_render.h"
#include "cli/state_json.h"

static struct diff_render plain_options(struct cli *cli, const struct state_view *view) {
    return (struct diff_render){
        .cli = cli,
        .scratch = cli->arena,
        .show_unchanged = true,
        .hide_symbols = true,
        .no_null_suffix = true,
        .show_sensitive = view->show_sensitive,
    };
}

static bool object(struct cli *cli, const struct state_entry *entry, const struct state_object *it,
                   struct str note, struct pool *pool, const struct state_view *view,
                   struct buf *out) {
    const struct schema *schema;
    struct value v;
    if (!state_json_decode(cli->arena, pool, entry->resource, it, &schema, &v, cli->diags))
        return false;
    struct diff_render options = plain_options(cli, view);
    struct diff_paths all = {true, NULL};
    struct diff *diff = diff_block(cli->arena, schema->block, v, v, NULL, all);
    struct str address = addr_instance_text(cli->arena, &entry->addr);
    buf_addf(out, "# %.*s:%.*s\n%s \"%.*s\" \"%.*s\" ", STR_ARG(address), STR_ARG(note),
             entry->addr.resource.mode == MODE_MANAGED ? "resource" : "data",
             STR_ARG(entry->addr.resource.type), STR_ARG(entry->addr.resource.name));
    diff_render(out, diff, 0, &options);
    buf_byte(out, '\n');
    return true;
}

bool state_view_instance(struct cli *cli, const struct state_entry *entry, struct pool *pool,
                         const struct state_view *view, struct buf *out) {
    struct str note = entry->instance->current->tainted ? S(" (tainted)") : S("");
    return object(cli, entry, entry->instance->current, note, pool, view, out);
}

static bool entry_objects(struct cli *cli, const struct state_entry *e, struct pool *pool,
                          const struct state_view *view, bool *first, struct buf *out) {
    bool ok = true;
    if (e->instance->current) {
        if (!*first)
            buf_byte(out, '\n');
        *first = false;
        ok = state_view_instance(cli, e, pool, view, out);
    }
    for (size_t i = 0; i < e->instance->n_deposed; i++) {
        struct str note =
            str_format(cli->arena, " (deposed object %.*s)", STR_ARG(e->instance->deposed[i].key));
        if (!*first)
            buf_byte(out, '\n');
        *first = false;
        ok = object(cli, e, &e->instance->deposed[i].object, note, pool, view, out) && ok;
    }
    return ok;
}

static void outputs(struct cli *cli, const struct state *state, const struct state_view *view,
                    struct buf *out) {
    if (!state->outputs.n)
        return;
    struct diff_render options = plain_options(cli, view);
    options.empty_as_null = true;
    struct map_entry *sorted = map_sorted(cli->arena, &state->outputs);
    buf_add_c(out, "\n\nOutputs:\n\n");
    for (size_t i = 0; i < state->outputs.n; i++) {
        const struct state_output *o = sorted[i].value;
        struct value v = o->sensitive ? value_mark(o->value, VALUE_SENSITIVE) : o->value;
        buf_addf(out, "%.*s = ", STR_ARG(o->name));
        diff_render(out, diff_unchanged(cli->arena, v), 0, &options);
        buf_byte(out, '\n');
    }
}

bool state_view_show(struct cli *cli, const struct state *state, struct pool *pool,
                     const struct state_view *view) {
    size_t n;
    bool ok = true, first = true;
    struct buf out;
    struct state_entry *entries = state_entries(cli->arena, state, &n);
    if (!n && !state->outputs.n) {
        ui_out(S("The state file is empty. No resources are represented.\n"));
        return true;
    }
    buf_init(&out, BUF_MAX_DOCUMENT);
    for (size_t i = 0; i < n; i++)
        ok = entry_objects(cli, &entries[i], pool, view, &first, &out) && ok;
    outputs(cli, state, view, &out);
    if (ok)
        ui_out(buf_str(&out));
    buf_clear(&out);
    return ok;
}
