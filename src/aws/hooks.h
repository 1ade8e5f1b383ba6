/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the words of the resource table cannot say, each hook for one resource. A hook works on
 * op->now and returns false after adding an error.
 */
#ifndef LOAM_HOOKS_H
#define LOAM_HOOKS_H

#include "aws/resource.h"

/* aws_iam_policy: makes room for one more version, then makes it the default. */
bool hooks_policy_update(struct op *op);
/* aws_iam_role: block inline_policy, an exclusive set of documents. */
bool hooks_role_inline(struct op *op);
bool hooks_role_read_inline(struct op *op);
/* Detaches everything when told so, or when it managed attachments itself. */
bool hooks_role_destroy(struct op *op);
/* aws_iam_group: a new name or path gives a new ARN. */
bool hooks_group_plan(struct op *op);
/* aws_iam_instance_profile: its one role. */
bool hooks_profile_add_role(struct op *op);
bool hooks_profile_change_role(struct op *op);
bool hooks_profile_remove_role(struct op *op);
/* aws_iam_organizations_features: each feature is a call of its own. */
bool hooks_organizations_set(struct op *op);
bool hooks_organizations_clear(struct op *op);
/* aws_iam_outbound_web_identity_federation: already enabled is as good as enabled now. */
bool hooks_federation_enable(struct op *op);
/* aws_iam_saml_provider: the name is the end of the ARN. */
bool hooks_saml_name(struct op *op);
/* aws_iam_security_token_service_preferences: told by the account's summary. */
bool hooks_token_version(struct op *op);
/* aws_iam_server_certificate: texts that differ in line ends only are kept. */
bool hooks_certificate_read(struct op *op);
/* aws_iam_service_linked_role: names are parts of the ARN; removal is a task of the service. */
bool hooks_linked_role_name(struct op *op);
bool hooks_linked_role_delete(struct op *op);
/* Credentials that are made active and made inactive by a second call. */
bool hooks_credential_status(struct op *op);
bool hooks_signing_status(struct op *op);
bool hooks_ssh_status(struct op *op);
/* aws_iam_user_ssh_key: the comment of a key is not kept by the service. */
bool hooks_ssh_key_read(struct op *op);
/* aws_iam_user_group_membership: an import id names the groups. */
bool hooks_membership_import(struct op *op);

/* hooks_secret.c: what is known only when it is made. */
bool hooks_secret_key_create(struct op *op);
bool hooks_secret_key_find(struct op *op);
bool hooks_secret_password(struct op *op);
bool hooks_secret_mfa(struct op *op);
bool hooks_secret_mfa_name(struct op *op);
bool hooks_secret_mfa_release(struct op *op);

#endif
