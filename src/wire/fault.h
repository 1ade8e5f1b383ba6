/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a service answers instead of a result: AWS's code, message, HTTP status and request id. Made
 * by server/, read by aws/, from the same list of codes.
 */
#ifndef LOAM_FAULT_H
#define LOAM_FAULT_H

#include "base/str.h"

struct arena;
struct buf;

/* FAULT_LIST(X): X(id, "code", http status, sender fault?) - codes of exceptions carry AWS's. */
#define FAULT_LIST(X)                                                                              \
    X(NONE, "", 200, true)                                                                         \
    X(NO_SUCH_ENTITY, "NoSuchEntity", 404, true)                                                   \
    X(ENTITY_ALREADY_EXISTS, "EntityAlreadyExists", 409, true)                                     \
    X(DELETE_CONFLICT, "DeleteConflict", 409, true)                                                \
    X(LIMIT_EXCEEDED, "LimitExceeded", 409, true)                                                  \
    X(MALFORMED_POLICY, "MalformedPolicyDocument", 400, true)                                      \
    X(INVALID_INPUT, "InvalidInput", 400, true)                                                    \
    X(VALIDATION, "ValidationError", 400, true)                                                    \
    X(ACCESS_DENIED, "AccessDenied", 403, true)                                                    \
    X(INVALID_AUTHENTICATION_CODE, "InvalidAuthenticationCode", 403, true)                         \
    X(INVALID_CERTIFICATE, "InvalidCertificate", 400, true)                                        \
    X(MALFORMED_CERTIFICATE, "MalformedCertificate", 400, true)                                    \
    X(DUPLICATE_CERTIFICATE, "DuplicateCertificate", 409, true)                                    \
    X(KEY_PAIR_MISMATCH, "KeyPairMismatch", 400, true)                                             \
    X(DUPLICATE_SSH_KEY, "DuplicateSSHPublicKey", 400, true)                                       \
    X(INVALID_PUBLIC_KEY, "InvalidPublicKey", 400, true)                                           \
    X(UNRECOGNIZED_KEY_ENCODING, "UnrecognizedPublicKeyEncoding", 400, true)                       \
    X(INVALID_USER_TYPE, "InvalidUserType", 400, true)                                             \
    X(PASSWORD_POLICY_VIOLATION, "PasswordPolicyViolation", 400, true)                             \
    X(UNMODIFIABLE_ENTITY, "UnmodifiableEntity", 400, true)                                        \
    X(POLICY_NOT_ATTACHABLE, "PolicyNotAttachable", 400, true)                                     \
    X(ENTITY_TEMPORARILY_UNMODIFIABLE, "EntityTemporarilyUnmodifiable", 409, true)                 \
    X(CONCURRENT_MODIFICATION, "ConcurrentModification", 409, true)                                \
    X(REPORT_NOT_PRESENT, "ReportNotPresent", 410, true)                                           \
    X(REPORT_EXPIRED, "ReportExpired", 410, true)                                                  \
    X(REPORT_IN_PROGRESS, "ReportInProgress", 404, true)                                           \
    X(POLICY_EVALUATION, "PolicyEvaluation", 500, false)                                           \
    X(SERVICE_NOT_SUPPORTED, "NotSupportedService", 404, true)                                     \
    X(PACKED_POLICY_TOO_LARGE, "PackedPolicyTooLarge", 400, true)                                  \
    X(INVALID_IDENTITY_TOKEN, "InvalidIdentityToken", 400, true)                                   \
    X(EXPIRED_TOKEN, "ExpiredTokenException", 400, true)                                           \
    X(IDP_REJECTED_CLAIM, "IDPRejectedClaim", 403, true)                                           \
    X(INVALID_AUTHORIZATION_MESSAGE, "InvalidAuthorizationMessageException", 400, true)            \
    X(ACCOUNT_NOT_MANAGEMENT_OR_DELEGATED,                                                         \
      "AccountNotManagementOrDelegatedAdministratorException", 400, true)                          \
    X(CALLER_NOT_MANAGEMENT, "CallerIsNotManagementAccountException", 400, true)                   \
    X(EXPIRED_TRADE_IN_TOKEN, "ExpiredTradeInTokenException", 400, true)                           \
    X(FEATURE_DISABLED, "FeatureDisabled", 404, true)                                              \
    X(FEATURE_ENABLED, "FeatureEnabled", 409, true)                                                \
    X(IDP_COMMUNICATION, "IDPCommunicationError", 400, true)                                       \
    X(JWT_TOO_LARGE, "JWTPayloadSizeExceededException", 400, true)                                 \
    X(NAME_CONFLICT, "NameConflict", 409, true)                                                    \
    X(OPENID_IDP_COMMUNICATION, "OpenIdIdpCommunicationError", 400, true)                          \
    X(ORGANIZATION_NOT_FOUND, "OrganizationNotFoundException", 400, true)                          \
    X(ORGANIZATION_NOT_ALL_FEATURES, "OrganizationNotInAllFeaturesModeException", 400, true)       \
    X(OUTBOUND_FEDERATION_DISABLED, "OutboundWebIdentityFederationDisabledException", 403, true)   \
    X(REPORT_LIMIT_EXCEEDED, "ReportGenerationLimitExceeded", 409, true)                           \
    X(ROLE_MODIFIED, "RoleModified", 409, true)                                                    \
    X(ROLE_TEMPLATE_DISABLED, "RoleTemplateDisabled", 400, true)                                   \
    X(SERVICE_ACCESS_NOT_ENABLED, "ServiceAccessNotEnabledException", 400, true)                   \
    X(SESSION_DURATION_ESCALATION, "SessionDurationEscalationException", 403, true)                \
    X(REGION_DISABLED, "RegionDisabledException", 403, true)                                       \
    X(MISSING_AUTHENTICATION_TOKEN, "MissingAuthenticationToken", 403, true)                       \
    X(INCOMPLETE_SIGNATURE, "IncompleteSignature", 400, true)                                      \
    X(INVALID_CLIENT_TOKEN, "InvalidClientTokenId", 403, true)                                     \
    X(SIGNATURE_DOES_NOT_MATCH, "SignatureDoesNotMatch", 403, true)                                \
    X(EXPIRED_SESSION_TOKEN, "ExpiredToken", 403, true)                                            \
    X(INVALID_ACTION, "InvalidAction", 400, true)                                                  \
    X(MISSING_ACTION, "MissingAction", 400, true)                                                  \
    X(MISSING_PARAMETER, "MissingParameter", 400, true)                                            \
    X(INVALID_PARAMETER_VALUE, "InvalidParameterValue", 400, true)                                 \
    X(MALFORMED_INPUT, "MalformedInput", 400, true)                                                \
    X(MALFORMED_QUERY, "MalformedQueryString", 400, true)                                          \
    X(REQUEST_TOO_LARGE, "RequestEntityTooLarge", 413, true)                                       \
    X(THROTTLING, "Throttling", 400, true)                                                         \
    X(SERVICE_FAILURE, "ServiceFailure", 500, false)                                               \
    X(SERVICE_UNAVAILABLE, "ServiceUnavailable", 503, false)                                       \
    X(INTERNAL_FAILURE, "InternalFailure", 500, false)                                             \
    X(OTHER, "", 400, true)                                                                        \
    X(TRANSPORT, "", 0, false)

enum fault_code {
#define FAULT_ID(id, code, http, sender) FAULT_##id,
    FAULT_LIST(FAULT_ID)
#undef FAULT_ID
        FAULT_COUNT
};

struct fault {
    enum fault_code code;
    int http;             /* 0: no answer */
    struct str code_text; /* as sent: for FAULT_OTHER and for messages */
    struct str text;
    struct str request_id;
    bool retryable;
    bool repeated; /* client: an earlier attempt, whose answer is unknown, may have taken effect */
};

/* Fills a fault with the code's own text and status. */
void fault_set(struct fault *fault, struct arena *arena, enum fault_code code, const char *format,
               ...) PRINTF_LIKE(4, 5);
enum fault_code fault_from_text(struct str code);
struct str fault_text(enum fault_code code);
int fault_http(enum fault_code code);

#endif
