/* SPDX-License-Identifier: Apache-2.0 */
#include "config/test_file.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "config/test_file_int.h"
#include "hcl/parse.h"

static const struct str name_label[] = {STR("name")};
static const struct body_block_schema file_blocks[] = {
    {STR("run"), name_label, 1},         {STR("variables"), NULL, 0},
    {STR("provider"), name_label, 1},    {STR("mock_provider"), name_label, 1},
    {STR("override_resource"), NULL, 0}, {STR("override_data"), NULL, 0},
    {STR("override_module"), NULL, 0},
};
static const struct body_schema file_schema = {.blocks = file_blocks,
                                               .n_blocks = COUNT(file_blocks)};

static const struct str endings[] = {STR(".tftest.hcl"), STR(".tofutest.hcl"), STR(".tftest.json"),
                                     STR(".tofutest.json")};

bool test_file_is_name(struct str name) {
    for (size_t i = 0; i < COUNT(endings); i++)
        if (str_ends(name, endings[i]))
            return name.at[0] != '.';
    return false;
}

bool test_file_once(const struct config_reader *reader, const struct block *block, const char *what,
                    struct span *seen) {
    if (!seen->file) {
        *seen = block->header;
        return true;
    }
    struct str summary =
        str_format(reader->arena, "Multiple \"%.*s\" blocks", STR_ARG(block->type));
    struct str place = config_static_range(reader, *seen);
    (void)diags_error(reader->diags, block->header, str_c(reader->arena, summary),
                      "This %s already has a %.*s block defined at %.*s.", what,
                      STR_ARG(block->type), STR_ARG(place));
    return false;
}

/* "aws" or "aws.west"; an alias that is no plain text is told by the reader of the block. */
static struct str provider_key(const struct config_reader *reader, const struct block *block) {
    struct diags quiet = {.arena = reader->arena};
    struct config_reader silent = *reader;
    struct str alias = S("");
    silent.diags = &quiet;
    for (uint32_t i = 0; !block->body->is_json && i < block->body->n_attributes; i++)
        if (str_eq(block->body->attributes[i].name, S("alias")))
            (void)config_static_string(&silent, block->body->attributes[i].expr, &alias);
    return alias.len
               ? str_format(reader->arena, "%.*s.%.*s", STR_ARG(block->labels[0]), STR_ARG(alias))
               : block->labels[0];
}

/* Providers and their mocks share their names. */
static bool is_new_provider(const struct config_reader *reader, struct map *seen,
                            const struct block *block) {
    struct str key = provider_key(reader, block);
    const struct block *first = map_get(seen, key);
    if (!first) {
        map_put(reader->arena, seen, key, (void *)(uintptr_t)block);
        return true;
    }
    struct str place = config_static_range(reader, first->label_spans[0]);
    (void)diags_error(reader->diags, block->header, "Duplicate provider block",
                      "A provider for %.*s is already defined at %.*s.", STR_ARG(key),
                      STR_ARG(place));
    return false;
}

static bool is_duplicate(const struct config_reader *reader, const struct test_file *file,
                         const struct block *block) {
    for (size_t i = 0; i < file->n_runs; i++) {
        if (str_eq(file->runs[i].name, block->labels[0])) {
            struct str place = config_static_range(reader, file->runs[i].span);
            (void)diags_error(reader->diags, block->header, "Duplicate \"run\" block names",
                              "This test file already has a run named %.*s block defined at %.*s.",
                              STR_ARG(block->labels[0]), STR_ARG(place));
            return true;
        }
    }
    return false;
}

static void add_run(const struct config_reader *reader, const struct block *block,
                    struct test_file *file) {
    if (!config_static_is_name(reader, block->labels[0], block->label_spans[0],
                               "Invalid run block name") ||
        is_duplicate(reader, file, block))
        return;
    test_file_run(reader, block, &file->runs[file->n_runs++]);
}

static void read_body(struct config_reader *reader, const struct body *body,
                      struct test_file *file) {
    struct body_content *content = body_content(reader->arena, body, &file_schema, reader->diags);
    struct test_override_list overrides = {.n = 0};
    struct span variables = {.file = 0};
    struct map providers = {.n = 0};
    file->runs = arena_array(reader->arena, content->n_blocks, sizeof *file->runs);
    file->mocks = arena_array(reader->arena, content->n_blocks, sizeof *file->mocks);
    for (size_t i = 0; i < content->n_blocks; i++) {
        const struct block *block = content->blocks[i];
        bool provider = str_eq(block->type, S("provider"));
        if (str_eq(block->type, S("run"))) {
            add_run(reader, block, file);
        } else if (str_eq(block->type, S("variables"))) {
            if (test_file_once(reader, block, "test file", &variables))
                test_file_inputs(reader, block, &file->inputs);
        } else if (test_file_is_override(block->type)) {
            test_file_override(reader, block, &overrides);
        } else if (is_new_provider(reader, &providers, block)) {
            if (provider)
                config_provider_read(reader, block);
            else
                test_file_mock(reader, block, &file->mocks[file->n_mocks++]);
        }
    }
    file->overrides = overrides.at;
    file->n_overrides = overrides.n;
    file->providers = reader->module->providers;
}

struct test_file *test_file_read(struct arena *arena, struct sources *sources, struct str path,
                                 struct diags *diags) {
    struct str bytes;
    int error = fs_read(arena, path, BUF_MAX_DOCUMENT, &bytes);
    if (error != 0) {
        struct str why = fs_error_text(arena, error);
        (void)diags_error(diags, (struct span){.file = 0}, "Failed to read file",
                          "The file \"%.*s\" could not be read: %.*s.", STR_ARG(path),
                          STR_ARG(why));
        return NULL;
    }
    uint32_t number = sources_add(sources, path, bytes);
    struct body *body = str_ends(path, S(".json")) ? parse_json_file(arena, sources, number, diags)
                                                   : parse_file(arena, sources, number, diags);
    struct test_file *file = arena_alloc(arena, sizeof *file);
    struct config_module *module = arena_alloc(arena, sizeof *module);
    struct config_reader reader = {
        .arena = arena, .sources = sources, .module = module, .diags = diags};
    file->path = path;
    read_body(&reader, body, file);
    return file;
}
