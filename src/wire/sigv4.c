/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/sigv4.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"
#include "wire/query.h"

#define ALGORITHM "AWS4-HMAC-SHA256"
#define MAX_QUERY_PARAMS 1000

static struct str header_value(const struct http_request *request, struct str name) {
    for (size_t i = 0; i < request->n_headers; i++)
        if (str_eq_nocase(request->headers[i].name, name))
            return request->headers[i].value;
    return S("");
}

static bool has_header(const struct http_request *request, struct str name) {
    for (size_t i = 0; i < request->n_headers; i++)
        if (str_eq_nocase(request->headers[i].name, name))
            return true;
    return false;
}

/* Trimmed, with runs of spaces made one. */
static void add_folded(struct buf *out, struct str value) {
    value = str_trim(value);
    for (size_t i = 0; i < value.len; i++)
        if (value.at[i] != ' ' || value.at[i - 1] != ' ')
            buf_byte(out, value.at[i]);
}

/* All values of one header, in order, joined by commas. */
static void add_canonical_header(struct buf *out, const struct http_request *request,
                                 struct str name) {
    bool first = true;
    buf_add(out, name);
    buf_byte(out, ':');
    for (size_t i = 0; i < request->n_headers; i++) {
        if (!str_eq_nocase(request->headers[i].name, name))
            continue;
        if (!first)
            buf_byte(out, ',');
        add_folded(out, request->headers[i].value);
        first = false;
    }
    buf_byte(out, '\n');
}

struct query_param {
    struct str name, value; /* canonical */
};

static int by_name_then_value(const void *a, const void *b) {
    const struct query_param *left = a, *right = b;
    int order = str_cmp(left->name, right->name);
    return order ? order : str_cmp(left->value, right->value);
}

/* Decoded and encoded again, so that every way to write a byte gives the same text. */
static struct str recode(struct arena *arena, struct str raw) {
    struct str plain;
    struct buf out;
    if (!query_unescape(arena, raw, false, &plain))
        plain = raw;
    buf_init(&out, BUF_MAX_REQUEST);
    query_escape(&out, plain, false);
    return buf_take(&out, arena);
}

static size_t split_query(struct arena *arena, struct str query, struct query_param *params,
                          size_t most) {
    size_t n = 0;
    struct str pair;
    if (!query.len)
        return 0;
    while (n < most && str_split(&query, '&', &pair)) {
        if (!pair.len)
            continue;
        ptrdiff_t equal = str_find_byte(pair, '=');
        size_t end = equal < 0 ? pair.len : (size_t)equal;
        params[n].name = recode(arena, str_slice(pair, 0, end));
        params[n++].value = equal < 0 ? S("") : recode(arena, str_slice(pair, end + 1, pair.len));
    }
    return n;
}

static void add_canonical_query(struct buf *out, struct arena *arena, struct str query) {
    size_t most = query.len ? 1 : 0;
    for (size_t i = 0; i < query.len && most < MAX_QUERY_PARAMS; i++)
        most += query.at[i] == '&';
    struct query_param *params = arena_array(arena, most, sizeof *params);
    size_t n = split_query(arena, query, params, most);
    bool first = true;
    qsort(params, n, sizeof *params, by_name_then_value);
    for (size_t i = 0; i < n; i++) {
        if (str_eq(params[i].name, S("X-Amz-Signature")))
            continue;
        buf_addf(out, "%s%.*s=%.*s", first ? "" : "&", STR_ARG(params[i].name),
                 STR_ARG(params[i].value));
        first = false;
    }
}

static struct str canonical_request(struct arena *arena, const struct http_request *request,
                                    struct str signed_headers, struct str payload_hash) {
    struct buf out;
    struct str rest = signed_headers, name;
    buf_init(&out, 2 * BUF_MAX_REQUEST);
    buf_addf(&out, "%.*s\n", STR_ARG(request->method));
    query_escape(&out, request->path.len ? request->path : S("/"), true);
    buf_byte(&out, '\n');
    add_canonical_query(&out, arena, request->query);
    buf_byte(&out, '\n');
    while (rest.at && str_split(&rest, ';', &name))
        add_canonical_header(&out, request, name);
    buf_addf(&out, "\n%.*s\n%.*s", STR_ARG(signed_headers), STR_ARG(payload_hash));
    return buf_take(&out, arena);
}

static struct str hmac(struct arena *arena, struct str key, struct str data) {
    uint8_t out[DIGEST_MAX];
    size_t n = digest_hmac(DIGEST_SHA256, key, data, out);
    return (struct str){arena_copy(arena, out, n), n};
}

static struct str signature(struct arena *arena, struct str secret, struct str date,
                            struct str region, struct str service, struct str timestamp,
                            struct str canonical) {
    struct str key = hmac(arena, str_cat(arena, S("AWS4"), secret), date);
    key = hmac(arena, hmac(arena, hmac(arena, key, region), service), S("aws4_request"));
    struct str hash = digest_hex(arena, DIGEST_SHA256, canonical);
    struct str to_sign =
        str_format(arena, ALGORITHM "\n%.*s\n%.*s/%.*s/%.*s/aws4_request\n%.*s", STR_ARG(timestamp),
                   STR_ARG(date), STR_ARG(region), STR_ARG(service), STR_ARG(hash));
    struct str mac = hmac(arena, key, to_sign);
    return digest_to_hex(arena, mac.at, mac.len);
}

/* ---- signing ---- */

static bool is_signed(struct str lower_name) {
    return str_eq(lower_name, S("host")) || str_eq(lower_name, S("content-type")) ||
           str_eq(lower_name, S("content-length")) || str_starts(lower_name, S("x-amz-"));
}

static struct str signed_header_list(struct arena *arena, const struct http_request *request) {
    struct str *names = arena_array(arena, request->n_headers, sizeof *names);
    size_t n = 0;
    for (size_t i = 0; i < request->n_headers; i++) {
        struct str name = str_lower(arena, request->headers[i].name);
        if (is_signed(name))
            names[n++] = name;
    }
    qsort(names, n, sizeof *names, str_cmp_qsort);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (!kept || !str_eq(names[kept - 1], names[i]))
            names[kept++] = names[i];
    return str_join(arena, names, kept, S(";"));
}

struct http_header *sigv4_sign(struct arena *arena, const struct http_request *request,
                               const struct credentials *credentials, struct str region,
                               struct str service, int64_t now_ms, size_t *ret_n) {
    struct http_header *added = arena_array(arena, 3, sizeof *added);
    size_t n = 0;
    struct str timestamp = clock_basic(arena, now_ms), date = str_slice(timestamp, 0, 8);
    added[n++] = (struct http_header){S("X-Amz-Date"), timestamp};
    if (credentials->session_token.len)
        added[n++] = (struct http_header){S("X-Amz-Security-Token"), credentials->session_token};

    struct http_request whole = *request;
    struct http_header *headers = arena_array(arena, request->n_headers + n, sizeof *headers);
    for (size_t i = 0; i < request->n_headers; i++)
        headers[i] = request->headers[i];
    for (size_t i = 0; i < n; i++)
        headers[request->n_headers + i] = added[i];
    whole.headers = headers;
    whole.n_headers += n;

    struct str names = signed_header_list(arena, &whole);
    struct str canonical =
        canonical_request(arena, &whole, names, digest_hex(arena, DIGEST_SHA256, request->body));
    struct str mac = signature(arena, credentials->secret_access_key, date, region, service,
                               timestamp, canonical);
    added[n++] = (struct http_header){
        S("Authorization"),
        str_format(arena,
                   ALGORITHM " Credential=%.*s/%.*s/%.*s/%.*s/aws4_request, "
                             "SignedHeaders=%.*s, Signature=%.*s",
                   STR_ARG(credentials->access_key_id), STR_ARG(date), STR_ARG(region),
                   STR_ARG(service), STR_ARG(names), STR_ARG(mac))};
    *ret_n = n;
    return added;
}

/* ---- checking ---- */

static bool incomplete(struct arena *arena, struct fault *fault, struct str text) {
    fault_set(fault, arena, FAULT_INCOMPLETE_SIGNATURE, "%.*s", STR_ARG(text));
    return false;
}

static bool no_token(struct arena *arena, struct fault *fault) {
    fault_set(fault, arena, FAULT_MISSING_AUTHENTICATION_TOKEN,
              "Request is missing Authentication Token");
    return false;
}

/* "AKID/20150830/us-east-1/iam/aws4_request" */
static bool read_scope(struct arena *arena, struct str credential, struct sigv4_claim *claim,
                       struct fault *fault) {
    struct str parts[5], part, rest = credential;
    size_t n = 0;
    while (rest.at && str_split(&rest, '/', &part)) {
        if (n == COUNT(parts)) {
            n++;
            break;
        }
        parts[n++] = part;
    }
    if (n != COUNT(parts) || !str_eq(parts[4], S("aws4_request")))
        return incomplete(
            arena, fault,
            str_format(arena,
                       "Credential must have exactly 5 slash-delimited elements, e.g. "
                       "keyid/date/region/service/term, got '%.*s'",
                       STR_ARG(credential)));
    claim->access_key_id = parts[0];
    claim->date = parts[1];
    claim->region = parts[2];
    claim->service = parts[3];
    return true;
}

static bool read_time(struct arena *arena, struct str text, struct sigv4_claim *claim,
                      struct fault *fault) {
    if (!clock_parse(text, &claim->time_ms))
        return incomplete(arena, fault,
                          str_format(arena,
                                     "Date must be in ISO-8601 'basic format'. Got '%.*s'. See "
                                     "http://en.wikipedia.org/wiki/ISO_8601",
                                     STR_ARG(text)));
    struct str day = str_slice(clock_basic(arena, claim->time_ms), 0, 8);
    if (str_eq(day, claim->date))
        return true;
    fault_set(fault, arena, FAULT_SIGNATURE_DOES_NOT_MATCH,
              "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
              "HTTP: '%.*s' != '%.*s', from '%.*s'.",
              STR_ARG(claim->date), STR_ARG(day), STR_ARG(text));
    return false;
}

/* "Credential=..., SignedHeaders=..., Signature=..." */
static bool read_pairs(struct arena *arena, struct str rest, struct str whole,
                       struct str *credential, struct sigv4_claim *claim, struct fault *fault) {
    struct str pair;
    while (rest.at && str_split(&rest, ',', &pair)) {
        pair = str_trim(pair);
        ptrdiff_t equal = str_find_byte(pair, '=');
        if (equal < 0)
            return incomplete(arena, fault,
                              str_format(arena,
                                         "'%.*s' not a valid key=value pair (missing equal-sign) "
                                         "in Authorization header: '%.*s'.",
                                         STR_ARG(pair), STR_ARG(whole)));
        struct str name = str_slice(pair, 0, (size_t)equal);
        struct str value = str_slice(pair, (size_t)equal + 1, pair.len);
        if (str_eq(name, S("Credential")))
            *credential = value;
        else if (str_eq(name, S("SignedHeaders")))
            claim->signed_headers = value;
        else if (str_eq(name, S("Signature")))
            claim->signature = value;
    }
    return true;
}

static bool parse_header(struct arena *arena, const struct http_request *request,
                         struct str authorization, struct sigv4_claim *claim, struct fault *fault) {
    struct str credential = S("");
    if (str_starts(authorization, S("AWS4-ECDSA-P256-SHA256")))
        return incomplete(arena, fault,
                          S("Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256' (SigV4a); sign "
                            "with 'AWS4-HMAC-SHA256'."));
    if (!str_starts(authorization, S(ALGORITHM " ")))
        return no_token(arena, fault);
    struct str rest = str_slice(authorization, sizeof ALGORITHM, authorization.len);
    if (!read_pairs(arena, rest, authorization, &credential, claim, fault))
        return false;
    bool dated = has_header(request, S("X-Amz-Date")) || has_header(request, S("Date"));
    if (!credential.len || !claim->signature.len || !claim->signed_headers.len || !dated) {
        struct str text = str_format(
            arena, "%s%s%s%sAuthorization=%.*s",
            credential.len ? "" : "Authorization header requires 'Credential' parameter. ",
            claim->signature.len ? "" : "Authorization header requires 'Signature' parameter. ",
            claim->signed_headers.len ? ""
                                      : "Authorization header requires 'SignedHeaders' parameter. ",
            dated ? ""
                  : "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' "
                    "header. ",
            STR_ARG(authorization));
        return incomplete(arena, fault, text);
    }
    struct str when = header_value(request, S("X-Amz-Date"));
    claim->session_token = header_value(request, S("X-Amz-Security-Token"));
    return read_scope(arena, credential, claim, fault) &&
           read_time(arena, when.len ? when : header_value(request, S("Date")), claim, fault);
}

/* A parameter of the query, decoded. */
static struct str query_value(struct arena *arena, struct str query, struct str name) {
    struct str pair, value;
    while (query.len && str_split(&query, '&', &pair))
        if (pair.len > name.len && str_starts(pair, name) && pair.at[name.len] == '=' &&
            query_unescape(arena, str_slice(pair, name.len + 1, pair.len), false, &value))
            return value;
    return S("");
}

static bool parse_presigned(struct arena *arena, const struct http_request *request,
                            struct str algorithm, struct sigv4_claim *claim, struct fault *fault) {
    struct str query = request->query;
    struct str credential = query_value(arena, query, S("X-Amz-Credential"));
    struct str when = query_value(arena, query, S("X-Amz-Date"));
    struct str expires = query_value(arena, query, S("X-Amz-Expires"));
    claim->presigned = true;
    claim->signed_headers = query_value(arena, query, S("X-Amz-SignedHeaders"));
    claim->signature = query_value(arena, query, S("X-Amz-Signature"));
    claim->session_token = query_value(arena, query, S("X-Amz-Security-Token"));
    if (!str_eq(algorithm, S(ALGORITHM)))
        return incomplete(
            arena, fault,
            str_format(arena, "Unsupported AWS 'algorithm': '%.*s'.", STR_ARG(algorithm)));
    if (!credential.len || !claim->signature.len || !claim->signed_headers.len || !when.len)
        return incomplete(
            arena, fault,
            str_format(arena, "%s%s%s%sRe-examine the query-string parameters.",
                       credential.len ? ""
                                      : "AWS query-string parameters must include "
                                        "'X-Amz-Credential'. ",
                       when.len ? "" : "AWS query-string parameters must include 'X-Amz-Date'. ",
                       claim->signature.len ? ""
                                            : "AWS query-string parameters must include "
                                              "'X-Amz-Signature'. ",
                       claim->signed_headers.len ? ""
                                                 : "AWS query-string parameters must include "
                                                   "'X-Amz-SignedHeaders'. "));
    if (!expires.len)
        claim->expires_s = 0;
    else if (!str_to_int(expires, &claim->expires_s) || claim->expires_s < 1 ||
             claim->expires_s > 604800)
        return incomplete(arena, fault,
                          S("X-Amz-Expires must be a number between 1 and 604800 seconds"));
    return read_scope(arena, credential, claim, fault) && read_time(arena, when, claim, fault);
}

bool sigv4_parse(struct arena *arena, const struct http_request *request,
                 struct sigv4_claim *ret_claim, struct fault *ret_fault) {
    struct sigv4_claim claim = {0};
    bool ok = true;
    struct str authorization = header_value(request, S("Authorization"));
    struct str algorithm = query_value(arena, request->query, S("X-Amz-Algorithm"));
    claim.present = authorization.len || algorithm.len;
    if (authorization.len)
        ok = parse_header(arena, request, authorization, &claim, ret_fault);
    else if (algorithm.len)
        ok = parse_presigned(arena, request, algorithm, &claim, ret_fault);
    if (ok)
        *ret_claim = claim;
    return ok;
}

static bool check_time(struct arena *arena, const struct sigv4_claim *claim, int64_t now_ms,
                       int64_t skew_ms, struct fault *fault) {
    int64_t life_ms = claim->expires_s ? claim->expires_s * 1000 : skew_ms;
    long long minutes = (long long)(skew_ms / 60000);
    struct str then = clock_basic(arena, claim->time_ms), now = clock_basic(arena, now_ms);
    if (!skew_ms)
        return true;
    if (claim->time_ms + life_ms < now_ms) {
        fault_set(fault, arena, FAULT_SIGNATURE_DOES_NOT_MATCH,
                  "Signature expired: %.*s is now earlier than %.*s (%.*s - %lld min.)",
                  STR_ARG(then), STR_ARG(clock_basic(arena, now_ms - life_ms)), STR_ARG(now),
                  claim->expires_s ? (long long)(life_ms / 60000) : minutes);
        return false;
    }
    if (claim->time_ms > now_ms + skew_ms) {
        fault_set(fault, arena, FAULT_SIGNATURE_DOES_NOT_MATCH,
                  "Signature not yet current: %.*s is still later than %.*s (%.*s + %lld min.)",
                  STR_ARG(then), STR_ARG(clock_basic(arena, now_ms + skew_ms)), STR_ARG(now),
                  minutes);
        return false;
    }
    return true;
}

static bool lists_host(struct str signed_headers) {
    struct str name;
    while (signed_headers.at && str_split(&signed_headers, ';', &name))
        if (str_eq(name, S("host")))
            return true;
    return false;
}

bool sigv4_verify(struct arena *arena, const struct http_request *request,
                  const struct sigv4_claim *claim, struct str secret_access_key, int64_t now_ms,
                  int64_t skew_ms, struct fault *ret_fault) {
    if (!lists_host(claim->signed_headers)) {
        fault_set(ret_fault, arena, FAULT_SIGNATURE_DOES_NOT_MATCH,
                  "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
        return false;
    }
    struct str canonical = canonical_request(arena, request, claim->signed_headers,
                                             digest_hex(arena, DIGEST_SHA256, request->body));
    struct str expected = signature(arena, secret_access_key, claim->date, claim->region,
                                    claim->service, clock_basic(arena, claim->time_ms), canonical);
    if (!digest_equal(expected, claim->signature)) {
        fault_set(ret_fault, arena, FAULT_SIGNATURE_DOES_NOT_MATCH,
                  "The request signature we calculated does not match the signature you provided. "
                  "Check your AWS Secret Access Key and signing method. Consult the service "
                  "documentation for details.");
        return false;
    }
    return check_time(arena, claim, now_ms, skew_ms, ret_fault);
}
