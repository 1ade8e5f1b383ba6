/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/saved_plan.h"

#include <errno.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/utf8.h"
#include "cli/address.h"
#include "cli/backend_setup.h"
#include "config/config_manifest.h"
#include "resolve/pool.h"
#include "steps/steps_file.h"

/* The mark of a plan that is encrypted stands at its end; that of a state has a serial besides. */
static bool is_sealed(struct str bytes) {
    size_t head = bytes.len < 100 ? bytes.len : 100, tail = bytes.len < 200 ? bytes.len : 200;
    return str_find(str_slice(bytes, bytes.len - tail, bytes.len), S("\"encryption_version\"")) >=
               0 &&
           str_find(str_slice(bytes, 0, head), S("\"serial\":0,\"lineage\":\"\"")) >= 0;
}

bool saved_plan_is(struct str bytes) {
    return steps_file_is(bytes) || is_sealed(bytes);
}

/* Every configuration file that was read, under the path it was opened with. */
static void keep_sources(struct session *s, struct map *files) {
    struct arena *arena = s->cli->arena;
    size_t n = sources_count(s->cli->sources);
    for (uint32_t file = 1; file <= n; file++) {
        struct str name = sources_name(s->cli->sources, file);
        if (!fs_exists(name))
            continue;
        struct str *bytes = arena_alloc(arena, sizeof *bytes);
        *bytes = sources_bytes(s->cli->sources, file);
        map_put(arena, files, name, bytes);
    }
    struct str path = fs_join(arena, s->data_dir, CONFIG_SAVED_MANIFEST), manifest;
    if (fs_read(arena, path, BUF_MAX_DOCUMENT, &manifest) == 0) {
        struct str *bytes = arena_alloc(arena, sizeof *bytes);
        *bytes = manifest;
        map_put(arena, files, CONFIG_SAVED_MANIFEST, bytes);
    }
}

bool saved_plan_write(struct session *s, const struct plan *plan, struct str path) {
    struct steps_file file = {.plan = (struct plan *)plan};
    struct str error;
    file.lineage = plan->prev_state ? plan->prev_state->lineage : S("");
    file.serial = plan->prev_state ? plan->prev_state->serial : 0;
    file.engine_version = S(UI_TERRAFORM_VERSION);
    keep_sources(s, &file.sources);
    struct str bytes;
    int failed = steps_file_encode(s->cli->arena, &file, &bytes) ? 0 : EFBIG;
    if (!failed && !backend_setup_seal_plan(s, bytes, &bytes))
        return false;
    if (!failed)
        failed = fs_write_atomic(path, bytes, 0600);
    if (!failed)
        return true;
    error = str_format(s->cli->arena, "open %.*s: %.*s", STR_ARG(path),
                       STR_ARG(fs_error_text(s->cli->arena, failed)));
    diags_error(s->cli->diags, (struct span){0}, "Failed to write plan file",
                "The plan file could not be written: %.*s.", STR_ARG(error));
    return false;
}

struct finder {
    struct pool *pool;
    struct diags *diags;
};

static const struct schema *find_schema(void *context, struct provider_addr provider,
                                        enum resource_mode mode, struct str type) {
    struct finder *f = context;
    const struct provider_schema *all = pool_schema(f->pool, provider, f->diags);
    return all ? pool_type(all, mode, type) : NULL;
}

void saved_plan_error(struct session *s, struct str path, struct str detail) {
    struct arena *arena = s->cli->arena;
    struct str quoted = address_quoted(arena, path);
    diags_add(s->cli->diags, SEVERITY_ERROR, (struct span){0},
              str_format(arena, "Failed to load %.*s as a plan file", STR_ARG(quoted)), detail);
}

struct plan *saved_plan_open(struct session *s, struct str bytes, struct str path,
                             struct steps_file *ret_file) {
    struct cli *cli = s->cli;
    struct steps_file file;
    struct str error;
    if (!backend_setup_open_plan(s, bytes, &bytes))
        return NULL;
    if (!steps_file_decode(cli->arena, bytes, &file, &error)) {
        if (!utf8_valid(error))
            error = S("the file is damaged");
        saved_plan_error(s, path, str_cat(cli->arena, S("Error: "), error));
        return NULL;
    }
    s->config = config_load_saved(cli->arena, cli->sources, &file.sources, cli->diags);
    if (!s->config || diags_failed(cli->diags) ||
        !session_find_providers(s, file.plan->prior_state))
        return NULL;
    struct pool *pool = pool_new(cli->arena, &s->providers);
    struct finder finder = {pool, cli->diags};
    steps_file_attach(file.plan, find_schema, &finder);
    *ret_file = file;
    return file.plan;
}
