/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli_config.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/fs.h"
#include "base/json.h"
#include "cli/ui.h"
#include "diag/diag_render.h"
#include "hcl/body.h"
#include "hcl/parse.h"

#define MAX_CONFIG ((size_t)1 << 20)
#define DEFAULT_HOST "registry.terraform.io/"

struct reading {
    struct cli *cli;
    struct cli_config *config;
    struct diags *diags;
};

static struct str home_file(struct cli *cli, const char *name) {
    struct str home = ui_env(cli, "HOME");
    return home.len ? fs_join(cli->arena, home, str_from(name)) : S("");
}

struct str cli_config_credentials_path(struct cli *cli) {
    return home_file(cli, ".terraform.d/credentials.tfrc.json");
}

static struct str text_of(const struct expr *expr) {
    if (expr->kind == EXPR_LITERAL && expr->literal.kind == VALUE_STRING)
        return value_str(expr->literal);
    return S("");
}

static void keep(struct reading *r, struct map *map, struct str key, struct str value) {
    struct str *kept = arena_alloc(r->cli->arena, sizeof *kept);
    *kept = str_dup(r->cli->arena, value);
    map_put(r->cli->arena, map, str_dup(r->cli->arena, key), kept);
}

static const struct attribute *attribute(const struct body *body, struct str name) {
    for (uint32_t i = 0; i < body->n_attributes; i++)
        if (str_eq(body->attributes[i].name, name))
            return &body->attributes[i];
    return NULL;
}

static struct str attribute_text(const struct body *body, const char *name) {
    const struct attribute *found = attribute(body, str_from(name));
    return found ? text_of(found->expr) : S("");
}

/* Calls visit with each pair of an object, or of the attributes of a block. */
static void each_pair(struct reading *r, const struct expr *expr,
                      void (*visit)(struct reading *r, struct str key, struct str value,
                                    struct str extra),
                      struct str extra) {
    struct object_items items;
    struct diags ignored = {.arena = r->cli->arena};
    if (!body_static_map(r->cli->arena, expr, &items, &ignored))
        return;
    for (uint32_t i = 0; i < items.n; i++) {
        struct str key = text_of(items.at[i].key);
        if (!key.len)
            key = body_keyword(items.at[i].key);
        visit(r, key, text_of(items.at[i].value), extra);
    }
}

static void keep_service(struct reading *r, struct str key, struct str value, struct str host) {
    keep(r, &r->config->services,
         str_format(r->cli->arena, "%.*s %.*s", STR_ARG(host), STR_ARG(key)), value);
}

/* "hashicorp/aws" is short for the default host's. */
static struct str full_source(struct arena *arena, struct str source) {
    ptrdiff_t first = str_find_byte(source, '/'), last = str_rfind_byte(source, '/');
    return first == last ? str_cat(arena, S(DEFAULT_HOST), source) : source;
}

static void keep_override(struct reading *r, struct str key, struct str value, struct str extra) {
    (void)extra;
    keep(r, &r->config->overrides, full_source(r->cli->arena, key), value);
}

static struct str_list texts(struct reading *r, const struct body *body, const char *name) {
    struct str_list list = {.n = 0};
    const struct attribute *found = attribute(body, str_from(name));
    for (uint32_t i = 0; found && found->expr->kind == EXPR_TUPLE && i < found->expr->list.n; i++) {
        list.at = arena_grow(r->cli->arena, list.at, list.n, &list.cap, sizeof *list.at);
        list.at[list.n++] = full_source(r->cli->arena, text_of(found->expr->list.at[i]));
    }
    return list;
}

static void read_installation(struct reading *r, const struct body *body) {
    static const struct {
        struct str name, argument;
        enum install_method_kind kind;
    } methods[] = {
        {STR("direct"), STR(""), METHOD_DIRECT},
        {STR("filesystem_mirror"), STR("path"), METHOD_FILESYSTEM_MIRROR},
        {STR("network_mirror"), STR("url"), METHOD_NETWORK_MIRROR},
    };
    struct cli_config *c = r->config;
    c->has_installation = true;
    const struct attribute *overrides = attribute(body, S("dev_overrides"));
    if (overrides)
        each_pair(r, overrides->expr, keep_override, S(""));
    for (uint32_t i = 0; i < body->n_blocks; i++) {
        const struct block *block = &body->blocks[i];
        for (size_t k = 0; k < COUNT(methods); k++) {
            if (!str_eq(block->type, methods[k].name))
                continue;
            c->methods = arena_grow(r->cli->arena, c->methods, c->n_methods, &c->cap_methods,
                                    sizeof *c->methods);
            c->methods[c->n_methods++] = (struct install_method){
                .kind = methods[k].kind,
                .location = methods[k].argument.len
                                ? attribute_text(block->body, methods[k].argument.at)
                                : S(""),
                .include = texts(r, block->body, "include"),
                .exclude = texts(r, block->body, "exclude"),
            };
        }
    }
}

static void read_block(struct reading *r, const struct block *block) {
    bool labelled = block->n_labels == 1;
    if (str_eq(block->type, S("credentials")) && labelled) {
        keep(r, &r->config->tokens, block->labels[0], attribute_text(block->body, "token"));
    } else if (str_eq(block->type, S("host")) && labelled) {
        const struct attribute *services = attribute(block->body, S("services"));
        if (services)
            each_pair(r, services->expr, keep_service, block->labels[0]);
    } else if (str_eq(block->type, S("provider_installation"))) {
        read_installation(r, block->body);
    }
}

/*
 * The file's own syntax writes a map as a block: `dev_overrides { "hashicorp/aws" = "DIR" }`. With
 * an equals sign in between it is an object of the language proper.
 */
static struct str as_object(struct arena *arena, struct str text, struct str word) {
    struct str rest = text, out = S("");
    ptrdiff_t at;
    while ((at = str_find(rest, word)) >= 0) {
        size_t end = (size_t)at + word.len, brace = end;
        while (brace < rest.len && (rest.at[brace] == ' ' || rest.at[brace] == '\t'))
            brace++;
        bool block = brace < rest.len && rest.at[brace] == '{';
        out = str_cat(arena, out, str_slice(rest, 0, end));
        out = str_cat(arena, out, block ? S(" = ") : S(""));
        rest = str_slice(rest, end, rest.len);
    }
    return str_cat(arena, out, rest);
}

static void read_file(struct reading *r, struct str path, bool required) {
    struct arena *arena = r->cli->arena;
    struct str bytes;
    int error = path.len ? fs_read(arena, path, MAX_CONFIG, &bytes) : ENOENT;
    if (error == ENOENT) {
        if (required)
            diags_warn(r->diags, (struct span){.file = 0}, "Unable to open CLI configuration file",
                       "The CLI configuration file at \"%.*s\" does not exist.", STR_ARG(path));
        return;
    }
    if (error) {
        diags_error(r->diags, (struct span){.file = 0}, "Unable to open CLI configuration file",
                    "The CLI configuration file at \"%.*s\" could not be read: %.*s.",
                    STR_ARG(path), STR_ARG(fs_error_text(arena, error)));
        return;
    }
    bytes = as_object(arena, as_object(arena, bytes, S("dev_overrides")), S("services"));
    uint32_t file = sources_add(r->cli->sources, path, bytes);
    struct body *body = parse_file(arena, r->cli->sources, file, r->diags);
    struct str cache = attribute_text(body, "plugin_cache_dir");
    if (cache.len)
        r->config->plugin_cache_dir = cache;
    const struct attribute *breaks =
        attribute(body, S("plugin_cache_may_break_dependency_lock_file"));
    if (breaks) {
        struct scope none = {.sources = r->cli->sources};
        struct value v = eval_expr(arena, &none, breaks->expr, r->diags);
        r->config->cache_may_break = value_same(v, value_bool(true));
    }
    for (uint32_t i = 0; i < body->n_blocks; i++)
        read_block(r, &body->blocks[i]);
}

/* {"credentials": {"HOST": {"token": "..."}}} */
static void read_credentials(struct reading *r) {
    struct arena *arena = r->cli->arena;
    struct str bytes, path = cli_config_credentials_path(r->cli);
    struct json_error error;
    if (!path.len || fs_read(arena, path, MAX_CONFIG, &bytes) != 0)
        return;
    const struct json *root = json_parse(arena, bytes, &error);
    const struct json *hosts =
        root && root->kind == JSON_OBJECT ? json_get(root, S("credentials")) : NULL;
    for (size_t i = 0; hosts && hosts->kind == JSON_OBJECT && i < hosts->n; i++)
        if (hosts->members[i].value.kind == JSON_OBJECT)
            keep(r, &r->config->tokens, hosts->members[i].name,
                 json_get_str(&hosts->members[i].value, S("token")));
}

static void check_cache(struct reading *r) {
    struct str env = ui_env(r->cli, "TF_PLUGIN_CACHE_DIR");
    struct str breaks = ui_env(r->cli, "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE");
    if (env.len)
        r->config->plugin_cache_dir = env;
    if (breaks.len && !str_eq(breaks, S("0")))
        r->config->cache_may_break = true;
    struct str dir = r->config->plugin_cache_dir;
    if (!dir.len || fs_exists(dir))
        return;
    struct diag *d = diags_error(r->diags, (struct span){.file = 0}, "", NULL);
    d->summary = str_format(r->cli->arena,
                            "The specified plugin cache dir %.*s cannot be opened: stat %.*s: no "
                            "such file or directory",
                            STR_ARG(dir), STR_ARG(dir));
    r->config->plugin_cache_dir = S("");
}

static void print_problems(struct cli *cli, const struct diags *diags) {
    struct buf out;
    if (!diags->n)
        return;
    buf_init(&out, BUF_MAX_TEXT);
    buf_add_c(&out, "There are some problems with the CLI configuration:\n");
    for (size_t i = 0; i < diags->n; i++)
        diag_render_text(&out, &diags->at[i], cli->sources, cli->colour, cli->width);
    if (diags_failed(diags))
        buf_add_c(&out, "\nAs a result of the above problems, " UI_PRODUCT
                        " may not behave as intended.\n\n");
    ui_err(buf_str(&out));
    buf_clear(&out);
}

void cli_config_load(struct cli *cli) {
    struct cli_config *config = arena_alloc(cli->arena, sizeof *config);
    struct reading r = {cli, config, diags_new(cli->arena)};
    struct str given = ui_env(cli, "TF_CLI_CONFIG_FILE");
    if (!given.len)
        given = ui_env(cli, "TERRAFORM_CONFIG");
    read_credentials(&r);
    read_file(&r, given.len ? given : home_file(cli, ".terraformrc"), given.len > 0);
    check_cache(&r);
    print_problems(cli, r.diags);
    cli->config = config;
}

/* TF_TOKEN_app_terraform_io: dots as underscores, dashes as two. */
static struct str token_variable(struct cli *cli, struct str host) {
    struct str name = str_replace(cli->arena, host, S("-"), S("__"));
    name = str_replace(cli->arena, name, S("."), S("_"));
    name = str_replace(cli->arena, name, S(":"), S("_"));
    return ui_env(cli, str_c(cli->arena, str_cat(cli->arena, S("TF_TOKEN_"), name)));
}

struct str cli_config_token(struct cli *cli, struct str host) {
    struct str token = token_variable(cli, host);
    const struct str *kept = map_get(&cli->config->tokens, host);
    return token.len ? token : kept ? *kept : S("");
}

/* "host/namespace/type", each part a name or a star. */
static bool matches(struct str pattern, struct str source) {
    struct str a, b;
    while (str_split(&pattern, '/', &a))
        if (!str_split(&source, '/', &b) || (!str_eq(a, S("*")) && !str_eq(a, b)))
            return false;
    return !str_split(&source, '/', &b);
}

static bool any_matches(const struct str_list *patterns, struct str source) {
    for (size_t i = 0; i < patterns->n; i++)
        if (matches(patterns->at[i], source))
            return true;
    return false;
}

bool cli_config_serves(const struct install_method *method, struct str source) {
    return (!method->include.n || any_matches(&method->include, source)) &&
           !any_matches(&method->exclude, source);
}
