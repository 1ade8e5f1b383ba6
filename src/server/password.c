/* SPDX-License-Identifier: Apache-2.0 */
#include "server/password.h"

#include <openssl/evp.h>
#include <string.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/rand.h"
#include "server/owned.h"
#include "server/server_int.h"
#include "store/setting.h"
#include "wire/message_json.h"

#define SALT 16
#define HASH 32
#define ROUNDS 20000
#define POLICY_SETTING S("password-policy")
#define DEFAULT_KINDS 3 /* of four kinds of characters that a password must have */

/* ---- hashes ---- */

static struct str hash_with(struct arena *arena, struct str password, struct str salt) {
    uint8_t out[HASH];
    if (PKCS5_PBKDF2_HMAC(password.at, (int)password.len, (const uint8_t *)salt.at, (int)salt.len,
                          ROUNDS, EVP_sha256(), HASH, out) != 1)
        bug("PBKDF2 failed");
    return str_format(arena, "pbkdf2-sha256:%.*s:%.*s",
                      STR_ARG(digest_to_hex(arena, salt.at, salt.len)),
                      STR_ARG(digest_to_hex(arena, out, HASH)));
}

static struct str hash_new(struct arena *arena, struct str password) {
    char salt[SALT];
    rand_bytes(salt, SALT);
    return hash_with(arena, password, (struct str){salt, SALT});
}

/* The name of a login profile, which nobody sees, is when its password was last changed. */
static void set_password(struct call *call, struct entity *login, struct str password) {
    login->secret = hash_new(call->arena, password);
    login->name = str_format(call->arena, "%lld", (long long)call->now_ms);
}

int64_t password_changed_ms(const struct entity *login) {
    int64_t changed;
    return str_to_int(login->name, &changed) ? changed : login->created_ms;
}

static bool hash_matches(struct arena *arena, struct str stored, struct str password) {
    struct str part[3], rest = stored, salt;
    for (size_t i = 0; i < COUNT(part); i++)
        if (!rest.at || !str_split(&rest, ':', &part[i]))
            return false;
    return digest_from_hex(arena, part[1], &salt) &&
           digest_equal(hash_with(arena, password, salt), stored);
}

/* ---- the policy ---- */

static struct message *new_policy(struct call *call) {
    const struct model_api *api = model_api(SERVICE_IAM);
    return message_new(call->arena, api, &api->shapes[T_IAM_PasswordPolicy]);
}

/* The stored policy, or NULL: AWS's defaults hold. */
static struct message *read_policy(struct call *call) {
    const struct model_api *api = model_api(SERVICE_IAM);
    struct str text;
    if (!setting_get(call->tx, call->arena, call->account, POLICY_SETTING, &text))
        return NULL;
    return message_json_read(call->arena, api, &api->shapes[T_IAM_PasswordPolicy], text);
}

int64_t password_max_age_days(struct call *call) {
    struct message *policy = read_policy(call);
    return policy ? message_int(policy, M_PasswordPolicy_MaxPasswordAge) : 0;
}

bool password_get_policy(struct call *call) {
    struct message *policy = read_policy(call);
    if (!policy)
        return call_fail(call, FAULT_NO_SUCH_ENTITY,
                         "The Password Policy with domain name %.*s cannot be found.",
                         STR_ARG(call->account));
    message_copy(message_make(call->arena, call->response,
                              M_GetAccountPasswordPolicyResponse_PasswordPolicy),
                 policy);
    return true;
}

/* What a request leaves out goes back to its default. */
bool password_update_policy(struct call *call) {
    struct message *policy = new_policy(call);
    static const int off_by_default[] = {
        M_PasswordPolicy_RequireSymbols, M_PasswordPolicy_RequireNumbers,
        M_PasswordPolicy_RequireUppercaseCharacters, M_PasswordPolicy_RequireLowercaseCharacters,
        M_PasswordPolicy_AllowUsersToChangePassword};
    message_set_int(policy, M_PasswordPolicy_MinimumPasswordLength, 6);
    for (size_t i = 0; i < COUNT(off_by_default); i++)
        message_set_bool(policy, off_by_default[i], false);
    message_copy(policy, call->request);
    message_set_bool(policy, M_PasswordPolicy_ExpirePasswords,
                     message_int(policy, M_PasswordPolicy_MaxPasswordAge) > 0);
    setting_put(call->tx, call->account, POLICY_SETTING, message_json_text(call->arena, policy));
    return true;
}

bool password_delete_policy(struct call *call) {
    if (!read_policy(call))
        return call_fail(call, FAULT_NO_SUCH_ENTITY,
                         "The account policy with name PasswordPolicy cannot be found.");
    setting_delete(call->tx, call->account, POLICY_SETTING);
    return true;
}

struct classes {
    bool upper, lower, digit, symbol;
};

static struct classes classes_of(struct str password) {
    struct classes have = {0};
    for (size_t i = 0; i < password.len; i++) {
        char c = password.at[i];
        have.upper |= c >= 'A' && c <= 'Z';
        have.lower |= c >= 'a' && c <= 'z';
        have.digit |= c >= '0' && c <= '9';
        have.symbol |= c && strchr("!@#$%^&*()_+-=[]{}|'", c) != NULL;
    }
    return have;
}

static bool obeys_policy(struct call *call, struct str password) {
    if (call->server->permissive)
        return true;
    struct message *policy = read_policy(call);
    struct classes have = classes_of(password);
    int64_t length = policy ? message_int(policy, M_PasswordPolicy_MinimumPasswordLength) : 8;
    int kinds = have.upper + have.lower + have.digit + have.symbol;
    if ((int64_t)password.len < length)
        return call_fail(call, FAULT_PASSWORD_POLICY_VIOLATION,
                         "Password should have a minimum length of %lld", (long long)length);
    const struct {
        int member;
        bool have;
        const char *what;
    } rules[] = {
        {M_PasswordPolicy_RequireUppercaseCharacters, have.upper, "uppercase letter"},
        {M_PasswordPolicy_RequireLowercaseCharacters, have.lower, "lowercase letter"},
        {M_PasswordPolicy_RequireNumbers, have.digit, "number"},
        {M_PasswordPolicy_RequireSymbols, have.symbol, "symbol"},
    };
    struct str unmet = S("");
    for (size_t i = 0; i < COUNT(rules); i++)
        if (!rules[i].have)
            unmet = str_format(call->arena, "%.*s%sPassword should have at least one %s",
                               STR_ARG(unmet), unmet.len ? ", " : "", rules[i].what);
    if (!policy)
        return kinds >= DEFAULT_KINDS ||
               call_fail(call, FAULT_PASSWORD_POLICY_VIOLATION,
                         "Password should meet %d more of the following requirements: %.*s",
                         DEFAULT_KINDS - kinds, STR_ARG(unmet));
    for (size_t i = 0; i < COUNT(rules); i++)
        if (message_bool(policy, rules[i].member) && !rules[i].have)
            return call_fail(call, FAULT_PASSWORD_POLICY_VIOLATION,
                             "Password should have at least one %s", rules[i].what);
    return true;
}

/* ---- login profiles ---- */

static struct str login_id(struct call *call, const struct entity *user) {
    return str_cat(call->arena, S("login:"), user->id);
}

static struct entity *find_login(struct call *call, const struct entity *user) {
    struct entity *login = entity_by_id(call->tx, call->arena, login_id(call, user));
    if (!login)
        call_fail(call, FAULT_NO_SUCH_ENTITY, kind_rows[KIND_LOGIN].missing, STR_ARG(user->name));
    return login;
}

bool password_create_login(struct call *call) {
    struct str password = message_str(call->request, M_CreateLoginProfileRequest_Password);
    struct entity *user = owned_user(call, M_CreateLoginProfileRequest_UserName);
    if (!user)
        return false;
    if (entity_by_id(call->tx, call->arena, login_id(call, user)))
        return call_fail(call, FAULT_ENTITY_ALREADY_EXISTS, kind_rows[KIND_LOGIN].exists,
                         STR_ARG(user->name));
    if (!obeys_policy(call, password))
        return false;
    struct message *login =
        message_make(call->arena, call->response, M_CreateLoginProfileResponse_LoginProfile);
    message_set_str(login, M_LoginProfile_UserName, user->name);
    message_set_bool(
        login, M_LoginProfile_PasswordResetRequired,
        message_bool(call->request, M_CreateLoginProfileRequest_PasswordResetRequired));
    owned_add(call, user, KIND_LOGIN, login_id(call, user), login, hash_new(call->arena, password));
    message_set_int(login, M_LoginProfile_CreateDate, call->now_ms);
    return true;
}

bool password_get_login(struct call *call) {
    struct entity *user = owned_user(call, M_GetLoginProfileRequest_UserName);
    struct entity *login = user ? find_login(call, user) : NULL;
    if (!login)
        return false;
    struct message *to =
        message_make(call->arena, call->response, M_GetLoginProfileResponse_LoginProfile);
    kind_describe(call, login, to);
    message_set_str(to, M_LoginProfile_UserName, user->name);
    return true;
}

bool password_update_login(struct call *call) {
    struct str password = message_str(call->request, M_UpdateLoginProfileRequest_Password);
    struct entity *user = owned_user(call, M_UpdateLoginProfileRequest_UserName);
    struct entity *login = user ? find_login(call, user) : NULL;
    if (!login || (password.len && !obeys_policy(call, password)))
        return false;
    struct message *body = kind_body(call, login);
    message_copy(body, call->request);
    if (password.len)
        set_password(call, login, password);
    kind_save(call, login, body);
    return true;
}

bool password_delete_login(struct call *call) {
    struct entity *user = owned_user(call, M_DeleteLoginProfileRequest_UserName);
    struct entity *login = user ? find_login(call, user) : NULL;
    if (login)
        entity_delete(call->tx, login->id);
    return login != NULL;
}

bool password_change(struct call *call) {
    struct str old = message_str(call->request, M_ChangePasswordRequest_OldPassword);
    struct str new_ = message_str(call->request, M_ChangePasswordRequest_NewPassword);
    if (call->caller.kind != CALLER_USER)
        return call_fail(call, FAULT_INVALID_USER_TYPE,
                         "Only an IAM user can change its own password.");
    struct entity *login = find_login(call, call->caller.entity);
    if (!login)
        return false;
    if (!hash_matches(call->arena, login->secret, old))
        return call_fail(call, FAULT_ACCESS_DENIED, "The old password was incorrect.");
    if (!obeys_policy(call, new_))
        return false;
    struct message *body = kind_body(call, login);
    message_set_bool(body, M_LoginProfile_PasswordResetRequired, false);
    set_password(call, login, new_);
    kind_save(call, login, body);
    return true;
}
