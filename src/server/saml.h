/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SAML 2.0 responses: what they say, and whether the provider signed it. Signatures are
 * libxmlsec1's business, loaded on first use; what is read is only what the signature covers.
 */
#ifndef LOAM_SAML_H
#define LOAM_SAML_H

#include "base/str.h"

struct arena;

struct saml_attribute {
    struct str name;
    struct str *values;
    size_t n;
};

struct saml_assertion {
    struct str issuer, subject, subject_format, recipient, confirmed_until;
    struct str not_before, not_on_or_after; /* as written; empty when unlimited */
    struct str *audiences;
    size_t n_audiences;
    struct saml_attribute *attributes;
    size_t n_attributes;
};

/*
 * Reads a response. metadata: the provider's, with the certificates to verify by; empty: nothing is
 * verified. false: *ret_error says why.
 */
bool saml_read(struct arena *arena, struct str response, struct str metadata,
               struct saml_assertion *ret_assertion, struct str *ret_error);
/* Values of an attribute by its full name. */
const struct saml_attribute *saml_attribute(const struct saml_assertion *assertion,
                                            struct str name);

#endif
