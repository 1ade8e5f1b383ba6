/* SPDX-License-Identifier: Apache-2.0 */
/* State as an S3 object, locked by an object beside it, a DynamoDB item, or both. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "state/backend_int.h"
#include "state/s3.h"
#include "state/s3_check.h"
#include "wire/query.h"

#define MAX_HEADERS 10

struct s3_store {
    struct state_store store;
    struct arena *arena;
    struct s3 *s3;
    struct str bucket, key, prefix, workspace;
    struct str object; /* the key of this workspace */
    struct str table;  /* DynamoDB, or empty */
    struct str kms_key, acl;
    bool lockfile, encrypt, checksum;
    struct str customer_key, customer_key_md5; /* in base64, or empty */
    struct str state_tags, lock_tags;          /* as a header has them, or empty */
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

/* The customer's key goes with each request for what it encrypts. */
static size_t key_headers(const struct s3_store *s, struct s3_header *headers) {
    if (s->customer_key.len == 0)
        return 0;
    headers[0] =
        (struct s3_header){S("X-Amz-Server-Side-Encryption-Customer-Algorithm"), S("AES256")};
    headers[1] =
        (struct s3_header){S("X-Amz-Server-Side-Encryption-Customer-Key"), s->customer_key};
    headers[2] =
        (struct s3_header){S("X-Amz-Server-Side-Encryption-Customer-Key-Md5"), s->customer_key_md5};
    return 3;
}

static size_t put_headers(const struct s3_store *s, struct arena *arena, struct str body,
                          struct str tags, struct s3_header *headers) {
    size_t n = s->encrypt ? key_headers(s, headers) : 0;
    headers[n++] = (struct s3_header){S("Content-Type"), S("application/json")};
    if (s->encrypt && s->kms_key.len > 0) {
        headers[n++] = (struct s3_header){S("X-Amz-Server-Side-Encryption"), S("aws:kms")};
        headers[n++] =
            (struct s3_header){S("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id"), s->kms_key};
    } else if (s->encrypt && n == 1) {
        headers[n++] = (struct s3_header){S("X-Amz-Server-Side-Encryption"), S("AES256")};
    }
    if (s->checksum) {
        uint8_t sum[DIGEST_MAX];
        size_t size = digest_bytes(DIGEST_SHA256, body, sum);
        headers[n++] = (struct s3_header){S("X-Amz-Sdk-Checksum-Algorithm"), S("SHA256")};
        headers[n++] =
            (struct s3_header){S("X-Amz-Checksum-Sha256"),
                               digest_to_base64(arena, (struct str){(const char *)sum, size})};
    }
    if (s->acl.len > 0)
        headers[n++] = (struct s3_header){S("X-Amz-Acl"), s->acl};
    if (tags.len > 0)
        headers[n++] = (struct s3_header){S("X-Amz-Tagging"), tags};
    return n;
}

/* An object's bytes. */
static bool get_object(struct s3_store *s, struct arena *arena, struct str key,
                       struct s3_answer *ret_answer, struct str *ret_error) {
    struct s3_header headers[3];
    size_t n = s->encrypt ? key_headers(s, headers) : 0;
    return s3_object(s->s3, arena, S("GET"), key, S(""), headers, n, S(""), ret_answer, ret_error);
}

static bool no_bucket(const struct s3_store *s, struct arena *arena, const char *summary,
                      const struct s3_answer *answer, struct diags *diags) {
    struct str why = refusal(arena, "S3: ListObjectsV2", answer);
    return backend_failed(
        diags, summary,
        str_format(arena,
                   "S3 bucket \"%.*s\" does not exist.\n\nThe referenced S3 bucket must have been "
                   "previously created. If the S3 bucket\nwas created within the last minute, "
                   "please wait for a minute or two and try\nagain.\n\nError: %.*s",
                   STR_ARG(s->bucket), STR_ARG(why)));
}

static bool s3_read(struct state_store *store, struct arena *arena, struct state **ret_state,
                    struct diags *diags) {
    struct s3_store *s = s3_of(store);
    struct s3_answer answer;
    struct str error;
    if (!get_object(s, arena, s->object, &answer, &error))
        return backend_failed(diags, STATE_STORE_READ_FAILED, error);
    if (str_eq(answer.code, S("NoSuchBucket")))
        return no_bucket(s, arena, STATE_STORE_READ_FAILED, &answer, diags);
    if (answer.status == 404) {
        answer.body = S("");
    } else if (answer.status != 200) {
        return backend_failed(diags, STATE_STORE_READ_FAILED,
                              refusal(arena, "S3: GetObject", &answer));
    }
    return check_digest(s, arena, answer.body, diags) &&
           state_store_decode(store, arena, answer.body, ret_state, diags);
}

static bool write_bytes(struct s3_store *s, struct arena *arena, struct str bytes,
                        struct diags *diags) {
    struct s3_header headers[MAX_HEADERS];
    struct s3_answer answer;
    struct str error;
    size_t n = put_headers(s, arena, bytes, s->state_tags, headers);
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

/* The reply to an earlier attempt was lost, but not its effect. */
static bool is_mine(struct s3_store *s, struct str other_json) {
    struct state_lock_info other;
    return other_json.len > 0 && state_store_lock_parse(s->arena, other_json, &other) &&
           str_eq(other.id, s->lock_id);
}

static bool lock_file(struct s3_store *s, struct str json, bool *ret_again, struct diags *diags) {
    struct s3_header headers[MAX_HEADERS + 1];
    struct s3_answer answer;
    struct str error;
    size_t n = put_headers(s, s->arena, json, s->lock_tags, headers);
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
    if (*ret_again && get_object(s, s->arena, lockfile_key(s), &answer, &error) &&
        answer.status == 200)
        other = answer.body;
    if (is_mine(s, other))
        return true;
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
    if (is_mine(s, other))
        return true;
    lock_refused(s, refusal(s->arena, "DynamoDB: PutItem", &answer), other, diags);
    return false;
}

/* Is the lock still the own one? What another took in the meantime is not his to lose. */
static bool is_own_lock(struct s3_store *s, struct str json, struct diags *diags) {
    struct state_lock_info other;
    if (!state_store_lock_parse(s->arena, json, &other))
        return backend_failed(diags, "Failed to unlock", S("the lock is gone"));
    return str_eq(other.id, s->lock_id) ||
           backend_failed(diags, "Failed to unlock",
                          str_format(diags->arena,
                                     "lock ID \"%.*s\" does not match existing lock (\"%.*s\")",
                                     STR_ARG(s->lock_id), STR_ARG(other.id)));
}

static bool unlock_file(struct s3_store *s, struct diags *diags) {
    struct s3_answer answer;
    struct str error;
    if (!get_object(s, s->arena, lockfile_key(s), &answer, &error))
        return backend_failed(diags, "Failed to unlock", error);
    if (!is_own_lock(s, answer.status == 200 ? answer.body : S(""), diags))
        return false;
    if (!s3_object(s->s3, s->arena, S("DELETE"), lockfile_key(s), S(""), NULL, 0, S(""), &answer,
                   &error))
        return backend_failed(diags, "Failed to unlock", error);
    return answer.status < 300 || backend_failed(diags, "Failed to unlock",
                                                 refusal(s->arena, "S3: DeleteObject", &answer));
}

static bool unlock_item(struct s3_store *s, struct diags *diags) {
    struct s3_answer answer;
    struct str error;
    if (!is_own_lock(s, table_get(s, s->arena, lock_name(s), S("Info")), diags))
        return false;
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
    s->lock_id = str_dup(s->arena, info->id);
    if (s->lockfile && !lock_file(s, json, ret_again, diags)) {
        s->lock_id = S("");
        return false;
    }
    if (s->table.len == 0 || lock_item(s, json, ret_again, diags))
        return true;
    if (s->lockfile)
        (void)unlock_file(s, diags);
    s->lock_id = S("");
    return false;
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
    if (s->lockfile && get_object(s, s->arena, lockfile_key(s), &answer, &error) &&
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
        buf_add_c(&query, "list-type=2&max-keys=1000&prefix=");
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

static bool require(struct value config, const char *name, struct diags *diags) {
    struct value v;
    return (value_get(config, str_from(name), &v) && v.kind == VALUE_STRING) ||
           backend_invalid(diags, name, "Missing Required Value",
                           str_format(diags->arena,
                                      "The attribute \"%s\" is required by the backend.\n\nRefer "
                                      "to the backend documentation for additional information "
                                      "which attributes are required.",
                                      name));
}

/* "a=1&b=2", in the escapes of a URL. */
static struct str tags_text(struct arena *arena, struct value config, const char *name) {
    struct value tags;
    struct buf out;
    if (!value_get(config, str_from(name), &tags) || tags.kind != VALUE_MAP)
        return S("");
    buf_init(&out, BUF_MAX_TEXT);
    for (size_t i = 0; i < value_count(tags); i++) {
        struct value item = value_at(tags, i);
        buf_add_c(&out, i ? "&" : "");
        query_escape(&out, value_key(tags, i), false);
        buf_byte(&out, '=');
        query_escape(&out, item.kind == VALUE_STRING ? value_str(item) : S(""), false);
    }
    return buf_take(&out, arena);
}

static void read_customer_key(struct s3_store *s, struct value config) {
    struct str key = S("");
    uint8_t sum[DIGEST_MAX];
    s->customer_key = str_dup(s->arena, s3_check_customer_key(config));
    if (s->customer_key.len == 0 || !digest_from_base64(s->arena, s->customer_key, &key))
        return;
    size_t size = digest_bytes(DIGEST_MD5, key, sum);
    s->customer_key_md5 = digest_to_base64(s->arena, (struct str){(const char *)sum, size});
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
    s->checksum = !backend_flag(config, "skip_s3_checksum", NULL, false);
    s->state_tags = tags_text(arena, config, "state_tags");
    s->lock_tags = tags_text(arena, config, "lock_tags");
    read_customer_key(s, config);
    s->lock_id = S("");
    bool ok = require(config, "bucket", diags);
    ok = require(config, "key", diags) && ok;
    ok = s3_check_config(config, diags) && ok;
    if (!ok)
        return NULL;
    s->s3 = s3_open(arena, config, diags);
    s->object = object_key(s, workspace);
    return s->s3 == NULL ? NULL : &s->store;
}
