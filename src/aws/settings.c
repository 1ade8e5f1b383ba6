/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/settings.h"

#include <stdlib.h>

#include "aws/shared_config.h"
#include "aws/duration.h"
#include "base/arena.h"
#include "base/fs.h"

struct str settings_env(const char *name) {
    return str_from(getenv(name));
}

static struct str env_first(const char *const *names, size_t n) {
    for (size_t i = 0; i < n; i++) {
        struct str v = settings_env(names[i]);
        if (v.len > 0)
            return v;
    }
    return S("");
}

static struct value part(struct value config, struct str name) {
    struct value v;
    if (config.kind != VALUE_OBJECT || !value_get(config, name, &v))
        return value_null(type_string);
    return value_unmark(v);
}

static struct str text(struct arena *arena, struct value config, struct str name) {
    struct value v = part(config, name);
    return v.kind == VALUE_STRING ? str_dup(arena, value_str(v)) : S("");
}

static bool flag(struct value config, struct str name) {
    struct value v = part(config, name);
    return v.kind == VALUE_BOOL && v.boolean;
}

static bool env_true(const char *name) {
    return str_eq_nocase(settings_env(name), S("true")) || str_eq(settings_env(name), S("1"));
}

/* Texts of a list or set of strings, unknown and null ones left out. */
static const struct str *texts_of(struct arena *arena, struct value v, size_t *ret_n) {
    *ret_n = 0;
    if (v.kind != VALUE_LIST && v.kind != VALUE_SET && v.kind != VALUE_TUPLE)
        return NULL;
    struct str *texts = arena_array(arena, value_count(v), sizeof *texts);
    size_t n = 0;
    for (size_t i = 0; i < value_count(v); i++) {
        struct value element = value_unmark(value_at(v, i));
        if (element.kind == VALUE_STRING)
            texts[n++] = str_dup(arena, value_str(element));
    }
    *ret_n = n;
    return texts;
}

/* The first of a block list, or null. */
static struct value block(struct value config, struct str name) {
    struct value v = part(config, name);
    if ((v.kind == VALUE_LIST || v.kind == VALUE_SET) && value_count(v) > 0)
        return value_at(v, 0);
    return value_null(type_dynamic);
}

static void read_pairs(struct arena *arena, struct value map, struct settings_role *role) {
    if (map.kind != VALUE_MAP)
        return;
    size_t n = value_count(map);
    struct str *keys = arena_array(arena, n, sizeof *keys);
    struct str *values = arena_array(arena, n, sizeof *values);
    for (size_t i = 0; i < n; i++) {
        struct value v = value_at(map, i);
        keys[i] = str_dup(arena, value_key(map, i));
        values[i] = v.kind == VALUE_STRING ? str_dup(arena, value_str(v)) : S("");
    }
    role->tag_keys = keys;
    role->tag_values = values;
    role->n_tags = n;
}

static struct settings_role read_role(struct arena *arena, struct value b) {
    struct settings_role role = {
        .role_arn = text(arena, b, S("role_arn")),
        .session_name = text(arena, b, S("session_name")),
        .external_id = text(arena, b, S("external_id")),
        .policy = text(arena, b, S("policy")),
        .source_identity = text(arena, b, S("source_identity")),
        .web_token = text(arena, b, S("web_identity_token")),
        .web_token_file = text(arena, b, S("web_identity_token_file")),
    };
    struct str duration = text(arena, b, S("duration"));
    int64_t ms;
    struct str error;
    if (duration.len > 0 && duration_parse(arena, duration, &ms, &error))
        role.duration_s = ms / 1000;
    role.policy_arns = texts_of(arena, part(b, S("policy_arns")), &role.n_policy_arns);
    role.transitive_keys = texts_of(arena, part(b, S("transitive_tag_keys")), &role.n_transitive);
    read_pairs(arena, part(b, S("tags")), &role);
    return role;
}

static bool read_roles(struct arena *arena, struct value config, struct settings *s,
                       struct diags *diags) {
    struct value list = part(config, S("assume_role"));
    if (list.kind == VALUE_LIST && value_count(list) > 0) {
        struct settings_role *roles = arena_array(arena, value_count(list), sizeof *roles);
        for (size_t i = 0; i < value_count(list); i++) {
            roles[i] = read_role(arena, value_at(list, i));
            if (roles[i].role_arn.len == 0) {
                struct diag *d = diags_error(diags, (struct span){0}, "Cannot assume IAM Role",
                                             "IAM Role ARN not set");
                d->path = str_format(arena, ".assume_role[%zu]", i);
                return false;
            }
        }
        s->roles = roles;
        s->n_roles = value_count(list);
    }
    struct value web = block(config, S("assume_role_with_web_identity"));
    if (web.kind == VALUE_OBJECT) {
        s->has_web_role = true;
        s->web_role = read_role(arena, web);
    }
    return true;
}

/* Both what the argument has and what the variable lists, with commas between. */
static const struct str *with_variable(struct arena *arena, struct value list, const char *variable,
                                       size_t *ret_n) {
    size_t n;
    const struct str *given = texts_of(arena, list, &n);
    struct str rest = settings_env(variable), part;
    struct str *all = arena_array(arena, n + rest.len + 1, sizeof *all);
    for (size_t i = 0; i < n; i++)
        all[i] = given[i];
    while (rest.len > 0 && str_split(&rest, ',', &part))
        if (str_trim(part).len > 0)
            all[n++] = str_trim(part);
    *ret_n = n;
    return all;
}

static void read_tags(struct arena *arena, struct value config, struct settings *s) {
    static const struct str prefix = STR("TF_AWS_DEFAULT_TAGS_");
    extern char **environ;
    struct value given = part(block(config, S("default_tags")), S("tags"));
    size_t cap = given.kind == VALUE_MAP ? value_count(given) : 0;
    size_t n_env = 0;
    for (char **e = environ; *e; e++)
        n_env += str_starts(str_from(*e), prefix);
    struct str *keys = arena_array(arena, cap + n_env, sizeof *keys);
    struct value *values = arena_array(arena, cap + n_env, sizeof *values);
    size_t n = 0;
    for (char **e = environ; *e; e++) {
        struct str entry = str_from(*e);
        ptrdiff_t equals = str_find_byte(entry, '=');
        if (!str_starts(entry, prefix) || equals < 0)
            continue;
        keys[n] = str_dup(arena, str_slice(entry, prefix.len, (size_t)equals));
        values[n++] = value_string(arena, str_slice(entry, (size_t)equals + 1, entry.len));
    }
    for (size_t i = 0; i < cap; i++) {
        keys[n] = str_dup(arena, value_key(given, i));
        values[n++] = value_copy(arena, value_unmark(value_at(given, i)));
    }
    s->default_tags = value_map(arena, type_string, keys, values, n);
    struct value ignore = block(config, S("ignore_tags"));
    s->ignore_keys =
        with_variable(arena, part(ignore, S("keys")), "TF_AWS_IGNORE_TAGS_KEYS", &s->n_ignore_keys);
    s->ignore_prefixes = with_variable(arena, part(ignore, S("key_prefixes")),
                                       "TF_AWS_IGNORE_TAGS_KEY_PREFIXES", &s->n_ignore_prefixes);
}

/* Files of the config: from the block, the environment, or the home folder. */
static const struct str *files(struct arena *arena, struct value list, const char *variable,
                               const char *home_name, size_t *ret_n) {
    const struct str *given = texts_of(arena, list, ret_n);
    struct str home = settings_env("HOME");
    struct str *paths = arena_array(arena, *ret_n + 1, sizeof *paths);
    if (*ret_n == 0) {
        struct str env = settings_env(variable);
        paths[0] = env.len > 0 ? env : str_format(arena, "%.*s/.aws/%s", STR_ARG(home), home_name);
        *ret_n = 1;
        return paths;
    }
    for (size_t i = 0; i < *ret_n; i++)
        paths[i] = str_starts(given[i], S("~/"))
                       ? str_format(arena, "%.*s%.*s", STR_ARG(home),
                                    STR_ARG(str_slice(given[i], 1, given[i].len)))
                       : given[i];
    return paths;
}

static bool read_shared(struct arena *arena, struct value config, struct settings *s,
                        struct diags *diags) {
    size_t n_config, n_credentials;
    const struct str *config_files = files(arena, part(config, S("shared_config_files")),
                                           "AWS_CONFIG_FILE", "config", &n_config);
    const struct str *credentials_files =
        files(arena, part(config, S("shared_credentials_files")), "AWS_SHARED_CREDENTIALS_FILE",
              "credentials", &n_credentials);
    struct str error;
    s->shared =
        shared_config_read(arena, config_files, n_config, credentials_files, n_credentials, &error);
    if (!s->shared)
        diags_error(diags, (struct span){0}, "failed to load shared config", "%.*s",
                    STR_ARG(error));
    return s->shared != NULL;
}

static void read_endpoints(struct arena *arena, struct value config, struct settings *s) {
    struct value set = part(config, S("endpoints"));
    if (set.kind != VALUE_SET && set.kind != VALUE_LIST)
        return;
    for (size_t i = 0; i < value_count(set); i++) {
        struct str iam = text(arena, value_at(set, i), S("iam"));
        struct str sts = text(arena, value_at(set, i), S("sts"));
        struct str sso = text(arena, value_at(set, i), S("sso"));
        if (iam.len > 0)
            s->endpoint_iam = iam;
        if (sts.len > 0)
            s->endpoint_sts = sts;
        if (sso.len > 0)
            s->endpoint_sso = sso;
        struct str tagging = text(arena, value_at(set, i), S("resourcegroupstaggingapi"));
        if (tagging.len > 0)
            s->endpoint_tagging = tagging;
    }
}

static struct str profile_key(const struct settings *s, const char *key) {
    return shared_config_get(s->shared, s->profile, str_from(key));
}

/* The argument, else the variables, else the profile's key. */
static struct str layered(struct arena *arena, struct value config, const struct settings *s,
                          const char *argument, const char *const *variables, size_t n,
                          const char *key) {
    struct str v = text(arena, config, str_from(argument));
    if (v.len == 0)
        v = env_first(variables, n);
    if (v.len == 0 && key)
        v = profile_key(s, key);
    return v;
}

static void read_network(struct arena *arena, struct value config, struct settings *s) {
    static const char *const bundle[] = {"AWS_CA_BUNDLE"};
    s->ca_bundle =
        layered(arena, config, s, "custom_ca_bundle", bundle, COUNT(bundle), "ca_bundle");
    s->http_proxy = text(arena, config, S("http_proxy"));
    s->https_proxy = text(arena, config, S("https_proxy"));
    s->no_proxy = text(arena, config, S("no_proxy"));
    if (s->https_proxy.len == 0)
        s->https_proxy = s->http_proxy;
    s->insecure = flag(config, S("insecure"));
    s->fips = flag(config, S("use_fips_endpoint")) || env_true("AWS_USE_FIPS_ENDPOINT") ||
              str_eq(profile_key(s, "use_fips_endpoint"), S("true"));
    s->dualstack = flag(config, S("use_dualstack_endpoint")) ||
                   env_true("AWS_USE_DUALSTACK_ENDPOINT") ||
                   str_eq(profile_key(s, "use_dualstack_endpoint"), S("true"));
    struct str check = text(arena, config, S("skip_metadata_api_check"));
    s->no_metadata = str_eq_nocase(check, S("true")) || str_eq_nocase(check, S("t")) ||
                     str_eq(check, S("1")) ||
                     (check.len == 0 && env_true("AWS_EC2_METADATA_DISABLED"));
    static const char *const metadata[] = {"AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_METADATA_URL"};
    s->metadata_endpoint =
        layered(arena, config, s, "ec2_metadata_service_endpoint", metadata, COUNT(metadata), NULL);
    static const char *const mode[] = {"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"};
    struct str ip =
        layered(arena, config, s, "ec2_metadata_service_endpoint_mode", mode, COUNT(mode), NULL);
    s->metadata_ipv6 = str_eq_nocase(ip, S("IPv6"));
}

static int64_t number(struct value config, struct str name) {
    int64_t n;
    return value_to_int(part(config, name), &n) ? n : 0;
}

static void read_retries(struct arena *arena, struct value config, struct settings *s) {
    static const char *const attempts[] = {"AWS_MAX_ATTEMPTS"};
    static const char *const mode[] = {"AWS_RETRY_MODE"};
    s->max_attempts = number(config, S("max_retries"));
    if (s->max_attempts <= 0) {
        struct str given = layered(arena, config, s, "", attempts, COUNT(attempts), "max_attempts");
        s->max_attempts = strtol(str_c(arena, given), NULL, 10);
    }
    if (s->max_attempts <= 0 || s->max_attempts > 1000)
        s->max_attempts = 25;
    s->adaptive = str_eq(layered(arena, config, s, "retry_mode", mode, COUNT(mode), "retry_mode"),
                         S("adaptive"));
    s->token_bucket = number(config, S("token_bucket_rate_limiter_capacity"));
}

static void read_agent(struct arena *arena, struct value config, struct settings *s) {
    size_t n;
    const struct str *products = texts_of(arena, part(config, S("user_agent")), &n);
    struct str extra = settings_env("TF_APPEND_USER_AGENT");
    s->user_agent = n > 0 ? str_join(arena, products, n, S(" ")) : S("");
    if (extra.len > 0)
        s->user_agent = str_format(arena, "%.*s %.*s", STR_ARG(s->user_agent), STR_ARG(extra));
}

bool settings_read(struct arena *arena, struct value config, struct settings *ret,
                   struct diags *diags) {
    static const char *const region[] = {"AWS_REGION", "AWS_DEFAULT_REGION"};
    static const char *const profile[] = {"AWS_PROFILE"};
    struct settings *s = ret;
    *s = (struct settings){0};
    s->access_key = text(arena, config, S("access_key"));
    s->secret_key = text(arena, config, S("secret_key"));
    s->token = text(arena, config, S("token"));
    s->profile = text(arena, config, S("profile"));
    s->profile_from_block = s->profile.len > 0;
    if (!s->profile_from_block)
        s->profile = env_first(profile, COUNT(profile));
    if (s->profile.len == 0)
        s->profile = S("default");
    if (!read_shared(arena, config, s, diags) || !read_roles(arena, config, s, diags))
        return false;
    if (!str_eq(s->profile, S("default")) && !shared_config_has(s->shared, s->profile)) {
        struct str text =
            str_format(arena, "failed to get shared config profile, %.*s", STR_ARG(s->profile));
        diags_add(diags, SEVERITY_ERROR, (struct span){0}, text, S(""));
        return false;
    }
    s->region = layered(arena, config, s, "region", region, COUNT(region), "region");
    s->sts_region = text(arena, config, S("sts_region"));
    s->skip_credentials_validation = flag(config, S("skip_credentials_validation"));
    s->skip_account_id = flag(config, S("skip_requesting_account_id"));
    s->skip_region_validation = flag(config, S("skip_region_validation"));
    s->allowed_accounts = texts_of(arena, part(config, S("allowed_account_ids")), &s->n_allowed);
    s->forbidden_accounts =
        texts_of(arena, part(config, S("forbidden_account_ids")), &s->n_forbidden);
    s->tag_compliance = text(arena, config, S("tag_policy_compliance"));
    if (s->tag_compliance.len == 0)
        s->tag_compliance = settings_env("TF_AWS_TAG_POLICY_COMPLIANCE");
    read_tags(arena, config, s);
    read_endpoints(arena, config, s);
    read_network(arena, config, s);
    read_retries(arena, config, s);
    read_agent(arena, config, s);
    return true;
}
