/* SPDX-License-Identifier: Apache-2.0 */
#include "server/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <time.h>

#include "base/arena.h"
#include "server/action_table.h"
#include "server/describe.h"
#include "server/ident.h"
#include "server/named.h"
#include "server/owned.h"
#include "server/server_int.h"
#include "server/tagging.h"

/* ---- PEM ---- */

static X509 *read_certificate(struct str pem) {
    BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
    X509 *certificate = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    ERR_clear_error();
    return certificate;
}

static int64_t expires_ms(const X509 *certificate) {
    struct tm when;
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &when) != 1)
        return 0;
    return (int64_t)timegm(&when) * 1000;
}

/* Never asks a terminal for a passphrase. */
static int no_passphrase(char *out, int size, int writing, void *context) {
    (void)out, (void)size, (void)writing, (void)context;
    return 0;
}

static EVP_PKEY *read_private_key(struct str pem) {
    BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;
    BIO_free(bio);
    ERR_clear_error();
    return key;
}

static bool malformed(struct call *call, const char *what) {
    return call_fail(call, FAULT_MALFORMED_CERTIFICATE,
                     "Unable to parse %s. Please ensure the %s is in PEM format.", what, what);
}

/* ---- signing certificates ---- */

static bool already_there(struct call *call, const struct entity *user, struct str body) {
    struct entity_page have =
        entity_owned(call->tx, call->arena, user->id, KIND_SIGNING_CERTIFICATE, S(""), 0);
    for (size_t i = 0; i < have.n; i++)
        if (str_eq(str_trim(message_str(kind_body(call, &have.items[i]),
                                        M_SigningCertificate_CertificateBody)),
                   str_trim(body)))
            return true;
    return false;
}

bool certificate_upload_signing(struct call *call) {
    struct str body = message_str(call->request, M_UploadSigningCertificateRequest_CertificateBody);
    struct entity *user = owned_user(call, M_UploadSigningCertificateRequest_UserName);
    if (!user || !kind_within(call, "CertificatesPerUser",
                              entity_count_owned(call->tx, user->id, KIND_SIGNING_CERTIFICATE)))
        return false;
    X509 *parsed = read_certificate(body);
    X509_free(parsed);
    if (!parsed)
        return call_fail(call, FAULT_MALFORMED_CERTIFICATE, "Certificate %.*s is malformed.",
                         STR_ARG(body));
    if (already_there(call, user, body))
        return call_fail(call, FAULT_DUPLICATE_CERTIFICATE,
                         "The Certificate is already associated with this user.");
    struct message *m =
        message_make(call->arena, call->response, M_UploadSigningCertificateResponse_Certificate);
    struct str id = ident_new(call->arena, "");
    message_set_str(m, M_SigningCertificate_UserName, user->name);
    message_set_str(m, M_SigningCertificate_CertificateId, id);
    message_set_str(m, M_SigningCertificate_CertificateBody, body);
    message_set_str(m, M_SigningCertificate_Status, S("Active"));
    owned_add(call, user, KIND_SIGNING_CERTIFICATE, id, m, S(""));
    message_set_int(m, M_SigningCertificate_UploadDate, call->now_ms);
    return true;
}

/* ---- server certificates ---- */

/* Name, path, id and ARN may change or depend on the call, so they are put in when answering. */
static void describe_metadata(struct call *call, const struct entity *entity, struct message *to) {
    struct message *kept =
        message_get(kind_body(call, entity), M_ServerCertificate_ServerCertificateMetadata);
    if (kept)
        message_copy(to, kept);
    message_set_str(to, M_ServerCertificateMetadata_ServerCertificateName, entity->name);
    message_set_str(to, M_ServerCertificateMetadata_Path, entity->path);
    message_set_str(to, M_ServerCertificateMetadata_ServerCertificateId, entity->id);
    message_set_str(to, M_ServerCertificateMetadata_Arn, kind_arn(call, entity));
    message_set_int(to, M_ServerCertificateMetadata_UploadDate, entity->created_ms);
}

static bool signed_by(X509 *certificate, X509 *issuer) {
    EVP_PKEY *key = X509_get0_pubkey(issuer);
    return key && X509_verify(certificate, key) == 1;
}

/* Each certificate of the chain has signed the one before it, and the first the server's. */
static bool check_chain(struct call *call, X509 *certificate, struct str chain) {
    BIO *bio = BIO_new_mem_buf(chain.at, (int)chain.len);
    X509 *before = certificate, *next;
    int index = -1;
    bool ok = true;
    while (ok && bio && (next = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
        ok = signed_by(before, next);
        index += ok;
        if (before != certificate)
            X509_free(before);
        before = next;
    }
    if (before != certificate)
        X509_free(before);
    BIO_free(bio);
    ERR_clear_error();
    return ok || call_fail(call, FAULT_MALFORMED_CERTIFICATE,
                           "Unable to validate certificate chain. The certificate chain must start "
                           "with the immediate signing certificate, followed by any intermediaries "
                           "in order. The index within the chain of the invalid certificate is: %d",
                           index);
}

/* Certificate, chain and key must belong together; *ret_expires_ms is the certificate's end. */
static bool check_parts(struct call *call, int64_t *ret_expires_ms) {
    const struct message *request = call->request;
    struct str chain = message_str(request, M_UploadServerCertificateRequest_CertificateChain);
    X509 *certificate =
        read_certificate(message_str(request, M_UploadServerCertificateRequest_CertificateBody));
    EVP_PKEY *key =
        read_private_key(message_str(request, M_UploadServerCertificateRequest_PrivateKey));
    X509 *issuer = chain.len ? read_certificate(chain) : NULL;
    bool ok = true;
    if (!certificate)
        ok = malformed(call, "certificate");
    else if (!key)
        ok = call_fail(call, FAULT_MALFORMED_CERTIFICATE,
                       "Private Key is invalid or password protected.");
    else if (X509_check_private_key(certificate, key) != 1)
        ok =
            call_fail(call, FAULT_KEY_PAIR_MISMATCH, "Private key does not match the certificate.");
    else if (chain.len && !issuer)
        ok = malformed(call, "certificate chain");
    else if (chain.len && !check_chain(call, certificate, chain))
        ok = false;
    else
        *ret_expires_ms = expires_ms(certificate);
    X509_free(certificate);
    X509_free(issuer);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return ok;
}

bool certificate_upload_server(struct call *call) {
    const struct message *request = call->request;
    const struct model_api *api = model_api(SERVICE_IAM);
    struct message *body = message_new(call->arena, api, &api->shapes[T_IAM_ServerCertificate]);
    int64_t expires = 0;
    /* Test doubles are fed anything that looks like a certificate. */
    if (!tagging_check(call, M_UploadServerCertificateRequest_Tags) ||
        (!call->server->permissive && !check_parts(call, &expires)))
        return false;
    message_copy(body, request);
    message_unset(body, M_ServerCertificate_Tags);
    message_set_str(body, M_ServerCertificate_CertificateBody,
                    str_trim(message_str(body, M_ServerCertificate_CertificateBody)));
    if (message_has(body, M_ServerCertificate_CertificateChain))
        message_set_str(body, M_ServerCertificate_CertificateChain,
                        str_trim(message_str(body, M_ServerCertificate_CertificateChain)));
    struct message *metadata =
        message_make(call->arena, body, M_ServerCertificate_ServerCertificateMetadata);
    if (call->server->permissive) {
        X509 *certificate = read_certificate(
            message_str(request, M_UploadServerCertificateRequest_CertificateBody));
        expires = certificate ? expires_ms(certificate) : call->now_ms;
        X509_free(certificate);
    }
    message_set_int(metadata, M_ServerCertificateMetadata_Expiration, expires);
    struct str key = message_str(request, M_UploadServerCertificateRequest_PrivateKey);
    struct entity *entity =
        kind_create(call, KIND_SERVER_CERTIFICATE,
                    message_str(request, M_UploadServerCertificateRequest_ServerCertificateName),
                    message_str(request, M_UploadServerCertificateRequest_Path), S(""), body,
                    seal_text(&call->server->seal, call->arena, key));
    if (!entity || !tagging_create(call, entity->id, M_UploadServerCertificateRequest_Tags))
        return false;
    describe_metadata(call, entity,
                      message_make(call->arena, call->response,
                                   M_UploadServerCertificateResponse_ServerCertificateMetadata));
    tagging_echo(call, M_UploadServerCertificateRequest_Tags, call->response,
                 M_UploadServerCertificateResponse_Tags);
    return true;
}

bool certificate_get_server(struct call *call) {
    struct entity *entity = named_target(call);
    if (!entity)
        return false;
    struct message *to =
        message_make(call->arena, call->response, M_GetServerCertificateResponse_ServerCertificate);
    kind_describe(call, entity, to);
    describe_metadata(call, entity,
                      message_make(call->arena, to, M_ServerCertificate_ServerCertificateMetadata));
    message_open(to, M_ServerCertificate_Tags);
    describe_tags(call, entity->id, to, M_ServerCertificate_Tags);
    return true;
}

bool certificate_list_server(struct call *call) {
    struct page page;
    const int list = M_ListServerCertificatesResponse_ServerCertificateMetadataList;
    if (!call_page(call, &page))
        return false;
    struct entity_page found =
        entity_list(call->tx, call->arena, call->account, KIND_SERVER_CERTIFICATE,
                    message_str(call->request, M_ListServerCertificatesRequest_PathPrefix),
                    page.after, page.size + 1);
    size_t n = call_page_count(&page, found.n);
    message_open(call->response, list);
    for (size_t i = 0; i < n; i++)
        describe_metadata(call, &found.items[i],
                          message_add_message(call->arena, call->response, list));
    call_page_end(call, &page, found.n, n ? found.items[n - 1].key : S(""));
    return true;
}
