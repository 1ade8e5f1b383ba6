/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses given on the command line: their errors name a place in a text that is not shown. */
#ifndef LOAM_ADDRESS_H
#define LOAM_ADDRESS_H

#include "addr/addr.h"
#include "cli/command.h"

/* false adds an error to cli->diags. */
bool address_parse_target(struct cli *cli, struct str text, struct target *ret_target);
bool address_parse_instance(struct cli *cli, struct str text, struct instance_addr *ret_instance);
/* The same with the text shown under a name, as `import` does. */
bool address_parse_shown(struct cli *cli, struct str name, struct str text,
                         struct instance_addr *ret_instance);
/* The text in double quotes, with what is special in it escaped. */
struct str address_quoted(struct arena *arena, struct str text);

#endif
