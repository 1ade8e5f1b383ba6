/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one validator of requests: what the description demands of each member, reported as AWS does,
 * all violations in one message ("2 validation errors detected: Value 'x' at 'userName' ...; ...").
 */
#ifndef LOAM_LIMITS_H
#define LOAM_LIMITS_H

#include "wire/fault.h"
#include "wire/message.h"

/* any_tag_value: values of tags may have any characters, as in suites written for emulators. */
bool limits_check(struct arena *arena, const struct message *request, bool any_tag_value,
                  struct fault *ret_fault);

#endif
