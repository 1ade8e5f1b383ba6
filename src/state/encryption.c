/* SPDX-License-Identifier: Apache-2.0 */
#include "state/encryption.h"

#include <inttypes.h>
#include <openssl/evp.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/map.h"
#include "base/rand.h"
#include "hcl/body.h"
#include "state/kms.h"
#include "value/convert.h"

#define NONCE_LEN 12
#define TAG_LEN 16
#define MAX_KEY_LEN 32
#define MIN_PASSPHRASE 16
#define MAX_METHODS 32
#define VERSION "v0"

static const struct span nowhere = {.file = 0};

/* key_provider "pbkdf2" "NAME", or "aws_kms" when `kms` is there. */
struct key_source {
    struct str meta_name; /* under which its salt stands in the file */
    const struct kms *kms;
    struct kms_key kms_key; /* made when the block is read, for all that is written */
    struct str passphrase;
    const struct expr *chain_expr; /* whose key is the passphrase instead, or NULL */
    struct key_source *chain;
    int64_t key_len, iterations, salt_len;
    struct str hash;
};

/* method "aes_gcm" "NAME", or unencrypted when `keys` is NULL. */
struct method {
    struct key_source *keys;
    struct str aad;
};

struct encryption {
    const struct method *methods[MAX_METHODS]; /* the first writes, all are tried in turn */
    size_t n_methods;
    bool plain; /* what is not encrypted is taken, too */
};

struct reader {
    struct arena *arena;
    const struct scope *scope;
    struct diags *diags;
    struct map sources; /* "pbkdf2.NAME" -> struct key_source * */
    struct map methods; /* "aes_gcm.NAME" -> struct method * */
};

static bool refuse(struct reader *r, struct span span, const char *summary, const char *detail) {
    (void)diags_error(r->diags, span, summary, "%s", detail);
    return false;
}

static bool read_text(struct reader *r, const struct body_content *content, const char *name,
                      struct str *ret_text) {
    const struct attribute *attr = body_attr(content, str_from(name));
    struct convert_error error;
    if (attr == NULL)
        return true;
    size_t before = r->diags->n_errors;
    struct value v = value_unmark(eval_expr(r->arena, r->scope, attr->expr, r->diags));
    if (r->diags->n_errors > before)
        return false;
    if (!convert_value(r->arena, v, type_string, &v, &error) || v.kind != VALUE_STRING) {
        (void)diags_error(r->diags, expr_span(attr->expr), "Unsuitable value type",
                          "Unsuitable value for %s: a known string is required.", name);
        return false;
    }
    *ret_text = value_str(v);
    return true;
}

static bool read_number(struct reader *r, const struct body_content *content, const char *name,
                        int64_t most, int64_t *ret_number) {
    const struct attribute *attr = body_attr(content, str_from(name));
    int64_t number = 0;
    if (attr == NULL)
        return true;
    size_t before = r->diags->n_errors;
    struct value v = eval_expr(r->arena, r->scope, attr->expr, r->diags);
    if (r->diags->n_errors > before)
        return false;
    if (!value_is_number(v) || !value_to_int(v, &number) || number < 1 || number > most) {
        (void)diags_error(r->diags, expr_span(attr->expr), "Unsuitable value type",
                          "Unsuitable value for %s: a whole number from 1 to %" PRId64
                          " is required.",
                          name, most);
        return false;
    }
    *ret_number = number;
    return true;
}

static const struct body_attr_schema pbkdf2_attrs[] = {
    {STR("passphrase"), false},    {STR("key_length"), false},
    {STR("iterations"), false},    {STR("salt_length"), false},
    {STR("hash_function"), false}, {STR("encrypted_metadata_alias"), false},
    {STR("chain"), false},
};
static const struct body_schema pbkdf2_schema = {.attrs = pbkdf2_attrs,
                                                 .n_attrs = COUNT(pbkdf2_attrs)};

static bool read_pbkdf2(struct reader *r, const struct block *block, struct key_source *source) {
    size_t before = r->diags->n_errors;
    struct body_content *content = body_content(r->arena, block->body, &pbkdf2_schema, r->diags);
    *source = (struct key_source){.meta_name = source->meta_name,
                                  .passphrase = S(""),
                                  .key_len = 32,
                                  .iterations = 600000,
                                  .salt_len = 32,
                                  .hash = S("sha512")};
    if (r->diags->n_errors > before || !read_text(r, content, "passphrase", &source->passphrase) ||
        !read_number(r, content, "key_length", MAX_KEY_LEN, &source->key_len) ||
        !read_number(r, content, "iterations", 1000000000, &source->iterations) ||
        !read_number(r, content, "salt_length", 1024, &source->salt_len) ||
        !read_text(r, content, "hash_function", &source->hash) ||
        !read_text(r, content, "encrypted_metadata_alias", &source->meta_name))
        return false;
    const struct attribute *chain = body_attr(content, S("chain"));
    source->chain_expr = chain == NULL ? NULL : chain->expr;
    if ((chain == NULL) == (source->passphrase.len == 0)) {
        return refuse(r, block->header, "Invalid key provider configuration",
                      chain == NULL ? "no passphrase provided and no chained provider defined"
                                    : "passphrase and chain are mutually exclusive");
    }
    if (chain == NULL && source->passphrase.len < MIN_PASSPHRASE) {
        return refuse(r, block->header, "Invalid key provider configuration",
                      "passphrase is too short (minimum 16 characters)");
    }
    if (!str_eq(source->hash, S("sha512")) && !str_eq(source->hash, S("sha256"))) {
        return refuse(r, block->header, "Invalid key provider configuration",
                      "hash_function must be sha512 or sha256");
    }
    return true;
}

static bool read_kms(struct reader *r, const struct block *block, struct key_source *source) {
    struct kms *kms;
    if (!kms_read(r->arena, r->scope, block, &kms, r->diags))
        return false;
    source->kms = kms;
    struct str alias = kms_alias(kms);
    source->meta_name = alias.len > 0 ? alias : source->meta_name;
    return true;
}

static bool read_key_provider(struct reader *r, const struct block *block) {
    static const struct {
        struct str type;
        bool (*read)(struct reader *r, const struct block *block, struct key_source *source);
    } types[] = {{STR("pbkdf2"), read_pbkdf2}, {STR("aws_kms"), read_kms}};
    struct key_source *source = arena_alloc(r->arena, sizeof *source);
    struct str name =
        str_format(r->arena, "%.*s.%.*s", STR_ARG(block->labels[0]), STR_ARG(block->labels[1]));
    *source = (struct key_source){.meta_name = str_cat(r->arena, S("key_provider."), name)};
    for (size_t i = 0; i < COUNT(types); i++) {
        if (!str_eq(block->labels[0], types[i].type))
            continue;
        map_put(r->arena, &r->sources, name, source);
        return types[i].read(r, block, source);
    }
    (void)diags_error(r->diags, block->header, "Unsupported key provider",
                      "There is no key provider \"%.*s\" here; pbkdf2 and aws_kms are those that "
                      "are.",
                      STR_ARG(block->labels[0]));
    return false;
}

/* key_provider.pbkdf2.NAME or method.aes_gcm.NAME: the last two words. */
static bool read_address(struct reader *r, const struct expr *expr, struct str root,
                         struct str *ret_name) {
    struct traversal t;
    if (!body_static_traversal(r->arena, r->scope->sources, expr, &t, r->diags))
        return false;
    if (!str_eq(t.root, root) || t.n != 2 || t.steps[0].kind != STEP_ATTR ||
        t.steps[1].kind != STEP_ATTR) {
        (void)diags_error(r->diags, expr_span(expr), "Invalid reference",
                          "Expected a reference of the form %.*s.TYPE.NAME.", STR_ARG(root));
        return false;
    }
    *ret_name =
        str_format(r->arena, "%.*s.%.*s", STR_ARG(t.steps[0].name), STR_ARG(t.steps[1].name));
    return true;
}

/* Neither a circle nor two under one name in the file. */
static bool check_chain(struct reader *r, const struct key_source *source) {
    size_t n = 0;
    for (const struct key_source *s = source->chain; s != NULL; s = s->chain) {
        if (s == source || n++ > r->sources.n) {
            return refuse(r, expr_span(source->chain_expr), "Circular reference detected",
                          "A key provider can not be chained to itself.");
        }
        if (str_eq(s->meta_name, source->meta_name)) {
            return refuse(r, expr_span(source->chain_expr), "Duplicate metadata key",
                          "Chained key providers need different values of "
                          "encrypted_metadata_alias.");
        }
    }
    return true;
}

/* Once all blocks are read: who gives the passphrase of whom. */
static bool link_chains(struct reader *r) {
    struct str name;
    for (size_t i = 0; i < r->sources.n; i++) {
        struct key_source *source = r->sources.entries[i].value;
        if (source->chain_expr == NULL)
            continue;
        if (!read_address(r, source->chain_expr, S("key_provider"), &name))
            return false;
        source->chain = map_get(&r->sources, name);
        if (source->chain == NULL) {
            return refuse(r, expr_span(source->chain_expr), "Reference to undeclared key provider",
                          "There is no such key_provider block.");
        }
    }
    for (size_t i = 0; i < r->sources.n; i++)
        if (!check_chain(r, r->sources.entries[i].value))
            return false;
    return true;
}

static const struct body_attr_schema aes_gcm_attrs[] = {{STR("keys"), true}, {STR("aad"), false}};
static const struct body_schema aes_gcm_schema = {.attrs = aes_gcm_attrs,
                                                  .n_attrs = COUNT(aes_gcm_attrs)};

/* aad: bytes as a list of numbers. */
static bool read_aad(struct reader *r, const struct attribute *attr, struct str *ret_aad) {
    struct buf bytes;
    struct value v = eval_expr(r->arena, r->scope, attr->expr, r->diags);
    buf_init(&bytes, BUF_MAX_TEXT);
    bool ok = v.kind == VALUE_LIST || v.kind == VALUE_TUPLE;
    for (size_t i = 0; ok && i < value_count(v); i++) {
        int64_t byte = -1;
        ok = value_is_number(value_at(v, i)) && value_to_int(value_at(v, i), &byte) && byte >= 0 &&
             byte < 256;
        buf_byte(&bytes, (char)byte);
    }
    *ret_aad = buf_take(&bytes, r->arena);
    return ok || refuse(r, expr_span(attr->expr), "Unsuitable value type",
                        "aad must be a list of bytes.");
}

static bool read_method(struct reader *r, const struct block *block) {
    struct method *method = arena_alloc(r->arena, sizeof *method);
    struct str name =
        str_format(r->arena, "%.*s.%.*s", STR_ARG(block->labels[0]), STR_ARG(block->labels[1]));
    map_put(r->arena, &r->methods, name, method);
    if (str_eq(block->labels[0], S("unencrypted")))
        return true;
    if (!str_eq(block->labels[0], S("aes_gcm"))) {
        (void)diags_error(r->diags, block->header, "Unsupported encryption method",
                          "There is no encryption method \"%.*s\".", STR_ARG(block->labels[0]));
        return false;
    }
    struct str keys;
    size_t before = r->diags->n_errors;
    struct body_content *content = body_content(r->arena, block->body, &aes_gcm_schema, r->diags);
    const struct attribute *attr = body_attr(content, S("keys"));
    const struct attribute *aad = body_attr(content, S("aad"));
    if (r->diags->n_errors > before || attr == NULL ||
        !read_address(r, attr->expr, S("key_provider"), &keys))
        return false;
    method->keys = map_get(&r->sources, keys);
    if (method->keys == NULL) {
        return refuse(r, expr_span(attr->expr), "Undeclared key provider",
                      "There is no such key_provider block.");
    }
    return aad == NULL || read_aad(r, aad, &method->aad);
}

static const struct body_attr_schema target_attrs[] = {{STR("method"), true},
                                                       {STR("enforced"), false}};
static const struct body_block_schema target_blocks[] = {{.type = STR("fallback")}};
static const struct body_schema target_schema = {.attrs = target_attrs,
                                                 .n_attrs = COUNT(target_attrs),
                                                 .blocks = target_blocks,
                                                 .n_blocks = COUNT(target_blocks)};

/* `enforced`: nothing may stay as it is. */
static bool check_enforced(struct reader *r, const struct body_content *content,
                           const struct encryption *encryption) {
    const struct attribute *attr = body_attr(content, S("enforced"));
    if (attr == NULL)
        return true;
    struct value v = eval_expr(r->arena, r->scope, attr->expr, r->diags);
    if (v.kind != VALUE_BOOL)
        return refuse(r, expr_span(attr->expr), "Unsuitable value type",
                      "Unsuitable value for enforced: true or false is required.");
    if (!value_same(v, value_bool(true)))
        return true;
    for (size_t i = 0; i < encryption->n_methods; i++)
        if (encryption->methods[i]->keys == NULL)
            return refuse(r, expr_span(attr->expr), "Unencrypted method is forbidden",
                          "Unable to use unencrypted method since the enforced flag is set.");
    return true;
}

static bool read_target(struct reader *r, const struct body *body, struct encryption *encryption) {
    struct body_content *first = NULL;
    while (body != NULL) {
        struct str name;
        size_t before = r->diags->n_errors;
        struct body_content *content = body_content(r->arena, body, &target_schema, r->diags);
        const struct attribute *attr = body_attr(content, S("method"));
        if (r->diags->n_errors > before || attr == NULL ||
            !read_address(r, attr->expr, S("method"), &name))
            return false;
        const struct method *method = map_get(&r->methods, name);
        if (method == NULL || encryption->n_methods == MAX_METHODS) {
            return refuse(r, expr_span(attr->expr), "Undeclared encryption method",
                          method == NULL ? "There is no such method block."
                                         : "There are too many fallbacks.");
        }
        encryption->methods[encryption->n_methods++] = method;
        first = first == NULL ? content : first;
        body = content->n_blocks > 0 ? content->blocks[0]->body : NULL;
    }
    return check_enforced(r, first, encryption);
}

static const struct str name_label[] = {STR("name")};
static const struct body_block_schema remote_blocks[] = {
    {.type = STR("default")},
    {.type = STR("remote_state_data_source"), .label_names = name_label, .n_labels = 1},
};
static const struct body_schema remote_schema = {.blocks = remote_blocks,
                                                 .n_blocks = COUNT(remote_blocks)};

/* A sealed state tells by itself whether a key is its own, so that all are tried for each. */
static bool read_remote(struct reader *r, const struct body *body, struct encryption *encryption) {
    size_t before = r->diags->n_errors;
    struct body_content *content = body_content(r->arena, body, &remote_schema, r->diags);
    encryption->plain = true;
    for (size_t i = 0; r->diags->n_errors == before && i < content->n_blocks; i++) {
        (void)read_target(r, content->blocks[i]->body, encryption);
        if (str_eq(content->blocks[i]->type, S("default")))
            encryption->plain = false;
    }
    return r->diags->n_errors == before;
}

static const struct str two_labels[] = {STR("type"), STR("name")};
static const struct body_block_schema root_blocks[] = {
    {.type = STR("key_provider"), .label_names = two_labels, .n_labels = 2},
    {.type = STR("method"), .label_names = two_labels, .n_labels = 2},
    {.type = STR("state")},
    {.type = STR("plan")},
    {.type = STR("remote_state_data_sources")},
};
static const struct body_schema root_schema = {.blocks = root_blocks,
                                               .n_blocks = COUNT(root_blocks)};

/* What will be written has its key before anything is changed, so that a key service that is out of
 * reach costs no result. */
static bool prepare(struct encryption *encryption, struct arena *arena, struct str target,
                    struct diags *diags) {
    struct key_source *keys = encryption->n_methods == 0 ? NULL : encryption->methods[0]->keys;
    while (keys != NULL && keys->chain != NULL)
        keys = keys->chain;
    if (keys == NULL || keys->kms == NULL || str_eq(target, S("remote_state_data_sources")))
        return true;
    return kms_generate(keys->kms, arena, &keys->kms_key, diags);
}

bool encryption_read(struct arena *arena, const struct scope *scope, const struct body *body,
                     struct str target, struct encryption **ret_encryption, struct diags *diags) {
    struct reader r = {.arena = arena, .scope = scope, .diags = diags};
    size_t before = diags->n_errors;
    struct body_content *content = body_content(arena, body, &root_schema, diags);
    struct encryption *encryption = arena_alloc(arena, sizeof *encryption);
    /* In this order, whatever theirs is in the file. */
    static const struct {
        struct str type;
        bool (*read)(struct reader *r, const struct block *block);
    } passes[] = {{STR("key_provider"), read_key_provider}, {STR("method"), read_method}};
    for (size_t pass = 0; pass < COUNT(passes); pass++) {
        for (size_t i = 0; i < content->n_blocks; i++)
            if (str_eq(content->blocks[i]->type, passes[pass].type))
                (void)passes[pass].read(&r, content->blocks[i]);
    }
    if (diags->n_errors == before)
        (void)link_chains(&r);
    for (size_t i = 0; diags->n_errors == before && i < content->n_blocks; i++)
        if (str_eq(content->blocks[i]->type, target))
            (void)(str_eq(target, S("remote_state_data_sources")) ? read_remote : read_target)(
                &r, content->blocks[i]->body, encryption);
    *ret_encryption = encryption->n_methods > 0 ? encryption : NULL;
    return diags->n_errors == before && prepare(encryption, arena, target, diags);
}

/* What a file says about how its key was made. */
struct salt {
    struct str wrapped; /* of KMS; the rest is of pbkdf2 */
    struct str bytes;
    int64_t iterations, key_len;
    struct str hash;
};

static bool derive(struct str passphrase, const struct salt *salt, uint8_t key[MAX_KEY_LEN]) {
    const EVP_MD *hash = str_eq(salt->hash, S("sha256")) ? EVP_sha256() : EVP_sha512();
    return salt->key_len > 0 && salt->key_len <= MAX_KEY_LEN && salt->iterations > 0 &&
           salt->iterations <= INT32_MAX &&
           PKCS5_PBKDF2_HMAC(passphrase.at, (int)passphrase.len,
                             (const unsigned char *)salt->bytes.at, (int)salt->bytes.len,
                             (int)salt->iterations, hash, (int)salt->key_len, key) == 1;
}

static const EVP_CIPHER *cipher_of(int64_t key_len) {
    return key_len == 16   ? EVP_aes_128_gcm()
           : key_len == 24 ? EVP_aes_192_gcm()
           : key_len == 32 ? EVP_aes_256_gcm()
                           : NULL;
}

/* One run of AES-GCM over in; tag is written when sealing and checked when opening. */
static bool run_gcm(bool seal, const uint8_t *key, int64_t key_len, const char *nonce,
                    struct str aad, struct str in, char *out, char *tag) {
    const EVP_CIPHER *cipher = cipher_of(key_len);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int n = 0;
    bool ok = cipher != NULL && in.len <= INT32_MAX &&
              EVP_CipherInit_ex(context, cipher, NULL, key, (const unsigned char *)nonce,
                                seal ? 1 : 0) == 1;
    if (ok && aad.len > 0)
        ok = EVP_CipherUpdate(context, NULL, &n, (const unsigned char *)aad.at, (int)aad.len) == 1;
    ok = ok && EVP_CipherUpdate(context, (unsigned char *)out, &n, (const unsigned char *)in.at,
                                (int)in.len) == 1;
    if (ok && !seal)
        ok = EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG_LEN, tag) == 1;
    ok = ok && EVP_CipherFinal_ex(context, (unsigned char *)out + n, &n) == 1;
    if (ok && seal)
        ok = EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG_LEN, tag) == 1;
    EVP_CIPHER_CTX_free(context);
    return ok;
}

static void add_text(struct buf *out, const char *name, struct str text) {
    buf_addf(out, "\"%s\":", name);
    json_write_string(out, text, true);
}

static struct str meta_json(struct arena *arena, const struct salt *salt) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    buf_byte(&out, '{');
    if (salt->wrapped.len > 0) {
        add_text(&out, "ciphertext_blob", digest_to_base64(arena, salt->wrapped));
        buf_byte(&out, '}');
        return buf_take(&out, arena);
    }
    add_text(&out, "salt", digest_to_base64(arena, salt->bytes));
    buf_addf(&out, ",\"iterations\":%" PRId64 ",", salt->iterations);
    add_text(&out, "hash_function", salt->hash);
    buf_addf(&out, ",\"key_length\":%" PRId64 "}", salt->key_len);
    return buf_take(&out, arena);
}

static bool fail(struct diags *diags, const char *detail) {
    (void)diags_error(diags, nowhere, "State encryption failed", "%s", detail);
    return false;
}

static int64_t copy_key(struct str plain, uint8_t key[MAX_KEY_LEN]) {
    for (size_t i = 0; i < plain.len; i++)
        key[i] = (uint8_t)plain.at[i];
    return (int64_t)plain.len;
}

/* A key to write with; how it was made is added to metas. False when it could not be. */
static bool new_key(const struct key_source *keys, struct arena *arena, uint8_t key[MAX_KEY_LEN],
                    int64_t *ret_len, struct buf *metas) {
    struct salt salt = {.wrapped = keys->kms_key.wrapped};
    if (keys->kms != NULL) {
        salt.key_len = copy_key(keys->kms_key.plain, key);
    } else {
        struct str passphrase = keys->passphrase;
        uint8_t upper[MAX_KEY_LEN];
        int64_t upper_len = 0;
        if (keys->chain != NULL) {
            if (!new_key(keys->chain, arena, upper, &upper_len, metas) ||
                upper_len < MIN_PASSPHRASE)
                return false;
            passphrase = (struct str){(const char *)upper, (size_t)upper_len};
        }
        char *random = arena_bytes(arena, (size_t)keys->salt_len);
        rand_bytes(random, (size_t)keys->salt_len);
        salt = (struct salt){.bytes = {random, (size_t)keys->salt_len},
                             .iterations = keys->iterations,
                             .key_len = keys->key_len,
                             .hash = keys->hash};
        if (!derive(passphrase, &salt, key))
            return false;
    }
    if (metas->len > 0)
        buf_byte(metas, ',');
    json_write_string(metas, keys->meta_name, true);
    buf_byte(metas, ':');
    json_write_string(metas, digest_to_base64(arena, meta_json(arena, &salt)), true);
    *ret_len = salt.key_len;
    return salt.key_len > 0;
}

bool encryption_seal(const struct encryption *encryption, struct arena *arena, struct str plain,
                     int64_t serial, struct str lineage, struct str *ret_bytes,
                     struct diags *diags) {
    uint8_t key[MAX_KEY_LEN];
    const struct method *method = encryption == NULL ? NULL : encryption->methods[0];
    if (method == NULL || method->keys == NULL) {
        *ret_bytes = plain;
        return true;
    }
    struct buf metas;
    int64_t key_len = 0;
    buf_init(&metas, BUF_MAX_TEXT);
    size_t size = NONCE_LEN + plain.len + TAG_LEN;
    char *sealed = arena_bytes(arena, size);
    rand_bytes(sealed, NONCE_LEN);
    if (!new_key(method->keys, arena, key, &key_len, &metas) ||
        !run_gcm(true, key, key_len, sealed, method->aad, plain, sealed + NONCE_LEN,
                 sealed + NONCE_LEN + plain.len))
        return fail(diags, "encryption failed for state");
    struct buf out;
    buf_init(&out, BUF_MAX_DOCUMENT);
    buf_addf(&out, "{\"serial\":%" PRId64 ",", serial);
    add_text(&out, "lineage", lineage);
    buf_add_c(&out, ",\"meta\":{");
    buf_add(&out, buf_take(&metas, arena));
    buf_add_c(&out, "},");
    add_text(&out, "encrypted_data", digest_to_base64(arena, (struct str){sealed, size}));
    buf_add_c(&out, ",\"encryption_version\":\"" VERSION "\"}");
    *ret_bytes = buf_take(&out, arena);
    return true;
}

/* What stands under a key provider's name in a file, or NULL. */
static const struct json *read_meta(struct arena *arena, const struct json *json, struct str name) {
    struct str bytes;
    struct json_error error;
    const struct json *meta = json_get(json, S("meta"));
    if (meta == NULL || meta->kind != JSON_OBJECT ||
        !digest_from_base64(arena, json_get_str(meta, name), &bytes))
        return NULL;
    const struct json *found = json_parse(arena, bytes, &error);
    return found != NULL && found->kind == JSON_OBJECT ? found : NULL;
}

static bool read_salt(struct arena *arena, const struct json *meta, struct salt *ret_salt) {
    struct salt salt = {.hash = json_get_str(meta, S("hash_function"))};
    if (!digest_from_base64(arena, json_get_str(meta, S("salt")), &salt.bytes) ||
        !json_get_int(meta, S("iterations"), &salt.iterations) ||
        !json_get_int(meta, S("key_length"), &salt.key_len))
        return false;
    *ret_salt = salt;
    return true;
}

/* The key that a file was written with; an error only where a key service says so. */
static bool old_key(const struct key_source *keys, struct arena *arena, const struct json *json,
                    uint8_t key[MAX_KEY_LEN], int64_t *ret_len, struct diags *diags) {
    const struct json *meta = read_meta(arena, json, keys->meta_name);
    struct salt salt;
    struct str wrapped, plain;
    if (meta == NULL)
        return false;
    if (keys->kms == NULL) {
        uint8_t upper[MAX_KEY_LEN];
        int64_t upper_len = 0;
        struct str passphrase = keys->passphrase;
        if (keys->chain != NULL) {
            if (!old_key(keys->chain, arena, json, upper, &upper_len, diags))
                return false;
            passphrase = (struct str){(const char *)upper, (size_t)upper_len};
        }
        if (!read_salt(arena, meta, &salt) || !derive(passphrase, &salt, key))
            return false;
        *ret_len = salt.key_len;
        return true;
    }
    if (!digest_from_base64(arena, json_get_str(meta, S("ciphertext_blob")), &wrapped) ||
        wrapped.len == 0 || !kms_decrypt(keys->kms, arena, wrapped, &plain, diags))
        return false;
    *ret_len = copy_key(plain, key);
    return true;
}

static bool open_with(const struct method *method, struct arena *arena, const struct json *json,
                      struct str *ret_plain, struct diags *diags) {
    uint8_t key[MAX_KEY_LEN];
    int64_t key_len;
    struct str sealed;
    if (method->keys == NULL ||
        !digest_from_base64(arena, json_get_str(json, S("encrypted_data")), &sealed) ||
        sealed.len < NONCE_LEN + TAG_LEN ||
        !old_key(method->keys, arena, json, key, &key_len, diags))
        return false;
    struct str body = str_slice(sealed, NONCE_LEN, sealed.len - TAG_LEN);
    char tag[TAG_LEN];
    char *plain = arena_bytes(arena, body.len + 1);
    for (size_t i = 0; i < TAG_LEN; i++)
        tag[i] = sealed.at[sealed.len - TAG_LEN + i];
    if (!run_gcm(false, key, key_len, sealed.at, method->aad, body, plain, tag))
        return false;
    *ret_plain = (struct str){plain, body.len};
    return true;
}

/* Told apart without parsing a large plain state: the mark stands near the end of a sealed one. */
static bool is_sealed(struct str bytes) {
    size_t from = bytes.len > 200 ? bytes.len - 200 : 0;
    return str_find(str_slice(bytes, from, bytes.len), S("\"encryption_version\"")) >= 0;
}

bool encryption_open(const struct encryption *encryption, struct arena *arena, struct str bytes,
                     struct str *ret_plain, struct diags *diags) {
    struct json_error error;
    bool plain_allowed = encryption == NULL || encryption->plain;
    if (!is_sealed(bytes)) {
        for (size_t i = 0; encryption != NULL && i < encryption->n_methods; i++)
            plain_allowed = plain_allowed || encryption->methods[i]->keys == NULL;
        *ret_plain = bytes;
        return plain_allowed || bytes.len == 0 ||
               fail(diags, "encountered unencrypted payload without unencrypted method configured");
    }
    if (encryption == NULL) {
        (void)diags_error(diags, nowhere, "Unsupported state file format",
                          "This state file is encrypted and can not be read without an encryption "
                          "configuration");
        return false;
    }
    const struct json *json = json_parse(arena, bytes, &error);
    if (json == NULL || json->kind != JSON_OBJECT ||
        !str_eq(json_get_str(json, S("encryption_version")), S(VERSION)))
        return fail(diags, "invalid encrypted payload version");
    for (size_t i = 0; i < encryption->n_methods; i++) {
        size_t before = diags->n_errors;
        if (open_with(encryption->methods[i], arena, json, ret_plain, diags))
            return true;
        if (diags->n_errors > before)
            return false;
    }
    return fail(diags, "decryption failed for all provided methods");
}
