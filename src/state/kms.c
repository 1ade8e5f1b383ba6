/* SPDX-License-Identifier: Apache-2.0 */
#include "state/kms.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/json.h"
#include "hcl/body.h"
#include "state/backend_int.h"
#include "state/s3.h"
#include "value/convert.h"

#define MAX_KEY_LEN 32

struct kms {
    struct str name; /* "key_provider.aws_kms.NAME" */
    struct str key_id, key_spec;
    int64_t key_len;
    struct value config; /* what a backend block of S3 says in the same words */
};

static const struct {
    struct str name;
    int64_t key_len;
} specs[] = {{STR("AES_256"), 32}, {STR("AES_128"), 16}};

/* All but the first two mean what they mean to the backend s3, and have its types. */
static const struct body_attr_schema attrs[] = {
    {STR("kms_key_id"), true},
    {STR("key_spec"), true},
    {STR("access_key"), false},
    {STR("max_retries"), false},
    {STR("profile"), false},
    {STR("region"), false},
    {STR("secret_key"), false},
    {STR("skip_credentials_validation"), false},
    {STR("skip_requesting_account_id"), false},
    {STR("sts_region"), false},
    {STR("token"), false},
    {STR("http_proxy"), false},
    {STR("https_proxy"), false},
    {STR("no_proxy"), false},
    {STR("insecure"), false},
    {STR("use_dualstack_endpoint"), false},
    {STR("use_fips_endpoint"), false},
    {STR("custom_ca_bundle"), false},
    {STR("ec2_metadata_service_endpoint"), false},
    {STR("ec2_metadata_service_endpoint_mode"), false},
    {STR("skip_metadata_api_check"), false},
    {STR("shared_credentials_files"), false},
    {STR("shared_config_files"), false},
    {STR("assume_role"), false},
    {STR("assume_role_with_web_identity"), false},
    {STR("allowed_account_ids"), false},
    {STR("forbidden_account_ids"), false},
    {STR("retry_mode"), false},
    {STR("encrypted_metadata_alias"), false},
};
static const struct body_block_schema blocks[] = {{.type = STR("endpoints")}};
static const struct body_schema schema = {
    .attrs = attrs, .n_attrs = COUNT(attrs), .blocks = blocks, .n_blocks = COUNT(blocks)};

static const struct body_attr_schema endpoint_attrs[] = {
    {STR("iam"), false}, {STR("sts"), false}, {STR("kms"), false}};
static const struct body_schema endpoint_schema = {.attrs = endpoint_attrs,
                                                   .n_attrs = COUNT(endpoint_attrs)};

/* Types of the arguments as the backend s3 has them; what it lacks is text. */
static const struct type *type_of(const struct schema_block *like, struct str name) {
    for (size_t i = 0; like != NULL && i < like->n_attrs; i++)
        if (str_eq(like->attrs[i].name, name))
            return like->attrs[i].type;
    return type_string;
}

static bool fit(struct arena *arena, struct value v, const struct type *type,
                struct value *ret_value) {
    struct convert_error error;
    if (type->kind != TYPE_OBJECT || v.kind != VALUE_OBJECT)
        return convert_value(arena, v, type, ret_value, &error);
    /* Members that are not there are null, and no others may be. */
    struct value *members = arena_array(arena, type->n, sizeof *members);
    size_t n_given = 0;
    for (uint32_t i = 0; i < type->n; i++) {
        struct value given;
        members[i] = value_null(type->items[i]);
        if (!value_get(v, intern_str(type->names[i]), &given))
            continue;
        n_given++;
        if (!convert_value(arena, given, type->items[i], &members[i], &error))
            return false;
    }
    *ret_value = value_object(arena, type->names, members, type->n);
    return n_given == value_count(v);
}

static bool read_attr(struct arena *arena, const struct scope *scope, const struct attribute *attr,
                      const struct type *type, struct value *ret_value, struct diags *diags) {
    size_t before = diags->n_errors;
    struct value v = value_unmark_deep(arena, eval_expr(arena, scope, attr->expr, diags));
    if (diags->n_errors > before)
        return false;
    if (value_is_wholly_known(v) && fit(arena, v, type, ret_value))
        return true;
    (void)diags_error(diags, expr_span(attr->expr), "Unsuitable value type",
                      "Unsuitable value for %.*s: a known value of its type is required.",
                      STR_ARG(attr->name));
    return false;
}

/* The attributes of a body as an object, with the endpoints of a block inside, if any. */
static bool read_attrs(struct arena *arena, const struct scope *scope,
                       const struct body_content *content, const struct value *endpoints,
                       struct value *ret_object, struct diags *diags) {
    const struct schema_block *like = backend_schema(arena, S("s3"));
    const struct name **names = arena_array(arena, content->n_attrs + 1, sizeof *names);
    struct value *values = arena_array(arena, content->n_attrs + 1, sizeof *values);
    size_t n = 0;
    for (size_t i = 0; i < content->n_attrs; i++) {
        const struct attribute *attr = content->attrs[i];
        if (!read_attr(arena, scope, attr, type_of(like, attr->name), &values[n], diags))
            return false;
        names[n++] = intern_name(attr->name);
    }
    if (endpoints != NULL) {
        names[n] = intern_name(S("endpoints"));
        values[n++] = *endpoints;
    }
    *ret_object = value_object(arena, names, values, n);
    return true;
}

static bool invalid(struct diags *diags, const struct block *block, struct str detail) {
    (void)diags_error(diags, block->header, "Unable to build encryption key data", "%.*s",
                      STR_ARG(detail));
    return false;
}

static bool check(const struct kms *kms, const struct block *block, struct diags *diags) {
    static const char *const regions[] = {"AWS_REGION", "AWS_DEFAULT_REGION", NULL};
    struct str head = str_format(diags->arena, "%.*s failed with error: ", STR_ARG(kms->name));
    const char *wrong =
        kms->key_id.len == 0     ? "no kms_key_id provided"
        : kms->key_spec.len == 0 ? "no key_spec provided"
        : kms->key_len == 0      ? "invalid key_spec, expected one of [AES_256 AES_128]"
        : backend_text(kms->config, "region", regions).len == 0
            ? "the \"region\" attribute or the \"AWS_REGION\" or \"AWS_DEFAULT_REGION\" "
              "environment variables must be set."
            : NULL;
    return wrong == NULL || invalid(diags, block, str_cat(diags->arena, head, str_from(wrong)));
}

bool kms_read(struct arena *arena, const struct scope *scope, const struct block *block,
              struct kms **ret_kms, struct diags *diags) {
    size_t before = diags->n_errors;
    struct body_content *content = body_content(arena, block->body, &schema, diags);
    struct kms *kms = arena_alloc(arena, sizeof *kms);
    struct value endpoints;
    bool has_endpoints = content->n_blocks > 0;
    if (diags->n_errors > before)
        return false;
    *kms = (struct kms){
        .name = str_format(arena, "key_provider.aws_kms.%.*s", STR_ARG(block->labels[1]))};
    if (content->n_blocks > 1)
        return invalid(diags, block,
                       S("expected single aws_kms endpoints block, multiple provided"));
    if (has_endpoints) {
        struct body_content *inner =
            body_content(arena, content->blocks[0]->body, &endpoint_schema, diags);
        if (diags->n_errors > before || !read_attrs(arena, scope, inner, NULL, &endpoints, diags))
            return false;
    }
    if (!read_attrs(arena, scope, content, has_endpoints ? &endpoints : NULL, &kms->config, diags))
        return false;
    kms->key_id = backend_text(kms->config, "kms_key_id", NULL);
    kms->key_spec = backend_text(kms->config, "key_spec", NULL);
    for (size_t i = 0; i < COUNT(specs); i++)
        if (str_eq(specs[i].name, kms->key_spec))
            kms->key_len = specs[i].key_len;
    *ret_kms = kms;
    return check(kms, block, diags);
}

struct str kms_alias(const struct kms *kms) {
    return backend_text(kms->config, "encrypted_metadata_alias", NULL);
}

static bool failed(const struct kms *kms, const char *operation, struct str why,
                   struct diags *diags) {
    (void)diags_error(diags, (struct span){.file = 0}, "Unable to fetch encryption key data",
                      "%.*s failed with error: KMS %s: %.*s", STR_ARG(kms->name), operation,
                      STR_ARG(why));
    return false;
}

/* Credentials and their settings, whose errors speak of a backend: the reason is what they end in.
 */
static struct s3 *open_service(const struct kms *kms, struct arena *arena, const char *operation,
                               struct diags *diags) {
    struct diags found = {.arena = arena};
    struct s3 *s3 = s3_open(arena, kms->config, &found);
    if (s3 != NULL || found.n == 0)
        return s3;
    struct str detail = found.at[0].detail;
    ptrdiff_t reason = str_find(detail, S("Error: "));
    if (reason >= 0)
        detail = str_slice(detail, (size_t)reason + 7, detail.len);
    struct str why = str_format(arena, "%.*s%s%.*s", STR_ARG(found.at[0].summary),
                                detail.len > 0 ? ": " : "", STR_ARG(str_trim(detail)));
    (void)failed(kms, operation, why, diags);
    return NULL;
}

/* One call; what the service says against it becomes an error, its body is never shown. */
static bool call(const struct kms *kms, struct arena *arena, const char *operation, struct str body,
                 struct json **ret_json, struct diags *diags) {
    struct s3_answer answer;
    struct json_error wrong;
    struct str error = S("");
    struct s3 *s3 = open_service(kms, arena, operation, diags);
    if (s3 == NULL)
        return false;
    bool sent = s3_keys(s3, arena, operation, body, &answer, &error);
    s3_close(s3);
    if (!sent)
        return failed(kms, operation, error, diags);
    if (answer.status != 200) {
        struct str why = str_format(arena, "status %d, %.*s: %.*s", answer.status,
                                    STR_ARG(answer.code), STR_ARG(answer.message));
        if (answer.code.len == 0)
            why = str_format(arena, "status %d without an error that KMS knows", answer.status);
        return failed(kms, operation, why, diags);
    }
    *ret_json = json_parse(arena, answer.body, &wrong);
    return (*ret_json != NULL && (*ret_json)->kind == JSON_OBJECT) ||
           failed(kms, operation, S("the answer is not JSON"), diags);
}

static void add_member(struct buf *out, const char *name, struct str text) {
    buf_addf(out, "%s\"%s\":", out->len > 0 ? "," : "{", name);
    json_write_string(out, text, true);
}

static bool plaintext(struct arena *arena, const struct json *json, struct str *ret_plain) {
    return digest_from_base64(arena, json_get_str(json, S("Plaintext")), ret_plain) &&
           ret_plain->len > 0 && ret_plain->len <= MAX_KEY_LEN;
}

bool kms_generate(const struct kms *kms, struct arena *arena, struct kms_key *ret_key,
                  struct diags *diags) {
    static const char operation[] = "GenerateDataKey";
    struct buf body;
    struct json *json;
    struct kms_key key;
    buf_init(&body, BUF_MAX_TEXT);
    add_member(&body, "KeyId", kms->key_id);
    add_member(&body, "KeySpec", kms->key_spec);
    buf_byte(&body, '}');
    if (!call(kms, arena, operation, buf_take(&body, arena), &json, diags))
        return false;
    if (!plaintext(arena, json, &key.plain) || (int64_t)key.plain.len != kms->key_len ||
        !digest_from_base64(arena, json_get_str(json, S("CiphertextBlob")), &key.wrapped) ||
        key.wrapped.len == 0)
        return failed(kms, operation, S("the answer has no data key of the size asked for"), diags);
    *ret_key = key;
    return true;
}

bool kms_decrypt(const struct kms *kms, struct arena *arena, struct str wrapped,
                 struct str *ret_plain, struct diags *diags) {
    static const char operation[] = "Decrypt";
    struct buf body;
    struct json *json;
    buf_init(&body, BUF_MAX_TEXT);
    add_member(&body, "CiphertextBlob", digest_to_base64(arena, wrapped));
    add_member(&body, "KeyId", kms->key_id);
    buf_byte(&body, '}');
    if (!call(kms, arena, operation, buf_take(&body, arena), &json, diags))
        return false;
    return plaintext(arena, json, ret_plain) ||
           failed(kms, operation, S("the answer has no key"), diags);
}
