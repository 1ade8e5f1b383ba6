/* SPDX-License-Identifier: Apache-2.0 */
#include "server/saml.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <pthread.h>
#include <string.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/keys.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmltree.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/late.h"

#define MAX_RESPONSE ((size_t)1 << 20)
#define MAX_CERTIFICATES 10
#define ASSERTION_NS "urn:oasis:names:tc:SAML:2.0:assertion"
#define SIGNATURE_NS "http://www.w3.org/2000/09/xmldsig#"

/* Functions of libxml2 and libxmlsec1, found at run time. */
struct library {
    bool tried, xml, security;
    xmlDocPtr (*read_memory)(const char *, int, const char *, const char *, int);
    xmlNodePtr (*root)(const xmlDoc *);
    xmlChar *(*content)(const xmlNode *);
    xmlChar *(*attribute)(const xmlNode *, const xmlChar *);
    void (*free_doc)(xmlDocPtr);
    xmlFreeFunc *free_text;
    int (*init)(void);
    void (*print_errors)(int);
    int (*app_init)(const char *);
    int (*crypto_init)(void);
    void (*add_ids)(xmlDocPtr, xmlNodePtr, const xmlChar **);
    xmlSecDSigCtxPtr (*context_new)(xmlSecKeysMngrPtr);
    int (*verify)(xmlSecDSigCtxPtr, xmlNodePtr);
    void (*context_free)(xmlSecDSigCtxPtr);
    xmlSecKeyPtr (*load_key)(const xmlSecByte *, xmlSecSize, xmlSecKeyDataFormat, const char *,
                             void *, void *);
};

static struct library lib;
static pthread_mutex_t lib_lock = PTHREAD_MUTEX_INITIALIZER;

static void load_library(void) {
    const struct late_symbol xml[] = {
        {"xmlReadMemory", (void **)&lib.read_memory}, {"xmlDocGetRootElement", (void **)&lib.root},
        {"xmlNodeGetContent", (void **)&lib.content}, {"xmlGetProp", (void **)&lib.attribute},
        {"xmlFreeDoc", (void **)&lib.free_doc},       {"xmlFree", (void **)&lib.free_text},
    };
    const struct late_symbol security[] = {
        {"xmlSecInit", (void **)&lib.init},
        {"xmlSecErrorsDefaultCallbackEnableOutput", (void **)&lib.print_errors},
        {"xmlSecAddIDs", (void **)&lib.add_ids},
        {"xmlSecDSigCtxCreate", (void **)&lib.context_new},
        {"xmlSecDSigCtxVerify", (void **)&lib.verify},
        {"xmlSecDSigCtxDestroy", (void **)&lib.context_free},
    };
    const struct late_symbol crypto[] = {
        {"xmlSecOpenSSLAppInit", (void **)&lib.app_init},
        {"xmlSecOpenSSLInit", (void **)&lib.crypto_init},
        {"xmlSecOpenSSLAppKeyLoadMemory", (void **)&lib.load_key},
    };
    lib.tried = true;
    lib.xml = late_open("libxml2.so.2", xml, COUNT(xml));
    lib.security = lib.xml && late_open("libxmlsec1.so.1", security, COUNT(security)) &&
                   late_open("libxmlsec1-openssl.so.1", crypto, COUNT(crypto)) && lib.init() >= 0 &&
                   lib.app_init(NULL) >= 0 && lib.crypto_init() >= 0;
    if (lib.security)
        lib.print_errors(0);
}

/* ---- the tree ---- */

static bool is_element(const xmlNode *node, const char *name, const char *ns) {
    return node->type == XML_ELEMENT_NODE && !strcmp((const char *)node->name, name) && node->ns &&
           !strcmp((const char *)node->ns->href, ns);
}

static const xmlNode *child(const xmlNode *parent, const char *name, const char *ns) {
    for (const xmlNode *n = parent ? parent->children : NULL; n; n = n->next)
        if (is_element(n, name, ns))
            return n;
    return NULL;
}

static struct str take(struct arena *arena, xmlChar *text) {
    struct str copy = str_dup(arena, str_trim(str_from((const char *)text)));
    if (text)
        (*lib.free_text)(text);
    return copy;
}

static struct str content(struct arena *arena, const xmlNode *node) {
    return node ? take(arena, lib.content(node)) : S("");
}

static struct str attribute(struct arena *arena, const xmlNode *node, const char *name) {
    return node ? take(arena, lib.attribute(node, (const xmlChar *)name)) : S("");
}

static void read_attributes(struct arena *arena, const xmlNode *statement,
                            struct saml_assertion *to) {
    size_t cap = to->n_attributes;
    for (const xmlNode *n = statement ? statement->children : NULL; n; n = n->next) {
        if (!is_element(n, "Attribute", ASSERTION_NS))
            continue;
        struct saml_attribute a = {.name = attribute(arena, n, "Name")};
        size_t cap_values = 0;
        for (const xmlNode *v = n->children; v; v = v->next) {
            if (!is_element(v, "AttributeValue", ASSERTION_NS))
                continue;
            a.values = arena_grow(arena, a.values, a.n, &cap_values, sizeof *a.values);
            a.values[a.n++] = content(arena, v);
        }
        to->attributes =
            arena_grow(arena, to->attributes, to->n_attributes, &cap, sizeof *to->attributes);
        to->attributes[to->n_attributes++] = a;
    }
}

static void read_conditions(struct arena *arena, const xmlNode *conditions,
                            struct saml_assertion *to) {
    size_t cap = 0;
    to->not_before = attribute(arena, conditions, "NotBefore");
    to->not_on_or_after = attribute(arena, conditions, "NotOnOrAfter");
    const xmlNode *restriction = child(conditions, "AudienceRestriction", ASSERTION_NS);
    for (const xmlNode *n = restriction ? restriction->children : NULL; n; n = n->next) {
        if (!is_element(n, "Audience", ASSERTION_NS))
            continue;
        to->audiences =
            arena_grow(arena, to->audiences, to->n_audiences, &cap, sizeof *to->audiences);
        to->audiences[to->n_audiences++] = content(arena, n);
    }
}

static void read_assertion(struct arena *arena, const xmlNode *assertion,
                           struct saml_assertion *to) {
    const xmlNode *subject = child(assertion, "Subject", ASSERTION_NS);
    const xmlNode *name = child(subject, "NameID", ASSERTION_NS);
    const xmlNode *confirmation = child(subject, "SubjectConfirmation", ASSERTION_NS);
    to->issuer = content(arena, child(assertion, "Issuer", ASSERTION_NS));
    to->subject = content(arena, name);
    to->subject_format = attribute(arena, name, "Format");
    const xmlNode *data = child(confirmation, "SubjectConfirmationData", ASSERTION_NS);
    to->recipient = attribute(arena, data, "Recipient");
    to->confirmed_until = attribute(arena, data, "NotOnOrAfter");
    read_conditions(arena, child(assertion, "Conditions", ASSERTION_NS), to);
    for (const xmlNode *n = assertion->children; n; n = n->next)
        if (is_element(n, "AttributeStatement", ASSERTION_NS))
            read_attributes(arena, n, to);
}

/* ---- signatures ---- */

/* The certificates of the metadata, each as PEM. */
static size_t read_certificates(struct arena *arena, struct str metadata, struct str *pems) {
    size_t n = 0;
    struct str open = S("X509Certificate>");
    for (ptrdiff_t at; n < MAX_CERTIFICATES && (at = str_find(metadata, open)) >= 0;) {
        metadata = str_slice(metadata, (size_t)at + open.len, metadata.len);
        ptrdiff_t end = str_find_byte(metadata, '<');
        if (end <= 0)
            continue;
        struct buf pem;
        buf_init(&pem, BUF_MAX_TEXT);
        buf_add_c(&pem, "-----BEGIN CERTIFICATE-----\n");
        for (size_t i = 0, column = 0; i < (size_t)end; i++) {
            if (metadata.at[i] <= ' ')
                continue;
            buf_byte(&pem, metadata.at[i]);
            if (++column % 64 == 0)
                buf_byte(&pem, '\n');
        }
        buf_add_c(&pem, "\n-----END CERTIFICATE-----\n");
        pems[n++] = buf_take(&pem, arena);
        metadata = str_slice(metadata, (size_t)end, metadata.len);
    }
    return n;
}

/* The one thing signed must be the element that carries the signature: no wrapping. */
static bool covers_parent(struct arena *arena, const xmlNode *signature) {
    const xmlNode *info = child(signature, "SignedInfo", SIGNATURE_NS);
    const xmlNode *reference = child(info, "Reference", SIGNATURE_NS);
    struct str id = attribute(arena, signature->parent, "ID");
    struct str uri = attribute(arena, reference, "URI");
    if (!reference || !id.len || !str_eq(uri, str_cat(arena, S("#"), id)))
        return false;
    for (const xmlNode *n = reference->next; n; n = n->next)
        if (is_element(n, "Reference", SIGNATURE_NS))
            return false;
    return true;
}

static bool signature_holds(struct arena *arena, const xmlNode *signature, struct str metadata) {
    struct str pems[MAX_CERTIFICATES];
    size_t n = read_certificates(arena, metadata, pems);
    bool ok = false;
    if (!covers_parent(arena, signature))
        return false;
    for (size_t i = 0; i < n && !ok; i++) {
        xmlSecDSigCtxPtr context = lib.context_new(NULL);
        if (!context)
            return false;
        context->signKey = lib.load_key((const xmlSecByte *)pems[i].at, (xmlSecSize)pems[i].len,
                                        xmlSecKeyDataFormatCertPem, NULL, NULL, NULL);
        context->enabledReferenceUris = xmlSecTransformUriTypeSameDocument;
        ok = context->signKey && lib.verify(context, (xmlNodePtr)(uintptr_t)signature) >= 0 &&
             context->status == xmlSecDSigStatusSucceeded;
        lib.context_free(context);
    }
    return ok;
}

static bool verify(struct arena *arena, xmlDocPtr doc, const xmlNode *root,
                   const xmlNode *assertion, struct str metadata) {
    static const xmlChar *ids[] = {(const xmlChar *)"ID", NULL};
    if (!lib.security)
        return false;
    lib.add_ids(doc, (xmlNodePtr)(uintptr_t)root, ids);
    const xmlNode *signature = child(assertion, "Signature", SIGNATURE_NS);
    if (!signature)
        signature = child(root, "Signature", SIGNATURE_NS);
    return signature && signature_holds(arena, signature, metadata);
}

static bool read_doc(struct arena *arena, xmlDocPtr doc, struct str metadata,
                     struct saml_assertion *ret_assertion, struct str *ret_error) {
    const xmlNode *root = doc ? lib.root(doc) : NULL;
    const xmlNode *assertion = child(root, "Assertion", ASSERTION_NS);
    if (!assertion || doc->intSubset) {
        *ret_error = S("Invalid base64 SAMLResponse");
        return false;
    }
    if (metadata.len && !verify(arena, doc, root, assertion, metadata)) {
        *ret_error = lib.security
                         ? S("Response signature invalid")
                         : S("libxmlsec1 is not installed, so no signature can be checked");
        return false;
    }
    read_assertion(arena, assertion, ret_assertion);
    return true;
}

bool saml_read(struct arena *arena, struct str response, struct str metadata,
               struct saml_assertion *ret_assertion, struct str *ret_error) {
    struct saml_assertion assertion = {0};
    bool ok = false;
    response = str_trim(response);
    pthread_mutex_lock(&lib_lock);
    if (!lib.tried)
        load_library();
    if (!lib.xml) {
        *ret_error = S("libxml2 is not installed");
    } else {
        xmlDocPtr doc =
            response.len > MAX_RESPONSE
                ? NULL
                : lib.read_memory(response.at, (int)response.len, NULL, NULL,
                                  XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
        ok = read_doc(arena, doc, metadata, &assertion, ret_error);
        if (doc)
            lib.free_doc(doc);
    }
    pthread_mutex_unlock(&lib_lock);
    if (ok)
        *ret_assertion = assertion;
    return ok;
}

const struct saml_attribute *saml_attribute(const struct saml_assertion *assertion,
                                            struct str name) {
    for (size_t i = 0; i < assertion->n_attributes; i++)
        if (str_eq(assertion->attributes[i].name, name))
            return &assertion->attributes[i];
    return NULL;
}
