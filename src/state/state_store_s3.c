/* SPDX-License-Identifier: Apache-2.0 */
/* State as an S3 object, locked by an object beside it, a DynamoDB item, or both. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "state/backend_int.h"
#include "state/s3.h"
#include "wire/query.h"

struct s3_store {
    struct state_store store;
    struct arena *arena;
    struct s3 *s3;
    struct str bucket, key, prefix, workspace;
    struct str object; /* the key of this workspace */
    struct str table;  /* DynamoDB, or empty */
    struct str kms_key, acl;
    bool lockfile, encrypt;
    struct str lock_id;
};

static struct s3_store *s3_of(struct state_store *store) {
    return (struct s3_store *)store;
}

static struct str object_key(struct s3_store *s, struct str workspace) {
    if (workspace.len == 0 || str_eq(workspace, S("default")))
        return s->key;
    return str_format(s->arena, "%.*s/%.*s/%.*s", STR_ARG(s->prefix), STR_ARG(workspace),
                      STR_ARG(s->key));
}

/* As the SDK words it, in short. */
static struct str refusal(struct arena *arena, const char *operation,
                          const struct s3_answer *answer) {
    return str_format(arena,
                      "operation error %s, https response error StatusCode: %d, api error %.*s: "
                      "%.*s",
                      operation, answer->status, STR_ARG(answer->code), STR_ARG(answer->message));
}

static void add_string(struct buf *out, const char *name, struct str text) {
    buf_addf(out, "\"%s\":", name);
    json_write_string(out, text, false);
}

/* "LockID":{"S":"..."} */
static void add_attribute(struct buf *out, const char *name, struct str text) {
    buf_addf(out, "\"%s\":{", name);
    add_string(out, "S", text);
    buf_byte(out, '}');
}

static struct str lock_name(struct s3_store *s) {
    return str_format(s->arena, "%.*s/%.*s", STR_ARG(s->bucket), STR_ARG(s->object));
}

/* A key of the lock table, as the request that names it: {"TableName":..,"Key":{..}} */
static struct str table_key(struct s3_store *s, struct arena *arena, struct str name, bool read) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    buf_byte(&out, '{');
    add_string(&out, "TableName", s->table);
    buf_add_c(&out, ",\"Key\":{");
    add_attribute(&out, "LockID", name);
    buf_add_c(&out, read ? "},\"ConsistentRead\":true}" : "}}");
    return buf_take(&out, arena);
}

static struct str table_item(struct s3_store *s, struct arena *arena, struct str name,
                             const char *attribute, struct str text, bool only_new) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    buf_byte(&out, '{');
    add_string(&out, "TableName", s->table);
    buf_add_c(&out, ",\"Item\":{");
    add_attribute(&out, "LockID", name);
    buf_byte(&out, ',');
    add_attribute(&out, attribute, text);
    buf_byte(&out, '}');
    if (only_new)
        buf_add_c(&out, ",\"ConditionExpression\":\"attribute_not_exists(LockID)\"");
    buf_byte(&out, '}');
    return buf_take(&out, arena);
}

/* One attribute of an item; empty when there is none. */
static struct str table_get(struct s3_store *s, struct arena *arena, struct str name,
                            struct str attribute) {
    struct s3_answer answer;
    struct str error;
    struct json_error parse_error;
    if (!s3_table(s->s3, arena, "GetItem", table_key(s, arena, name, true), &answer, &error) ||
        answer.status != 200)
        return S("");
    const struct json *json = json_parse(arena, answer.body, &parse_error);
    const struct json *item = json == NULL ? NULL : json_get(json, S("Item"));
    const struct json *value = item == NULL ? NULL : json_get(item, attribute);
    return value == NULL ? S("") : json_get_str(value, S("S"));
}

static struct str md5_hex(struct arena *arena, struct str bytes) {
    return digest_hex(arena, DIGEST_MD5, bytes);
}

static struct str digest_name(struct s3_store *s) {
    return str_cat(s->arena, lock_name(s), S("-md5"));
}

/* The table remembers what was written last, so that a stale read is noticed. */
static bool check_digest(struct s3_store *s, struct arena *arena, struct str bytes,
                         struct diags *diags) {
    struct str want = s->table.len == 0 ? S("") : table_get(s, arena, digest_name(s), S("Digest"));
    struct str got = bytes.len == 0 ? S("") : md5_hex(arena, bytes);
    if (want.len == 0 || str_eq(want, got))
        return true;
    return backend_failed(
        diags, STATE_STORE_READ_FAILED,
        str_format(arena,
                   "state data in S3 does not have the expected content.\n\nThe checksum "
                   "calculated for the state stored in S3 does not match the checksum stored in "
                   "DynamoDB.\n\nBucket: %.*s\nKey:    %.*s\nCalculated checksum: %.*s\nStored "
                   "checksum:     %.*s\n\nThis may be caused by unusually long delays in S3 "
                   "processing a previous state update. Please wait for a minute or two and try "
                   "again.",
                   STR_ARG(s->bucket), STR_ARG(s->object), STR_ARG(got), STR_ARG(want)));
}

static bool s3_read(struct state_store *store, struct arena *arena, struct state **ret_state,
                    struct diags *diags) {
    struct s3_store *s = s3_of(store);
    struct s3_answer answer;
    struct str error;
    if (!s3_object(s->s3, arena, S("GET"), s->object, S(""), NULL, 0, S(""), &answer, &error))
        return backend_failed(diags, STATE_STORE_READ_FAILED, error);
    if (answer.status == 404 && !str_eq(answer.code, S("NoSuchBucket"))) {
        answer.body = S("");
    } else if (answer.status != 200) {
        return backend_failed(diags, STATE_STORE_READ_FAILED,
                              refusal(arena, "S3: GetObject", &answer));
    }
    return check_digest(s, arena, answer.body, diags) &&
           state_store_decode(store, arena, answer.body, ret_state, diags);
}

static size_t put_headers(const struct s3_store *s, struct s3_header headers[4]) {
    size_t n = 0;
    headers[n++] = (struct s3_header){S("Content-Type"), S("application/json")};
    if (s->kms_key.len > 0) {
        headers[n++] = (struct s3_header){S("X-Amz-Server-Side-Encryption"), S("aws:kms")};
        headers[n++] =
            (struct s3_header){S("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id"), s->kms_key};
    } else if (s->encrypt) {
        headers[n++] = (struct s3_header){S("X-Amz-Server-Side-Encryption"), S("AES256")};
    }
    if (s->acl.len > 0)
        headers[n++] = (struct s3_header){S("X-Amz-Acl"), s->acl};
    return n;
}

static bool write_bytes(struct s3_store *s, struct arena *arena, struct str bytes,
                        struct diags *diags) {
    struct s3_header headers[5];
    struct s3_answer answer;
    struct str error;
    size_t n = put_headers(s, headers);
    if (!s3_object(s->s3, arena, S("PUT"), s->object, S(""), headers, n, bytes, &answer, &error))
        return backend_failed(diags, STATE_STORE_WRITE_FAILED, error);
    if (answer.status != 200) {
        return backend_failed(diags, STATE_STORE_WRITE_FAILED,
                              refusal(arena, "S3: PutObject", &answer));
    }
    if (s->table.len == 0)
        return true;
    struct str item = table_item(s, arena, digest_name(s), "Digest", md5_hex(arena, bytes), false);
    if (!s3_table(s->s3, arena, "PutItem", item, &answer, &error))
        return backend_failed(diags, STATE_STORE_WRITE_FAILED, error);
    return answer.status == 200 || backend_failed(diags, STATE_STORE_WRITE_FAILED,
                                                  refusal(arena, "DynamoDB: PutItem", &answer));
}

static bool s3_write(struct state_store *store, const struct state *state, struct diags *diags) {
    struct arena *scratch = arena_new();
    struct str bytes;
    bool ok = backend_print(store, scratch, state, &bytes, diags) &&
              write_bytes(s3_of(store), scratch, bytes, diags);
    arena_free(scratch);
    return ok;
}

static struct str lockfile_key(struct s3_store *s) {
    return str_cat(s->arena, s->object, S(".tflock"));
}

static void lock_refused(struct s3_store *s, struct str error, struct str other_json,
                         struct diags *diags) {
    struct state_lock_info other;
    bool known = other_json.len > 0 && state_store_lock_parse(s->arena, other_json, &other);
    state_store_lock_error(s->arena, error, known ? &other : NULL, diags);
}

static bool lock_file(struct s3_store *s, struct str json, bool *ret_again, struct diags *diags) {
    struct s3_header headers[6];
    struct s3_answer answer;
    struct str error;
    size_t n = put_headers(s, headers);
    headers[n++] = (struct s3_header){S("If-None-Match"), S("*")};
    if (!s3_object(s->s3, s->arena, S("PUT"), lockfile_key(s), S(""), headers, n, json, &answer,
                   &error)) {
        lock_refused(s, error, S(""), diags);
        return false;
    }
    if (answer.status == 200)
        return true;
    struct str why = refusal(s->arena, "S3: PutObject", &answer);
    *ret_again = answer.status == 412 || answer.status == 409;
    struct str other = S("");
    if (*ret_again &&
        s3_object(s->s3, s->arena, S("GET"), lockfile_key(s), S(""), NULL, 0, S(""), &answer,
                  &error) &&
        answer.status == 200)
        other = answer.body;
    lock_refused(s, why, other, diags);
    return false;
}

static bool lock_item(struct s3_store *s, struct str json, bool *ret_again, struct diags *diags) {
    struct s3_answer answer;
    struct str error;
    struct str item = table_item(s, s->arena, lock_name(s), "Info", json, true);
    if (!s3_table(s->s3, s->arena, "PutItem", item, &answer, &error)) {
        lock_refused(s, error, S(""), diags);
        return false;
    }
    if (answer.status == 200)
        return true;
    *ret_again = str_eq(answer.code, S("ConditionalCheckFailedException"));
    struct str other = *ret_again ? table_get(s, s->arena, lock_name(s), S("Info")) : S("");
    lock_refused(s, refusal(s->arena, "DynamoDB: PutItem", &answer), other, diags);
    return false;
}

static bool unlock_file(struct s3_store *s, struct diags *diags) {
    struct s3_answer answer;
    struct str error;
    if (!s3_object(s->s3, s->arena, S("DELETE"), lockfile_key(s), S(""), NULL, 0, S(""), &answer,
                   &error))
        return backend_failed(diags, "Failed to unlock", error);
    return answer.status < 300 || backend_failed(diags, "Failed to unlock",
                                                 refusal(s->arena, "S3: DeleteObject", &answer));
}

static bool unlock_item(struct s3_store *s, struct diags *diags) {
    struct s3_answer answer;
    struct str error;
    if (!s3_table(s->s3, s->arena, "DeleteItem", table_key(s, s->arena, lock_name(s), false),
                  &answer, &error))
        return backend_failed(diags, "Failed to unlock", error);
    return answer.status == 200 ||
           backend_failed(diags, "Failed to unlock",
                          refusal(s->arena, "DynamoDB: DeleteItem", &answer));
}

static bool lock_once(struct state_store *store, const struct state_lock_info *info,
                      bool *ret_again, struct diags *diags) {
    struct s3_store *s = s3_of(store);
    struct state_lock_info mine = *info;
    mine.path = lock_name(s);
    struct str json = state_store_lock_json(s->arena, &mine);
    if (s->lockfile && !lock_file(s, json, ret_again, diags))
        return false;
    if (s->table.len > 0 && !lock_item(s, json, ret_again, diags)) {
        if (s->lockfile)
            (void)unlock_file(s, diags);
        return false;
    }
    s->lock_id = str_dup(s->arena, info->id);
    return true;
}

static bool s3_lock(struct state_store *store, const struct state_lock_info *info,
                    int64_t timeout_ms, struct diags *diags) {
    return backend_lock_wait(store, info, timeout_ms, lock_once, diags);
}

static bool s3_unlock(struct state_store *store, struct diags *diags) {
    struct s3_store *s = s3_of(store);
    bool ok = true;
    if (s->lock_id.len == 0)
        return true;
    if (s->table.len > 0)
        ok = unlock_item(s, diags);
    if (s->lockfile)
        ok = unlock_file(s, diags) && ok;
    s->lock_id = S("");
    return ok;
}

static bool s3_force_unlock(struct state_store *store, struct str id, struct diags *diags) {
    struct s3_store *s = s3_of(store);
    struct s3_answer answer;
    struct str error = S("");
    struct str json = S("");
    struct state_lock_info other;
    if (s->lockfile &&
        s3_object(s->s3, s->arena, S("GET"), lockfile_key(s), S(""), NULL, 0, S(""), &answer,
                  &error) &&
        answer.status == 200)
        json = answer.body;
    else if (s->table.len > 0)
        json = table_get(s, s->arena, lock_name(s), S("Info"));
    if (json.len == 0 || !state_store_lock_parse(s->arena, json, &other)) {
        return backend_failed(diags, "Failed to unlock state",
                              error.len > 0 ? error : S("there is no lock on this state"));
    }
    if (!str_eq(other.id, id)) {
        return backend_failed(diags, "Failed to unlock state",
                              str_format(diags->arena,
                                         "lock ID \"%.*s\" does not match existing lock "
                                         "(\"%.*s\")",
                                         STR_ARG(id), STR_ARG(other.id)));
    }
    s->lock_id = str_dup(s->arena, id);
    return s3_unlock(store, diags);
}

/* Keys of one page of a listing: what stands between <Key> and </Key>. */
static void take_names(struct s3_store *s, struct arena *arena, struct str body, struct str **names,
                       size_t *n, size_t *cap) {
    struct str prefix = str_cat(arena, s->prefix, S("/"));
    struct str suffix = str_cat(arena, S("/"), s->key);
    for (;;) {
        ptrdiff_t start = str_find(body, S("<Key>"));
        ptrdiff_t end = str_find(body, S("</Key>"));
        if (start < 0 || end < start)
            return;
        struct str key = str_slice(body, (size_t)start + 5, (size_t)end);
        body = str_slice(body, (size_t)end + 6, body.len);
        if (str_starts(key, prefix) && str_ends(key, suffix) && key.len > prefix.len + suffix.len) {
            *names = arena_grow(arena, *names, *n, cap, sizeof **names);
            (*names)[(*n)++] = str_dup(arena, str_slice(key, prefix.len, key.len - suffix.len));
        }
    }
}

static struct str between(struct str body, struct str open, struct str close) {
    ptrdiff_t start = str_find(body, open);
    if (start < 0)
        return S("");
    body = str_slice(body, (size_t)start + open.len, body.len);
    ptrdiff_t end = str_find(body, close);
    return end < 0 ? S("") : str_slice(body, 0, (size_t)end);
}

static bool s3_workspaces(struct state_store *store, struct arena *arena, struct str **ret_names,
                          size_t *ret_n, struct diags *diags) {
    struct s3_store *s = s3_of(store);
    struct str *names = NULL;
    struct str token = S("");
    size_t n = 0;
    size_t cap = 0;
    names = arena_grow(arena, names, n, &cap, sizeof *names);
    names[n++] = S("default");
    do {
        struct s3_answer answer;
        struct str error;
        struct buf query;
        buf_init(&query, BUF_MAX_TEXT);
        if (token.len > 0) {
            buf_add_c(&query, "continuation-token=");
            query_escape(&query, token, false);
            buf_byte(&query, '&');
        }
        buf_add_c(&query, "list-type=2&prefix=");
        query_escape(&query, str_cat(arena, s->prefix, S("/")), false);
        if (!s3_object(s->s3, arena, S("GET"), S(""), buf_take(&query, arena), NULL, 0, S(""),
                       &answer, &error))
            return backend_failed(diags, "Failed to list workspaces", error);
        if (answer.status != 200) {
            return backend_failed(diags, "Failed to list workspaces",
                                  refusal(arena, "S3: ListObjectsV2", &answer));
        }
        take_names(s, arena, answer.body, &names, &n, &cap);
        token = between(answer.body, S("<NextContinuationToken>"), S("</NextContinuationToken>"));
    } while (token.len > 0);
    *ret_names = names;
    *ret_n = n;
    return true;
}

static bool s3_delete_workspace(struct state_store *store, struct str name, struct diags *diags) {
    struct s3_store *s = s3_of(store);
    struct s3_answer answer;
    struct str error;
    if (str_eq(name, S("default")) || name.len == 0)
        return backend_failed(diags, "Failed to delete workspace", S("can't delete default state"));
    if (!s3_object(s->s3, s->arena, S("DELETE"), object_key(s, name), S(""), NULL, 0, S(""),
                   &answer, &error))
        return backend_failed(diags, "Failed to delete workspace", error);
    return answer.status < 300 || backend_failed(diags, "Failed to delete workspace",
                                                 refusal(s->arena, "S3: DeleteObject", &answer));
}

static void s3_close_store(struct state_store *store) {
    s3_close(s3_of(store)->s3);
}

static const struct state_store_ops s3_ops = {
    .read = s3_read,
    .write = s3_write,
    .lock = s3_lock,
    .unlock = s3_unlock,
    .force_unlock = s3_force_unlock,
    .workspaces = s3_workspaces,
    .delete_workspace = s3_delete_workspace,
    .close = s3_close_store,
};

static bool require(struct str text, const char *name, struct diags *diags) {
    return text.len > 0 ||
           backend_invalid(diags, name, "Missing Required Value",
                           str_format(diags->arena,
                                      "The attribute \"%s\" is required by the backend.\n\nRefer "
                                      "to the backend documentation for additional information "
                                      "which attributes are required.",
                                      name));
}

struct state_store *state_store_s3(struct arena *arena, struct value config, struct str workspace,
                                   struct diags *diags) {
    struct s3_store *s = arena_alloc(arena, sizeof *s);
    struct str prefix = backend_text(config, "workspace_key_prefix", NULL);
    s->store.ops = &s3_ops;
    s->arena = arena;
    s->bucket = str_dup(arena, backend_text(config, "bucket", NULL));
    s->key = str_dup(arena, backend_text(config, "key", NULL));
    s->prefix = prefix.len > 0 ? str_dup(arena, prefix) : S("env:");
    s->workspace = str_dup(arena, workspace);
    s->table = str_dup(arena, backend_text(config, "dynamodb_table", NULL));
    s->kms_key = str_dup(arena, backend_text(config, "kms_key_id", NULL));
    s->acl = str_dup(arena, backend_text(config, "acl", NULL));
    s->encrypt = backend_flag(config, "encrypt", NULL, false);
    s->lockfile = backend_flag(config, "use_lockfile", NULL, false);
    s->lock_id = S("");
    bool ok = require(s->bucket, "bucket", diags);
    ok = require(s->key, "key", diags) && ok;
    if (s->key.len > 0 && (s->key.at[0] == '/' || s->key.at[s->key.len - 1] == '/')) {
        ok = backend_invalid(diags, "key", "Invalid Value",
                             S("The value must not start or end with \"/\""));
    }
    s->s3 = s3_open(arena, config, diags);
    s->object = object_key(s, workspace);
    if (!ok || s->s3 == NULL) {
        s3_close(s->s3);
        return NULL;
    }
    return &s->store;
}
