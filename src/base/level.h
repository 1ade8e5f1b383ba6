/* SPDX-License-Identifier: Apache-2.0 */
/* The level of the Terraform language that loam implements, as version constraints see it. */
#ifndef LOAM_LEVEL_H
#define LOAM_LEVEL_H

#define LEVEL_TERRAFORM "1.14.0"
/* Another level for wrappers that insist on one; see `version -json`. */
#define LEVEL_VARIABLE "LOAM_TERRAFORM_VERSION"

#endif
