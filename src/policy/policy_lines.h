/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policy questions as lines of JSON, one object in, one out, for scripts and test suites:
 *   evaluation  {"id", "request": {"principal", "action", "resource", "resourceAccount",
 * "context"}, "identityPolicies", "resourcePolicy", "permissionBoundary", "sessionPolicies",
 *                "scps", "rcps"}  ->  {"id", "decision", "source"}
 *   check       {"id", "kind", "document", "entities"}  ->
 *               {"id", "valid", "error", "code", "findings"}
 * Policies are documents, or texts that hold one. `entities` lists the ARNs of the users and roles
 * there are; a trust policy that names another is refused, as AWS does.
 */
#ifndef LOAM_POLICY_LINES_H
#define LOAM_POLICY_LINES_H

#include "base/buf.h"

struct arena;

/* Appends the answer, with its line end. */
void policy_lines_eval(struct arena *scratch, struct str line, struct buf *out);
void policy_lines_check(struct arena *scratch, struct str line, struct buf *out);

#endif
