/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "config/config_int.h"
#include "hcl/parse.h"

static const struct str name_label[] = {STR("name")};
static const struct str type_labels[] = {STR("type"), STR("name")};

static void required_providers_read(struct config_reader *reader, const struct block *block) {
    (void)diags_error(reader->diags, block->type_span, "Invalid required_providers block",
                      "A \"required_providers\" block must be nested inside a \"terraform\" "
                      "block.");
}

/* What may stand at the top of a file, and who reads it. */
static const struct kind {
    struct body_block_schema schema;
    void (*read)(struct config_reader *reader, const struct block *block);
} kinds[] = {
    {{STR("terraform"), NULL, 0}, config_terraform_read},
    {{STR("language"), NULL, 0}, config_language_read},
    {{STR("required_providers"), NULL, 0}, required_providers_read},
    {{STR("provider"), name_label, 1}, config_provider_read},
    {{STR("variable"), name_label, 1}, config_variable_read},
    {{STR("locals"), NULL, 0}, config_locals_read},
    {{STR("output"), name_label, 1}, config_output_read},
    {{STR("module"), name_label, 1}, config_call_read},
    {{STR("resource"), type_labels, 2}, config_resource_read},
    {{STR("data"), type_labels, 2}, config_resource_read},
    {{STR("ephemeral"), type_labels, 2}, config_resource_read},
    {{STR("moved"), NULL, 0}, config_moved_read},
    {{STR("import"), NULL, 0}, config_import_read},
    {{STR("check"), name_label, 1}, config_check_read},
    {{STR("removed"), NULL, 0}, config_removed_read},
};

/* The same for query files. */
static const struct kind query_kinds[] = {
    {{STR("list"), type_labels, 2}, config_list_read},
    {{STR("provider"), name_label, 1}, config_provider_read},
    {{STR("variable"), name_label, 1}, config_variable_read},
    {{STR("locals"), NULL, 0}, config_locals_read},
};

static void read_blocks(struct config_reader *reader, const struct body *body,
                        const struct kind *allowed, size_t n) {
    struct body_block_schema *blocks = arena_array(reader->arena, n, sizeof *blocks);
    for (size_t i = 0; i < n; i++)
        blocks[i] = allowed[i].schema;
    const struct body_schema schema = {.blocks = blocks, .n_blocks = n};
    struct body_content *content = body_content(reader->arena, body, &schema, reader->diags);
    for (size_t i = 0; i < content->n_blocks; i++) {
        const struct block *block = content->blocks[i];
        for (size_t j = 0; j < n; j++)
            if (str_eq(allowed[j].schema.type, block->type))
                allowed[j].read(reader, block);
    }
}

static void read_body(struct config_reader *reader, const struct body *body) {
    static const struct body_block_schema terraform[] = {{.type = STR("terraform")}};
    static const struct body_schema early = {.blocks = terraform, .n_blocks = 1};
    struct body *rest = NULL;
    /* The reference looks into `terraform` blocks for versions and for experiments before it reads
     * the file, and tells errors in their headers each time. */
    (void)body_partial_content(reader->arena, body, &early, &rest, reader->diags);
    (void)body_partial_content(reader->arena, body, &early, &rest, reader->diags);
    read_blocks(reader, body, kinds, COUNT(kinds));
}

/* The name without its ending, when the ending is that of a configuration file. */
static bool split_name(struct str name, struct str *ret_stem, bool *ret_json, bool *ret_tofu) {
    static const struct {
        struct str ending;
        bool json, tofu;
    } endings[] = {
        {STR(".tf.json"), true, false},
        {STR(".tofu.json"), true, true},
        {STR(".tf"), false, false},
        {STR(".tofu"), false, true},
    };
    if (name.len == 0 || name.at[0] == '.' || name.at[name.len - 1] == '~' ||
        (name.at[0] == '#' && name.at[name.len - 1] == '#'))
        return false;
    for (size_t i = 0; i < COUNT(endings); i++) {
        if (str_ends(name, endings[i].ending)) {
            *ret_stem = str_slice(name, 0, name.len - endings[i].ending.len);
            *ret_json = endings[i].json;
            *ret_tofu = endings[i].tofu;
            return true;
        }
    }
    return false;
}

struct file {
    struct str name;
    bool json;
    bool override;
    bool query;
};

static const struct str query_ending = STR(".tfquery.hcl"), query_json = STR(".tfquery.json");

static bool is_query_name(struct str name) {
    return (str_ends(name, query_ending) || str_ends(name, query_json)) && name.at[0] != '.';
}

static size_t list_queries(const struct str *names, size_t n, struct file *files) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        if (is_query_name(names[i]))
            files[count++] = (struct file){
                .name = names[i], .json = str_ends(names[i], query_json), .query = true};
    return count;
}

/* A .tofu file stands in for the .tf file of the same name and syntax. */
static bool is_shadowed(struct str stem, bool json, const struct str *names, size_t n) {
    for (size_t i = 0; i < n; i++) {
        struct str other;
        bool other_json = false;
        bool other_tofu = false;
        if (split_name(names[i], &other, &other_json, &other_tofu) && other_tofu &&
            other_json == json && str_eq(other, stem))
            return true;
    }
    return false;
}

static struct file *list_files(struct arena *arena, const struct str *names, size_t n,
                               size_t *ret_n) {
    struct file *files = arena_array(arena, n, sizeof *files);
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        struct str stem;
        bool json = false;
        bool tofu = false;
        if (!split_name(names[i], &stem, &json, &tofu) ||
            (!tofu && is_shadowed(stem, json, names, n)))
            continue;
        files[count++] = (struct file){.name = names[i],
                                       .json = json,
                                       .override = str_eq(stem, S("override")) ||
                                                   str_ends(stem, S("_override"))};
    }
    *ret_n = count;
    return files;
}

/* From the saved files when there are some, else from disk; an errno value. */
static int read_bytes(struct config_reader *reader, struct str path, struct str *ret_bytes) {
    if (reader->files == NULL)
        return fs_read(reader->arena, path, BUF_MAX_DOCUMENT, ret_bytes);
    const struct str *saved = map_get(reader->files, path);
    if (saved == NULL)
        return ENOENT;
    *ret_bytes = *saved;
    return 0;
}

/* Names in the module's folder, as fs_list() gives them. */
static int list_names(struct config_reader *reader, struct str **ret_names, size_t *ret_n) {
    if (reader->files == NULL)
        return fs_list(reader->arena, reader->module->dir, ret_names, ret_n);
    struct str dir = fs_clean(reader->arena, reader->module->dir);
    struct str *names = arena_array(reader->arena, reader->files->n, sizeof *names);
    size_t n = 0;
    for (size_t i = 0; i < reader->files->n; i++) {
        struct str path = reader->files->entries[i].key;
        if (str_eq(fs_dirname(path), dir))
            names[n++] = fs_basename(path);
    }
    if (n > 0)
        qsort(names, n, sizeof *names, str_cmp_qsort);
    *ret_names = names;
    *ret_n = n;
    return 0;
}

static void read_file(struct config_reader *reader, const struct file *file) {
    struct str path =
        fs_clean(reader->arena, fs_join(reader->arena, reader->module->dir, file->name));
    struct str bytes;
    if (reader->files == NULL && fs_is_dir(path))
        return;
    int error = read_bytes(reader, path, &bytes);
    if (error != 0) {
        (void)diags_error(reader->diags, (struct span){.file = 0}, "Failed to read file",
                          "The file \"%.*s\" could not be read.", STR_ARG(path));
        return;
    }
    uint32_t number = sources_add(reader->sources, path, bytes);
    size_t first = reader->diags->n;
    struct body *body = file->json
                            ? parse_json_file(reader->arena, reader->sources, number, reader->diags)
                            : parse_file(reader->arena, reader->sources, number, reader->diags);
    for (size_t i = first; i < reader->diags->n; i++)
        reader->diags->at[i].kind = DIAG_SYNTAX;
    reader->override = file->override;
    reader->seen_backend = reader->seen_cloud = false;
    if (file->query)
        read_blocks(reader, body, query_kinds, COUNT(query_kinds));
    else
        read_body(reader, body);
}

bool config_file_read_dir(struct config_reader *reader) {
    struct str *names = NULL;
    size_t n_names = 0;
    size_t n = 0;
    int error = list_names(reader, &names, &n_names);
    if (error != 0)
        return false;
    struct file *files = list_files(reader->arena, names, n_names, &n);
    for (size_t i = 0; i < n; i++)
        if (!files[i].override)
            read_file(reader, &files[i]);
    for (size_t i = 0; i < n; i++)
        if (files[i].override)
            read_file(reader, &files[i]);
    struct file *queries = arena_array(reader->arena, n_names, sizeof *queries);
    size_t n_queries = reader->queries ? list_queries(names, n_names, queries) : 0;
    for (size_t i = 0; i < n_queries; i++)
        read_file(reader, &queries[i]);
    return true;
}

bool config_exists(struct str dir) {
    struct arena *scratch = arena_new();
    struct str *names = NULL;
    size_t n_names = 0;
    size_t n = 0;
    if (fs_list(scratch, dir, &names, &n_names) == 0)
        (void)list_files(scratch, names, n_names, &n);
    arena_free(scratch);
    return n > 0;
}

bool config_has_queries(struct str dir) {
    struct arena *scratch = arena_new();
    struct str *names = NULL;
    size_t n_names = 0;
    bool any = false;
    if (fs_list(scratch, dir, &names, &n_names) == 0)
        for (size_t i = 0; i < n_names; i++)
            any = any || is_query_name(names[i]);
    arena_free(scratch);
    return any;
}
