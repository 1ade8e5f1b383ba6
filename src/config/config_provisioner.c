/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config_provisioner.h"

#include "base/arena.h"
#include "config/config_int.h"

static const struct body_attr_schema provisioner_attrs[] = {{STR("when"), false},
                                                            {STR("on_failure"), false}};
static const struct body_block_schema provisioner_blocks[] = {
    {.type = STR("_")}, {.type = STR("connection")}, {.type = STR("lifecycle")}};
static const struct body_schema provisioner_schema = {.attrs = provisioner_attrs,
                                                      .n_attrs = COUNT(provisioner_attrs),
                                                      .blocks = provisioner_blocks,
                                                      .n_blocks = COUNT(provisioner_blocks)};

static bool only_self(const struct ref *ref) {
    switch (ref->kind) {
    case REF_SELF:
    case REF_PATH:
    case REF_TERRAFORM:
        return true;
    case REF_COUNT:
        return str_eq(ref->name, S("index"));
    case REF_EACH:
        return str_eq(ref->name, S("key"));
    default:
        return false;
    }
}

void config_provisioner_only_self(const struct config_reader *reader, const struct body *body) {
    struct diags ignored = {.arena = reader->diags->arena};
    struct body_content *content = body_attributes(reader->arena, body, &ignored);
    for (size_t i = 0; i < content->n_attrs; i++) {
        struct refs refs = {.n = 0};
        struct diags malformed = {.arena = reader->diags->arena};
        (void)refs_of_expr(reader->arena, content->attrs[i]->expr, &refs, &malformed);
        for (size_t j = 0; j < refs.n + malformed.n; j++) {
            if (j < refs.n && only_self(&refs.at[j]))
                continue;
            (void)diags_error(reader->diags, expr_span(content->attrs[i]->expr),
                              "Invalid reference from destroy provisioner",
                              "Destroy-time provisioners and their connection configurations may "
                              "only reference attributes of the related resource, via 'self', "
                              "'count.index', or 'each.key'.\n\nReferences to other resources "
                              "during the destroy phase can cause dependency cycles and interact "
                              "poorly with create_before_destroy.");
        }
    }
}

static bool is_removed(const struct config_reader *reader, const struct block *block) {
    static const struct str removed[] = {STR("chef"), STR("habitat"), STR("puppet"),
                                         STR("salt-masterless")};
    for (size_t i = 0; i < COUNT(removed); i++) {
        if (str_eq(removed[i], block->labels[0])) {
            struct str summary = str_format(
                reader->arena, "The \"%.*s\" provisioner has been removed", STR_ARG(removed[i]));
            (void)diags_error(reader->diags, block->label_spans[0], str_c(reader->arena, summary),
                              "The \"%.*s\" provisioner was deprecated in Terraform 0.13.4 has "
                              "been removed from Terraform. Visit "
                              "https://learn.hashicorp.com/collections/terraform/provision for "
                              "alternatives to using provisioners that are a better fit for the "
                              "Terraform workflow.",
                              STR_ARG(removed[i]));
            return true;
        }
    }
    return false;
}

static void read_when(const struct config_reader *reader, const struct attribute *attr,
                      struct config_provisioner *provisioner) {
    struct str keyword = config_static_keyword(reader, attr->expr);
    if (str_eq(keyword, S("destroy"))) {
        provisioner->when_destroy = true;
    } else if (!str_eq(keyword, S("create"))) {
        (void)diags_error(reader->diags, expr_span(attr->expr), "Invalid \"when\" keyword",
                          "The \"when\" argument requires one of the following keywords: create or "
                          "destroy.");
    }
}

static void read_on_failure(const struct config_reader *reader, const struct attribute *attr,
                            struct config_provisioner *provisioner) {
    struct str keyword = config_static_keyword(reader, attr->expr);
    if (str_eq(keyword, S("continue"))) {
        provisioner->on_failure = FAILURE_CONTINUE;
    } else if (!str_eq(keyword, S("fail"))) {
        (void)diags_error(reader->diags, expr_span(attr->expr), "Invalid \"on_failure\" keyword",
                          "The \"on_failure\" argument requires one of the following keywords: "
                          "continue or fail.");
    }
}

static void read_blocks(const struct config_reader *reader, const struct body_content *content,
                        struct config_provisioner *provisioner) {
    const struct block *connection = NULL;
    for (size_t i = 0; i < content->n_blocks; i++) {
        const struct block *block = content->blocks[i];
        if (str_eq(block->type, S("_"))) {
            provisioner->config =
                config_merge_bodies(reader->arena, provisioner->config, block->body, false);
        } else if (!str_eq(block->type, S("connection"))) {
            (void)diags_error(reader->diags, block->type_span,
                              "Reserved block type name in provisioner block",
                              "The block type name \"%.*s\" is reserved for use by Terraform in a "
                              "future version.",
                              STR_ARG(block->type));
        } else if (connection != NULL) {
            struct str place = config_static_range(reader, connection->header);
            (void)diags_error(reader->diags, block->header, "Duplicate connection block",
                              "This provisioner already has a connection block at %.*s.",
                              STR_ARG(place));
        } else {
            connection = block;
            provisioner->connection = block->body;
            if (provisioner->when_destroy)
                config_provisioner_only_self(reader, block->body);
        }
    }
}

bool config_provisioner_read(const struct config_reader *reader, const struct block *block,
                             struct config_provisioner *ret_provisioner) {
    struct body *remain = NULL;
    struct body_content *content = body_partial_content(
        reader->arena, block->body, &provisioner_schema, &remain, reader->diags);
    if (is_removed(reader, block))
        return false;
    struct config_provisioner provisioner = {
        .type = block->labels[0], .config = remain, .span = block->header};
    const struct attribute *attr = body_attr(content, S("when"));
    if (attr != NULL)
        read_when(reader, attr, &provisioner);
    if (provisioner.when_destroy)
        config_provisioner_only_self(reader, remain);
    attr = body_attr(content, S("on_failure"));
    if (attr != NULL)
        read_on_failure(reader, attr, &provisioner);
    read_blocks(reader, content, &provisioner);
    *ret_provisioner = provisioner;
    return true;
}

const struct body *config_provisioner_connection(struct arena *arena,
                                                 const struct config_resource *resource,
                                                 const struct config_provisioner *provisioner) {
    const struct body *outer = resource ? resource->connection : NULL;
    const struct body *inner = provisioner->connection;
    if (!outer || !inner)
        return outer ? outer : inner;
    struct body *both = arena_copy(arena, outer, sizeof *outer);
    both->over = inner;
    both->over_adds = false;
    return both;
}
