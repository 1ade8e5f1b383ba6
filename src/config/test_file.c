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
    file->runs = arena_array(reader->arena, content->n_blocks, sizeof *file->runs);
    file->mocks = arena_array(reader->arena, content->n_blocks, sizeof *file->mocks);
    for (size_t i = 0; i < content->n_blocks; i++) {
        const struct block *block = content->blocks[i];
        if (str_eq(block->type, S("run")))
            add_run(reader, block, file);
        else if (str_eq(block->type, S("variables")))
            test_file_inputs(reader, block, &file->inputs);
        else if (str_eq(block->type, S("provider")))
            config_provider_read(reader, block);
        else if (str_eq(block->type, S("mock_provider")))
            test_file_mock(reader, block, &file->mocks[file->n_mocks++]);
        else
            test_file_override(reader, block, &overrides);
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
