/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/json.h"
#include "cli/json_out.h"
#include "cli/package_list.h"

struct flags {
    struct str_list platforms;
    bool lock_file;
    struct variable_list variables;
};

static const struct flags defaults = {.lock_file = true};

static const struct option options[] = {
    {"platform", OPTION_LIST, offsetof(struct flags, platforms), "=os_arch",
     "Mirror packages for this platform, too (any number of times)."},
    {"lock-file", OPTION_BOOL, offsetof(struct flags, lock_file), "=false",
     "Do not look at the lock file: the newest releases that fit."},
    {"var", OPTION_VAR, offsetof(struct flags, variables), NULL, NULL},
    {"var-file", OPTION_VAR_FILE, offsetof(struct flags, variables), NULL, NULL},
};

static const struct span nowhere = {.file = 0};

static bool refuse(struct cli *cli, const char *summary, struct str what, struct str why) {
    diags_error(cli->diags, nowhere, summary, "%.*s: %.*s.", STR_ARG(what), STR_ARG(why));
    return false;
}

static bool save(struct cli *cli, struct str path, struct str bytes) {
    int error = fs_mkdirs(fs_dirname(path), 0755);
    if (!error)
        error = fs_write_atomic(path, bytes, 0644);
    return !error ||
           refuse(cli, "Failed to write to the mirror", path, fs_error_text(cli->arena, error));
}

/* ---- packages ---- */

static void say_choice(struct cli *cli, const struct package_need *need) {
    ui_outf(cli, "- Mirroring %.*s...\n  - Selected v%.*s ", STR_ARG(need->display),
            STR_ARG(need->version));
    if (need->locked)
        ui_outf(cli, "to match dependency lock file\n");
    else if (need->constraints.len)
        ui_outf(cli, "to meet constraints %.*s\n", STR_ARG(need->constraints));
    else
        ui_outf(cli, "with no constraints\n");
}

static bool mirror_package(struct session *s, const struct package_need *need, struct str platform,
                           struct str folder) {
    struct cli *cli = s->cli;
    struct provider_package package = {0};
    struct str why = S("");
    ui_outf(cli, "  - Downloading package for %.*s...\n", STR_ARG(platform));
    if (!provider_source_package(s, need->source, need->version, platform, &package, &why)) {
        diags_error(cli->diags, nowhere, "Provider release not available",
                    "Failed to download %.*s v%.*s for %.*s: %.*s.", STR_ARG(need->source),
                    STR_ARG(need->version), STR_ARG(platform), STR_ARG(why));
        return false;
    }
    struct str name = provider_source_archive(cli->arena, need->source, need->version, platform);
    if (!save(cli, fs_join(cli->arena, folder, name), package.archive))
        return false;
    ui_outf(cli, "  - Package authenticated: %.*s\n", STR_ARG(package.authentication));
    return true;
}

/* ---- indexes: of everything that the mirror holds of a provider ---- */

struct archive {
    struct str name, version, platform, hash;
};

/* terraform-provider-TYPE_VERSION_OS_ARCH.zip */
static bool read_name(struct str name, struct str source, struct archive *ret) {
    static const struct str head = STR("terraform-provider-"), tail = STR(".zip");
    struct str type = fs_basename(source);
    if (!str_starts(name, head) || !str_ends(name, tail) || name.len < head.len + tail.len)
        return false;
    struct str rest = str_slice(name, head.len, name.len - tail.len);
    if (!str_starts(rest, type) || rest.len == type.len || rest.at[type.len] != '_')
        return false;
    rest = str_slice(rest, type.len + 1, rest.len);
    ptrdiff_t bar = str_find_byte(rest, '_');
    if (bar <= 0)
        return false;
    *ret = (struct archive){.name = name,
                            .version = str_slice(rest, 0, (size_t)bar),
                            .platform = str_slice(rest, (size_t)bar + 1, rest.len)};
    return true;
}

static bool hash_archive(struct cli *cli, struct str folder, struct archive *archive) {
    struct arena *scratch = arena_new();
    struct str bytes, why = S(""), path = fs_join(scratch, folder, archive->name);
    int error = fs_read(scratch, path, BUF_MAX_DOCUMENT, &bytes);
    if (error)
        why = fs_error_text(cli->arena, error);
    bool ok = !error && package_list_hash(cli, bytes, &archive->hash, &why);
    if (!ok)
        refuse(cli, "Failed to update indexes", path, why);
    arena_free(scratch);
    return ok;
}

static bool save_json(struct cli *cli, struct str folder, struct str name, const struct buf *text) {
    struct json_error error;
    struct buf pretty;
    buf_init(&pretty, BUF_MAX_TEXT);
    json_write(&pretty, json_parse(cli->arena, buf_str(text), &error), 2, true);
    bool ok = save(cli, fs_join(cli->arena, folder, name), str_trim(buf_str(&pretty)));
    buf_clear(&pretty);
    return ok;
}

static bool write_version(struct cli *cli, struct str folder, struct str version,
                          const struct archive *archives, size_t n) {
    struct buf text;
    buf_init(&text, BUF_MAX_TEXT);
    struct json_out o = {.to = &text};
    json_out_open(&o, '{');
    json_out_key(&o, S("archives"));
    json_out_open(&o, '{');
    for (size_t i = 0; i < n; i++) {
        if (!str_eq(archives[i].version, version))
            continue;
        json_out_key(&o, archives[i].platform);
        json_out_open(&o, '{');
        json_out_key(&o, S("hashes"));
        json_out_open(&o, '[');
        json_out_str(&o, archives[i].hash);
        json_out_close(&o, ']');
        json_out_member(&o, S("url"), archives[i].name);
        json_out_close(&o, '}');
    }
    json_out_close(&o, '}');
    json_out_close(&o, '}');
    bool ok = save_json(cli, folder, str_cat(cli->arena, version, S(".json")), &text);
    buf_clear(&text);
    return ok;
}

static bool write_indexes(struct cli *cli, struct str folder, const struct archive *archives,
                          size_t n) {
    struct buf text;
    struct map seen = {0};
    buf_init(&text, BUF_MAX_TEXT);
    struct json_out o = {.to = &text};
    bool ok = true;
    json_out_open(&o, '{');
    json_out_key(&o, S("versions"));
    json_out_open(&o, '{');
    for (size_t i = 0; ok && i < n; i++) {
        if (map_get(&seen, archives[i].version))
            continue;
        map_put(cli->arena, &seen, archives[i].version, (void *)&archives[i]);
        json_out_key(&o, archives[i].version);
        json_out_raw(&o, S("{}"));
        ok = write_version(cli, folder, archives[i].version, archives, n);
    }
    json_out_close(&o, '}');
    json_out_close(&o, '}');
    ok = ok && save_json(cli, folder, S("index.json"), &text);
    buf_clear(&text);
    return ok;
}

static bool update_indexes(struct cli *cli, struct str folder, struct str source) {
    struct str *names;
    size_t n, count = 0;
    int error = fs_list(cli->arena, folder, &names, &n);
    if (error)
        return refuse(cli, "Failed to update indexes", folder, fs_error_text(cli->arena, error));
    struct archive *archives = arena_array(cli->arena, n, sizeof *archives);
    for (size_t i = 0; i < n; i++) {
        if (!read_name(names[i], source, &archives[count]))
            continue;
        if (!hash_archive(cli, folder, &archives[count]))
            return false;
        count++;
    }
    return write_indexes(cli, folder, archives, count);
}

/* ---- all ---- */

static bool mirror(struct session *s, const struct flags *flags, struct str target) {
    static const struct install_method origin = {.kind = METHOD_DIRECT};
    const struct package_list_options wanted = {
        .ignore_lock = !flags->lock_file, .says_engine = true, .summary = "Provider not available"};
    struct str_list platforms;
    struct package_need *needs;
    struct cli *cli = s->cli;
    size_t n;
    bool ok = true;
    if (!package_list_platforms(s, &flags->platforms, &platforms) || !session_load_config(s))
        return false;
    package_list_sources(s, &origin);
    if (!package_list_make(s, &wanted, &needs, &n))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct str folder = fs_join(cli->arena, target, needs[i].source);
        say_choice(cli, &needs[i]);
        for (size_t k = 0; k < platforms.n; k++)
            ok = mirror_package(s, &needs[i], platforms.at[k], folder) && ok;
        ok = ok && update_indexes(cli, folder, needs[i].source);
    }
    return ok;
}

/* Nothing to mirror makes no folder, and so there is none to index. */
static bool find_target(struct cli *cli, struct str target) {
    if (fs_exists(target))
        return true;
    diags_error(cli->diags, nowhere, "Failed to update indexes",
                "Could not scan the output directory to get package metadata for the JSON "
                "indexes: cannot search %.*s: lstat %.*s: no such file or directory.",
                STR_ARG(target), STR_ARG(target));
    return false;
}

static int run(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    struct session s = session_start(cli);
    s.queries = true;
    if (n_rest != 1) {
        diags_error(cli->diags, nowhere, "No output directory specified",
                    "The providers mirror command requires an output directory as a command-line "
                    "argument.");
        ui_diags(cli);
        return 1;
    }
    bool ok = mirror(&s, untyped, rest[0]) && find_target(cli, rest[0]);
    return ui_diags(cli) && ok ? 0 : 1;
}

const struct command command_providers_mirror = {
    .name = "providers mirror",
    .synopsis = "[options] <target-dir>",
    .summary = "Save local copies of all required provider plugins",
    .help = "  Downloads the packages of the configured providers from their registries, for\n"
            "  each -platform, to a folder that serves as a mirror: of the file system as it\n"
            "  is, and of the network behind an HTTPS server.",
    .options = options,
    .n_options = COUNT(options),
    .flags_size = sizeof(struct flags),
    .defaults = &defaults,
    .usage = USAGE_PLAIN,
    .run = run,
};
