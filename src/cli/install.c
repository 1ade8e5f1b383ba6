/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/install.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "cli/json_out.h"
#include "config/config_manifest.h"

struct installer {
    struct session *session;
    const struct install_options *options;
    struct map known; /* "a.b" -> struct config_installed *: from the last run */
    struct buf manifest;
    struct json_out json;
    bool any;
};

static void record(struct installer *in, struct str key, struct str source, struct str version,
                   struct str dir) {
    json_out_item(&in->json);
    json_out_open(&in->json, '{');
    json_out_member(&in->json, S("Key"), key);
    json_out_member(&in->json, S("Source"), source);
    if (version.len)
        json_out_member(&in->json, S("Version"), version);
    json_out_member(&in->json, S("Dir"), dir);
    json_out_close(&in->json, '}');
}

static void announce(struct installer *in, struct str key, const struct config_call *call) {
    const struct config_installed *old = map_get(&in->known, key);
    struct cli *cli = in->session->cli;
    if (!in->any && in->options->title)
        ui_notice(cli,
                  in->options->upgrade ? "upgrading_modules_message"
                                       : "initializing_modules_message",
                  true, str_from(in->options->title));
    in->any = true;
    if (!call->source.len || (call->version.len && !call->module))
        return;
    if (old && str_eq(old->source, call->source) && !in->options->upgrade)
        return;
    struct str dir = call->module ? call->module->dir : S("");
    ui_notice(cli, NULL, false,
              str_format(cli->arena, "- %.*s in %.*s", STR_ARG(key), STR_ARG(dir)));
}

static void walk(struct installer *in, const struct config_module *module, struct str prefix) {
    struct arena *arena = in->session->cli->arena;
    struct map_entry *sorted = map_sorted(arena, &module->calls);
    for (size_t i = 0; i < module->calls.n; i++) {
        const struct config_call *call = sorted[i].value;
        struct str key = prefix.len
                             ? str_format(arena, "%.*s.%.*s", STR_ARG(prefix), STR_ARG(call->name))
                             : call->name;
        announce(in, key, call);
        if (!call->module)
            continue;
        record(in, key, call->source, S(""), call->module->dir);
        walk(in, call->module, key);
    }
}

static bool write_manifest(struct installer *in) {
    struct session *s = in->session;
    struct str dir = fs_join(s->cli->arena, s->data_dir, S("modules"));
    int error = fs_mkdirs(dir, 0755);
    if (!error)
        error = fs_write_atomic(fs_join(s->cli->arena, dir, S("modules.json")),
                                buf_str(&in->manifest), 0644);
    if (!error)
        return true;
    struct str why = fs_error_text(s->cli->arena, error);
    diags_error(s->cli->diags, (struct span){0}, "Failed to write module manifest",
                "Could not write the list of installed modules in %.*s: %.*s.", STR_ARG(dir),
                STR_ARG(why));
    return false;
}

bool install_modules(struct session *s, const struct install_options *options) {
    struct installer in = {.session = s, .options = options};
    s->config = config_load(s->cli->arena, s->cli->sources, S("."), S(""), true, s->cli->diags);
    if (!s->config)
        return false;
    bool sound = !diags_failed(s->cli->diags);
    if (!s->config->root->calls.n)
        return sound;
    config_manifest_read(s->cli->arena, s->data_dir, &in.known);
    buf_init(&in.manifest, BUF_MAX_DOCUMENT);
    in.json.to = &in.manifest;
    json_out_open(&in.json, '{');
    json_out_key(&in.json, S("Modules"));
    json_out_open(&in.json, '[');
    record(&in, S(""), S(""), S(""), S("."));
    walk(&in, s->config->root, S(""));
    json_out_close(&in.json, ']');
    json_out_close(&in.json, '}');
    bool ok = !sound || write_manifest(&in);
    buf_clear(&in.manifest);
    return ok && sound;
}
