/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/keychain.h"

#include <pthread.h>

#include "aws/keychain_int.h"
#include "aws/shared_config.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "net/client.h"

#define MARGIN_MS (5 * 60 * 1000)

struct keychain {
    struct arena *arena; /* what the current keys live in; used under lock */
    const struct settings *settings;
    struct api *api;
    pthread_mutex_t lock;
    struct client *metadata;
    struct keys keys;
    bool resolved;
};

/* A role of the provider block: how it is asked for, and the provider's words when it is refused.
 */
struct role_words {
    const char *source;
    const char *summary;
    const char *with;
    const char *causes;
};

static const struct role_words assumed = {
    "assume_role", "Cannot assume IAM Role", "",
    "  * The credentials used in order to assume the role are invalid\n"
    "  * The credentials do not have appropriate permission to assume the role\n"
    "  * The role ARN is not valid"};
static const struct role_words by_web_identity = {
    "assume_role_with_web_identity", "Cannot assume IAM Role with web identity",
    " with web identity token",
    "  * The web identity token used in order to assume the role is invalid\n"
    "  * The web identity token does not have appropriate permission to assume the role\n"
    "  * The role ARN is not valid"};

/* Sources tried in vain, for the error. */
struct attempts {
    struct buf text;
    const struct role_words *words; /* NULL: it is no role of the block that failed */
    struct str role_arn;
    struct str cause; /* lives as long as the search */
};

struct keychain *keychain_new(struct arena *arena, const struct settings *settings,
                              struct api *api) {
    struct keychain *k = arena_alloc(arena, sizeof *k);
    k->arena = arena_new();
    k->settings = settings;
    k->api = api;
    pthread_mutex_init(&k->lock, NULL);
    return k;
}

void keychain_free(struct keychain *keychain) {
    if (!keychain)
        return;
    client_free(keychain->metadata);
    pthread_mutex_destroy(&keychain->lock);
    arena_free(keychain->arena);
}

static void note(struct attempts *attempts, const char *source, struct str why) {
    buf_addf(&attempts->text, "%s%s: %.*s", attempts->text.len > 0 ? "\n" : "", source,
             STR_ARG(why));
}

static bool refuse(struct attempts *attempts, const struct role_words *words,
                   const struct settings_role *role, const struct key_search *s) {
    note(attempts, words->source, s->error);
    attempts->words = words;
    attempts->role_arn = role->role_arn;
    attempts->cause = s->cause;
    return false;
}

static bool from_environment(struct keys *ret) {
    struct keys keys = {
        .c = {settings_env("AWS_ACCESS_KEY_ID"), settings_env("AWS_SECRET_ACCESS_KEY"),
              settings_env("AWS_SESSION_TOKEN")},
        .source = S("EnvConfigCredentials"),
    };
    if (keys.c.access_key_id.len == 0)
        keys.c.access_key_id = settings_env("AWS_ACCESS_KEY");
    if (keys.c.secret_access_key.len == 0)
        keys.c.secret_access_key = settings_env("AWS_SECRET_KEY");
    if (keys.c.access_key_id.len == 0 || keys.c.secret_access_key.len == 0)
        return false;
    *ret = keys;
    return true;
}

/*
 * Sources behind the provider block and its profile. One that is set up and fails is the end of it:
 * nobody is to act as somebody else because of a fault.
 */
static bool from_surroundings(struct keychain *k, struct key_search *s, struct attempts *tried,
                              struct keys *ret) {
    if (from_environment(ret))
        return true;
    note(tried, "environment", S("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both set"));
    struct settings_role web = {.role_arn = settings_env("AWS_ROLE_ARN"),
                                .session_name = settings_env("AWS_ROLE_SESSION_NAME"),
                                .web_token_file = settings_env("AWS_WEB_IDENTITY_TOKEN_FILE")};
    if (web.web_token_file.len > 0) {
        s->error = S("AWS_WEB_IDENTITY_TOKEN_FILE is set, but the role ARN is not (AWS_ROLE_ARN)");
        if (web.role_arn.len > 0 && key_role_web(s, &web, ret))
            return true;
        note(tried, "web identity", s->error);
        return false;
    }
    if (key_profile(s, k->settings->profile, ret))
        return true;
    note(tried, "shared config files", s->error);
    if (s->configured)
        return false;
    /* The embedded IAM knows its own root; whoever can open its file is root already. */
    if (api_root_key(k->api, s->arena, &ret->c)) {
        ret->source = S("embedded IAM");
        return true;
    }
    bool present;
    if (key_metadata_container(s, ret, &present))
        return true;
    if (present) {
        note(tried, "container", s->error);
        return false;
    }
    if (k->settings->no_metadata) {
        note(tried, "EC2 instance metadata", S("switched off"));
        return false;
    }
    if (key_metadata_instance(s, ret))
        return true;
    note(tried, "EC2 instance metadata", s->error);
    return false;
}

static bool base_keys(struct keychain *k, struct key_search *s, struct attempts *tried,
                      struct keys *ret) {
    const struct settings *settings = k->settings;
    if (settings->access_key.len > 0 && settings->secret_key.len > 0) {
        *ret = (struct keys){.c = {settings->access_key, settings->secret_key, settings->token},
                             .source = S("StaticCredentials")};
        return true;
    }
    if (settings->profile_from_block) {
        if (key_profile(s, settings->profile, ret))
            return true;
        note(tried, "profile", s->error);
        return false;
    }
    return from_surroundings(k, s, tried, ret);
}

static bool resolve(struct keychain *k, struct arena *arena, struct attempts *tried,
                    struct keys *ret) {
    struct key_search s = {
        .arena = arena, .settings = k->settings, .api = k->api, .metadata = &k->metadata};
    struct keys keys;
    if (k->settings->has_web_role) {
        if (!key_role_web(&s, &k->settings->web_role, &keys))
            return refuse(tried, &by_web_identity, &k->settings->web_role, &s);
    } else if (!base_keys(k, &s, tried, &keys)) {
        return false;
    }
    for (size_t i = 0; i < k->settings->n_roles; i++) {
        struct keys next;
        if (!key_role_assume(&s, &k->settings->roles[i], &keys, &next))
            return refuse(tried, &assumed, &k->settings->roles[i], &s);
        keys = next;
    }
    *ret = keys;
    return true;
}

/* Keys that live for less than twice the margin are used for half of their life. */
static bool fresh(const struct keychain *k) {
    int64_t half = (k->keys.expires_ms - k->keys.fetched_ms) / 2;
    int64_t margin = half < 0 ? 0 : half < MARGIN_MS ? half : MARGIN_MS;
    return k->resolved && (k->keys.expires_ms == 0 || k->keys.expires_ms - margin > clock_now_ms());
}

static struct credentials copy(struct arena *arena, const struct credentials *c) {
    return (struct credentials){str_dup(arena, c->access_key_id),
                                str_dup(arena, c->secret_access_key),
                                str_dup(arena, c->session_token)};
}

static bool renew(struct keychain *k, struct arena *work, struct attempts *ret_tried) {
    struct keys keys;
    *ret_tried = (struct attempts){0};
    buf_init(&ret_tried->text, BUF_MAX_TEXT);
    if (!resolve(k, work, ret_tried, &keys))
        return false;
    buf_clear(&ret_tried->text);
    arena_free(k->arena);
    k->arena = work;
    k->keys = keys;
    k->keys.fetched_ms = clock_now_ms();
    k->resolved = true;
    return true;
}

/*
 * Sees to keys that are good for a while; the lock is held. NULL: they are there. Else what
 * *ret_tried tells of the failure lives in the arena that is returned, which the caller frees.
 */
static struct arena *refresh(struct keychain *k, struct attempts *ret_tried) {
    if (fresh(k))
        return NULL;
    struct arena *work = arena_new();
    return renew(k, work, ret_tried) ? NULL : work;
}

bool keychain_get(struct keychain *keychain, struct arena *arena, struct credentials *ret,
                  struct str *ret_error) {
    struct attempts tried;
    pthread_mutex_lock(&keychain->lock);
    struct arena *failed = refresh(keychain, &tried);
    if (failed)
        *ret_error = buf_take(&tried.text, arena);
    else
        *ret = copy(arena, &keychain->keys.c);
    arena_free(failed);
    pthread_mutex_unlock(&keychain->lock);
    return !failed;
}

static void tell(struct attempts *tried, struct diags *diags) {
    struct str text = buf_take(&tried->text, diags->arena);
    const struct role_words *words = tried->words;
    if (!words) {
        diags_error(diags, (struct span){0}, "No valid credential sources found",
                    "Tried in this order:\n%.*s", STR_ARG(text));
        return;
    }
    diags_error(diags, (struct span){0}, words->summary,
                "IAM Role (%.*s) cannot be assumed%s.\n\nThere are a number of possible causes of "
                "this - the most common are:\n%s\n\nError: %.*s",
                STR_ARG(tried->role_arn), words->with, words->causes, STR_ARG(tried->cause));
}

bool keychain_check(struct keychain *keychain, struct diags *diags) {
    struct attempts tried;
    pthread_mutex_lock(&keychain->lock);
    struct arena *failed = refresh(keychain, &tried);
    if (failed)
        tell(&tried, diags);
    arena_free(failed);
    pthread_mutex_unlock(&keychain->lock);
    return !failed;
}
