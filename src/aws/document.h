/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Data source aws_iam_policy_document: statements of the configuration and documents given as JSON
 * become one policy text, in the provider's order and form.
 */
#ifndef LOAM_DOCUMENT_H
#define LOAM_DOCUMENT_H

#include "aws/resource.h"

/* A read hook: fills json, minified_json, id and the defaults. */
bool document_read(struct op *op);

#endif
