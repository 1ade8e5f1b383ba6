/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <unistd.h>

#include "cli/command.h"

int cli_main(int argc, char **argv) {
    return command_main(argc, argv, environ);
}
