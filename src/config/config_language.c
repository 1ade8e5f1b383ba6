/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config_int.h"

/* OpenTofu's `language` block: names are checked; what it demands of OpenTofu is not ours to judge.
 */
static const struct body_attr_schema language_attrs[] = {{STR("edition"), false},
                                                         {STR("experiments"), false}};
static const struct body_block_schema language_blocks[] = {{.type = STR("compatible_with")}};
static const struct body_schema language_schema = {.attrs = language_attrs,
                                                   .n_attrs = COUNT(language_attrs),
                                                   .blocks = language_blocks,
                                                   .n_blocks = COUNT(language_blocks)};

static const struct body_attr_schema compatible_attrs[] = {{STR("opentofu"), false}};
static const struct body_schema compatible_schema = {.attrs = compatible_attrs,
                                                     .n_attrs = COUNT(compatible_attrs)};

static void read_experiments(const struct config_reader *reader, const struct attribute *attr) {
    struct expr_list list;
    if (!body_static_list(reader->arena, attr->expr, &list, reader->diags))
        return;
    for (uint32_t i = 0; i < list.n; i++) {
        struct str keyword = body_keyword(list.at[i]);
        if (keyword.len == 0) {
            (void)diags_error(reader->diags, expr_span(list.at[i]), "Invalid experiment keyword",
                              "Elements of \"experiments\" must all be keywords representing "
                              "active experiments.");
        } else {
            (void)diags_error(reader->diags, expr_span(list.at[i]), "Unknown experiment keyword",
                              "There is no current experiment with the keyword \"%.*s\".",
                              STR_ARG(keyword));
        }
    }
}

static void read_compatible(const struct config_reader *reader, const struct block *block) {
    struct body *remain = NULL;
    struct str version;
    struct body_content *content = body_partial_content(reader->arena, block->body,
                                                        &compatible_schema, &remain, reader->diags);
    const struct attribute *attr = body_attr(content, S("opentofu"));
    if (attr != NULL)
        (void)config_static_version(reader, attr, &version);
}

void config_language_read(struct config_reader *reader, const struct block *block) {
    if (reader->override) {
        (void)diags_error(reader->diags, block->header, "Language selections in override file",
                          "Language-related settings in \"language\" blocks are not allowed in "
                          "override files. Place these settings in a normal configuration file.");
        return;
    }
    struct body_content *content =
        body_content(reader->arena, block->body, &language_schema, reader->diags);
    const struct attribute *edition = body_attr(content, S("edition"));
    const struct attribute *experiments = body_attr(content, S("experiments"));
    if (edition != NULL && !str_eq(body_keyword(edition->expr), S("tofu2024"))) {
        (void)diags_error(reader->diags, expr_span(edition->expr), "Unsupported language edition",
                          "The \"edition\" argument supports only language edition tofu2024, which "
                          "is the default.");
    }
    if (experiments != NULL)
        read_experiments(reader, experiments);
    for (size_t i = 0; i < content->n_blocks; i++)
        read_compatible(reader, content->blocks[i]);
}
