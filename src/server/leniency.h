/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a permissive server lets through beyond keys and signatures: the inputs of test suites that
 * were written for emulators which look at them less closely than AWS does.
 */
#ifndef LOAM_LENIENCY_H
#define LOAM_LENIENCY_H

#include "server/call.h"

/* Takes back a fault of the validator that a test double would not raise; true when it did. */
bool leniency_forgives(struct call *call);
/* Trust policies of new roles are often only placeholders. */
bool leniency_takes_trust(const struct call *call);

#endif
