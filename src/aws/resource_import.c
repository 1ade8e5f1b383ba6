/* SPDX-License-Identifier: Apache-2.0 */
/* Import ids and identities: both say which object; a read then says what it is. */
#include <string.h>

#include "aws/names.h"
#include "aws/resource.h"
#include "base/arena.h"

/*
 * "{user}/{policy_arn}" against an id: each name takes what is before the text that follows it, the
 * last one the rest. Every part must have something in it.
 */
static bool match(struct record *r, const char *form, struct str id) {
    struct str rest = id;
    for (const char *at = form; *at;) {
        const char *close = strchr(at, '}');
        const char *next = close ? strchr(close, '{') : NULL;
        if (*at != '{' || !close)
            return false;
        struct str name = {at + 1, (size_t)(close - at - 1)};
        struct str separator = {close + 1, next ? (size_t)(next - close - 1) : strlen(close + 1)};
        ptrdiff_t end = separator.len > 0 ? str_find(rest, separator) : (ptrdiff_t)rest.len;
        if (end <= 0)
            return false;
        record_set_text(r, name, str_slice(rest, 0, (size_t)end));
        rest = str_slice(rest, (size_t)end + separator.len, rest.len);
        at = close + 1 + separator.len;
    }
    return true;
}

static bool from_id(struct op *op, struct str id) {
    const struct resource_row *row = op->resource->row;
    if (row->id && record_has(&op->now, S("id")))
        record_set_text(&op->now, S("id"), id);
    if (match(&op->now, row->import, id))
        return true;
    struct str text = str_format(
        op->arena, row->import_fault ? row->import_fault : "unexpected format of ID (\"%.*s\")",
        STR_ARG(id));
    diags_add(op->diags, SEVERITY_ERROR, (struct span){0}, text, S(""));
    return false;
}

static bool from_identity(struct op *op, struct value identity) {
    const struct schema_object *known = op->resource->schema->identity;
    struct str account = service_account(op->service);
    struct value v;
    if (!known || identity.kind != VALUE_OBJECT)
        return false;
    if (value_get(identity, S("account_id"), &v) && v.kind == VALUE_STRING && account.len > 0 &&
        !str_eq(value_str(v), account)) {
        diags_error(op->diags, (struct span){0}, "Invalid Identity Attribute Value",
                    "Provider configured with AWS Account ID \"%.*s\" cannot be used to import "
                    "resources from account \"%.*s\"",
                    STR_ARG(account), STR_ARG(value_str(v)));
        return false;
    }
    for (size_t i = 0; i < known->n_attrs; i++)
        if (known->attrs[i].required && value_get(identity, known->attrs[i].name, &v))
            record_set(&op->now, known->attrs[i].name, value_unmark(v));
    if (op->resource->row->id)
        record_set_text(&op->now, S("id"), record_expand(&op->now, NULL, op->resource->row->id));
    return true;
}

/* Where the provider sets what cannot be read to the value of its type that means nothing. */
static void fill_unread(struct op *op) {
    static const struct str empty[] = {STR("encrypted_password"), STR("key_fingerprint")};
    if (record_has(&op->now, S("force_detach_policies")))
        record_set(&op->now, S("force_detach_policies"), value_bool(false));
    for (size_t i = 0; record_has(&op->now, empty[0]) && i < COUNT(empty); i++)
        record_set_text(&op->now, empty[i], S(""));
}

bool resource_import(struct op *op, struct str id, struct value identity) {
    const struct resource_row *row = op->resource->row;
    if (id.len > 0 ? !row->import : !op->resource->schema->identity) {
        struct str text = str_format(op->arena, "resource %.*s doesn't support import",
                                     STR_ARG(op->resource->schema->name));
        diags_add(op->diags, SEVERITY_ERROR, (struct span){0}, text, S(""));
        return false;
    }
    bool done = id.len > 0 ? from_id(op, id) : from_identity(op, identity);
    if (done)
        fill_unread(op);
    if (done && row->flags & ROW_GENERATED_ID)
        record_set_text(&op->now, S("id"), names_unique(op->arena, S("terraform-")));
    return done && (!(row->flags & ROW_FINDS) || row->before_read(op));
}

/* What follows "arn:PARTITION:iam::ACCOUNT:" in the ARN of an entity that has only a name yet. */
static const char *arn_form(struct str type) {
    static const struct {
        struct str type;
        const char *form;
    } forms[] = {
        {STR("aws_iam_policy"), "policy{path}{name}"},
        {STR("aws_iam_saml_provider"), "saml-provider/{name}"},
        {STR("aws_iam_virtual_mfa_device"), "mfa{path}{virtual_mfa_device_name}"},
    };
    for (size_t i = 0; i < COUNT(forms); i++)
        if (str_eq(forms[i].type, type))
            return forms[i].form;
    return NULL;
}

/* Is every {name} of the form known? */
static bool is_known(const struct record *r, const char *form) {
    for (const char *open = strchr(form, '{'); open; open = strchr(open + 1, '{')) {
        const char *close = strchr(open, '}');
        struct str name = {open + 1, close ? (size_t)(close - open - 1) : 0};
        if (!close || !record_text(r, name).len)
            return false;
    }
    return true;
}

struct str resource_import_id(struct op *op) {
    const char *import = op->resource->row->import;
    struct str account = service_account(op->service);
    if (import && is_known(&op->now, import))
        return record_expand(&op->now, NULL, import);
    const char *form = arn_form(op->resource->schema->name);
    if (!import || !form || !account.len || !is_known(&op->now, form))
        return S("");
    struct str partition = service_partition(op->service);
    struct str rest = record_expand(&op->now, NULL, form);
    return str_format(op->arena, "arn:%.*s:iam::%.*s:%.*s", STR_ARG(partition), STR_ARG(account),
                      STR_ARG(rest));
}

struct value resource_identity(struct op *op) {
    const struct schema_object *known = op->resource->schema->identity;
    struct str account = service_account(op->service);
    if (!known)
        return value_null(type_dynamic);
    const struct name **names = arena_array(op->arena, known->n_attrs, sizeof *names);
    struct value *at = arena_array(op->arena, known->n_attrs, sizeof *at);
    for (size_t i = 0; i < known->n_attrs; i++) {
        names[i] = intern_name(known->attrs[i].name);
        at[i] = record_get(&op->now, known->attrs[i].name);
        if (!known->attrs[i].required)
            at[i] = account.len > 0 ? value_string(op->arena, account) : value_null(type_string);
    }
    return value_object(op->arena, names, at, known->n_attrs);
}
