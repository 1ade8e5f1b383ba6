/* SPDX-License-Identifier: Apache-2.0 */
#include "server/report.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "server/password.h"
#include "server/server_int.h"
#include "server/usage.h"
#include "store/setting.h"

#define REPORT S("credential-report")
#define REPORT_LIFE_MS ((int64_t)4 * 3600 * 1000)
#define MAX_KEYS 2
#define DAY_MS ((int64_t)24 * 3600 * 1000)

static const char header[] =
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,"
    "password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,"
    "access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,"
    "access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,"
    "access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,"
    "cert_1_last_rotated,cert_2_active,cert_2_last_rotated";

static void add_key(struct call *call, struct buf *out, const struct entity *key) {
    struct usage_entry last;
    if (!key) {
        buf_add_c(out, ",false,N/A,N/A,N/A,N/A");
        return;
    }
    bool active = str_eq(message_str(kind_body(call, key), M_AccessKey_Status), S("Active"));
    buf_addf(out, ",%s,%.*s", active ? "true" : "false",
             STR_ARG(clock_rfc3339(call->arena, key->created_ms)));
    if (usage_last(call->server->usage, call->arena, key->id, &last))
        buf_addf(out, ",%.*s,%.*s,%.*s", STR_ARG(clock_rfc3339(call->arena, last.at_ms)),
                 STR_ARG(last.region), STR_ARG(last.service));
    else
        buf_add_c(out, ",N/A,N/A,N/A");
}

static void add_certificate(struct call *call, struct buf *out, const struct entity *certificate) {
    if (!certificate) {
        buf_add_c(out, ",false,N/A");
        return;
    }
    bool active =
        str_eq(message_str(kind_body(call, certificate), M_SigningCertificate_Status), S("Active"));
    buf_addf(out, ",%s,%.*s", active ? "true" : "false",
             STR_ARG(clock_rfc3339(call->arena, certificate->created_ms)));
}

static int oldest_first(const void *a, const void *b) {
    const struct entity *left = a, *right = b;
    return (left->created_ms > right->created_ms) - (left->created_ms < right->created_ms);
}

/* What hangs on `owner`: keys and certificates, two of each, in the order in which they came. */
static void add_credentials(struct call *call, struct buf *out, struct str owner) {
    static const struct {
        enum kind_id kind;
        void (*add)(struct call *call, struct buf *out, const struct entity *entity);
    } parts[] = {{KIND_ACCESS_KEY, add_key}, {KIND_SIGNING_CERTIFICATE, add_certificate}};
    bool mfa = entity_count_owned(call->tx, owner, KIND_MFA) > 0;
    buf_addf(out, ",%s", mfa ? "true" : "false");
    for (size_t p = 0; p < COUNT(parts); p++) {
        struct entity_page found =
            entity_owned(call->tx, call->arena, owner, parts[p].kind, S(""), 0);
        if (found.n)
            qsort(found.items, found.n, sizeof *found.items, oldest_first);
        for (size_t i = 0; i < MAX_KEYS; i++)
            parts[p].add(call, out, i < found.n ? &found.items[i] : NULL);
    }
    buf_byte(out, '\n');
}

static void add_user(struct call *call, struct buf *out, const struct entity *user,
                     int64_t max_age_days) {
    struct entity_page logins = entity_owned(call->tx, call->arena, user->id, KIND_LOGIN, S(""), 1);
    buf_addf(out, "%.*s,%.*s,%.*s,", STR_ARG(user->name), STR_ARG(kind_arn(call, user)),
             STR_ARG(clock_rfc3339(call->arena, user->created_ms)));
    if (logins.n) {
        int64_t changed = password_changed_ms(&logins.items[0]);
        buf_addf(out, "true,no_information,%.*s,", STR_ARG(clock_rfc3339(call->arena, changed)));
        buf_add(out, max_age_days ? clock_rfc3339(call->arena, changed + max_age_days * DAY_MS)
                                  : S("N/A"));
    } else {
        buf_add_c(out, "false,N/A,N/A,N/A");
    }
    add_credentials(call, out, user->id);
}

static struct str write_report(struct call *call) {
    struct buf out;
    struct str since = S("0");
    int64_t founded = call->now_ms, max_age_days = password_max_age_days(call);
    struct entity_page users =
        entity_list(call->tx, call->arena, call->account, KIND_USER, S(""), S(""), 0);
    buf_init(&out, BUF_MAX_TEXT);
    buf_addf(&out, "%s\n", header);
    if (setting_get(call->tx, call->arena, call->account, S("account"), &since))
        (void)str_to_int(since, &founded);
    buf_addf(&out,
             "<root_account>,arn:%.*s:iam::%.*s:root,%.*s,not_supported,no_information,"
             "not_supported,not_supported",
             STR_ARG(call->partition), STR_ARG(call->account),
             STR_ARG(clock_rfc3339(call->arena, founded)));
    add_credentials(call, &out, call->account);
    for (size_t i = 0; i < users.n; i++)
        add_user(call, &out, &users.items[i], max_age_days);
    return buf_take(&out, call->arena);
}

/* The time of making in front, then the report. */
static bool read_report(struct call *call, int64_t *ret_made_ms, struct str *ret_text) {
    struct str kept, made;
    if (!setting_get(call->tx, call->arena, call->account, REPORT, &kept) ||
        !str_split(&kept, '\n', &made) || !str_to_int(made, ret_made_ms))
        return false;
    *ret_text = kept;
    return true;
}

bool report_generate(struct call *call) {
    int64_t made;
    struct str text;
    bool fresh = read_report(call, &made, &text) && call->now_ms - made < REPORT_LIFE_MS;
    if (!fresh)
        setting_put(call->tx, call->account, REPORT,
                    str_format(call->arena, "%lld\n%.*s", (long long)call->now_ms,
                               STR_ARG(write_report(call))));
    message_set_str(call->response, M_GenerateCredentialReportResponse_State,
                    fresh ? S("COMPLETE") : S("STARTED"));
    if (!fresh)
        message_set_str(call->response, M_GenerateCredentialReportResponse_Description,
                        S("No report exists. Starting a new report generation task"));
    return true;
}

bool report_get(struct call *call) {
    int64_t made;
    struct str text;
    if (!read_report(call, &made, &text))
        return call_fail(call, FAULT_REPORT_NOT_PRESENT, "%s", "");
    if (call->now_ms - made >= REPORT_LIFE_MS)
        return call_fail(call, FAULT_REPORT_EXPIRED,
                         "Credential report is expired. Generate a new one.");
    message_set_str(call->response, M_GetCredentialReportResponse_Content, text);
    message_set_str(call->response, M_GetCredentialReportResponse_ReportFormat, S("text/csv"));
    message_set_int(call->response, M_GetCredentialReportResponse_GeneratedTime, made);
    return true;
}
