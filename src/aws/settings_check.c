/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/settings_check.h"

#include "base/arena.h"
#include "base/fs.h"

#define BUNDLE_MAX ((size_t)16 << 20)

static struct value part(struct value config, struct str name) {
    struct value v;
    if (config.kind != VALUE_OBJECT || !value_get(config, name, &v))
        return value_null(type_string);
    return value_unmark(v);
}

static bool given(struct value config, const char *name) {
    struct value v = part(config, str_from(name));
    return value_is_known(v) && !value_is_null(v);
}

static bool refuse(struct diags *diags, struct str text) {
    diags_add(diags, SEVERITY_ERROR, (struct span){0}, text, S(""));
    return false;
}

static void warn_variables(struct diags *diags) {
    static const struct {
        const char *old, *now;
    } variables[] = {
        {"AWS_IAM_ENDPOINT", "environment variable \"AWS_ENDPOINT_URL_IAM\""},
        {"TF_AWS_IAM_ENDPOINT", "environment variable \"AWS_ENDPOINT_URL_IAM\""},
        {"AWS_STS_ENDPOINT", "environment variable \"AWS_ENDPOINT_URL_STS\""},
        {"TF_AWS_STS_ENDPOINT", "environment variable \"AWS_ENDPOINT_URL_STS\""},
        {"AWS_METADATA_URL", "\"AWS_EC2_METADATA_SERVICE_ENDPOINT\""},
    };
    for (size_t i = 0; i < COUNT(variables); i++)
        if (settings_env(variables[i].old).len > 0)
            diags_warn(diags, (struct span){0}, "Deprecated Environment Variable",
                       "The environment variable \"%s\" is deprecated. Use %s instead.",
                       variables[i].old, variables[i].now);
}

static void warn(struct value config, const struct settings *settings, struct diags *diags) {
    struct value endpoints = part(config, S("endpoints"));
    bool counted = endpoints.kind == VALUE_SET || endpoints.kind == VALUE_LIST;
    if (given(config, "http_proxy") && !given(config, "https_proxy") &&
        settings_env("HTTPS_PROXY").len == 0 && settings_env("https_proxy").len == 0)
        diags_warn(diags, (struct span){0}, "Missing HTTPS Proxy",
                   "An HTTP proxy was set but no HTTPS proxy was. Using HTTP proxy \"%.*s\" for "
                   "HTTPS requests. This behavior may change in future versions.\n\nTo specify no "
                   "proxy for HTTPS, set the HTTPS to an empty string.",
                   STR_ARG(settings->http_proxy));
    if (counted && value_count(endpoints) > 1)
        diags_warn(diags, (struct span){0}, "Invalid Attribute Value",
                   "Attribute \"endpoints\" should have at most 1 element, got %zu.\n\nThis will "
                   "be an error in a future release.",
                   value_count(endpoints));
    warn_variables(diags);
}

static bool is_number(struct str text) {
    for (size_t i = text.len > 0 && text.at[0] == '-'; i < text.len; i++)
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
    return text.len > 0;
}

static bool check_variables(struct arena *arena, struct diags *diags) {
    struct str attempts = settings_env("AWS_MAX_ATTEMPTS");
    struct str mode = settings_env("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
    struct str retry = settings_env("AWS_RETRY_MODE");
    if (attempts.len > 0 && !is_number(attempts))
        return refuse(diags, str_format(arena,
                                        "invalid value AWS_MAX_ATTEMPTS=%.*s, strconv.ParseInt: "
                                        "parsing \"%.*s\": invalid syntax",
                                        STR_ARG(attempts), STR_ARG(attempts)));
    if (mode.len > 0 && !str_eq_nocase(mode, S("IPv4")) && !str_eq_nocase(mode, S("IPv6")))
        return refuse(diags, str_format(arena,
                                        "invalid value for environment variable, "
                                        "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=%.*s, unknown EC2 "
                                        "IMDS endpoint mode, must be either IPv6 or IPv4",
                                        STR_ARG(mode)));
    if (retry.len > 0 && !str_eq_nocase(retry, S("standard")) &&
        !str_eq_nocase(retry, S("adaptive")))
        return refuse(diags, str_format(arena, "unknown RetryMode, %.*s", STR_ARG(retry)));
    return true;
}

/* Half a key in the block must not lead to somebody else's from the environment. */
static bool check_static(const struct settings *s, struct diags *diags) {
    bool any = s->access_key.len > 0 || s->secret_key.len > 0 || s->token.len > 0;
    if (!any || (s->access_key.len > 0 && s->secret_key.len > 0))
        return true;
    return refuse(diags, S("retrieving credentials: static credentials are empty"));
}

static bool check_bundle(struct arena *arena, const struct settings *s, struct diags *diags) {
    struct arena *scratch = arena_new();
    struct str ignored;
    int error = s->ca_bundle.len > 0 ? fs_read(scratch, s->ca_bundle, BUNDLE_MAX, &ignored) : 0;
    arena_free(scratch);
    if (error == 0)
        return true;
    return refuse(diags, str_format(arena, "reading custom CA bundle: open %.*s: %.*s",
                                    STR_ARG(s->ca_bundle), STR_ARG(fs_error_text(arena, error))));
}

bool settings_check_all(struct arena *arena, struct value config, const struct settings *settings,
                        struct diags *diags) {
    warn(config, settings, diags);
    return check_variables(arena, diags) && check_static(settings, diags) &&
           check_bundle(arena, settings, diags);
}
