/* SPDX-License-Identifier: Apache-2.0 */
#include "server/transfer.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "server/kind.h"
#include "server/server_int.h"
#include "server/snapshot.h"
#include "store/row_document.h"
#include "store/dump.h"
#include "store/link.h"
#include "store/setting.h"
#include "store/tag.h"

#define FORMAT "loam-accounts"
#define FORMAT_VERSION 1
#define BATCH 500

/* ---- out ---- */

static void add_text(struct buf *out, const char *name, struct str text) {
    buf_addf(out, ",\"%s\":", name);
    json_write_string(out, text, false);
}

static void add_parts(struct buf *out, struct store_tx *tx, struct arena *scratch,
                      struct str owner) {
    struct tag_page tags = tag_list(tx, scratch, owner, S(""), 0);
    struct document_page documents = row_document_list(tx, scratch, owner, S(""), 0);
    buf_add_c(out, ",\"tags\":[");
    for (size_t i = 0; i < tags.n; i++) {
        buf_add_c(out, i ? ",{\"n\":0" : "{\"n\":0");
        add_text(out, "key", tags.items[i].name);
        add_text(out, "value", tags.items[i].value);
        buf_byte(out, '}');
    }
    buf_add_c(out, "],\"documents\":[");
    for (size_t i = 0; i < documents.n; i++) {
        const struct document *d = &documents.items[i];
        buf_addf(out, "%s{\"created\":%lld", i ? "," : "", (long long)d->created_ms);
        add_text(out, "key", d->key);
        add_text(out, "name", d->name);
        add_text(out, "body", d->body);
        buf_byte(out, '}');
    }
    buf_byte(out, ']');
}

static void add_entity(struct buf *out, struct server *server, struct store_tx *tx,
                       struct arena *scratch, const struct entity *e) {
    struct str plain = S("");
    bool sealed = e->secret.len && seal_unseal(&server->seal, scratch, e->secret, &plain);
    buf_addf(out, "{\"kind\":%d,\"created\":%lld,\"sealed\":%s", e->kind, (long long)e->created_ms,
             sealed ? "true" : "false");
    add_text(out, "id", e->id);
    add_text(out, "account", e->account);
    add_text(out, "key", e->key);
    add_text(out, "name", e->name);
    add_text(out, "path", e->path);
    add_text(out, "owner", e->owner);
    add_text(out, "body", e->body);
    add_text(out, "secret", sealed ? plain : e->secret);
    add_parts(out, tx, scratch, e->id);
    buf_byte(out, '}');
}

static void add_entities(struct buf *out, struct server *server, struct store_tx *tx) {
    struct arena *scratch = arena_new(), *keep = arena_new();
    struct str after = S("");
    bool first = true;
    for (;;) {
        struct entity_page page = dump_entities(tx, scratch, after, BATCH);
        for (size_t i = 0; i < page.n; i++) {
            buf_add_c(out, first ? "\n" : ",\n");
            first = false;
            add_entity(out, server, tx, scratch, &page.items[i]);
        }
        if (page.n < BATCH)
            break;
        after = str_dup(keep, page.items[page.n - 1].id);
        arena_reset(scratch);
    }
    arena_free(scratch);
    arena_free(keep);
}

static void add_links(struct buf *out, struct store_tx *tx, struct arena *scratch) {
    size_t n;
    struct dump_link *links = dump_links(tx, scratch, &n);
    for (size_t i = 0; i < n; i++) {
        buf_addf(out, "%s{\"kind\":%d,\"created\":%lld", i ? ",\n" : "\n", links[i].kind,
                 (long long)links[i].created_ms);
        add_text(out, "source", links[i].source);
        add_text(out, "target", links[i].target);
        buf_byte(out, '}');
    }
}

static void add_settings(struct buf *out, struct server *server, struct store_tx *tx,
                         struct arena *scratch) {
    size_t n;
    struct dump_setting *settings = dump_settings(tx, scratch, &n);
    for (size_t i = 0; i < n; i++) {
        struct str plain = S("");
        bool sealed = seal_unseal(&server->seal, scratch, settings[i].value, &plain);
        buf_addf(out, "%s{\"sealed\":%s", i ? ",\n" : "\n", sealed ? "true" : "false");
        add_text(out, "account", settings[i].account);
        add_text(out, "name", settings[i].name);
        add_text(out, "value", sealed ? plain : settings[i].value);
        buf_byte(out, '}');
    }
}

bool transfer_export(struct server *server, struct arena *arena, struct str *ret_document,
                     struct str *ret_error) {
    struct store_tx *tx = store_begin(server->store, false);
    struct arena *scratch = arena_new();
    struct buf out;
    buf_init(&out, BUF_MAX_DOCUMENT);
    buf_addf(&out, "{\"format\":\"" FORMAT "\",\"version\":%d,\n\"entities\":[", FORMAT_VERSION);
    add_entities(&out, server, tx);
    buf_add_c(&out, "],\n\"links\":[");
    add_links(&out, tx, scratch);
    buf_add_c(&out, "],\n\"settings\":[");
    add_settings(&out, server, tx, scratch);
    buf_add_c(&out, "]}\n");
    arena_free(scratch);
    bool ok = store_status(tx) == STORE_OK && !out.overflow;
    if (!ok)
        *ret_error =
            str_format(arena, "cannot read the database: %.*s", STR_ARG(store_error_text(tx)));
    store_rollback(tx);
    if (ok)
        *ret_document = buf_take(&out, arena);
    else
        buf_clear(&out);
    return ok;
}

/* ---- in ---- */

static struct str secret_of(struct server *server, struct arena *arena, const struct json *row,
                            struct str name) {
    struct str text = json_get_str(row, name);
    return json_get_bool(row, S("sealed")) ? seal_text(&server->seal, arena, text) : text;
}

static void put_parts(struct store_tx *tx, struct arena *arena, struct str owner, bool exact_tags,
                      const struct json *row) {
    const struct json *tags = json_get(row, S("tags")), *texts = json_get(row, S("documents"));
    for (size_t i = 0; tags && tags->kind == JSON_ARRAY && i < tags->n; i++)
        tag_put(tx, arena, owner, exact_tags, json_get_str(&tags->items[i], S("key")),
                json_get_str(&tags->items[i], S("value")));
    for (size_t i = 0; texts && texts->kind == JSON_ARRAY && i < texts->n; i++) {
        const struct json *text = &texts->items[i];
        struct document d = {.key = json_get_str(text, S("key")),
                             .name = json_get_str(text, S("name")),
                             .body = json_get_str(text, S("body"))};
        (void)json_get_int(text, S("created"), &d.created_ms);
        row_document_put(tx, owner, &d);
    }
}

static void put_entity(struct server *server, struct store_tx *tx, struct arena *arena,
                       const struct json *row) {
    int64_t kind = 0;
    struct entity e = {
        .id = json_get_str(row, S("id")),
        .account = json_get_str(row, S("account")),
        .key = json_get_str(row, S("key")),
        .name = json_get_str(row, S("name")),
        .path = json_get_str(row, S("path")),
        .owner = json_get_str(row, S("owner")),
        .body = json_get_str(row, S("body")),
        .secret = secret_of(server, arena, row, S("secret")),
    };
    (void)json_get_int(row, S("kind"), &kind);
    (void)json_get_int(row, S("created"), &e.created_ms);
    e.kind = (int)kind;
    if (kind <= KIND_NONE || kind >= KIND_COUNT || !e.id.len)
        return;
    entity_add(tx, &e);
    put_parts(tx, arena, e.id, kind_has_exact_tags((enum kind_id)kind), row);
}

static void put_link(struct store_tx *tx, const struct json *row) {
    int64_t kind = 0, created = 0;
    (void)json_get_int(row, S("kind"), &kind);
    (void)json_get_int(row, S("created"), &created);
    link_add(tx, (int)kind, json_get_str(row, S("source")), json_get_str(row, S("target")),
             created);
}

static const struct json *rows_of(const struct json *document, struct str name) {
    static const struct json none = {.kind = JSON_ARRAY};
    const struct json *rows = json_get(document, name);
    return rows && rows->kind == JSON_ARRAY ? rows : &none;
}

static bool is_transfer(struct arena *arena, const struct json *document, struct str *ret_error) {
    int64_t version = 0;
    bool ours =
        document->kind == JSON_OBJECT && str_eq(json_get_str(document, S("format")), S(FORMAT));
    if (!ours) {
        *ret_error = S("this is not an exported account");
        return false;
    }
    (void)json_get_int(document, S("version"), &version);
    if (version == FORMAT_VERSION)
        return true;
    *ret_error = str_format(arena, "this account was exported in format %lld, known is %d",
                            (long long)version, FORMAT_VERSION);
    return false;
}

bool transfer_import(struct server *server, struct arena *arena, struct str document,
                     struct str *ret_error) {
    struct json_error error;
    struct json *json = json_parse(arena, document, &error);
    if (!json) {
        *ret_error = str_format(arena, "byte %u: %.*s", error.at, STR_ARG(error.text));
        return false;
    }
    if (json->kind == JSON_OBJECT && json_get(json, S("UserDetailList"))) {
        if (transfer_is_fresh(server, arena))
            return snapshot_import(server, arena, json, ret_error);
        *ret_error = S("an account can be taken over into an empty database only");
        return false;
    }
    if (!is_transfer(arena, json, ret_error))
        return false;
    struct store_tx *tx = store_begin(server->store, true);
    const struct json *entities = rows_of(json, S("entities")), *links = rows_of(json, S("links")),
                      *settings = rows_of(json, S("settings"));
    store_empty(tx);
    for (size_t i = 0; i < entities->n; i++)
        put_entity(server, tx, arena, &entities->items[i]);
    for (size_t i = 0; i < links->n; i++)
        put_link(tx, &links->items[i]);
    for (size_t i = 0; i < settings->n; i++)
        setting_put(tx, json_get_str(&settings->items[i], S("account")),
                    json_get_str(&settings->items[i], S("name")),
                    secret_of(server, arena, &settings->items[i], S("value")));
    struct str why = str_dup(arena, store_error_text(tx));
    if (store_commit(tx) == STORE_OK)
        return true;
    *ret_error = str_format(arena, "cannot write to the database: %.*s", STR_ARG(why));
    return false;
}

bool transfer_is_fresh(struct server *server, struct arena *arena) {
    struct store_tx *tx = store_begin(server->store, false);
    bool fresh = true;
    struct str after = S("");
    struct entity_page page;
    do {
        page = dump_entities(tx, arena, after, BATCH);
        for (size_t i = 0; i < page.n; i++)
            fresh = fresh && (str_eq(page.items[i].account, S(SERVER_AWS_ACCOUNT)) ||
                              str_eq(page.items[i].owner, page.items[i].account));
        if (page.n)
            after = page.items[page.n - 1].id;
    } while (fresh && page.n == BATCH);
    store_rollback(tx);
    return fresh;
}
