/* SPDX-License-Identifier: Apache-2.0 */
/* What the arguments of an s3 backend must be, told in Terraform's words before anything is sent.
 */
#ifndef LOAM_S3_CHECK_H
#define LOAM_S3_CHECK_H

#include "diag/diag.h"
#include "value/value.h"

/* False with errors; what is deprecated is only warned of. Diagnostics name the argument in
 * diag->path, with a dot when it is inside another. */
bool s3_check_config(struct value config, struct diags *diags);

/* The customer's key of SSE-C, from the block or AWS_SSE_CUSTOMER_KEY, in base64; or empty. */
struct str s3_check_customer_key(struct value config);

#endif
