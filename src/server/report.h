/* SPDX-License-Identifier: Apache-2.0 */
/* The credential report: every user's credentials as CSV. Handlers. */
#ifndef LOAM_REPORT_H
#define LOAM_REPORT_H

#include "server/call.h"

bool report_generate(struct call *call);
bool report_get(struct call *call);

#endif
