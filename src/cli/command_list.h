/* SPDX-License-Identifier: Apache-2.0 */
/* Every command, in the order of the help; the main ones in that of their use. */
#ifndef LOAM_COMMAND_LIST_H
#define LOAM_COMMAND_LIST_H

#include "cli/command.h"

#define COMMAND_LIST(X)                                                                            \
    X(init)                                                                                        \
    X(validate)                                                                                    \
    X(plan)                                                                                        \
    X(apply)                                                                                       \
    X(destroy)                                                                                     \
    X(console)                                                                                     \
    X(fmt)                                                                                         \
    X(force_unlock)                                                                                \
    X(get)                                                                                         \
    X(graph)                                                                                       \
    X(import)                                                                                      \
    X(login)                                                                                       \
    X(logout)                                                                                      \
    X(metadata)                                                                                    \
    X(metadata_functions)                                                                          \
    X(modules)                                                                                     \
    X(output)                                                                                      \
    X(policy)                                                                                      \
    X(policy_access)                                                                               \
    X(policy_check)                                                                                \
    X(policy_diff)                                                                                 \
    X(policy_eval)                                                                                 \
    X(policy_explain)                                                                              \
    X(policy_lint)                                                                                 \
    X(policy_who_can)                                                                              \
    X(providers)                                                                                   \
    X(providers_lock)                                                                              \
    X(providers_mirror)                                                                            \
    X(providers_schema)                                                                            \
    X(query)                                                                                       \
    X(refresh)                                                                                     \
    X(sandbox)                                                                                     \
    X(serve)                                                                                       \
    X(serve_export)                                                                                \
    X(serve_import)                                                                                \
    X(serve_init)                                                                                  \
    X(show)                                                                                        \
    X(state)                                                                                       \
    X(state_identities)                                                                            \
    X(state_list)                                                                                  \
    X(state_mv)                                                                                    \
    X(state_pull)                                                                                  \
    X(state_push)                                                                                  \
    X(state_replace_provider)                                                                      \
    X(state_rm)                                                                                    \
    X(state_show)                                                                                  \
    X(taint)                                                                                       \
    X(test)                                                                                        \
    X(untaint)                                                                                     \
    X(version)                                                                                     \
    X(workspace)                                                                                   \
    X(workspace_delete)                                                                            \
    X(workspace_list)                                                                              \
    X(workspace_new)                                                                               \
    X(workspace_select)                                                                            \
    X(workspace_show)

#define COMMAND_DECLARE(name) extern const struct command command_##name;
COMMAND_LIST(COMMAND_DECLARE)
#undef COMMAND_DECLARE

#endif
